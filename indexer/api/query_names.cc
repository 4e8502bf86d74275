#include "indexer/api/query_names.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "indexer/analysis/analysis.h"
#include "indexer/api/topic_views.h"
#include "indexer/query/filter.h"
#include "indexer/search/index.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::api {
namespace {

using query::Filter;
using query::Node;
using Kind = query::Node::Kind;

constexpr std::size_t kMaxPartsTried = 8;    // of a query that finds nothing
constexpr std::size_t kMaxSourcesTried = 8;  // of one query

Json hint_json(std::string_view text, const query::Hint& hint) {
  Json out = Json::object({{"text", hint.text}});
  if (hint.end > hint.begin) {
    const auto place = text::count_code_points(text.substr(0, hint.begin));
    out.set("position", static_cast<std::int64_t>(place));
    out.set("length", static_cast<std::int64_t>(
                          text::count_code_points(text.substr(hint.begin, hint.end - hint.begin))));
  }
  if (!hint.query.empty()) out.set("query", hint.query);
  return out;
}

std::string typed(const query::Query& query, const Node& node) {
  const bool in_title = node.scope == query::Scope::kTitle && node.kind != Kind::kFilter;
  return (in_title ? "title:" : "") + query.text.substr(node.begin, node.end - node.begin);
}

std::string in_quotes(std::string_view words) { return '"' + std::string(words) + '"'; }

bool is_name(const Node& node) {
  return node.kind == Kind::kFilter &&
         (node.filter == Filter::kSource || node.filter == Filter::kSite ||
          node.filter == Filter::kAuthor || node.filter == Filter::kSection);
}

/// The words of a query that is nothing but words, or one phrase; else empty.
std::string plain_words(const query::Query& query) {
  const Node& root = query.root();
  if (root.kind == Kind::kPhrase || root.kind == Kind::kWord) return typed(query, root);
  if (root.kind != Kind::kAnd && root.kind != Kind::kOr && root.kind != Kind::kNear) return {};
  for (const Node& node : query.nodes) {
    const bool word = node.kind == Kind::kWord && !node.words[0].exact;
    const bool one_word = node.begin == root.begin && node.end == root.end;  // Müller, covid-19
    if (&node == &root || one_word) continue;
    if (root.kind != Kind::kAnd || !word || node.scope != query::Scope::kAnywhere) return {};
  }
  const bool said = query.text.find_first_of("()") != std::string::npos ||
                    query.text.find(" AND ") != std::string::npos;
  return said ? std::string() : query.text;
}

std::string what(Filter filter) {
  switch (filter) {
    case Filter::kSource: return "source";
    case Filter::kSite: return "site";
    case Filter::kAuthor: return "author";
    default: return "section";
  }
}

/// Part of a query, at the price of the whole.
query::Query part_with_budget(const query::Query& query, std::uint32_t node) {
  query::Query out = query::part_of(query, node);
  out.budget = query.budget;
  return out;
}

}  // namespace

Result<query::Query> QueryNames::parse(std::string_view text, query::Use use,
                                       std::size_t* offset) const {
  std::size_t place = 0;
  auto parsed = query::parse(text, use, {}, &place);
  if (offset != nullptr) *offset = place;
  if (!parsed) {
    const std::string near = vocabulary()->meant_at(text, place);
    if (!near.empty()) parsed.error().detail += "; did you mean " + near + "?";
    return parsed;
  }
  VIGIE_TRY(vocabulary()->resolve(*parsed, offset));
  return parsed;
}

std::uint64_t QueryNames::count(const query::Query& query) const {
  search::SearchRequest wanted;
  wanted.parsed = &query;
  wanted.sort = Sort::kNewest;
  wanted.limit = 0;
  const auto page = index_.search(wanted);
  // What cannot be counted, or not all of it, is not said to be nothing.
  return page && !page->coverage.partial() ? page->total : 1;
}

std::uint64_t QueryNames::count(const std::string& query) const {
  const auto parsed = query::parse(query);
  return parsed ? count(*parsed) : 1;
}

std::string QueryNames::nearest_source(const std::string& name, const query::Budget* budget) const {
  std::vector<std::string> known;
  if (const auto now = status_.now()) {
    for (const v1::SourceStatus& source : now->sources) {
      known.push_back(analysis::normalise_name(source.name()));
      known.push_back(analysis::normalise_name(source.source_id()));
    }
  }
  auto everything = query::parse("");
  everything->budget = budget;
  if (const auto facets = index_.facets(*everything, {Facet::kSource});
      facets && !facets->empty()) {
    for (const Count& source : facets->front().second)
      known.push_back(analysis::normalise_name(source.value));
  }
  std::erase_if(known, [](const std::string& one) { return one.empty(); });
  if (known.empty()) return {};
  const std::vector<std::string_view> views(known.begin(), known.end());
  return std::string(text::nearest(name, views));
}

std::string QueryNames::nearest_site(const std::string& host) const {
  std::vector<std::string> known;
  if (const auto now = status_.now()) {
    for (const v1::SourceStatus& source : now->sources)
      known.push_back(analysis::normalise_host(source.homepage()));
  }
  std::erase_if(known, [](const std::string& one) { return one.empty(); });
  if (known.empty()) return {};
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string_view near = text::nearest(host, views);
  // A third of the letters may differ.
  return text::edit_distance(near, host) * 3 > host.size() ? std::string() : std::string(near);
}

void QueryNames::add_sources(const query::Query& query, Json& out) const {
  std::size_t tried = 0;
  for (std::uint32_t i = 0; i < query.nodes.size() && tried < kMaxSourcesTried; ++i) {
    const Node& node = query.nodes[i];
    if (!is_name(node)) continue;
    ++tried;
    if (count(part_with_budget(query, i)) > 0) continue;
    query::Hint hint{
        "No article has the " + what(node.filter) + " " + in_quotes(node.value) + " so far.",
        node.begin,
        node.end,
        {}};
    if (node.filter == Filter::kSource) {
      if (const std::string near = nearest_source(node.value, query.budget); !near.empty()) {
        const bool known = near == node.value;
        if (known) hint.text = "The source " + in_quotes(near) + " has no article so far.";
        else
          hint.text = "There is no source " + in_quotes(node.value) + "; the nearest is " +
                      in_quotes(near) + ".";
        if (!known)
          hint.query = query.text.substr(0, node.begin) + "source:" + in_quotes(near) +
                       query.text.substr(node.end);
      } else {
        hint.text = "There is no source " + in_quotes(node.value) + ".";
      }
    } else if (node.filter == Filter::kSite) {
      const std::string near = nearest_site(node.value);
      if (!near.empty() && near != node.value) {
        hint.text += " The nearest that is read is " + in_quotes(near) + ".";
        hint.query =
            query.text.substr(0, node.begin) + "site:" + near + query.text.substr(node.end);
      }
    }
    out.push(hint_json(query.text, hint));
  }
}

/// "Huawei is also an actor: 282 articles in 9 languages."
void QueryNames::add_entry(const query::Query& query, Json& out) const {
  const std::string words = plain_words(query);
  if (words.empty()) return;
  const auto known = vocabulary();
  const Vocabulary::Named named = known->named(words);
  if (named.entry == nullptr) return;
  const std::string asked = (named.is_topic ? "topic:" : "actor:") + named.entry->id;
  auto parsed = query::parse(asked);
  if (!parsed) return;
  parsed->budget = query.budget;
  const auto facets = index_.facets(*parsed, {Facet::kLanguage});
  if (!facets || facets->empty()) return;
  std::size_t languages = 0;
  std::uint64_t articles = 0;
  for (const Count& language : facets->front().second) {
    articles += language.count;
    languages += language.value.empty() ? 0 : 1;
  }
  if (articles == 0) return;
  out.push(hint_json(
      query.text,
      {named.entry->name + " is also " + (named.is_topic ? "a topic" : "an actor") + ": " +
           std::to_string(articles) + (articles == 1 ? " article in " : " articles in ") +
           std::to_string(languages) + (languages == 1 ? " language." : " languages."),
       0, 0, asked}));
}

/// Which part of a query that finds nothing is in no article.
void QueryNames::add_empty(const query::Query& query, Json& out) const {
  const Node& root = query.root();
  if (root.kind == Kind::kAll) {
    out.push(hint_json(query.text, {"There are no articles so far.", 0, 0, {}}));
    return;
  }
  if (root.kind != Kind::kAnd) {
    out.push(
        hint_json(query.text,
                  {"No article has " + typed(query, root) + " so far.", root.begin, root.end, {}}));
    return;
  }
  std::size_t tried = 0;
  for (std::uint32_t child : root.children) {
    if (++tried > kMaxPartsTried) break;
    const Node& node = query.nodes[child];
    if (node.kind == Kind::kNot || count(part_with_budget(query, child)) > 0) continue;
    out.push(
        hint_json(query.text,
                  {"No article has " + typed(query, node) + " so far.", node.begin, node.end, {}}));
  }
  if (out.as_array().empty()) {
    out.push(hint_json(
        query.text,
        {"There are articles with each part of this, but none with all of them.", 0, 0, {}}));
  }
}

Json QueryNames::hints(const query::Query& query, bool found) const {
  Json out = Json::array();
  for (const query::Hint& hint : query.hints) out.push(hint_json(query.text, hint));
  add_sources(query, out);
  if (!found && out.as_array().empty()) add_empty(query, out);
  add_entry(query, out);
  return out;
}

}  // namespace vigie::indexer::api
