#include "extractor/content/phrases.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "extractor/content/phrase_set.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"
#include "platform/text/word_lists.h"

namespace vigie::extractor::content {

extern const std::string_view kPhrasesText;  // phrases.txt

namespace {

constexpr std::size_t kMostLabel = 60;      // bytes of a squeezed label, the longest of them
constexpr std::size_t kMostDay = 24;        // letters and digits of a line that is a day
constexpr std::size_t kMostTimestamp = 45;  // letters and digits of a line that is a moment
constexpr std::size_t kDigitsOfDay = 6;     // of a day that is written in digits
// letters and digits of a line that ends with a day in digits
constexpr std::size_t kMostNamedDay = 32;
constexpr std::size_t kMostCredit = 60;  // letters of a line that says where a picture is from

bool begins_with_one_of(std::string_view line, std::span<const std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [line](std::string_view beginning) { return line.starts_with(beginning); });
}

bool begins_with_word(std::string_view line, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [line](std::string_view word) {
    if (!line.starts_with(word)) return false;
    const std::string_view rest = line.substr(word.size());
    return rest.empty() || !(static_cast<unsigned char>(rest.front()) >= 0x80 ||
                             (rest.front() >= 'a' && rest.front() <= 'z'));
  });
}

// Phrases in order, found by their first byte: most lines begin as none does.
class SortedPhrases {
 public:
  explicit SortedPhrases(std::vector<std::string_view> phrases) : phrases_(std::move(phrases)) {
    std::sort(phrases_.begin(), phrases_.end());
    for (std::size_t byte = 0; byte < begin_.size(); ++byte) {
      const auto at =
          std::partition_point(phrases_.begin(), phrases_.end(), [byte](std::string_view phrase) {
            return !phrase.empty() && static_cast<unsigned char>(phrase.front()) < byte;
          });
      begin_[byte] = static_cast<std::uint32_t>(at - phrases_.begin());
    }
  }

  bool has(std::string_view line) const {
    const auto [begin, end] = range_of(line);
    return std::binary_search(begin, end, line);
  }

  // None begins another: then only the one in front of a line in that order can begin it.
  bool begin(std::string_view line) const {
    const auto [begin, end] = range_of(line);
    const auto behind = std::upper_bound(begin, end, line);
    return behind != begin && line.starts_with(*(behind - 1));
  }

 private:
  using Place = std::vector<std::string_view>::const_iterator;
  std::pair<Place, Place> range_of(std::string_view line) const {
    if (line.empty()) return {phrases_.end(), phrases_.end()};
    const auto byte = static_cast<unsigned char>(line.front());
    return {phrases_.begin() + begin_[byte], phrases_.begin() + begin_[byte + 1U]};
  }

  std::vector<std::string_view> phrases_;
  std::array<std::uint32_t, 257> begin_{};  // of those that begin with a byte
};

// Folded as a text is that they are compared with.
std::vector<std::string> folded(const std::vector<std::string_view>& phrases) {
  std::vector<std::string> out;
  for (const std::string_view phrase : phrases) out.push_back(squeezed(text::fold_text(phrase)));
  std::sort(out.begin(), out.end());
  return out;
}

// The lists of phrases.txt, which says what each is.
struct Lists {
  explicit Lists(const text::WordLists& words)
      : labels(words.of("label")),
        requests(words.of("request")),
        imprints(words.of("imprint")),
        comments(words.of("comments")),
        opens(folded(words.of("opens"))),
        said(words.of("said")),
        appeals(words.of("appeal")),
        support(words.of("support")),
        pictures(words.of("picture")),
        origins(words.of("origin")),
        updated(words.of("updated")) {}

  SortedPhrases labels;
  SortedPhrases requests;
  SortedPhrases imprints;
  SortedPhrases comments;
  std::vector<std::string> opens;
  PhraseSet said;
  PhraseSet appeals;
  PhraseSet support;
  std::vector<std::string_view> pictures;
  std::vector<std::string_view> origins;
  std::vector<std::string_view> updated;
};

const Lists& lists() {
  static const Lists kLists(text::read_word_lists(kPhrasesText));
  return kLists;
}

}  // namespace

bool is_label(const std::string& squeezed_line) {
  return squeezed_line.size() <= kMostLabel && lists().labels.has(squeezed_line);
}

bool is_request(const std::string& squeezed_line) {
  return lists().requests.begin(squeezed_line) || lists().said.stand_in(squeezed_line);
}

bool is_appeal(const std::string& squeezed_line) { return lists().appeals.stand_in(squeezed_line); }

bool speaks_of_support(const std::string& squeezed_line) {
  return lists().support.stand_in(squeezed_line);
}

bool is_imprint(const std::string& squeezed_line) { return lists().imprints.begin(squeezed_line); }

// "(opens new tab)": for screen readers, at the end of a link.
bool says_how_a_link_opens(std::string_view text) {
  return std::binary_search(lists().opens.begin(), lists().opens.end(),
                            squeezed(text::fold_text(text)));
}

bool begins_comments(const std::string& squeezed_line) {
  return lists().comments.begin(squeezed_line);
}

// "Photo: dpa", "Image from last year's review.", "Фото с сайта": the word for a picture, and
// behind it a mark or a word of origin.
bool is_credit(std::string_view line) {
  static constexpr std::array kMarks =
      std::to_array<std::string_view>({":", "\xEF\xBC\x9A", "\xC2\xA9", "/", "| "});
  // the newspaper asks a question
  if (text::count_code_points(line) > kMostCredit || line.ends_with('?') ||
      line.starts_with("BILD"))
    return false;
  const std::string lower = text::ascii_lower(line);
  const std::string_view whole = lower;
  for (const std::string_view picture : lists().pictures) {
    if (whole.empty() || whole.front() != picture.front() || !whole.starts_with(picture)) continue;
    std::string_view rest = whole.substr(picture.size());
    const bool is_one = !rest.starts_with('s');
    if (!is_one) rest.remove_prefix(1);
    const bool is_apart = rest.starts_with(' ');
    if (is_apart) rest.remove_prefix(1);
    if (begins_with_one_of(rest, kMarks)) return true;
    if (!is_apart || !begins_with_word(rest, lists().origins)) return false;
    // "Photos from the scene show …" and "Фото с места опубликовала полиция." are sentences.
    const bool is_cyrillic = static_cast<unsigned char>(picture.front()) == 0xD0;
    return is_cyrillic ? !line.ends_with('.') : is_one || !rest.starts_with("from ");
  }
  return false;
}

// "Updated: 14:42 BST"
bool says_updated(std::string_view line) { return begins_with_one_of(line, lists().updated); }

// A day with or without a time of day, and little else: what stands over a story or between posts.
bool is_one_timestamp(std::string_view line) {
  if (line.size() > 4 * kMostTimestamp) return false;
  std::size_t letters = 0;  // and digits and marks
  std::size_t digits = 0;
  std::size_t separators = 0;  // within a numeric day
  bool clock = false;
  bool year = false;
  const auto is_digit = [&](std::size_t i) {
    return i < line.size() && line[i] >= '0' && line[i] <= '9';
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    if (byte > ' ' && (byte & 0xC0U) != 0x80) ++letters;
    if (is_digit(i)) ++digits;
    const bool between = i > 0 && is_digit(i - 1) && is_digit(i + 1);
    if (line[i] == ':' && between && is_digit(i + 2)) clock = true;
    if ((line[i] == '.' || line[i] == '/' || line[i] == '-') && between) ++separators;
    if (line.substr(i, 2) == "20" && is_digit(i + 2) && is_digit(i + 3) && !is_digit(i + 4) &&
        (i == 0 || !is_digit(i - 1)))
      year = true;
  }
  if (clock)
    return letters <= kMostTimestamp && digits >= 3 &&
           digits * (says_updated(line) ? 5 : 4) >= letters;
  if (letters <= kMostNamedDay && separators == 2 && digits >= kDigitsOfDay &&
      digits * 4 >= letters && is_digit(line.size() - 1))
    return true;
  return letters <= kMostDay && digits >= 5 && digits * 3 >= letters &&
         (separators == 2 || (year && separators == 0));
}

bool is_timestamp(std::string_view line) {
  if (is_one_timestamp(line)) return true;
  // "Published … | Updated …"
  if (line.size() > 4 * kMostTimestamp) return false;
  for (const std::string_view separator : {"|", "·", "•"}) {
    const std::size_t at = line.find(separator);
    if (at == std::string_view::npos) continue;
    const std::string_view one = text::trim(line.substr(0, at));
    const std::string_view other = text::trim(line.substr(at + separator.size()));
    if (is_one_timestamp(one) && is_one_timestamp(other)) return true;
  }
  return false;
}

// Letters and digits only, lower-case ASCII: enough to see that two lines say the same.
std::string squeezed(std::string_view line) {
  // what a byte becomes; 0: it is left out
  static constexpr std::array<char, 256> kSqueezed = [] {
    std::array<char, 256> out{};
    for (std::size_t byte = 0; byte < out.size(); ++byte) {
      const bool kept =
          byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z');
      if (kept) out[byte] = static_cast<char>(byte);
      if (byte >= 'A' && byte <= 'Z') out[byte] = static_cast<char>(byte + 32);
    }
    return out;
  }();
  std::string out(line.size(), '\0');
  char* to = out.data();
  for (const char c : line) {
    *to = kSqueezed[static_cast<unsigned char>(c)];
    to += *to != '\0' ? 1 : 0;
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

}  // namespace vigie::extractor::content
