#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/content/blocks.h"
#include "extractor/content/region.h"
#include "extractor/dom/document.h"

namespace vigie::extractor::content {

/// What the rules make of a block.
enum class Verdict : std::uint8_t {
  kKept,
  kOutside,  // not in the region
  kPruned,   // boilerplate by name or element
  kHidden,
  kCaption,
  kLinks,      // made of links
  kTooShort,   // no paragraph by its element and hardly one by its length
  kPageTitle,  // a first-level heading
  kHeadline,   // says what the headline says
  kLabel,      // stands over things that are no part of the story
  kRequest,    // asks the reader for something
  kTimestamp,
  kRepeated,  // stands on the page before
  kImprint,   // rights and who the publisher is
  kComments,  // behind what stands over the comments of readers
  kBefore,    // in front of the headline
  kBehind,    // behind the heading of other stories
  kUnlikely,  // kept by the rules, left out by the chooser
};

/// In words, for people: "kept", "outside of the article", …
std::string_view words_of(Verdict verdict);

/// A block as a line of text with what the rules say of it. Lines of blocks that nobody asks for
/// have no text.
struct Line {
  std::string text;
  std::string same;  // squeezed: two lines that say the same have it in common
  Verdict verdict = Verdict::kOutside;
  bool is_candidate = false;  // in or near the region, or prose elsewhere: the chooser may take it
  bool is_heading = false;
  bool is_data_cell = false;
  bool is_headline = false;  // as kHeadline, whatever else holds
  bool is_label = false;
  bool is_request = false;
  bool is_appeal = false;  // for money or a subscription; as kRequest, whatever else holds
  bool is_timestamp = false;
  bool is_credit = false;  // of a picture; as kCaption, whatever else holds
  bool is_foot = false;    // as kImprint and kComments, whatever else holds
};

/// One line a block. `title` is the headline.
std::vector<Line> judge_blocks(const dom::Document& document, const BlockList& list,
                               const Region& region, std::string_view title);

}  // namespace vigie::extractor::content
