#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "indexer/delivery/notice.h"

/// What every channel for people says in words, and how it is made to fit. Pure. Private to
/// indexer/delivery.
namespace vigie::indexer::delivery {

/// One line: "Export controls: Nvidia halts …" of an alert; "Export controls: 14 articles" of a
/// digest; "Test of Export controls" of a sample. At most `max_bytes`.
std::string subject_of(const Notice& notice, std::size_t max_bytes);
/// One line: what the headline says, or the URL where it is empty. At most `max_bytes`.
std::string headline_of(const NoticeItem& item, std::size_t max_bytes);
/// "Le Monde · 30 Nov 2026, 08:15 UTC · and 3 more on it · also reported: 2 languages, 3 sources";
/// parts that are not known are left out.
std::string byline_of(const NoticeItem& item, const Notice& notice);
/// One line, at most `max_bytes`; "" where none is known.
std::string sentence_of(const NoticeItem& item, std::size_t max_bytes);
/// "and 12 more" of what is not shown; "" where everything is.
std::string more_of(const Notice& notice, std::size_t shown);
/// Why it came: "because of the alert “Export controls”: topic:export-controls". A digest adds its
/// slot, a sample that somebody asked for it.
std::string footer_of(const Notice& notice, std::size_t max_bytes);
/// "30 Nov 2026, 08:15 UTC"; with a zone its clock and its name; "" for 0.
std::string time_text(std::int64_t unix_ms, const std::string& time_zone);
/// The page of the alert, "" where nobody said where the pages are.
std::string page_of(const Notice& notice, std::string_view pages_url);

/// http and https alone, with what ends a link in some markup percent-encoded; "" for others.
std::string link_of(const NoticeItem& item);

/// Code units of UTF-16, in which some services count.
std::size_t utf16_units(std::string_view utf8);
/// At most `units` of UTF-16, with "…" where cut.
std::string cut_utf16(std::string_view utf8, std::size_t units);

/// As many items as fit: render(count) for count from the smaller of `most` and all downwards,
/// until fits(body); of none where even that does not fit. `render` says itself what it leaves out
/// (more_of).
template <class Render, class Fits>
std::string fitted(const Notice& notice, std::size_t most, Render&& render, Fits&& fits) {
  std::size_t shown = std::min(most, notice.items.size());
  std::string body = render(shown);
  while (shown > 0 && !fits(body)) body = render(--shown);
  return body;
}

/// The same where a service counts bytes, or code units of UTF-16.
template <class Render>
std::string fitted_bytes(const Notice& notice, std::size_t most, std::size_t most_bytes,
                         Render&& render) {
  return fitted(notice, most, render,
                [&](const std::string& body) { return body.size() <= most_bytes; });
}
template <class Render>
std::string fitted_utf16(const Notice& notice, std::size_t most, std::size_t most_units,
                         Render&& render) {
  return fitted(notice, most, render,
                [&](const std::string& body) { return utf16_units(body) <= most_units; });
}

}  // namespace vigie::indexer::delivery
