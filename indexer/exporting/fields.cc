#include <algorithm>
#include <array>

#include "indexer/analysis/analysis.h"
#include "indexer/exporting/rows.h"
#include "platform/dates/dates.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::exporting {
namespace {

using Article = v1::ArticleRecord;
using Story = const std::string;

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json instant(std::int64_t unix_ms) { return unix_ms == 0 ? Json() : Json(dates::rfc3339(unix_ms)); }

Json written(bool known, const v1::WrittenTime& time) {
  if (!known || time.precision() == v1::DATE_PRECISION_NONE) return {};
  return time.text().empty() ? instant(time.unix_ms()) : Json(time.text());
}

template <class Texts>
Json list_of(const Texts& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push(text);
  return out;
}

Json tags(const google::protobuf::RepeatedPtrField<v1::Tag>& all) {
  Json out = Json::array();
  for (const v1::Tag& tag : all) out.push(tag.id());
  return out;
}

Json about(const Article& article, Story& /*story*/) {
  Json out = Json::array();
  for (const auto* list : {&article.topics(), &article.actors()}) {
    for (const v1::Tag& tag : *list) {
      if (tag.level() == v1::TAG_LEVEL_ABOUT) out.push(tag.id());
    }
  }
  return out;
}

Json address(const Article& article, Story& /*story*/) {
  return article.canonical_url().empty() ? article.url() : article.canonical_url();
}

// In the order of columns; those without `by_default` have to be asked for.
struct Known {
  Field field;
  bool by_default;
};
const std::array<Known, 24> kFields{{
    {{"id", [](const Article& a, Story&) { return Json(a.article_id()); }}, true},
    {{"url", address}, true},
    {{"title", [](const Article& a, Story&) { return Json(a.title()); }}, true},
    {{"published",
      [](const Article& a, Story&) { return written(a.has_published(), a.published()); }},
     true},
    {{"modified", [](const Article& a, Story&) { return written(a.has_modified(), a.modified()); }},
     false},
    {{"discovered", [](const Article& a, Story&) { return instant(a.discovered_at_unix_ms()); }},
     true},
    {{"fetched", [](const Article& a, Story&) { return instant(a.fetched_at_unix_ms()); }}, false},
    {{"time", [](const Article& a, Story&) { return instant(analysis::article_time_unix_ms(a)); }},
     true},
    {{"source", [](const Article& a, Story&) { return text_or_null(a.source().id()); }}, true},
    {{"source_name", [](const Article& a, Story&) { return text_or_null(a.source().name()); }},
     true},
    {{"country", [](const Article& a, Story&) { return text_or_null(a.source().country()); }},
     true},
    {{"kind", [](const Article& a, Story&) { return text_or_null(a.source().kind()); }}, true},
    {{"affiliation",
      [](const Article& a, Story&) { return text_or_null(a.source().affiliation()); }},
     true},
    {{"language", [](const Article& a, Story&) { return text_or_null(a.language()); }}, true},
    {{"authors", [](const Article& a, Story&) { return list_of(a.authors()); }}, true},
    {{"section", [](const Article& a, Story&) { return text_or_null(a.section()); }}, true},
    {{"description", [](const Article& a, Story&) { return text_or_null(a.description()); }}, true},
    {{"topics", [](const Article& a, Story&) { return tags(a.topics()); }}, true},
    {{"actors", [](const Article& a, Story&) { return tags(a.actors()); }}, true},
    {{"about", about}, true},
    {{"story", [](const Article&, Story& story) { return text_or_null(story); }}, true},
    {{"tags", [](const Article& a, Story&) { return list_of(a.publisher_tags()); }}, false},
    {{"site", [](const Article& a, Story&) { return text_or_null(a.site_name()); }}, false},
    {{"text", [](const Article& a, Story&) { return Json(a.text()); }}, false},
}};

const Field* find(std::string_view name) {
  const auto* const known = std::find_if(kFields.begin(), kFields.end(),
                                         [&](const Known& one) { return one.field.name == name; });
  return known == kFields.end() ? nullptr : &known->field;
}

tl::unexpected<Error> no_field(std::string_view name) {
  constexpr std::size_t kMaxShownBytes = 64;
  std::vector<std::string_view> names;
  for (const Known& one : kFields) names.push_back(one.field.name);
  return failure(Disposition::kQuarantine, "bad_parameter",
                 "there is no field '" +
                     text::ellipsize(text::to_valid_utf8(name), kMaxShownBytes) +
                     "'; did you mean '" + std::string(text::nearest(name, names)) +
                     "'? There are " + all_field_names());
}

}  // namespace

std::string all_field_names() {
  std::string out;
  for (const Known& one : kFields) out += (out.empty() ? "" : ", ") + std::string(one.field.name);
  return out;
}

Result<std::vector<Field>> fields_named(std::string_view names, bool with_text) {
  std::vector<Field> out;
  const auto add = [&out](const Field& field) {
    const bool there = std::any_of(out.begin(), out.end(),
                                   [&](const Field& one) { return one.name == field.name; });
    if (!there) out.push_back(field);
  };
  for (std::size_t begin = 0; !names.empty() && begin <= names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    const std::string_view name = text::trim(names.substr(begin, end - begin));
    const Field* field = find(name);
    if (field == nullptr) return no_field(name);
    add(*field);
    begin = end + 1;
  }
  if (names.empty()) {
    for (const Known& one : kFields) {
      if (one.by_default) add(one.field);
    }
  }
  if (with_text) add(*find("text"));
  return out;
}

}  // namespace vigie::indexer::exporting
