#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"

namespace vigie::extractor::metadata {

/// What the JSON-LD of a page claims of its article (schema.org Article and its kinds). Empty where
/// it says nothing.
struct JsonLd {
  std::string headline;
  std::vector<std::string> authors;        // persons
  std::vector<std::string> organisations;  // that are named as author
  std::string published;
  std::string modified;
  std::string site_name;
  std::string description;
  std::string section;
  std::string image_url;
  std::string image_caption;
  std::vector<std::string> keywords;
  std::string language;
  std::string body;
  std::string url;
  std::string licence;
  // live_blog, gallery, video, listing or article; empty where the types say nothing
  std::string page_type;
  // what says of which sort the article is: its types, genre and articleSection, and the names of
  // the page's path of sections (BreadcrumbList)
  std::vector<std::string> types;
  std::vector<std::string> genres;
  std::vector<std::string> sections;
  std::vector<std::string> crumbs;
  bool reviews_claim = false;  // a ClaimReview of the page
  bool has_access = false;     // isAccessibleForFree is there
  bool accessible = true;
};

/// Reads every JSON-LD block; of one that is broken, what is whole. `url` is the page's: what is
/// about another page is left out. Bounded: at most 1 MiB of blocks, 20,000 values.
JsonLd read_json_ld(const dom::Document& document, std::string_view url = {});

}  // namespace vigie::extractor::metadata
