#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"

namespace vigie::extractor::content {

/// What other stages know of the page.
struct Hints {
  std::string_view title = {};  // headline, to leave it out of the text
  // JSON-LD articleBody, plain text; a candidate, never the truth
  std::string_view article_body = {};
  std::string_view description = {};  // what the page says it is about
};

/// What a paragraph of the main text is.
enum class PartKind : std::uint8_t {
  kParagraph,
  kHeading,
  kListItem,
  kQuote,
  kTableCell,
  kPreformatted
};

/// A link of the page inside a paragraph.
struct Link {
  std::uint32_t offset = 0;  // bytes of the paragraph
  std::uint32_t length = 0;
  std::string url;  // as written
};

struct Part {
  PartKind kind = PartKind::kParagraph;
  std::uint8_t level = 0;  // of a heading, 1 to 6
  std::uint32_t row = 0;   // of a table cell: cells of one row have the number in common
  std::vector<Link> links;
};

// bytes between two paragraphs of a text: one blank line
inline constexpr std::size_t kParagraphGap = 2;

/// The main text and where it stood.
struct MainText {
  // one line each, NFC, not empty, in order; without the headline
  std::vector<std::string> paragraphs;
  std::vector<Part> parts;      // of each paragraph
  std::uint32_t container = 0;  // node that holds most of it
  // first and last text node that was taken; both 0 where there is none
  std::uint32_t first_node = 0;
  std::uint32_t last_node = 0;
  std::string_view found_by;  // the way that was taken, in words: a constant

  /// Paragraphs with one blank line between.
  std::string text() const;
};

/// A block of the page and what became of it.
struct TracedBlock {
  std::string text;  // empty where nobody looked at it
  // name of the element that holds it, as written; empty if no tag of the page made it
  std::string element;
  std::string_view reason;  // why it was left out, in words; "kept"
  double likelihood = 0;    // as the chooser sees it, 0 to 1
  bool is_candidate = false;
  bool is_heading = false;
  bool is_headline = false;
  bool kept = false;
};

/// One way to find the text, and how much it found.
struct TracedCandidate {
  std::string name;
  std::size_t paragraphs = 0;
  std::size_t bytes = 0;
};

/// Why the main text is what it is. Views point to constants.
struct Trace {
  std::vector<TracedCandidate> candidates;  // that were tried, in order
  std::string_view winner;                  // name of one of them
  std::vector<TracedBlock> blocks;          // every block of the page, in order
  // of each block, as named in features.h: what the chooser is trained on
  std::vector<std::vector<float>> features;
  std::vector<std::string_view> by_rules;  // of each block: what the rules alone said
};

/// Tree in → main text out. Total, deterministic, linear in nodes and bytes; no paragraphs where
/// the page has no prose.
MainText find_main_text(const dom::Document& document, const Hints& hints = {},
                        Trace* trace = nullptr);

}  // namespace vigie::extractor::content
