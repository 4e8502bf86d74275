#include <algorithm>

#include "indexer/mcp/citations.h"
#include "indexer/mcp/tools.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::mcp {
namespace {

constexpr std::size_t kErrorBytes = 300;

/// Members of a story with how they belong to it, in order of time: its copies, the article itself
/// among them, then reports of the same event.
struct Member {
  std::string id;
  std::string relation;
  Json share;
};

std::vector<Member> members_of(const Json& article) {
  std::vector<Member> out;
  for (const Json& copy : article["copies"].as_array()) {
    const bool self = copy["self"].as_bool();
    out.push_back({copy["id"].as_string(), self ? "self" : "copy", copy["share"]});
  }
  if (out.empty()) out.push_back({article["id"].as_string(), "self", 1.0});
  for (const Json& report : article["reports"].as_array())
    out.push_back({report["id"].as_string(), "report", nullptr});
  return out;
}

Json first_of(const Json& article) {
  for (const Json& copy : article["copies"].as_array()) {
    if (copy["first"].as_bool()) return copy["id"];
  }
  return nullptr;
}

bool is_meant(const Json& source, const Json& arguments) {
  const std::string name = text::fold_text(arguments["name"].as_string());
  const std::string& country = arguments["country"].as_string();
  const std::string& state = arguments["state"].as_string();
  if (state != "any" && source["state"].as_string() != state) return false;
  if (!country.empty() &&
      text::fold_text(source["country"].as_string()) != text::fold_text(country))
    return false;
  return name.empty() || source["id"].as_string() == name ||
         text::fold_text(source["name"].as_string()).find(name) != std::string::npos ||
         source["id"].as_string().find(name) != std::string::npos;
}

Result<Json> show_source(ApiReader& api, const Json& source) {
  const std::string query = "source:\"" + source["id"].as_string() + "\"";
  VIGIE_ASSIGN(const Json page,
               api.get("/v1/search", {{"q", query}, {"sort", "newest"}, {"limit", "1"}}));
  VIGIE_ASSIGN(Json newest, cite_all(api, page["hits"], "", 1));
  Json out = Json::object();
  for (const char* name : {"id", "name", "homepage", "country", "language", "kind", "affiliation",
                           "state", "paused", "last_article", "articles", "expected_interval_s"})
    out.set(name, source[name]);
  const std::string& error = source["last_error"].as_string();
  out.set("last_error", error.empty() ? Json() : Json(text::ellipsize(error, kErrorBytes)));
  out.set("newest", std::move(newest));
  return out;
}

}  // namespace

Result<Json> run_story(ApiReader& api, const Json& arguments) {
  VIGIE_ASSIGN(const Json article,
               api.get("/v1/articles/" + arguments["article"].as_string(), {{"q", ""}}));
  const std::vector<Member> members = members_of(article);
  const auto limit = static_cast<std::size_t>(arguments["limit"].as_integer());
  Json articles = Json::array();
  for (const Member& member : members) {
    if (articles.as_array().size() == limit) break;
    auto cited = cite(api, member.id, "");
    if (!cited && cited.error().code == ErrorCode("not_found")) continue;  // gone meanwhile
    if (!cited) return cited;
    cited->set("relation", member.relation);
    cited->set("share", member.share);
    articles.push(std::move(*cited));
  }
  const std::size_t shown = articles.as_array().size();
  Json out = Json::object({{"story", article["story"]},
                           {"event", article["event"]},
                           {"first", first_of(article)},
                           {"reported", article["reported"]},
                           {"articles", std::move(articles)},
                           {"left_out", members.size() - shown},
                           {"partial", article["partial"]}});
  shorten(out, "articles");
  return out;
}

Result<Json> run_sources(ApiReader& api, const Json& arguments) {
  VIGIE_ASSIGN(const Json all, api.get("/v1/sources"));
  const auto limit = static_cast<std::size_t>(arguments["limit"].as_integer());
  Json shown = Json::array();
  std::size_t total = 0;
  for (const Json& source : all["sources"].as_array()) {
    if (!is_meant(source, arguments)) continue;
    ++total;
    if (shown.as_array().size() == limit) continue;
    VIGIE_ASSIGN(Json one, show_source(api, source));
    shown.push(std::move(one));
  }
  const std::size_t left_out = total - shown.as_array().size();
  Json out =
      Json::object({{"total", total}, {"sources", std::move(shown)}, {"left_out", left_out}});
  shorten(out, "sources");
  return out;
}

}  // namespace vigie::indexer::mcp
