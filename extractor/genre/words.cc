#include "extractor/genre/words.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "platform/text/ascii.h"
#include "platform/text/fold.h"
#include "platform/text/han.h"
#include "platform/text/utf8.h"
#include "platform/text/word_lists.h"

namespace vigie::extractor::genre {

extern const std::string_view kWordsText;  // words.txt

namespace {

constexpr std::array kUses =
    std::to_array<std::pair<std::string_view, Use>>({{"label", Use::kLabel},
                                                     {"kicker", Use::kKicker},
                                                     {"section", Use::kSection},
                                                     {"opening", Use::kOpening},
                                                     {"byline", Use::kByline},
                                                     {"ending", Use::kEnding},
                                                     {"within", Use::kWithin},
                                                     {"path", Use::kPath},
                                                     {"slug", Use::kSlug},
                                                     {"author", Use::kAuthor},
                                                     {"head", Use::kHead},
                                                     {"foot", Use::kFoot},
                                                     {"readers", Use::kReaders},
                                                     {"review", Use::kReview},
                                                     {"arts", Use::kArts},
                                                     {"tag", Use::kTag},
                                                     {"pages", Use::kPages}});

// Marks that stand around a label and are no part of it.
constexpr std::array kMarks = std::to_array<std::string_view>(
    {" ",  ":",  ".",  "|", "-", "/", ">",  "<",  "(",  ")",  "[",  "]",  "\"", "'",  ",",  ";",
     "#",  "*",  "_",  "·", "•", "«", "»",  "【", "】", "〔", "〕", "「", "」", "《", "》", "〈",
     "〉", "丨", "｜", "→", "›", "!", "、", "。", "・", "■",  "▼",  "◆",  "●",  "؛",  "،"});

bool drop_mark(std::string_view& text, bool in_front) {
  if (text.empty() || text::ascii::is_alphanumeric(in_front ? text.front() : text.back()))
    return false;
  for (const std::string_view mark : kMarks) {
    if (in_front ? !text.starts_with(mark) : !text.ends_with(mark)) continue;
    if (in_front) text.remove_prefix(mark.size());
    else text.remove_suffix(mark.size());
    return true;
  }
  return false;
}

constexpr unsigned char kLeastOfHan = 0xE3;  // first byte of its characters in UTF-8

constexpr std::size_t kHashed = 3;  // bytes of a phrase; none that is looked for inside is shorter

std::size_t slot_of(const char* three) {
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, three, kHashed);
  return (bytes * 2654435761U) >> 20U;  // of 4,096
}

bool is_letter_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  const auto byte = static_cast<unsigned char>(text[at]);
  return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

bool is_unspaced_end(std::string_view phrase) {
  std::size_t at = phrase.size();
  while (at > 0 && (static_cast<unsigned char>(phrase[at - 1]) & 0xC0U) == 0x80U) --at;
  if (at == 0) return false;
  --at;
  return text::is_unspaced_script(text::next_code_point(phrase, at));
}

}  // namespace

std::string folded(std::string_view raw) {
  const std::string text = text::fold_text(raw);
  const bool may_have_han = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= kLeastOfHan;
  });
  if (!may_have_han) return text::collapse_spaces(text);
  std::string simplified;
  simplified.reserve(text.size());
  for (std::size_t at = 0; at < text.size();)
    text::append_utf8(simplified, text::simplified_han(text::next_code_point(text, at)));
  return text::collapse_spaces(simplified);
}

std::string normalised(std::string_view raw) {
  const std::string text = folded(raw);
  std::string_view rest = text;
  while (drop_mark(rest, true) || drop_mark(rest, false)) {
  }
  return std::string(rest);
}

Words::Words(std::string_view source) : text_(source), tables_(kUses.size()) {
  text::WordLists read = text::read_word_lists(text_);
  problems_ = std::move(read.problems);
  for (const text::WordLine& line : read.lines) {
    const std::size_t space = std::min(line.name.find(' '), line.name.size());
    const std::string_view genre = line.name.substr(0, space);
    const std::string_view use = text::trim(line.name.substr(space));
    const auto known =
        std::find_if(kUses.begin(), kUses.end(), [&](const auto& one) { return one.first == use; });
    if (known == kUses.end()) {
      problems_.push_back("no use of a word: " + std::string(line.name));
      continue;
    }
    languages_[std::string(genre)].insert(std::string(line.language));
    for (const std::string_view phrase : line.phrases) add(known->second, genre, phrase);
  }
  index();
}

void Words::index() {
  inside_.resize(tables_.size());
  by_first_byte_.resize(tables_.size());
  by_last_byte_.resize(tables_.size());
  for (const Use use : {Use::kWithin, Use::kHead, Use::kFoot, Use::kReaders, Use::kReview}) {
    Index& to = inside_[static_cast<std::size_t>(use)];
    to.phrases.resize(kSlots);
    for (const Table::value_type& entry : of(use)) {
      const std::size_t slot = slot_of(entry.first.data());
      to.begins.set(slot);
      to.phrases[slot].push_back(&entry);
    }
  }
  for (std::size_t use = 0; use < tables_.size(); ++use) {
    for (const Table::value_type& entry : tables_[use]) {
      by_first_byte_[use][static_cast<unsigned char>(entry.first.front())].push_back(&entry);
      by_last_byte_[use][static_cast<unsigned char>(entry.first.back())].push_back(&entry);
    }
  }
}

void Words::add(Use use, std::string_view genre, std::string_view phrase) {
  // marks at the ends of a phrase that is looked for inside a text are part of it
  const bool inside = use == Use::kHead || use == Use::kFoot || use == Use::kWithin ||
                      use == Use::kReaders || use == Use::kReview;
  std::string key = inside ? folded(phrase) : normalised(phrase);
  if (key.empty() || (inside && key.size() < kHashed)) {
    problems_.push_back("a phrase too short, of " + std::string(genre));
    return;
  }
  Table& table = tables_[static_cast<std::size_t>(use)];
  const auto [place, fresh] = table.try_emplace(std::move(key), Named{genre, phrase});
  if (!fresh && place->second.genre != genre)
    problems_.push_back(std::string(phrase) + ": " + std::string(place->second.genre) + ", " +
                        std::string(genre));
}

const Words& Words::shipped() {
  static const Words kShipped(kWordsText);
  return kShipped;
}

std::set<std::string> Words::languages_of(std::string_view genre) const {
  const auto found = languages_.find(genre);
  return found == languages_.end() ? std::set<std::string>{} : found->second;
}

const Named* Words::whole(std::string_view normalised, std::initializer_list<Use> uses) const {
  for (const Use use : uses) {
    const auto found = of(use).find(normalised);
    if (found != of(use).end()) return &found->second;
  }
  return nullptr;
}

const Named* Words::beginning(std::string_view normalised, Use use) const {
  const Named* best = nullptr;
  std::size_t longest = 0;
  if (normalised.empty()) return best;
  const ByByte& bytes = by_first_byte_[static_cast<std::size_t>(use)];
  for (const Table::value_type* entry : bytes[static_cast<unsigned char>(normalised.front())]) {
    const auto& [phrase, named] = *entry;
    if (phrase.size() <= longest || !normalised.starts_with(phrase)) continue;
    if (is_letter_at(normalised, phrase.size()) && !is_unspaced_end(phrase)) continue;
    best = &named;
    longest = phrase.size();
  }
  return best;
}

const Named* Words::ending(std::string_view normalised, Use use) const {
  const Named* best = nullptr;
  std::size_t longest = 0;
  if (normalised.empty()) return best;
  const ByByte& bytes = by_last_byte_[static_cast<std::size_t>(use)];
  for (const Table::value_type* entry : bytes[static_cast<unsigned char>(normalised.back())]) {
    const auto& [phrase, named] = *entry;
    if (phrase.size() <= longest || !normalised.ends_with(phrase)) continue;
    const std::size_t begin = normalised.size() - phrase.size();
    if (begin > 0 && is_letter_at(normalised, begin - 1)) continue;
    best = &named;
    longest = phrase.size();
  }
  return best;
}

const Named* Words::within(std::string_view text, Use use) const {
  const Index& index = inside_[static_cast<std::size_t>(use)];
  for (std::size_t at = 0; at + kHashed <= text.size(); ++at) {
    const std::size_t slot = slot_of(text.data() + at);
    if (!index.begins.test(slot)) continue;
    for (const Table::value_type* entry : index.phrases[slot]) {
      if (text.substr(at).starts_with(entry->first)) return &entry->second;
    }
  }
  return nullptr;
}

}  // namespace vigie::extractor::genre
