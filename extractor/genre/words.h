#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::extractor::genre {

/// Where a phrase of words.txt counts; the file says what each means.
enum class Use {
  kLabel,
  kKicker,
  kSection,
  kOpening,
  kByline,
  kEnding,
  kWithin,
  kPath,
  kSlug,
  kAuthor,
  kHead,
  kFoot,
  kReaders,
  kReview,
  kArts,
  kTag,
  kPages,
};

/// A phrase that was found, and the genre that it names.
struct Named {
  std::string_view genre;   // opinion, news, …; listing for kPath alone
  std::string_view phrase;  // as words.txt has it
};

/// The words by which newsrooms name genres (words.txt). Immutable.
class Words {
 public:
  /// Reads a text of the form of words.txt. A line of another form is left out and named among the
  /// problems.
  explicit Words(std::string_view text);
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  /// The file's. Made at the first call; thread-safe.
  static const Words& shipped();

  /// What a whole text (normalised) stands for where these uses count; nullptr: nothing.
  const Named* whole(std::string_view normalised, std::initializer_list<Use> uses) const;
  /// A phrase that the text begins with, as whole words; the longest.
  const Named* beginning(std::string_view normalised, Use use) const;
  /// A phrase that the text ends with, as whole words; the longest.
  const Named* ending(std::string_view normalised, Use use) const;
  /// A phrase that stands in the text; the first there.
  const Named* within(std::string_view normalised, Use use) const;

  /// Lines of another form, and phrases that stand for two genres in one use ("live: opinion,
  /// news"; the first counts). None in the file that is shipped.
  const std::vector<std::string>& problems() const { return problems_; }
  /// Languages that a genre has phrases of; for tests.
  std::set<std::string> languages_of(std::string_view genre) const;

 private:
  using Table = std::map<std::string, Named, std::less<>>;
  const Table& of(Use use) const { return tables_[static_cast<std::size_t>(use)]; }
  void add(Use use, std::string_view genre, std::string_view phrase);
  void index();

  /// Phrases that are looked for anywhere, by the hash of their first bytes.
  static constexpr std::size_t kSlots = 4096;
  struct Index {
    std::bitset<kSlots> begins;
    std::vector<std::vector<const Table::value_type*>> phrases;
  };

  std::string text_;
  std::vector<Table> tables_;
  using ByByte = std::array<std::vector<const Table::value_type*>, 256>;
  std::vector<ByByte> by_first_byte_;  // by use; for phrases at the beginning of a text
  std::vector<ByByte> by_last_byte_;
  std::vector<Index> inside_;  // by use; empty for those that are not looked for inside a text
  std::vector<std::string> problems_;
  std::map<std::string, std::set<std::string>, std::less<>> languages_;
};

/// As phrases are compared: folded, simplified characters, single spaces, without marks at either
/// end ("【社説】" → "社说", "Opinion |" → "opinion").
std::string normalised(std::string_view text);
/// The same, with the marks at its ends kept.
std::string folded(std::string_view text);

}  // namespace vigie::extractor::genre
