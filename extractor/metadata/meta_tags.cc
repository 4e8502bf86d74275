#include "extractor/metadata/meta_tags.h"

#include <optional>

#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostValueBytes = 4096;
constexpr std::size_t kMostNameBytes = 100;

std::string line_of(std::string_view raw) {
  return text::collapse_spaces(dom::decoded(text::prefix(raw, kMostValueBytes), true));
}

}  // namespace

MetaTags::MetaTags(const dom::Document& document) {
  for (const dom::SourceTag& meta : document.metas) {
    const std::optional<std::string_view> content = dom::find_attribute(meta, "content");
    if (!content || content->empty()) continue;
    for (const std::string_view attribute : {"property", "name", "itemprop", "http-equiv"}) {
      const std::optional<std::string_view> name = dom::find_attribute(meta, attribute);
      if (name && !name->empty())
        values_[text::ascii_lower(text::trim(name->substr(0, kMostNameBytes)))].push_back(*content);
    }
  }
}

std::string MetaTags::first(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string{} : line_of(found->second.front());
}

std::string MetaTags::first_of(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    std::string value = first(name);
    if (!value.empty()) return value;
  }
  return {};
}

std::vector<std::string> MetaTags::all(std::string_view name) const {
  std::vector<std::string> out;
  const auto found = values_.find(name);
  if (found == values_.end()) return out;
  for (const std::string_view value : found->second) out.push_back(line_of(value));
  return out;
}

}  // namespace vigie::extractor::metadata
