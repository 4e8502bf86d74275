#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"
#include "extractor/metadata/authors.h"
#include "extractor/metadata/claims.h"
#include "extractor/metadata/date.h"
#include "extractor/metadata/pictures.h"

namespace vigie::extractor::metadata {

/// Where a page comes from: what the stage may know besides the page itself.
struct PageFacts {
  // final URL, normalised
  std::string url;
  // its text: dates in data of scripts are read where nothing else gives one
  std::string_view page = {};
  // value of a response header, "" if absent
  std::function<std::string(std::string_view lower_case_name)> header = {};
  // keep the claims that lost, too
  bool all_claims = false;
  // of the source, ISO 3166-1 alpha-2, or empty
  std::string country = {};
  // 0 if it is not known: days behind it are of things to come
  std::int64_t fetched_at_unix_ms = 0;
};

/// The page in another language or for another country.
struct Alternate {
  std::string language;  // hreflang as written; x-default for all others
  std::string url;       // absolute
};

/// What a page's data say of the sort of text it is (extractor/genre).
struct SortSigns {
  std::vector<std::string> types;     // of the article in JSON-LD: NewsArticle, OpinionNewsArticle
  std::vector<std::string> genres;    // in JSON-LD and meta tags, as written
  std::vector<std::string> sections;  // the same
  std::vector<std::string> crumbs;    // path of sections in JSON-LD
  std::vector<std::string> titles;    // as written in og:title, <title>, JSON-LD
  bool reviews_claim = false;         // the page's data rate a claim
  bool is_opinion = false;            // meta article:opinion
};

/// What the page says about itself. Texts are one line each, NFC left to the caller.
struct Metadata {
  Of<Field::kTitle> title;  // the headline
  std::string title_carrier;
  Of<Field::kAuthors> authors;
  std::string authors_carrier;
  Of<Field::kPublished> published;
  Of<Field::kModified> modified;
  Of<Field::kCanonicalUrl> canonical_url;  // normalised; ops/spec/records.md, "Identities"
  Of<Field::kSiteName> site_name;
  Of<Field::kDescription> description;
  Of<Field::kSection> section;
  Of<Field::kImage> image_url;  // absolute
  Of<Field::kImageCaption> image_caption;
  Of<Field::kImageCredit> image_credit;
  std::vector<Picture> images;  // of the page's figures, in order; absolute
  std::vector<Alternate> alternates;
  Of<Field::kLicence> licence;     // URL or words
  Of<Field::kPageType> page_type;  // article, live_blog, gallery, video, audio, listing
  Of<Field::kTags> tags;           // the publisher's own, as written, each once
  Of<Field::kDeclaredLanguage> declared_language;  // BCP 47 as written
  std::string article_body;                        // JSON-LD articleBody as plain text
  Of<Field::kPaywall> paywall;                     // free, metered, locked, or empty
  bool noindex = false;
  bool noarchive = false;
  bool nosnippet = false;
  bool tdm_reserved = false;
  std::string content_signal;
  SortSigns sort;
  // what was chosen of each field, with its carrier; all claims where they were asked for
  std::vector<Claim> claims;
};

/// Total, deterministic. Every field is a choice among claims of several carriers; what was chosen
/// says where it came from.
Metadata read(const dom::Document& document, const PageFacts& facts);

}  // namespace vigie::extractor::metadata
