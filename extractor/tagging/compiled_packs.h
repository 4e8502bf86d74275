#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "extractor/tagging/languages.h"
#include "extractor/tagging/literal_index.h"
#include "platform/result/result.h"
#include "platform/topic_packs/pattern.h"
#include "platform/topic_packs/topic_packs.h"

namespace vigie::extractor::tagging {

/// What a term is for.
enum class Role : std::uint8_t {
  kTerm,      // stands for its tag
  kUnsure,    // does so where a context of the actor is
  kShort,     // does so where a term of the actor is
  kContext,   // `needs` of a topic or an actor
  kExcluded,  // `not`: what overlaps it does not count
  kVeto,      // the topic is not given
};

/// A term of a pack.
struct Rule {
  std::uint32_t tag = 0;
  Role role = Role::kTerm;
  TermKind kind = TermKind::kWord;
  std::uint8_t parts = 1;  // groups near each other; 0 of a class, which other rules use
  std::uint8_t within = 0;
  bool sure = false;
  float weight = 0;
  LanguageSet language = 0;  // one bit
  const topic_packs::Term* term = nullptr;

  /// language/pattern.
  std::string name() const { return term->language + "/" + term->pattern; }
};

/// One way of writing a part of a rule. `literal` and what follows it is the body of the phrase.
struct CompiledPhrase {
  std::uint32_t rule = 0;
  std::uint32_t rest = 0;  // in CompiledPacks::texts
  std::uint32_t exact = 0;
  std::uint16_t rest_bytes = 0;
  std::uint16_t exact_bytes = 0;
  std::uint16_t literal_bytes = 0;  // where the rest begins, behind the begin of a hit
  std::uint8_t part = 0;
  topic_packs::Left left = topic_packs::Left::kNothing;
  bool initial_capital = false;
};

/// A part of a rule that any word of a class stands for.
struct ClassUse {
  std::uint32_t rule = 0;
  std::uint8_t part = 0;
};

struct Together {
  std::vector<std::uint32_t> all;  // tags
  double weight = 0;
};

/// A topic, an actor, or a context that makes terms believable.
struct TagEntry {
  enum class Sort : std::uint8_t { kTopic, kActor, kContext };
  std::string_view id;
  std::string_view kind;  // of an actor
  Sort sort = Sort::kTopic;
  bool needs = false;     // something of `needs` must be in the article
  bool supports = false;  // an actor that makes a lone term believable
  std::vector<Together> together;
  std::vector<std::uint32_t> parents;
};

/// All packs, ready to match with. Immutable.
struct CompiledPacks {
  static std::unique_ptr<const CompiledPacks> make(std::vector<topic_packs::Pack> packs);

  std::string_view rest_of(const CompiledPhrase& phrase) const {
    return std::string_view(texts).substr(phrase.rest, phrase.rest_bytes);
  }
  std::string_view exact_of(const CompiledPhrase& phrase) const {
    return std::string_view(texts).substr(phrase.exact, phrase.exact_bytes);
  }

  std::vector<topic_packs::Pack> packs;
  std::string label;  // name@version, comma separated
  Languages languages;
  std::vector<TagEntry> tags;
  std::vector<Rule> rules;
  std::vector<CompiledPhrase> phrases;
  LiteralIndex literals;
  std::vector<std::uint32_t> uses_begin;          // by literal; one more at the end
  std::vector<std::uint32_t> uses;                // phrases
  std::vector<std::vector<ClassUse>> class_uses;  // by rule; empty but for classes
  std::string texts;
};

}  // namespace vigie::extractor::tagging
