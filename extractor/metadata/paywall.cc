#include "extractor/metadata/paywall.h"

#include <string>

#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::string_view kName = "isaccessibleforfree";
constexpr std::size_t kMostWord = 100;  // bytes

// "isAccessibleForFree", or with the vocabulary in front.
bool names_access(const dom::SourceTag& tag) {
  for (const std::string_view attribute : {"itemprop", "property"}) {
    const std::string_view value =
        text::trim(dom::find_attribute(tag, attribute).value_or(std::string_view{}));
    if (value.size() >= kName.size() &&
        text::ascii_iequals(value.substr(value.size() - kName.size()), kName))
      return true;
  }
  return false;
}

std::optional<bool> said_by(const dom::SourceTag& tag) {
  for (const std::string_view attribute : {"content", "href", "resource", "value"}) {
    const auto value = dom::find_attribute(tag, attribute);
    if (value) return truth_of_word(*value);
  }
  return std::nullopt;
}

}  // namespace

std::optional<bool> truth_of_word(std::string_view word) {
  std::string lower = text::ascii_lower(text::trim(word.substr(0, kMostWord)));
  lower.erase(0, lower.find_last_of("/:#") + 1);
  if (lower == "false" || lower == "no" || lower == "n" || lower == "0" || lower == "f")
    return false;
  if (lower == "true" || lower == "yes" || lower == "y" || lower == "1" || lower == "t")
    return true;
  return std::nullopt;
}

std::optional<bool> free_by_microdata(const dom::Document& document) {
  std::optional<bool> out;
  const auto take = [&](std::optional<bool> said) {
    if (said) out = out.value_or(true) && *said;
  };
  for (const auto* list : {&document.metas, &document.links}) {
    for (const dom::SourceTag& tag : *list) {
      if (names_access(tag)) take(said_by(tag));
    }
  }
  for (std::uint32_t i = 0; i < document.nodes.size(); ++i) {
    const dom::Node& node = document.nodes[i];
    if (node.tag == dom::Tag::kText || node.source == dom::kNoNode) continue;
    const dom::SourceTag& tag = document.tags[node.source];
    if (!names_access(tag)) continue;
    const std::optional<bool> said = said_by(tag);
    take(said ? said : truth_of_word(document.text_of(i, kMostWord)));
  }
  return out;
}

}  // namespace vigie::extractor::metadata
