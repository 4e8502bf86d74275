#pragma once

#include <cstdint>
#include <vector>

#include "extractor/dom/document.h"

namespace vigie::extractor::content {

/// What holds for a node because of itself or of an element around it.
enum State : std::uint8_t {
  kInLink = 1U << 0,
  kIsHidden = 1U << 1,
  kInPruned = 1U << 2,  // boilerplate by name or element
  kInCaption = 1U << 3,
  kInHeading = 1U << 4,
  kInList = 1U << 5,
  kInTable = 1U << 6,
  kInQuote = 1U << 7,
};

/// A run of text that stands on lines of its own.
struct Block {
  std::uint32_t container = 0;  // nearest block element
  std::uint32_t first = 0;      // text nodes [first, last]
  std::uint32_t last = 0;
  dom::Tag tag = dom::Tag::kDiv;  // of the container
  std::uint8_t state = 0;
  // letters; one that needs three bytes or more counts twice (Han, kana, Thai say more with less)
  std::uint32_t weight = 0;
  std::uint32_t link_weight = 0;    // of them in links
  std::uint32_t hidden_weight = 0;  // of them in hidden elements
  std::uint32_t commas = 0;         // commas and ends of sentences
  std::uint32_t sentence_ends = 0;
  std::uint32_t links = 0;  // runs of text in links

  bool is_hidden() const { return hidden_weight * 2 > weight; }
  double link_density() const {
    return weight == 0 ? 0.0 : static_cast<double>(link_weight) / weight;
  }
};

/// The page as a list of blocks, in order, with what the names of elements say.
struct BlockList {
  std::vector<Block> blocks;
  std::vector<std::uint32_t> hints;  // of each node, its own (Hint)
  // of each block element: tag and class as one number; elements of one style sheet's making have
  // it in common
  std::vector<std::uint32_t> looks;
  std::vector<std::uint8_t> state;  // of each node (State), inherited
  // of each node: index of the first block at or after its start
  std::vector<std::uint32_t> first_block;
  std::vector<std::uint32_t> end_block;  // of each node: one past its last block
};

BlockList make_blocks(const dom::Document& document);

}  // namespace vigie::extractor::content
