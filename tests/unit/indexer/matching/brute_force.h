#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "indexer/analysis/analysis.h"
#include "indexer/query/query.h"
#include "platform/text/words.h"
#include "proto/article.pb.h"

/// What a query means, written down as plainly as can be (ops/spec/http_api.md, "Query language"):
/// every word of an article is looked at for every part of the query. To hold everything that is
/// quicker against.
namespace vigie::indexer::testing {

class BruteForce {
 public:
  BruteForce(const v1::ArticleRecord& article, std::int64_t now_unix_ms, std::string story = {})
      : fields_{article.title(), article.text()},
        attributes_(analysis::attributes(article)),
        stems_in_(analysis::stem_language(article.language())),
        now_unix_ms_(now_unix_ms),
        story_(std::move(story)) {
    for (std::size_t field = 0; field < 2; ++field)
      tokens_[field] = analysis::tokens(fields_[field]);
  }

  bool meets(const query::Query& query) const {
    std::vector<bool> truth;
    for (const query::Node& node : query.nodes) truth.push_back(holds(query, node, truth));
    return truth.back();
  }

 private:
  using Node = query::Node;
  using Span = std::pair<std::size_t, std::size_t>;  // first and last word

  bool holds(const query::Query& query, const Node& node, const std::vector<bool>& truth) const {
    const auto is_true = [&truth](std::uint32_t child) { return bool(truth[child]); };
    switch (node.kind) {
      case Node::Kind::kAll: return true;
      case Node::Kind::kAnd: return std::ranges::all_of(node.children, is_true);
      case Node::Kind::kOr: return std::ranges::any_of(node.children, is_true);
      case Node::Kind::kNot: return !truth[node.children[0]];
      case Node::Kind::kFilter: return filter(node);
      default: return !spans(query, node, 0).empty() || !spans(query, node, 1).empty();
    }
  }

  std::vector<Span> spans(const query::Query& query, const Node& node, std::size_t field) const {
    std::vector<Span> out;
    if (node.kind == Node::Kind::kNear) return near(query, node, field);
    if (node.kind == Node::Kind::kOr) {
      for (const std::uint32_t child : node.children) {
        const auto more = spans(query, query.nodes[child], field);
        out.insert(out.end(), more.begin(), more.end());
      }
      return out;
    }
    if (node.scope == query::Scope::kTitle && field == 1) return out;
    for (std::size_t at = 0; at < tokens_[field].size(); ++at) {
      const std::size_t length = length_at(node, field, at);
      if (length > 0) out.emplace_back(at, at + length - 1);
    }
    return out;
  }

  /// Words that a leaf takes from `at` on; 0: it does not stand there.
  std::size_t length_at(const Node& node, std::size_t field, std::size_t at) const {
    const analysis::Token& token = tokens_[field][at];
    if (node.kind == Node::Kind::kPrefix) {
      bool begins = token.form.starts_with(node.prefix);
      for (const auto& variant : token.variants)
        begins = begins || variant.form.starts_with(node.prefix);
      return begins ? 1 : 0;
    }
    if (node.kind == Node::Kind::kWord && node.words[0].forms.size() == 1 && !node.words[0].exact)
      return is_word(token, node.words[0].forms[0]) ? 1 : 0;
    std::vector<std::string> forms;
    for (const query::Word& word : node.words)
      forms.insert(forms.end(), word.forms.begin(), word.forms.end());
    if (forms.empty() || at + forms.size() > tokens_[field].size()) return 0;
    for (std::size_t i = 0; i < forms.size(); ++i) {
      if (!tokens_[field][at + i].is(forms[i])) return 0;
    }
    const bool exact = node.kind == Node::Kind::kWord && node.words[0].exact;
    return !exact || is_as_typed(node.words[0].typed, field, at, forms.size()) ? forms.size() : 0;
  }

  bool is_word(const analysis::Token& token, const std::string& form) const {
    if (token.is(form)) return true;
    if (stems_in_.empty() || !analysis::takes_stem(form)) return false;
    const std::string stem = text::stem(form, stems_in_);
    const auto same = [&](const std::string& other) {
      return analysis::takes_stem(other) && !stem.empty() && text::stem(other, stems_in_) == stem;
    };
    return same(token.form) || std::ranges::any_of(token.variants, [&](const auto& variant) {
             return same(variant.form);
           });
  }

  /// The bytes of the article are those that were typed; U.S. and US are one.
  bool is_as_typed(std::string_view typed, std::size_t field, std::size_t at,
                   std::size_t count) const {
    const auto words = analysis::tokens(typed);
    if (words.empty()) return false;
    const std::size_t begin = tokens_[field][at].offset;
    const analysis::Token& last = tokens_[field][at + count - 1];
    const std::size_t length = words.back().offset + words.back().length - words[0].offset;
    if (last.offset + last.length - begin == length && begin >= words[0].offset &&
        std::string_view(fields_[field]).substr(begin - words[0].offset, typed.size()) == typed)
      return true;
    const auto letters = [](std::string_view text) {
      std::string out(text);
      std::erase(out, '.');
      return out;
    };
    const bool initials = std::ranges::any_of(tokens_[field][at].variants, [](const auto& variant) {
      return variant.kind == analysis::Variant::Kind::kInitials;
    });
    return count == 1 && words.size() == 1 && initials &&
           letters(std::string_view(fields_[field]).substr(begin, tokens_[field][at].length)) ==
               letters(typed.substr(words[0].offset, words[0].length));
  }

  std::vector<Span> near(const query::Query& query, const Node& node, std::size_t field) const {
    std::vector<Span> out;
    for (const Span& a : spans(query, query.nodes[node.children[0]], field)) {
      for (const Span& b : spans(query, query.nodes[node.children[1]], field)) {
        const bool forwards = b.first > a.second && b.first - a.second <= node.distance;
        const bool backwards = a.first > b.second && a.first - b.second <= node.distance;
        if (forwards || backwards) out.push_back(a);
      }
    }
    return out;
  }

  bool filter(const Node& node) const {
    using query::Filter;
    const auto among = [&node](const std::vector<std::string>& values) {
      return std::ranges::find(values, node.value) != values.end();
    };
    switch (node.filter) {
      case Filter::kTopic: return tagged(attributes_.topics, node, true, true);
      case Filter::kActor: return tagged(attributes_.actors, node, true, true);
      case Filter::kAbout: return tagged_at(node, true);
      case Filter::kMention: return tagged_at(node, false);
      case Filter::kLanguage: return attributes_.language == node.value;
      case Filter::kCountry: return attributes_.country == node.value;
      case Filter::kSource: return among(attributes_.source_names);
      case Filter::kSite: return among(attributes_.sites);
      case Filter::kAuthor: return among(attributes_.authors);
      case Filter::kSection: return among(attributes_.sections);
      case Filter::kKind: return attributes_.kind == node.value;
      case Filter::kAffiliation: return attributes_.affiliation == node.value;
      case Filter::kType: return attributes_.genre == node.value;
      case Filter::kStory: return story_ == node.value;
      case Filter::kEvent: return false;  // no article here has one
      case Filter::kAfter: return attributes_.time_unix_ms >= node.value_ms;
      case Filter::kBefore: return attributes_.time_unix_ms < node.value_ms;
      case Filter::kWithin: return attributes_.time_unix_ms >= now_unix_ms_ - node.value_ms;
    }
    return false;
  }

  using Tags = std::vector<std::pair<std::string, bool>>;
  static bool tagged(const Tags& tags, const Node& node, bool about, bool mention) {
    return std::ranges::any_of(tags, [&](const auto& tag) {
      return (tag.second ? about : mention) && analysis::is_tag_of(tag.first, node.value);
    });
  }
  /// "*" is any topic alone.
  bool tagged_at(const Node& node, bool about) const {
    return tagged(attributes_.topics, node, about, !about) ||
           (node.value != "*" && tagged(attributes_.actors, node, about, !about));
  }

  const std::string fields_[2];
  const analysis::Attributes attributes_;
  const std::string stems_in_;
  const std::int64_t now_unix_ms_;
  const std::string story_;
  std::vector<analysis::Token> tokens_[2];
};

}  // namespace vigie::indexer::testing
