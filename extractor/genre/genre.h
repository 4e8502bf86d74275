#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"
#include "extractor/metadata/metadata.h"

namespace vigie::extractor::genre {

/// What sort of text a page is, and what says so.
struct Genre {
  // news, opinion, analysis, interview, live, press-release, fact-check or listing
  std::string name;
  // json-ld, meta, page_type, headline, kicker, section, breadcrumb, url, author, byline, text,
  // tag, feed, source; default: nothing says so, and it is taken for news
  std::string carrier;
  // the type, word or part of the URL, as the page has it, at most 100 bytes; empty for default
  std::string evidence;
};

/// What is known of a page beside its tree and what its metadata say.
struct GenreFacts {
  std::string_view url;                            // final
  std::string_view source_kind;                    // of ops/spec, "Source files"; or empty
  std::span<const std::string> paragraphs;         // of the main text
  std::span<const std::string> feed_categories{};  // of the item of a feed that led here
};

/// The genre of a page by the strongest thing that names one: types in its data, then its headline
/// and kicker, its section, path of sections and URL, its authors, what stands at either end of its
/// text, then the kind of its source. Total, deterministic, thread-safe; reads a bounded
/// neighbourhood of the headline.
Genre genre_of(const dom::Document& document, const metadata::Metadata& found,
               const GenreFacts& facts);

/// The same of an item of a feed whose page could not be had.
Genre genre_of_item(std::string_view title, const GenreFacts& facts);

}  // namespace vigie::extractor::genre
