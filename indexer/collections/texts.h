#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/result/result.h"
#include "platform/text/utf8.h"
#include "platform/text/visible.h"
#include "proto/collection.pb.h"

/// Texts that people give to a collection. Pure.
namespace vigie::indexer::collections {

/// What somebody typed as several lines: each as text::visible_line, no empty ones at the ends, and
/// at most one between two others.
std::string visible_lines(std::string_view text);

inline constexpr std::size_t kQuotationCodePoints = 2'000;

/// The place of words in the text of an article. Any run of white space counts as any other, since
/// a browser gives a line break for a paragraph's end; what is kept is as the article has it.
/// In:     `article`, valid UTF-8; `near`, in code points: of several places the nearest to it,
/// else
///         the first.
/// Errors (kQuarantine): bad_argument, where the words are none or too many, or do not stand
/// there. Time grows with the length of both texts together.
Result<v1::Quotation> quotation_in(std::string_view article, std::string_view words,
                                   std::optional<std::uint32_t> near);

/// Whether a quotation still stands at its place in a text, which may have been edited since.
bool stands_in(std::string_view article, const v1::Quotation& quotation);

}  // namespace vigie::indexer::collections
