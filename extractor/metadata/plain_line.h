#pragma once

#include <string>
#include <string_view>

namespace vigie::extractor::metadata {

enum class Markup {
  kWritten,  // a value in which elements may have been written
  kShown,    // text that readers see: "30 years of <br>" may be meant
};

/// A value of a carrier as one line of text: elements that were written into it away ("Why
/// <em>Nanoforge</em>"), with what is no tag kept ("List<T>"), invisible characters away, white
/// space collapsed.
std::string plain_line(std::string_view value, Markup markup = Markup::kWritten);

}  // namespace vigie::extractor::metadata
