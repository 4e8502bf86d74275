#include <algorithm>

#include "indexer/matching/prepared.h"

namespace vigie::indexer::matching {
namespace {

using analysis::kFields;
using query::Filter;
using query::Node;
using query::Query;
using Kind = query::Node::Kind;

constexpr std::size_t kEverySpan = SIZE_MAX;

bool by_place(const WordSpan& a, const WordSpan& b) {
  return a.first != b.first ? a.first < b.first : a.last < b.last;
}

void sort_unique(std::vector<WordSpan>& spans) {
  std::sort(spans.begin(), spans.end(), by_place);
  spans.erase(std::unique(spans.begin(), spans.end()), spans.end());
}

std::string without_stops(std::string_view text) {
  std::string out(text);
  out.erase(std::remove(out.begin(), out.end(), '.'), out.end());
  return out;
}

/// Compares the bytes of an article with a =Word as it was typed, punctuation included; U.S. and US
/// are one.
class ExactForm {
 public:
  explicit ExactForm(const query::Word& word) : typed_(word.typed) {
    const auto tokens = analysis::tokens(word.typed);
    if (tokens.empty()) return;
    lead_ = tokens.front().offset;
    length_ = tokens.back().offset + tokens.back().length - lead_;
    if (tokens.size() == 1)
      letters_ = without_stops(typed_.substr(tokens[0].offset, tokens[0].length));
  }
  bool stands_at(const Document::Impl& document, std::size_t field, const WordSpan& span) const {
    const analysis::Token& first = document.tokens[field][span.first];
    const analysis::Token& last = document.tokens[field][span.last];
    const std::string_view text = document.fields[field];
    if (last.offset + last.length - first.offset == length_ && first.offset >= lead_ &&
        text.substr(first.offset - lead_, typed_.size()) == typed_)
      return true;
    return span.first == span.last && !letters_.empty() &&
           !first.variant(analysis::Variant::Kind::kInitials).empty() &&
           without_stops(text.substr(first.offset, first.length)) == letters_;
  }

 private:
  std::string_view typed_;
  std::string letters_;  // of a word alone, without full stops
  std::uint32_t lead_ = 0;
  std::uint32_t length_ = 0;  // without the punctuation at both ends
};

/// Runs of `forms` next to each other.
std::vector<WordSpan> find_sequence(const std::vector<std::string_view>& forms,
                                    const Document::Impl& document, std::size_t field,
                                    std::size_t limit) {
  std::vector<WordSpan> out;
  if (forms.empty()) return out;
  const std::uint32_t first = document.form_id(forms.front());
  if (first == Document::Impl::kNone) return out;
  for (std::string_view form : forms) {
    if (document.form_id(form) == Document::Impl::kNone) return out;
  }
  const auto& tokens = document.tokens[field];
  const Document::Impl::Form& lead = document.forms[first];
  for (std::uint32_t i = lead.begin[field]; i < lead.end[field] && out.size() < limit; ++i) {
    const std::uint32_t at = document.positions[field][i];
    if (tokens.size() - at < forms.size()) break;
    std::size_t same = 1;
    while (same < forms.size() && tokens[at + same].is(forms[same])) ++same;
    if (same == forms.size())
      out.push_back({at, at + static_cast<std::uint32_t>(forms.size() - 1)});
  }
  return out;
}

std::vector<WordSpan> find_word(const query::Word& word, const Document::Impl& document,
                                std::size_t field, std::size_t limit) {
  std::vector<WordSpan> out;
  if (word.forms.size() == 1) {
    out = positions_of(document.forms_for(word.forms[0], !word.exact), document, field);
  } else {
    const std::vector<std::string_view> forms(word.forms.begin(), word.forms.end());
    out = find_sequence(forms, document, field, word.exact ? kEverySpan : limit);
  }
  if (word.exact && !out.empty()) {
    const ExactForm exact(word);
    out.erase(std::remove_if(
                  out.begin(), out.end(),
                  [&](const WordSpan& span) { return !exact.stands_at(document, field, span); }),
              out.end());
  }
  if (out.size() > limit) out.resize(limit);
  return out;
}

std::vector<WordSpan> find_prefix(std::string_view prefix, const Document::Impl& document,
                                  std::size_t field) {
  std::vector<std::uint32_t> forms;
  for (std::uint32_t i = 0; i < document.forms.size(); ++i) {
    if (document.forms[i].form.starts_with(prefix)) forms.push_back(i);
  }
  return positions_of(forms, document, field);
}

/// Adds the pairs in which a span of `later` begins within `distance` words behind the end of one
/// of `earlier`.
void add_pairs(const std::vector<WordSpan>& earlier, const std::vector<WordSpan>& later,
               std::uint32_t distance, std::size_t limit, std::vector<WordSpan>& out) {
  for (const WordSpan& span : earlier) {
    if (out.size() >= limit) return;
    const auto next = std::upper_bound(
        later.begin(), later.end(), span.last,
        [](std::uint32_t last, const WordSpan& other) { return last < other.first; });
    if (next == later.end() || next->first - span.last > distance) continue;
    out.push_back(span);
    out.push_back(*next);
  }
}

bool holds_tag(const std::vector<std::pair<std::string, bool>>& tags, std::string_view value,
               Filter filter) {
  return std::any_of(tags.begin(), tags.end(), [&](const auto& tag) {
    if (!analysis::is_tag_of(tag.first, value)) return false;
    return filter == Filter::kAbout ? tag.second : filter == Filter::kMention ? !tag.second : true;
  });
}

bool among(const std::vector<std::string>& values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool filter_holds(const Node& node, const analysis::Attributes& article, std::int64_t now_unix_ms,
                  std::string_view story_id, std::string_view event_id) {
  switch (node.filter) {
    case Filter::kTopic: return holds_tag(article.topics, node.value, node.filter);
    case Filter::kActor: return holds_tag(article.actors, node.value, node.filter);
    case Filter::kAbout:
    case Filter::kMention:
      return holds_tag(article.topics, node.value, node.filter) ||
             (node.value != "*" && holds_tag(article.actors, node.value, node.filter));
    case Filter::kLanguage: return article.language == node.value;
    case Filter::kCountry: return article.country == node.value;
    case Filter::kSource: return among(article.source_names, node.value);
    case Filter::kSite: return among(article.sites, node.value);
    case Filter::kAuthor: return among(article.authors, node.value);
    case Filter::kSection: return among(article.sections, node.value);
    case Filter::kKind: return article.kind == node.value;
    case Filter::kAffiliation: return article.affiliation == node.value;
    case Filter::kType: return article.genre == node.value;
    case Filter::kStory: return story_id == kAnyStory || story_id == node.value;
    case Filter::kEvent: return event_id == kAnyStory || event_id == node.value;
    case Filter::kAfter: return article.time_unix_ms >= node.value_ms;
    case Filter::kBefore: return article.time_unix_ms < node.value_ms;
    case Filter::kWithin: return article.time_unix_ms >= now_unix_ms - node.value_ms;
  }
  return false;
}

}  // namespace

std::vector<WordSpan> positions_of(const std::vector<std::uint32_t>& forms,
                                   const Document::Impl& document, std::size_t field) {
  std::vector<WordSpan> out;
  for (std::uint32_t id : forms) {
    const auto& form = document.forms[id];
    for (std::uint32_t i = form.begin[field]; i < form.end[field]; ++i) {
      out.push_back({document.positions[field][i], document.positions[field][i]});
    }
  }
  if (forms.size() > 1) sort_unique(out);
  return out;
}

std::vector<WordSpan> find_spans(const Query& query, const Node& node,
                                 const Document::Impl& document, std::size_t field,
                                 std::size_t limit) {
  if (node.kind == Kind::kOr) {
    std::vector<WordSpan> out;
    for (std::uint32_t child : node.children) {
      // one level deep: a kOr in a kNear holds leaves
      const auto spans = find_spans(query, query.nodes[child], document, field, limit);
      out.insert(out.end(), spans.begin(), spans.end());
    }
    sort_unique(out);
    return out;
  }
  if (node.scope == query::Scope::kTitle &&
      field != static_cast<std::size_t>(analysis::Field::kTitle))
    return {};
  if (node.kind == Kind::kWord) return find_word(node.words[0], document, field, limit);
  if (node.kind == Kind::kPrefix) return find_prefix(node.prefix, document, field);
  if (node.kind != Kind::kPhrase) return {};
  std::vector<std::string_view> forms;
  for (const query::Word& word : node.words)
    forms.insert(forms.end(), word.forms.begin(), word.forms.end());
  return find_sequence(forms, document, field, limit);
}

std::vector<WordSpan> find_near(const Query& query, const Node& node,
                                const Document::Impl& document, std::size_t field,
                                std::size_t limit) {
  const auto left = find_spans(query, query.nodes[node.children[0]], document, field, kEverySpan);
  if (left.empty()) return {};
  const auto right = find_spans(query, query.nodes[node.children[1]], document, field, kEverySpan);
  std::vector<WordSpan> out;
  add_pairs(left, right, node.distance, limit, out);
  add_pairs(right, left, node.distance, limit, out);
  sort_unique(out);
  return out;
}

bool leaf_holds(const Query& query, const Node& node, const Document::Impl& document,
                std::int64_t now_unix_ms, std::string_view story_id, std::string_view event_id) {
  if (node.kind == Kind::kFilter)
    return filter_holds(node, document.attributes, now_unix_ms, story_id, event_id);
  for (std::size_t field = 0; field < kFields; ++field) {
    const auto spans = node.kind == Kind::kNear ? find_near(query, node, document, field, 1)
                                                : find_spans(query, node, document, field, 1);
    if (!spans.empty()) return true;
  }
  return false;
}

std::vector<char> truths(const Query& query, const Document::Impl& document,
                         std::int64_t now_unix_ms, std::string_view story_id,
                         std::string_view event_id) {
  std::vector<char> truth(query.nodes.size());
  for (std::size_t i = 0; i < query.nodes.size(); ++i) {
    const Node& node = query.nodes[i];
    const auto is_true = [&](std::uint32_t child) { return truth[child] != 0; };
    switch (node.kind) {
      case Kind::kAll: truth[i] = 1; break;
      case Kind::kAnd:
        truth[i] = std::all_of(node.children.begin(), node.children.end(), is_true);
        break;
      case Kind::kOr:
        truth[i] = std::any_of(node.children.begin(), node.children.end(), is_true);
        break;
      case Kind::kNot: truth[i] = !is_true(node.children[0]); break;
      default: truth[i] = leaf_holds(query, node, document, now_unix_ms, story_id, event_id);
    }
  }
  return truth;
}

bool matches(const Query& query, const Document& document, std::int64_t now_unix_ms,
             std::string_view story_id, std::string_view event_id) {
  return truths(query, document.impl(), now_unix_ms, story_id, event_id).back() != 0;
}

}  // namespace vigie::indexer::matching
