#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"
#include "extractor/metadata/date.h"
#include "extractor/metadata/date_labels.h"
#include "extractor/metadata/story_place.h"

namespace vigie::extractor::metadata {

/// The dates that readers of a page see, where the markup says none. Place and label decide: what
/// stands beside the headline and calls itself the day of publication goes first; days of events
/// and of changes, and days within sentences, are none. Made once a page; the document must outlive
/// it.
class VisibleDates {
 public:
  /// `headline` may be empty. Days behind `latest_unix_ms` (0: unknown) are of things to come.
  VisibleDates(const dom::Document& document, const DateHints& hints, std::string_view headline,
               std::int64_t latest_unix_ms = 0);

  /// The <time> near the headline within the story's element that is no change's nor event's.
  /// Carrier "time".
  std::optional<Date> time_of_story() const;
  /// The first other <time>, but for those of menus, sidebars, the foot and comments.
  std::optional<Date> time_elsewhere() const;
  /// Beside the headline: a line labelled as published, else an element that calls itself a date,
  /// else a line that is little more than a date. Carrier "text".
  std::optional<Date> near_headline();
  /// The line labelled as updated there. Carrier "text".
  std::optional<Date> modified_near_headline();
  /// The day that readers see at most a few lines behind the headline.
  std::optional<Date> beside_headline() const;
  /// The first such day of the page, in links last (menus and teasers have dates of their own);
  /// else one that is said to be of a change, or of the publication within a sentence.
  std::optional<Date> anywhere();
  /// The value of an element's datetime or content, else its text.
  std::optional<Date> of_element(std::uint32_t node, std::string_view carrier) const;
  const StoryPlace& place() const { return place_; }

 private:
  struct Reading {
    Date date;
    DateRole role = DateRole::kNone;
    bool prose = false;
    bool wordy = false;  // words of a sentence beside it

    bool says_published() const {
      return !prose && (role == DateRole::kNone || role == DateRole::kPublished);
    }
    int rank() const {
      if (role == DateRole::kPublished && !prose) return 0;
      if (role == DateRole::kNone && !prose) return wordy ? 2 : 1;
      return role == DateRole::kModified ? 3 : 4;
    }
  };

  std::optional<Date> acceptable(const dates::WrittenDate& written) const;
  std::string label_in_front(std::uint32_t node) const;
  bool is_in_prose(std::uint32_t node) const;
  std::vector<Reading> readings(std::string_view line, std::uint32_t node) const;
  static std::optional<Reading> best(std::vector<Reading> readings);
  std::vector<Reading> named(std::uint32_t node) const;
  std::vector<Reading> of_text(std::uint32_t node) const;
  void consider(std::vector<Reading> readings, int order);
  void look_near();
  DateRole role_of_time(std::uint32_t node) const;
  std::optional<Date> time_at(bool in_story) const;

  const dom::Document& document_;
  DateHints hints_;
  StoryPlace place_;
  std::int64_t latest_ = 0;
  bool looked_ = false;
  std::optional<Reading> near_;
  int near_rank_ = 0;
  std::optional<Date> modified_;
};

/// The first moment in the data that scripts of the page carry under a name like datePublished or
/// createdAt, then the first day with a time of day in quotation marks; bounded in places tried.
/// Carrier "script".
std::optional<Date> date_in_scripts(std::string_view page, const DateHints& hints);

/// An instant that a content system wrote in UTC, though the page shows its readers the day before
/// or after it, as some offset of a newsroom makes it: the day shown alone as text, with the
/// instant kept in unix_ms. Anything else comes back as it is. `modified` guards against the day of
/// a later change.
Date on_day_shown(const Date& written, const std::optional<Date>& shown,
                  const std::optional<Date>& modified);

}  // namespace vigie::extractor::metadata
