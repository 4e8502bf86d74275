#include <algorithm>

#include "indexer/mcp/citations.h"
#include "indexer/mcp/tools.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::mcp {
namespace {

constexpr std::size_t kTags = 20;          // of topics, and of actors
constexpr std::size_t kTagQuotations = 1;  // of each
constexpr std::size_t kTrendArticles = 3;

std::size_t size_of(const Json& arguments, std::string_view name) {
  return static_cast<std::size_t>(arguments[name].as_integer());
}

/// A place at or before `offset` where a code point begins.
std::size_t code_point_at(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  while (offset > 0 && offset < text.size() &&
         (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U)
    --offset;
  return offset;
}

Json piece_of(std::string_view text, std::size_t offset, std::size_t length) {
  offset = code_point_at(text, offset);
  const std::string_view piece = text::prefix(text.substr(offset), length);
  const std::size_t end = offset + piece.size();
  return Json::object({{"offset", offset},
                       {"length", piece.size()},
                       {"bytes", text.size()},
                       {"text", piece},
                       {"next_offset", end < text.size() ? Json(end) : Json()}});
}

Json tags_of(const Json& article, std::string_view kind) {
  Json out = Json::array();
  for (const Json& tag : article[kind].as_array()) {
    if (out.as_array().size() == kTags) break;
    Json quoted = Json::array();
    for (const Json& span : tag["evidence"].as_array()) {
      if (quoted.as_array().size() == kTagQuotations) break;
      if (Json one = quotation_of(article, span); !one.is_null()) quoted.push(std::move(one));
    }
    out.push(Json::object(
        {{"id", tag["id"]}, {"level", tag["level"]}, {"quotations", std::move(quoted)}}));
  }
  return out;
}

}  // namespace

Result<Json> run_search(ApiReader& api, const Json& arguments) {
  const std::string& query = arguments["query"].as_string();
  const std::string& group = arguments["group"].as_string();
  ApiReader::Query asked{{"q", query},
                         {"sort", arguments["sort"].as_string()},
                         {"limit", std::to_string(size_of(arguments, "limit"))},
                         {"cursor", arguments["cursor"].as_string()}};
  if (group != "none") asked.emplace_back("group", group);
  VIGIE_ASSIGN(const Json page, api.get("/v1/search", std::move(asked)));
  VIGIE_ASSIGN(Json articles, cite_all(api, page["hits"], query, size_of(arguments, "limit")));
  Json hints = Json::array();
  for (const Json& hint : page["hints"].as_array()) hints.push(hint["text"]);
  Json out = Json::object({{"query", page["query"]},
                           {"total", page["total"]["value"]},
                           {"exact", page["total"]["exact"]},
                           {"articles", std::move(articles)},
                           {"cursor", page["cursor"]},
                           {"hints", std::move(hints)},
                           {"partial", page["partial"]},
                           {"left_out", 0}});
  shorten(out, "articles");
  return out;
}

Result<Json> run_article(ApiReader& api, const Json& arguments) {
  VIGIE_ASSIGN(const Json article, api.get("/v1/articles/" + arguments["id"].as_string(),
                                           {{"q", arguments["query"].as_string()}}));
  Json cited = brief_of(article);
  cited.set("quotations", quotations_of(article, kQuotations));
  return Json::object({{"article", std::move(cited)},
                       {"authors", article["authors"]},
                       {"modified", article["modified"]},
                       {"section", article["section"]},
                       {"text", piece_of(article["text"].as_string(), size_of(arguments, "offset"),
                                         size_of(arguments, "length"))},
                       {"topics", tags_of(article, "topics")},
                       {"actors", tags_of(article, "actors")}});
}

Result<Json> run_trend(ApiReader& api, const Json& arguments) {
  const std::string& query = arguments["query"].as_string();
  VIGIE_ASSIGN(
      Json out,
      api.get("/v1/trend", {{"q", query}, {"limit", std::to_string(size_of(arguments, "limit"))}}));
  VIGIE_ASSIGN(const Json page, api.get("/v1/search", {{"q", query},
                                                       {"sort", "newest"},
                                                       {"limit", std::to_string(kTrendArticles)}}));
  VIGIE_ASSIGN(Json articles, cite_all(api, page["hits"], query, kTrendArticles));
  out.set("articles", std::move(articles));
  out.set("left_out", 0);
  shorten(out, "articles");
  return out;
}

}  // namespace vigie::indexer::mcp
