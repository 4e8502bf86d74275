#pragma once

#include <string_view>

namespace vigie::extractor::metadata {

/// What the words around a day say it is the day of.
enum class DateRole {
  kNone,       // nothing is said
  kPublished,  // "Published:", "Erstellt am", "发布时间"
  kModified,   // "Updated", "Stand:", "Ultimo aggiornamento"
  kOther,      // "Deadline:", "Date of the hearing:": of an event
};

/// The role by the words in front of a day, where the label nearest to it decides, else by those
/// behind it ("2024年3月5日更新"). Labels of forty languages, as whole words.
DateRole role_of(std::string_view before, std::string_view behind);

/// Whether the line, without the day in it, is a sentence rather than the label, byline, place and
/// time that stand beside a day of publication.
bool is_prose(std::string_view before, std::string_view behind);

/// Whether words of a sentence stand beside the day, though few: "The summit opens 12 June".
bool is_wordy(std::string_view before, std::string_view behind);

}  // namespace vigie::extractor::metadata
