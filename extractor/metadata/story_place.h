#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "extractor/dom/document.h"

namespace vigie::extractor::metadata {

/// Where the story stands on the page: its headline and the element around it. Says of a node
/// whether what it holds can be the story's. Cheap to make; the document must outlive it.
class StoryPlace {
 public:
  StoryPlace(const dom::Document& document, std::string_view headline);

  /// The heading that says the headline, else the first first-level heading; the number of nodes if
  /// there is neither.
  std::uint32_t headline() const { return headline_; }
  bool has_headline() const;
  /// Within the article or main element of the headline, and in no other article within it.
  bool is_in_story(std::uint32_t node) const;
  /// Shortly in front of the headline, with no other title between.
  bool is_beside_headline(std::uint32_t node) const;
  /// In a menu, a sidebar, a ticker, the page's foot, comments, or another article.
  bool is_elsewhere(std::uint32_t node) const;
  /// In comments or among related stories.
  bool is_of_others(std::uint32_t node) const;

 private:
  void find_headline(std::string_view headline);
  void find_story();
  bool is_named(std::uint32_t node, std::span<const std::string_view> names) const;
  bool has_title(std::uint32_t begin, std::uint32_t end) const;
  bool is_of_other(std::uint32_t box, std::uint32_t node) const;
  bool holds(std::uint32_t element, std::uint32_t node) const;

  const dom::Document& document_;
  std::uint32_t headline_ = 0;
  std::uint32_t story_ = dom::kNoNode;
  std::uint32_t article_ = dom::kNoNode;  // behind a headline that stands outside of it
};

}  // namespace vigie::extractor::metadata
