#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "extractor/metadata/claims.h"
#include "extractor/metadata/fields.h"

namespace vigie::extractor::metadata {

class Page;

/// One place of a page that a field is read from.
template <Field F>
struct Carrier {
  // what of the place: the name of a meta tag, an attribute, a header; else how claims call it
  std::string_view key;
  // offers what stands there under the name of the carrier
  void (*read)(Page& page, std::string_view key, FieldClaims<F>& to);
};

/// How a field is read: where, best first, and what is done to the value that wins.
template <Field F>
struct FieldRule {
  std::span<const Carrier<F>> carriers;
  ValueOf<F> (*clean)(ValueOf<F> value, Page& page) = nullptr;
};

/// Reads a field by its rule. The carrier of the winner is the result, empty where nothing won.
template <Field F>
std::string read(const FieldRule<F>& rule, Page& page, Claims& claims, Of<F>& to) {
  FieldClaims<F> offers(claims, to);
  for (const Carrier<F>& carrier : rule.carriers) {
    if (!offers.wants()) break;
    carrier.read(page, carrier.key, offers);
  }
  if (rule.clean != nullptr) to = Of<F>(rule.clean(std::move(to), page));
  return offers.carrier();
}

}  // namespace vigie::extractor::metadata
