#include "platform/dates/months.h"

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "platform/dates/date_tokens.h"
#include "platform/text/utf8.h"

namespace vigie::dates {
namespace {

struct Entry {
  std::uint16_t row = 0;  // of months_of_languages
  std::uint8_t month = 0;
  bool whole = false;
};

// Languages of news, the most read first: what a page in an unknown or wrongly named language is
// likely to be written in.
constexpr std::array kNewsLanguages = std::to_array<std::string_view>(
    {"en", "de", "fr", "es", "it", "pt", "nl", "ru", "pl",  "tr", "id", "ar", "fa", "sv", "da",
     "nb", "fi", "cs", "hu", "ro", "el", "bg", "uk", "sr",  "sk", "hr", "bs", "sl", "mk", "lt",
     "lv", "et", "he", "hi", "bn", "ur", "th", "ms", "fil", "sw", "ca", "gl", "eu", "is", "sq",
     "az", "ka", "hy", "kk", "uz", "be", "mn", "ta", "te",  "ml", "mr", "gu", "kn", "pa", "si",
     "ne", "my", "km", "lo", "af", "nn", "cy", "ga", "am",  "so", "ps", "ky", "tg", "tk", "vi"});

// These write a point behind the day.
constexpr std::array kDotted =
    std::to_array<std::string_view>({"de", "da", "nb", "nn", "fi", "cs", "sk", "sl", "hr", "bs",
                                     "sr", "et", "lv", "is", "hu", "mk", "ka"});

int rank_of(std::string_view language, bool dotted) {
  const auto at = std::find(kNewsLanguages.begin(), kNewsLanguages.end(), language);
  if (at == kNewsLanguages.end()) return -1;
  const int rank = static_cast<int>(at - kNewsLanguages.begin());
  const bool writes_points = std::find(kDotted.begin(), kDotted.end(), language) != kDotted.end();
  return dotted && !writes_points ? rank + 100 : rank;
}

// The words of a name as the reader of dates cuts them.
std::string key_of(std::string_view name) {
  const DateText text = lay_out_date(name);
  std::string out;
  for (const DateToken& token : cut_date(text.folded)) {
    if (!out.empty()) out += ' ';
    out.append(text.folded, token.begin, token.size());
  }
  return out;
}

class Index {
 public:
  Index() {
    const std::span<const MonthsOfLanguage> rows = months_of_languages();
    for (std::size_t row = 0; row < rows.size(); ++row) add(rows[row], row);
  }

  const std::vector<Entry>* find(std::string_view key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }

 private:
  void add(const MonthsOfLanguage& language, std::size_t row) {
    std::string_view rest = language.names;
    for (std::uint8_t month = 1; month <= 12; ++month) {
      std::string_view names = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), names.size() + 1));
      while (!names.empty()) {
        std::string_view name = names.substr(0, names.find('|'));
        names.remove_prefix(std::min(names.size(), name.size() + 1));
        const bool whole = !name.starts_with('~');
        if (!whole) name.remove_prefix(1);
        const std::string key = key_of(name);
        if (!key.empty()) entries_[key].push_back({static_cast<std::uint16_t>(row), month, whole});
      }
    }
  }

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };
  std::unordered_map<std::string, std::vector<Entry>, Hash, std::equal_to<>> entries_;
};

FoundMonth as_found(const Entry& entry, bool own) {
  const MonthsOfLanguage& language = months_of_languages()[entry.row];
  return {entry.month, language.persian, own, language.language == "en", entry.whole};
}

}  // namespace

FoundMonth find_month(std::string_view folded, std::span<const std::string_view> languages,
                      bool dotted) {
  static const Index kIndex;
  const std::vector<Entry>* entries = kIndex.find(folded);
  if (entries == nullptr) return {};
  const std::span<const MonthsOfLanguage> rows = months_of_languages();
  for (const std::string_view language : languages) {
    for (const Entry& entry : *entries) {
      if (rows[entry.row].language == language) return as_found(entry, true);
    }
  }
  // short words of other languages are words of this one
  constexpr std::size_t kLeastLetters = 3;
  if (text::count_code_points(folded) < kLeastLetters) return {};
  const Entry* best = nullptr;
  int best_rank = 0;
  for (const Entry& entry : *entries) {
    const int rank = rank_of(rows[entry.row].language, dotted);
    if (rank < 0 || (best != nullptr && rank >= best_rank)) continue;
    best = &entry;
    best_rank = rank;
  }
  return best == nullptr ? FoundMonth{} : as_found(*best, false);
}

}  // namespace vigie::dates
