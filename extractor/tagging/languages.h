#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::extractor::tagging {

/// A set of the languages that the packs know; a bit each.
using LanguageSet = std::uint64_t;

// How much a term says by itself, whatever the language around it.
enum class TermKind : std::uint8_t {
  // one word of a topic, or one of an actor with open endings: in another language it may mean
  // something else
  kWord,
  kClasses,   // of word classes: wide words, which mean something else in other languages
  kTelling,   // several words, or a sure term
  kWideOpen,  // names of actors; and what takes tags away or makes terms believable
};

/// Which languages' terms count in an article.
struct Counting {
  LanguageSet word = 0;
  LanguageSet classes = 0;
  LanguageSet telling = 0;
  LanguageSet wide = 0;
  LanguageSet of(TermKind kind) const {
    switch (kind) {
      case TermKind::kWord: return word;
      case TermKind::kClasses: return classes;
      case TermKind::kTelling: return telling;
      case TermKind::kWideOpen: return wide;
    }
    return wide;
  }
};

/// The languages that the packs have terms in.
class Languages {
 public:
  /// The bit of a language, made at its first use; "any" has one, too.
  LanguageSet add(std::string_view language);

  /// In: the language of the article (ISO 639-1, empty if it cannot be told), its scripts
  /// (text::Script) and its length. README.md has the rule.
  Counting counting(std::string_view language, std::uint32_t scripts, std::uint32_t words) const;

 private:
  struct Known {
    std::string code;
    std::uint32_t scripts = 0;
  };
  LanguageSet of_scripts(std::uint32_t scripts) const;
  std::vector<Known> known_;
};

}  // namespace vigie::extractor::tagging
