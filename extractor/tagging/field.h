#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "platform/text/fold.h"
#include "platform/topic_packs/pattern.h"

namespace vigie::extractor::tagging {

/// A title or a text, folded once, with what matching asks of it.
class Field {
 public:
  explicit Field(std::string_view source);

  std::string_view folded() const { return folded_.text; }
  std::uint32_t words() const { return static_cast<std::uint32_t>(word_starts_.size()); }
  /// Number of the word that holds or follows a folded byte.
  std::uint32_t word_at(std::uint32_t folded_offset) const;
  /// Source span of folded bytes.
  std::pair<std::uint32_t, std::uint32_t> span(std::uint32_t begin, std::uint32_t end) const {
    return folded_.span(begin, end);
  }

  /// Whether `phrase`, whose first literal stands at folded byte `begin`, matches there; then the
  /// folded span of all its words.
  bool matches(const topic_packs::Phrase& phrase, std::uint32_t begin, std::uint32_t& match_begin,
               std::uint32_t& match_end) const;

 private:
  bool chunk_at(const topic_packs::Chunk& chunk, std::size_t begin, std::size_t& word_begin,
                std::size_t& end) const;

  std::string_view source_;
  text::Folded folded_;
  std::vector<std::uint32_t> word_starts_;
};

}  // namespace vigie::extractor::tagging
