#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"
#include "platform/json/json.h"

namespace vigie::extractor::metadata {

/// What tells a page from others: the URLs that mean it and the titles that it gives itself.
struct PageIdentity {
  std::vector<std::string> urls;    // where it was found, rel=canonical, og:url
  std::vector<std::string> titles;  // first-level headings, og:title, <title>
};

PageIdentity identity_of(const dom::Document& document, std::string_view url);

/// Whether the two URLs mean one page: scheme, "www." and its like, fragment, a slash at the end
/// and forms for telephones are no difference.
bool same_page(std::string_view a, std::string_view b);

/// Types of schema.org of a node: the first that is an article's, else the first of all.
std::string json_ld_type(const Json& node);

/// Every type of a node, without the part of a URL in front of its name.
std::vector<std::string> json_ld_types(const Json& node);

/// The nodes of a page's JSON-LD that are about the page.
struct PageNodes {
  const Json* article = nullptr;          // that tells of this page; nullptr: none does
  std::vector<const Json*> same_article;  // other nodes that tell of the same article
  std::vector<const Json*> pages;         // WebPage nodes that are about this page
  std::map<std::string, const Json*, std::less<>> by_id;
  // live_blog, gallery, video, listing or article; empty where the types say nothing
  std::string page_type;
  std::vector<std::string> crumbs;  // names of the BreadcrumbLists near the root, in order
  bool reviews_claim = false;       // a ClaimReview near the root or in the article
};

/// Chooses the article by what says that it is this page (mainEntityOfPage, url, @id, headline),
/// then by how much it says. A node inside of another (an update, an item of a list, what the
/// story is based on) and a node of another page are never taken. Looks at 20,000 values at most.
PageNodes choose_nodes(const std::vector<Json>& roots, const PageIdentity& page);

}  // namespace vigie::extractor::metadata
