#pragma once

#include <string>
#include <vector>

#include "extractor/dom/document.h"

namespace vigie::extractor::metadata {

/// What carriers claim the headline to be; empty where they claim nothing.
struct HeadlineClaims {
  std::string json_ld;
  std::string open_graph;
  std::string twitter;
  std::string other_meta;
  std::string page_title;               // <title>
  std::string site_name;                // that the page names; "" if it names none
  std::vector<std::string> site_names;  // all that may stand for it in a title, its domain, too
};

struct Headline {
  std::string text;
  std::string carrier;  // json-ld, og:title, twitter:title, meta, h1, title
};

/// The headline as the page shows it: a heading that other carriers confirm; else the best claim,
/// without the name of the site.
Headline choose_headline(const dom::Document& document, const HeadlineClaims& claims);

}  // namespace vigie::extractor::metadata
