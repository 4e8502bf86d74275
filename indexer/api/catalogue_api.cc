#include "indexer/api/catalogue_api.h"

#include <algorithm>
#include <array>

#include "indexer/api/problems.h"
#include "indexer/search/index.h"
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
    const bool same = entry.id == id || std::find(entry.aliases.begin(), entry.aliases.end(), id) !=
                                            entry.aliases.end();
    if (same) return http::Response::json(entry_json(entry));
  }
  return problem("not_found", "No pack declares the " + std::string(what) + " " + id + ".");
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

constexpr std::array<std::string_view, 15> kFields{
    "topic",   "about",       "actor", "lang",  "country", "source", "kind", "title",
    "mention", "affiliation", "type",  "after", "before",  "within", "story"};

void suggest_fields(Suggestions& out) {
  if (out.has_field() || out.is_empty()) return;
  for (const std::string_view field : kFields) {
    if (field.starts_with(out.needle()))
      out.add(std::string(field) + ":", std::string(field) + ":", "field");
  }
}

/// `kind` is the field of a word without one: topic or actor.
void suggest_entries(const std::vector<CatalogueEntry>& entries, const std::string& kind,
                     Suggestions& out) {
  if (!out.wants({kind, "about", "mention"}) && (out.has_field() || out.is_empty())) return;
  for (const CatalogueEntry& entry : entries) {
    if (answers(entry, out.needle()))
      out.add((out.has_field() ? out.field() : kind) + ":" + entry.id, entry.name, kind);
  }
}

/// Values that articles of the index have. Errors: those of the index.
Result<void> suggest_values(const search::Index& index, Suggestions& out) {
  if (!out.wants({"lang", "language", "country", "source", "kind", "affiliation", "type"}))
    return {};
  const auto facet = search::facet_from_name(out.field());
  if (!facet) return {};
  VIGIE_ASSIGN(const search::Index::Facets counted, index.facets(std::string_view(), {*facet}));
  for (const auto& [unused, counts] : counted) {
    for (const Count& count : counts) {
      if (text::fold_text(count.value).starts_with(out.needle()))
        out.add(out.field() + ":" + quoted_if_needed(count.value), count.value, out.field());
    }
  }
  return {};
}

}  // namespace

Routes CatalogueApi::routes() {
  return {
      route("GET", "/v1/topics", "topics", this, &CatalogueApi::topics),
      route("GET", "/v1/topics/{id}", "topic", this, &CatalogueApi::topic),
      route("GET", "/v1/actors", "actors", this, &CatalogueApi::actors),
      route("GET", "/v1/actors/{id}", "actor", this, &CatalogueApi::actor),
      route("GET", "/v1/suggest", "suggest", this, &CatalogueApi::suggest),
  };
}

http::Response CatalogueApi::topics(const Call&) { return list("topics", now(catalogue_)->topics); }
http::Response CatalogueApi::topic(const Call& call) {
  return one(now(catalogue_)->topics, call.capture(0), "topic");
}
http::Response CatalogueApi::actors(const Call&) { return list("actors", now(catalogue_)->actors); }
http::Response CatalogueApi::actor(const Call& call) {
  return one(now(catalogue_)->actors, call.capture(0), "actor");
}

http::Response CatalogueApi::suggest(const Call& call) {
  const std::string typed = call.text("q");
  if (typed.size() > query::QueryLimits().bytes)
    return problem_of(bad_parameter("q is too long to be a query").value());
  Suggestions out(typed);
  const auto current = now(catalogue_);
  suggest_fields(out);
  suggest_entries(current->topics, "topic", out);
  suggest_entries(current->actors, "actor", out);
  if (const auto added = suggest_values(index_, out); !added) return problem_of(added.error());
  return http::Response::json(Json::object(
      {{"begin", text::is_valid_utf8(typed)
                     ? text::count_code_points(std::string_view(typed).substr(0, out.begin()))
                     : 0},
       {"suggestions", out.take()}}));
}

}  // namespace vigie::indexer::api
