#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"
#include "extractor/metadata/story_place.h"

namespace vigie::extractor::genre {

/// A short line of the page, and where it stands.
struct Line {
  std::string text;
  std::uint32_t node = 0;
};

/// The short lines around a headline, as the page has them. Lines are gathered cheaply, by a
/// bounded number of nodes; whether one belongs to the story is asked of the few that say
/// something. The document must outlive it. Not thread-safe.
class Neighbourhood {
 public:
  Neighbourhood(const dom::Document& document, const std::string& headline);

  /// The headline's own element in one line; empty: none.
  const std::string& heading() const { return heading_; }
  /// What may be its kicker, rubric or label: by what the element is called, short parts of the
  /// headline, and the last lines in front of it.
  std::vector<Line> kickers() const;
  /// Items of the path of sections.
  std::vector<std::string> crumbs() const;
  /// Short lines behind the headline.
  std::vector<Line> lines() const;
  /// The last lines of the story's element.
  std::vector<std::string> feet() const;
  /// The lines that follow a paragraph of the story, as the boxes beneath it have them.
  std::vector<Line> behind(std::string_view paragraph) const;

  /// What stands around the first "ISBN" of the story, in one line; empty: it names none.
  std::string book_record() const;

  /// Whether what stands there is a label of the story: not of a menu, a sidebar, an advertisement,
  /// comments or another story.
  bool is_label(const Line& line) const;
  /// Whether it belongs to the story.
  bool is_of_story(const Line& line) const;

 private:
  void add_named(std::vector<Line>& out) const;
  void add_parts_of_heading(std::vector<Line>& out) const;
  void add_lines_in_front(std::vector<Line>& out) const;
  bool is_called(std::uint32_t node, std::span<const std::string_view> names) const;
  bool is_inside(std::uint32_t node, dom::Tag tag) const;
  bool is_beside_headline(std::uint32_t node, int most_levels) const;
  bool is_of_menu(std::uint32_t node) const;
  bool leads_to_comments(std::uint32_t node) const;
  std::string line_of(std::uint32_t node, std::size_t most) const;

  const dom::Document& document_;
  metadata::StoryPlace place_;
  std::uint32_t head_ = 0;
  std::uint32_t end_ = 0;
  std::string heading_;
};

}  // namespace vigie::extractor::genre
