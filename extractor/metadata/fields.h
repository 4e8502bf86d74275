#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "extractor/metadata/date.h"

namespace vigie::extractor::metadata {

/// What is read of a page, each by a rule of its own.
enum class Field : std::uint8_t {
  kTitle,
  kAuthors,
  kPublished,
  kModified,
  kCanonicalUrl,
  kSiteName,
  kDescription,
  kSection,
  kImage,
  kImageCaption,
  kImageCredit,
  kTags,
  kDeclaredLanguage,
  kPaywall,
  kLicence,
  kPageType,
};

/// As claims and `vigie extract --explain` call it.
constexpr std::string_view field_name(Field field) {
  constexpr std::array kNames = std::to_array<std::string_view>(
      {"title", "authors", "published", "modified", "canonical_url", "site", "description",
       "section", "image", "image_caption", "image_credit", "tags", "declared_lang", "paywall",
       "licence", "page_type"});
  static_assert(kNames.size() == static_cast<std::size_t>(Field::kPageType) + 1);
  return kNames[static_cast<std::size_t>(field)];
}

template <Field F>
struct FieldValue {
  using Type = std::string;
};
template <>
struct FieldValue<Field::kAuthors> {
  using Type = std::vector<std::string>;
};
template <>
struct FieldValue<Field::kTags> {
  using Type = std::vector<std::string>;
};
template <>
struct FieldValue<Field::kPublished> {
  using Type = std::optional<Date>;
};
template <>
struct FieldValue<Field::kModified> {
  using Type = std::optional<Date>;
};
template <Field F>
using ValueOf = typename FieldValue<F>::Type;

/// A value that knows whose it is: one of another field cannot be put in its place, and a plain
/// text only where the field is named.
template <Field F>
class Of : public ValueOf<F> {
 public:
  Of() = default;
  explicit Of(ValueOf<F> value) : ValueOf<F>(std::move(value)) {}
};

}  // namespace vigie::extractor::metadata
