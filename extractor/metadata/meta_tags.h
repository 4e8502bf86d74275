#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"

namespace vigie::extractor::metadata {

/// Values of a page's meta tags by lower-case name, property, itemprop or http-equiv, in order of
/// the page. Views of the document, which must outlive it. A value that is given out is decoded,
/// one line, at most 4,096 bytes of the page.
class MetaTags {
 public:
  explicit MetaTags(const dom::Document& document);

  /// "" if there is none.
  std::string first(std::string_view name) const;
  /// The first that is not empty, in the order of the names.
  std::string first_of(std::initializer_list<std::string_view> names) const;
  std::vector<std::string> all(std::string_view name) const;

 private:
  std::map<std::string, std::vector<std::string_view>, std::less<>> values_;
};

}  // namespace vigie::extractor::metadata
