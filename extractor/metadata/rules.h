#pragma once

#include "extractor/metadata/field_rule.h"
#include "extractor/metadata/page.h"

/// The rules of the fields that are more than a line of text. Those of lines stand in metadata.cc.
namespace vigie::extractor::metadata {

// publication.cc
extern const FieldRule<Field::kPublished> kPublished;
extern const FieldRule<Field::kModified> kModified;
// bylines.cc
extern const FieldRule<Field::kAuthors> kAuthors;

/// A meta tag of that name, under "meta:" and the name.
template <Field F>
void meta_line(Page& page, std::string_view name, FieldClaims<F>& to) {
  to.offer("meta:" + std::string(name), page.meta().first(name));
}

/// Text of the page's JSON-LD.
template <Field F, std::string JsonLd::*Member>
void json_line(Page& page, std::string_view, FieldClaims<F>& to) {
  to.offer("json-ld", page.json().*Member);
}

}  // namespace vigie::extractor::metadata
