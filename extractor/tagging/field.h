#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "extractor/tagging/compiled_packs.h"
#include "platform/text/matchable.h"

namespace vigie::extractor::tagging {

/// A title or a text, laid out once, with what matching asks of it. Offsets are bytes of laid().
class Field {
 public:
  explicit Field(std::string_view source) : source_(source), matchable_(text::matchable(source)) {}

  std::string_view laid() const { return matchable_.text; }
  std::uint32_t words() const { return matchable_.words; }
  std::uint32_t scripts() const { return matchable_.scripts; }
  /// Source span of an occurrence.
  std::pair<std::uint32_t, std::uint32_t> span(std::uint32_t begin, std::uint32_t end) const {
    return text::source_span(source_, matchable_, begin, end);
  }

  /// Whether `phrase`, whose leading literal was found at byte `hit`, matches there; then its span,
  /// with the whole words that it is a part of.
  bool matches(const CompiledPhrase& phrase, std::string_view rest, std::string_view exact,
               std::uint32_t hit, std::uint32_t& begin, std::uint32_t& end) const;

  /// Words between two bytes, or -1 if there are more than `most` or a sentence ends between them.
  int words_between(std::uint32_t left, std::uint32_t right, int most) const;

 private:
  bool left_holds(topic_packs::Left left, std::size_t hit, std::size_t& begin) const;
  bool rest_holds(std::string_view rest, std::size_t& at) const;
  bool is_written_so(std::string_view exact, std::size_t begin, std::size_t end) const;

  std::string_view source_;
  text::Matchable matchable_;
};

}  // namespace vigie::extractor::tagging
