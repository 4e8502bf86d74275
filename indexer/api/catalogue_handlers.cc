#include <algorithm>
#include <array>

#include "indexer/api/handlers.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kMaxSuggestions = 12;

Json entry_json(const CatalogueEntry& entry) {
  Json names = Json::object();
  for (const auto& [language, name] : entry.names) names.set(language, name);
  return Json::object({{"id", entry.id},
                       {"name", entry.name},
                       {"definition", entry.definition.empty() ? Json() : Json(entry.definition)},
                       {"names", std::move(names)},
                       {"qid", entry.qid.empty() ? Json() : Json(entry.qid)},
                       {"pack", entry.pack}});
}

http::Response list(std::string_view name, const std::vector<CatalogueEntry>& entries) {
  Json out = Json::array();
  for (const CatalogueEntry& entry : entries) out.push(entry_json(entry));
  return http::Response::json(Json::object({{std::string(name), std::move(out)}}));
}

http::Response one(const std::vector<CatalogueEntry>& entries, const std::string& id,
                   std::string_view what) {
  for (const CatalogueEntry& entry : entries) {
    if (entry.id == id) return http::Response::json(entry_json(entry));
  }
  return http::Response::problem(404, "not_found",
                                 "No pack declares the " + std::string(what) + " " + id + ".");
}

/// Whether a folded needle begins a word of the entry's id or of one of its names.
bool answers(const CatalogueEntry& entry, const std::string& needle) {
  const auto begins_word = [&](const std::string& folded) {
    for (std::size_t at = folded.find(needle); at != std::string::npos;
         at = folded.find(needle, at + 1)) {
      if (at == 0 || folded[at - 1] == ' ' || folded[at - 1] == '-' || folded[at - 1] == ':')
        return true;
    }
    return false;
  };
  if (begins_word(text::ascii_lower(entry.id)) || begins_word(text::fold_text(entry.name)))
    return true;
  return std::any_of(entry.names.begin(), entry.names.end(),
                     [&](const auto& name) { return begins_word(text::fold_text(name.second)); });
}

/// Completions of the last word of a query.
class Suggestions {
 public:
  explicit Suggestions(std::string_view typed) {
    const std::size_t space = typed.find_last_of(" (");
    begin_ = space == std::string_view::npos ? 0 : space + 1;
    if (begin_ < typed.size() && typed[begin_] == '-') ++begin_;
    word_ = typed.substr(begin_);
    const std::size_t colon = word_.find(':');
    if (colon != std::string_view::npos) {
      field_ = text::ascii_lower(word_.substr(0, colon));
      value_ = word_.substr(colon + 1);
    } else {
      value_ = word_;
    }
    if (!value_.empty() && value_.front() == '"') value_.remove_prefix(1);
    needle_ = text::is_valid_utf8(value_) ? text::fold_text(value_) : std::string();
  }

  bool wants(std::initializer_list<std::string_view> fields) const {
    return std::find(fields.begin(), fields.end(), field_) != fields.end();
  }
  bool has_field() const { return !field_.empty(); }
  bool is_empty() const { return needle_.empty(); }
  const std::string& field() const { return field_; }
  const std::string& needle() const { return needle_; }
  std::size_t begin() const { return begin_; }

  void add(std::string insert, std::string label, std::string_view kind) {
    if (out_.as_array().size() < kMaxSuggestions)
      out_.push(Json::object(
          {{"insert", std::move(insert)}, {"label", std::move(label)}, {"kind", kind}}));
  }
  Json take() { return std::move(out_); }

 private:
  std::size_t begin_ = 0;
  std::string_view word_;
  std::string_view value_;
  std::string field_;
  std::string needle_;
  Json out_ = Json::array();
};

std::string quoted_if_needed(const std::string& value) {
  return value.find_first_of(" ()\"") == std::string::npos ? value : "\"" + value + "\"";
}

}  // namespace

std::shared_ptr<const Catalogue> Handlers::catalogue() const {
  std::shared_ptr<const Catalogue> current =
      dependencies_.catalogue ? dependencies_.catalogue() : nullptr;
  return current != nullptr ? current : std::make_shared<const Catalogue>();
}

std::string Handlers::facet_value_name(Facet facet, const std::string& value) const {
  if (facet != Facet::kTopic && facet != Facet::kActor) return value;
  const auto current = catalogue();
  for (const CatalogueEntry& entry : facet == Facet::kTopic ? current->topics : current->actors) {
    if (entry.id == value) return entry.name;
  }
  return value;
}

http::Response Handlers::topics(const http::Request&) {
  return list("topics", catalogue()->topics);
}
http::Response Handlers::topic(const http::Request& request) {
  return one(catalogue()->topics, request.captures[0], "topic");
}
http::Response Handlers::actors(const http::Request&) {
  return list("actors", catalogue()->actors);
}
http::Response Handlers::actor(const http::Request& request) {
  return one(catalogue()->actors, request.captures[0], "actor");
}

http::Response Handlers::suggest(const http::Request& request) {
  static constexpr std::array<std::string_view, 14> kFields{
      "topic", "about",   "actor",       "lang",  "country", "source", "kind",
      "title", "mention", "affiliation", "after", "before",  "within", "story"};
  const std::string typed = request.parameter("q").value_or("");
  if (typed.size() > query::QueryLimits().bytes)
    return problem_of(bad_parameter("q is too long to be a query").value());
  Suggestions out(typed);
  const auto current = catalogue();
  const bool topics =
      out.wants({"topic", "about", "mention"}) || (!out.has_field() && !out.is_empty());
  const bool actors =
      out.wants({"actor", "about", "mention"}) || (!out.has_field() && !out.is_empty());
  if (!out.has_field() && !out.is_empty()) {
    for (const std::string_view field : kFields) {
      if (field.starts_with(out.needle()))
        out.add(std::string(field) + ":", std::string(field) + ":", "field");
    }
  }
  for (const CatalogueEntry& entry : current->topics) {
    if (topics && answers(entry, out.needle()))
      out.add((out.has_field() ? out.field() : "topic") + ":" + entry.id, entry.name, "topic");
  }
  for (const CatalogueEntry& entry : current->actors) {
    if (actors && answers(entry, out.needle()))
      out.add((out.has_field() ? out.field() : "actor") + ":" + entry.id, entry.name, "actor");
  }
  const std::string facet_field = out.field() == "lang" ? "language" : out.field();
  if (out.wants({"lang", "language", "country", "source", "kind", "affiliation"})) {
    const auto facet = search::facet_from_name(facet_field);
    const auto counted = facet ? dependencies_.index.facets(std::string_view(), {*facet})
                               : Result<search::Index::Facets>(search::Index::Facets{});
    if (!counted) return problem_of(counted.error());
    for (const auto& [unused, counts] : *counted) {
      for (const Count& count : counts) {
        if (text::fold_text(count.value).starts_with(out.needle()))
          out.add(out.field() + ":" + quoted_if_needed(count.value), count.value, out.field());
      }
    }
  }
  return http::Response::json(Json::object(
      {{"begin", text::is_valid_utf8(typed)
                     ? text::count_code_points(std::string_view(typed).substr(0, out.begin()))
                     : 0},
       {"suggestions", out.take()}}));
}

}  // namespace vigie::indexer::api
