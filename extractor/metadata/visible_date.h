#pragma once

#include <optional>
#include <string_view>

#include "extractor/dom/document.h"
#include "extractor/metadata/date.h"

namespace vigie::extractor::metadata {

/// A visible date near the headline, where the markup says none: an element that calls itself a
/// date, then a short line with a day in it, from the headline on, then what stands in front of it;
/// links last (menus and teasers have dates of their own). `headline` may be empty. Carrier "text".
std::optional<Date> date_in_text(const dom::Document& document, std::string_view language,
                                 std::string_view headline = {});

/// The first of them: what stands near the headline only.
std::optional<Date> date_near_headline(const dom::Document& document, std::string_view language,
                                       std::string_view headline);

/// The day that readers see beside the headline, at most a few lines from it; nothing where none
/// stands there.
std::optional<Date> date_beside_headline(const dom::Document& document, std::string_view language,
                                         std::string_view headline);

/// The first moment in the data that scripts of the page carry under a name like datePublished or
/// createdAt, then the first day with a time of day in quotation marks; bounded in places tried.
/// Carrier "script".
std::optional<Date> date_in_scripts(std::string_view page, std::string_view language);

/// An instant that a content system wrote in UTC, though the page shows its readers the day before
/// or after it, as some offset of a newsroom makes it: the day shown alone as text, with the
/// instant kept in unix_ms. Anything else comes back as it is. `modified` guards against the day of
/// a later change.
Date on_day_shown(const Date& written, const std::optional<Date>& shown,
                  const std::optional<Date>& modified);

}  // namespace vigie::extractor::metadata
