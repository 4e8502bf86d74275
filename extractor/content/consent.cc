#include "extractor/content/consent.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "extractor/content/phrase_set.h"
#include "extractor/content/phrases.h"
#include "extractor/content/region.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"
#include "platform/text/word_lists.h"

namespace vigie::extractor::content {

extern const std::string_view kConsentText;  // consent.txt

namespace {

constexpr std::size_t kMostOfLine = 4096;      // bytes of a block that are looked at
constexpr std::uint32_t kLeastElsewhere = 60;  // letters of prose that the page holds besides
constexpr double kMostlyConsent = 0.5;         // share of a wall's prose that speaks of consent
constexpr std::size_t kMostWalls = 8;
constexpr std::size_t kMostRead = 1000;   // blocks that are read closely
constexpr std::size_t kMostClimbed = 24;  // elements around the line that asks

// Letters of a line, folded: "Wir und unsere 214 Partner" is "wirundunserepartner".
std::string letters_of(std::string_view line) {
  std::string out;
  for (const char c : squeezed(text::fold_text(line))) {
    if (c < '0' || c > '9') out += c;
  }
  return out;
}

// The pieces of consent.txt, which says what each is.
struct Lists {
  explicit Lists(const text::WordLists& words)
      : asks(letters_of(words, {"asks"})),
        topic(letters_of(words, {"keeps", "law", "answer"})),
        hints(words.of("hint")) {}

  static std::vector<std::string> letters_of(const text::WordLists& words,
                                             std::initializer_list<std::string_view> names) {
    std::vector<std::string> out;
    for (const std::string_view name : names) {
      for (const std::string_view piece : words.of(name)) out.push_back(content::letters_of(piece));
    }
    return out;
  }

  PhraseSet asks;
  PhraseSet topic;
  PhraseSet hints;
};

const Lists& lists() {
  static const Lists kLists(text::read_word_lists(kConsentText));
  return kLists;
}

// What a line says of consent.
struct Signs {
  bool asks = false;
  bool speaks = false;
};

Signs signs_of(const std::string& line) {
  const bool asks = lists().asks.stand_in(line);
  const bool is_topic = lists().topic.stand_in(line);
  return {asks && is_topic, asks || is_topic};
}

std::string raw_text_of(const dom::Document& document, const Block& block) {
  std::string out;
  for (std::uint32_t i = block.first; i <= block.last && out.size() < kMostOfLine; ++i) {
    if (document.nodes[i].tag == dom::Tag::kText)
      dom::append_decoded(out, text::prefix(document.nodes[i].text, kMostOfLine));
  }
  return out;
}

// A cheap look: no line that asks does without one of these.
bool may_speak_of_consent(std::string_view text) { return lists().hints.stand_in(text); }

class WallFinder {
 public:
  WallFinder(const dom::Document& document, const BlockList& list)
      : document_(document), list_(list), out_(list.blocks.size(), false) {}

  std::vector<bool> find() {
    std::size_t walls = 0;
    for (std::uint32_t i = 0; i < list_.blocks.size() && walls < kMostWalls; ++i) {
      if (out_[i] || !is_prose(list_.blocks[i]) || !may_ask(i) || !signs(i).asks) continue;
      if (walls++ == 0) sum();
      mark_wall(i);
    }
    if (marked_ == 0 || all_ - marked_ < kLeastElsewhere) out_.clear();
    return std::move(out_);
  }

 private:
  void sum() {
    for (const Block& block : list_.blocks) {
      if (is_prose(block)) all_ += block.weight;
    }
  }

  bool may_ask(std::uint32_t block) const {
    for (std::uint32_t i = list_.blocks[block].first; i <= list_.blocks[block].last; ++i) {
      if (document_.nodes[i].tag == dom::Tag::kText &&
          may_speak_of_consent(document_.nodes[i].text))
        return true;
    }
    return false;
  }

  // Each block is read once, and so many of a page.
  Signs signs(std::uint32_t i) {
    const auto known = signs_.find(i);
    if (known != signs_.end()) return known->second;
    const Signs read = signs_.size() < kMostRead
                           ? signs_of(letters_of(raw_text_of(document_, list_.blocks[i])))
                           : Signs{};
    signs_.emplace(i, read);
    return read;
  }

  // The greatest element around the block that holds no headline and speaks of consent for the most
  // part. A paragraph among others that look the same and speak of something else is none: a story
  // that quotes a wall.
  void mark_wall(std::uint32_t index) {
    std::uint32_t wall = dom::kNoNode;
    std::size_t climbed = 0;
    for (std::uint32_t node = list_.blocks[index].container;
         node != dom::kNoNode && node != 0 && climbed < kMostClimbed;
         node = document_.nodes[node].parent, ++climbed) {
      if (!is_wall(node)) break;
      if (node != list_.blocks[index].container || is_alone_in_its_look(index)) wall = node;
    }
    if (wall == dom::kNoNode) return;
    for (std::uint32_t i = list_.first_block[wall]; i < list_.end_block[wall]; ++i) {
      if (!out_[i] && is_prose(list_.blocks[i])) marked_ += list_.blocks[i].weight;
      out_[i] = true;
    }
  }

  bool is_wall(std::uint32_t node) {
    std::uint64_t prose = 0;
    std::uint64_t consent = 0;
    for (std::uint32_t i = list_.first_block[node]; i < list_.end_block[node]; ++i) {
      const Block& block = list_.blocks[i];
      if (block.tag == dom::Tag::kH1) return false;
      if (!is_prose(block)) continue;
      prose += block.weight;
      if (prose + kLeastElsewhere > all_) return false;
      if (signs(i).speaks) consent += block.weight;
    }
    return static_cast<double>(consent) >= kMostlyConsent * static_cast<double>(prose);
  }

  bool is_alone_in_its_look(std::uint32_t index) const {
    const std::uint32_t own = list_.blocks[index].container;
    const std::uint32_t parent = document_.nodes[own].parent;
    for (std::uint32_t i = 0; i < list_.blocks.size(); ++i) {
      const std::uint32_t other = list_.blocks[i].container;
      if (other != own && document_.nodes[other].parent == parent &&
          list_.looks[other] == list_.looks[own] && is_prose(list_.blocks[i]))
        return false;
    }
    return true;
  }

  const dom::Document& document_;
  const BlockList& list_;
  std::vector<bool> out_;
  std::uint64_t all_ = 0;
  std::uint64_t marked_ = 0;
  std::unordered_map<std::uint32_t, Signs> signs_;
};

}  // namespace

std::vector<bool> blocks_of_consent(const dom::Document& document, const BlockList& list) {
  return WallFinder(document, list).find();
}

}  // namespace vigie::extractor::content
