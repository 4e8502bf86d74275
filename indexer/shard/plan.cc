#include "indexer/shard/plan.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>

#include "indexer/analysis/analysis.h"
#include "indexer/segments/source.h"
#include "platform/text/words.h"

namespace vigie::indexer {
namespace {

using segments::Attribute;
using Kind = query::Node::Kind;

/// Bigrams where two characters of an unspaced script stand next to each other, else single forms.
std::vector<PlanUnit> sequence_units(const std::vector<std::string>& forms) {
  std::vector<PlanUnit> out;
  bool covered = false;  // by the bigram before
  for (std::size_t i = 0; i < forms.size(); ++i) {
    PlanUnit unit;
    unit.offset = static_cast<std::uint32_t>(i);
    if (i + 1 < forms.size() && analysis::is_unspaced(forms[i]) &&
        analysis::is_unspaced(forms[i + 1])) {
      unit.key = segments::word_key(forms[i] + forms[i + 1]);
      out.push_back(std::move(unit));
      covered = true;
    } else {
      if (!covered) {
        unit.key = segments::word_key(forms[i]);
        out.push_back(std::move(unit));
      }
      covered = false;
    }
  }
  return out;
}

using Stems = std::shared_ptr<const std::vector<PlanStem>>;

Stems find_stems(const std::string& form) {
  auto out = std::make_shared<std::vector<PlanStem>>();
  for (const std::string& language : analysis::stem_languages()) {
    const std::string stem = text::stem(form, language);
    if (stem.empty()) continue;
    const std::string key = segments::stem_key(stem);
    auto known =
        std::find_if(out->begin(), out->end(), [&](const PlanStem& one) { return one.key == key; });
    if (known == out->end()) known = out->insert(out->end(), {key, 0});
    known->languages |= analysis::stem_bit(language);
  }
  return out;
}

/// Stemming a word in every language takes longer than finding it, and a question is planned anew
/// for every shard. What was stemmed last stays, for all threads: readers ask for the same words,
/// and saved searches ask again.
class KnownStems {
 public:
  Stems of(const std::string& form) {
    if (form.size() > kLongestForm) return find_stems(form);
    Part& part = parts_[std::hash<std::string>()(form) % kParts];
    {
      const std::lock_guard lock(part.mutex);
      if (const auto place = part.young.find(form); place != part.young.end()) return place->second;
      if (const auto place = part.old.find(form); place != part.old.end())
        return part.keep(form, Stems(place->second));
    }
    Stems found = find_stems(form);
    const std::lock_guard lock(part.mutex);
    return part.keep(form, std::move(found));
  }

 private:
  static constexpr std::size_t kParts = 16;
  static constexpr std::size_t kMostForms = 1'024;  // of a part and age; some 400 bytes each
  static constexpr std::size_t kLongestForm = 64;
  /// What nobody asked for since `young` was last full is forgotten.
  struct Part {
    std::mutex mutex;
    std::unordered_map<std::string, Stems> young;
    std::unordered_map<std::string, Stems> old;
    Stems keep(const std::string& form, Stems stems) {
      if (young.size() >= kMostForms) {
        old = std::move(young);
        young.clear();
      }
      return young.emplace(form, std::move(stems)).first->second;
    }
  };
  std::array<Part, kParts> parts_;
};

Stems stems_of(const std::string& form) {
  static KnownStems known;
  return known.of(form);
}

PlanUnit word_unit(const query::Word& word) {
  PlanUnit unit;
  unit.key = segments::word_key(word.forms[0]);
  if (!word.exact && analysis::takes_stem(word.forms[0])) unit.stems = stems_of(word.forms[0]);
  return unit;
}

std::vector<std::string> filter_keys(const query::Node& node) {
  const auto key = [&](Attribute attribute) { return segments::filter_key(attribute, node.value); };
  switch (node.filter) {
    case query::Filter::kTopic: return {key(Attribute::kTopicAbout), key(Attribute::kTopicMention)};
    case query::Filter::kActor: return {key(Attribute::kActorAbout), key(Attribute::kActorMention)};
    case query::Filter::kAbout:
      if (node.value == "*") return {key(Attribute::kTopicAbout)};
      return {key(Attribute::kTopicAbout), key(Attribute::kActorAbout)};
    case query::Filter::kMention:
      if (node.value == "*") return {key(Attribute::kTopicMention)};
      return {key(Attribute::kTopicMention), key(Attribute::kActorMention)};
    case query::Filter::kLanguage: return {key(Attribute::kLanguage)};
    case query::Filter::kCountry: return {key(Attribute::kCountry)};
    case query::Filter::kSource: return {key(Attribute::kSourceName)};
    case query::Filter::kSite: return {key(Attribute::kSite)};
    case query::Filter::kAuthor: return {key(Attribute::kAuthor)};
    case query::Filter::kSection: return {key(Attribute::kSection)};
    case query::Filter::kKind: return {key(Attribute::kKind)};
    case query::Filter::kAffiliation: return {key(Attribute::kAffiliation)};
    case query::Filter::kType: return {key(Attribute::kType)};
    case query::Filter::kStory:
    case query::Filter::kEvent:
    case query::Filter::kAfter:
    case query::Filter::kBefore:
    case query::Filter::kWithin: return {};
  }
  return {};
}

/// What a node asks, without where it stood in the text; equal for nodes that ask the same.
std::string asked_by(const query::Node& node, const std::vector<PlanNode>& nodes) {
  std::string out;
  const auto add = [&out](std::string_view part) {
    out += std::to_string(part.size()) + ':';
    out += part;
  };
  add(std::to_string(static_cast<int>(node.kind)) + ' ' +
      std::to_string(static_cast<int>(node.scope)) + ' ' + std::to_string(node.distance) + ' ' +
      std::to_string(static_cast<int>(node.filter)) + ' ' + std::to_string(node.value_ms));
  add(node.value);
  add(node.prefix);
  for (const query::Word& word : node.words) {
    add(word.exact ? "=" + word.typed : std::string());
    for (const std::string& form : word.forms) add(form);
    out += ';';
  }
  for (const std::uint32_t child : node.children) add(std::to_string(nodes[child].same_as));
  return out;
}

void find_twins(const query::Query& query, std::vector<PlanNode>& nodes) {
  if (nodes.size() == 1) return;  // itself
  std::map<std::string, std::uint32_t> first;
  for (std::uint32_t i = 0; i < nodes.size(); ++i)
    nodes[i].same_as = first.emplace(asked_by(query.nodes[i], nodes), i).first->second;
}

bool has_exact(const query::Node& node) {
  return std::any_of(node.words.begin(), node.words.end(),
                     [](const query::Word& word) { return word.exact; });
}

}  // namespace

bool is_leaf(const query::Node& node) {
  return node.kind == Kind::kWord || node.kind == Kind::kPhrase || node.kind == Kind::kPrefix ||
         node.kind == Kind::kFilter;
}

Plan make_plan(const query::Query& query) {
  Plan plan;
  plan.query = &query;
  plan.nodes.resize(query.nodes.size());
  find_twins(query, plan.nodes);
  std::vector<char> positive(query.nodes.size());
  std::vector<char> in_near(query.nodes.size());
  std::vector<char> exact(query.nodes.size());
  if (!positive.empty()) positive.back() = 1;
  for (std::size_t i = query.nodes.size(); i-- > 0;) {
    const query::Node& node = query.nodes[i];
    for (std::uint32_t child : node.children) {
      positive[child] = static_cast<char>(positive[i] != 0 && node.kind != Kind::kNot);
      in_near[child] = static_cast<char>(in_near[i] != 0 || node.kind == Kind::kNear);
    }
  }
  for (std::uint32_t i = 0; i < query.nodes.size(); ++i) {
    const query::Node& node = query.nodes[i];
    PlanNode& out = plan.nodes[i];
    if (node.kind == Kind::kWord || node.kind == Kind::kPhrase) {
      std::vector<std::string> forms;
      for (const query::Word& word : node.words)
        forms.insert(forms.end(), word.forms.begin(), word.forms.end());
      out.words = static_cast<std::uint32_t>(forms.size());
      if (node.kind == Kind::kWord && forms.size() == 1) {
        out.units.push_back(word_unit(node.words[0]));
      } else {
        out.units = sequence_units(forms);
      }
      // A phrase looks at forms alone, so only a word, or a NEAR that holds one, asks for the text.
      exact[i] = static_cast<char>(node.kind == Kind::kWord && has_exact(node));
    } else if (node.kind == Kind::kPrefix) {
      out.prefix_key = segments::word_key(node.prefix);
      out.words = 1;
    } else if (node.kind == Kind::kFilter) {
      out.filter_keys = filter_keys(node);
    } else {
      exact[i] =
          static_cast<char>(std::any_of(node.children.begin(), node.children.end(),
                                        [&](std::uint32_t child) { return exact[child] != 0; }));
    }
    const bool asks_text = exact[i] != 0 && (node.kind == Kind::kNear ||
                                             (node.kind == Kind::kWord && in_near[i] == 0));
    if (asks_text) out.verify = query::part_of(query, i);
    out.scored = positive[i] != 0 && is_leaf(node) && node.kind != Kind::kFilter;
    plan.any_scored = plan.any_scored || out.scored;
  }
  return plan;
}

}  // namespace vigie::indexer
