#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "extractor/content/block_rules.h"
#include "extractor/content/blocks.h"
#include "extractor/content/region.h"
#include "extractor/dom/document.h"

namespace vigie::extractor::content {

/// What the chooser knows of a block. The order is that of kFeatureNames and of the weights;
/// append, never reorder.
inline constexpr std::array kFeatureNames = std::to_array<std::string_view>({
    // The block itself.
    "log_weight",
    "link_density",
    "links",
    "commas",
    "sentence_ends",
    "ends_as",
    "begins_as",
    "digits",
    "capitals",
    "element",
    "heading_level",
    "in_list",
    "in_table",
    "in_quote",
    "in_caption",
    "data_cell",
    "marks",
    "words_per_letter",
    // What the rules say of it.
    "kept",
    "within",
    "pruned",
    "label",
    "request",
    "timestamp",
    "before_or_behind",
    "repeated",
    // What the elements around it are and call themselves.
    "in_body_name",
    "in_article_name",
    "in_boilerplate_name",
    "in_comments_name",
    "in_caption_name",
    "in_lead_name",
    "in_article",
    "in_main",
    "in_boilerplate_element",
    "in_header",
    "in_container",
    "depth_below_container",
    "own_name_hints",
    // Blocks that look the same: element and class of the container and of its parent.
    "alike_kept",
    "alike_share",
    "alike_count",
    "alike_links",
    // The parent.
    "parent_prose",
    "parent_links",
    "parent_blocks",
    // Before and behind.
    "previous_kept",
    "previous_weight",
    "previous_links",
    "previous_alike",
    "next_kept",
    "next_weight",
    "next_links",
    "next_alike",
    "kept_around",
    "distance_before",
    "distance_behind",
    "kept_before",
    "kept_behind",
    "behind_headline",
    "since_heading",
    "under_label",
    // The page.
    "page_prose",
    "region_share",
    "kept_prose",
    "mean_paragraph",
    // Other carriers.
    "in_json_body",
    "is_description",
});
inline constexpr std::size_t kFeatureCount = kFeatureNames.size();
using Features = std::array<float, kFeatureCount>;

/// What other carriers say of the text, squeezed.
struct OtherCarriers {
  std::string_view json_body;
  std::string_view description;
};

/// One set of features a block; zeros for blocks that are no candidates. Linear in nodes, blocks
/// and bytes.
std::vector<Features> features_of(const dom::Document& document, const BlockList& list,
                                  const Region& region, const std::vector<Line>& lines,
                                  const OtherCarriers& others);

}  // namespace vigie::extractor::content
