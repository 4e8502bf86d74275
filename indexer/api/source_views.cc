#include "indexer/api/source_views.h"

#include <algorithm>
#include <utility>

#include "indexer/api/source_words.h"
#include "indexer/api/views.h"

namespace vigie::indexer::api {
namespace {

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json strings(const google::protobuf::RepeatedPtrField<std::string>& values) {
  Json out = Json::array();
  for (const std::string& value : values) out.push(value);
  return out;
}

std::vector<std::string> vector_of(const google::protobuf::RepeatedPtrField<std::string>& values) {
  return {values.begin(), values.end()};
}

Json failures_json(const v1::SourceStatus& source) {
  std::vector<const v1::ReasonCount*> most;
  for (const v1::ReasonCount& error : source.errors()) most.push_back(&error);
  std::ranges::stable_sort(most, std::greater(), [](const auto* one) { return one->count(); });
  Json out = Json::array();
  for (const v1::ReasonCount* error : most)
    out.push(Json::object({{"reason", error->reason()},
                           {"count", static_cast<std::int64_t>(error->count())},
                           {"words", words_of_reason(error->reason())}}));
  return out;
}

Json listing_json(const v1::FoundListing& found, const std::vector<sources::Known>& known) {
  Json latest = Json::array();
  for (const v1::FoundItem& item : found.latest())
    latest.push(Json::object({{"url", item.url()},
                              {"title", or_null(item.title())},
                              {"published", or_null(item.published())}}));
  const auto owner = std::ranges::find_if(known, [&](const sources::Known& one) {
    return std::ranges::find(one.addresses, found.url()) != one.addresses.end();
  });
  return Json::object(
      {{"kind", found.kind()},
       {"url", found.url()},
       {"title", or_null(found.title())},
       {"language", or_null(found.language())},
       {"looked_at", found.looked_at()},
       {"items", static_cast<std::int64_t>(found.items())},
       {"latest", std::move(latest)},
       {"reason", or_null(found.reason())},
       {"words", found.reason().empty() ? Json() : Json(words_of_reason(found.reason()))},
       {"polled_by",
        owner == known.end() ? Json() : Json::object({{"id", owner->id}, {"name", owner->name}})}});
}

}  // namespace

Json source_edit_json(const v1::SourceEdit& edit) {
  const v1::Source& source = edit.source();
  return Json::object({{"id", edit.id()},
                       {"revision", static_cast<std::int64_t>(edit.revision())},
                       {"own", edit.own()},
                       {"fields", strings(edit.fields())},
                       {"name", or_null(source.name())},
                       {"homepage", or_null(source.homepage())},
                       {"feeds", strings(edit.feeds())},
                       {"sitemaps", strings(edit.sitemaps())},
                       {"sections", strings(edit.sections())},
                       {"country", or_null(source.country())},
                       {"language", or_null(source.language())},
                       {"kind", or_null(source.kind())},
                       {"affiliation", or_null(source.affiliation())},
                       {"poll_every_s", static_cast<std::int64_t>(edit.poll_every_s())},
                       {"created", time_json(edit.created_at_unix_ms())},
                       {"changed", time_json(edit.changed_at_unix_ms())},
                       {"made_by", or_null(edit.made_by())}});
}

void add_source_details(const v1::SourceStatus& source, bool paused, std::int64_t now_unix_ms,
                        Json& out) {
  out.set("sentence", sentence_of(source, paused, now_unix_ms));
  out.set("feed_urls", strings(source.feed_urls()));
  out.set("sitemap_urls", strings(source.sitemap_urls()));
  out.set("section_urls", strings(source.section_urls()));
  out.set("poll_every_s", static_cast<std::int64_t>(source.poll_every_s()));
  out.set("listed_at", or_null(source.listed_at()));
  out.set("failures", failures_json(source));
}

Json discovery_json(const v1::DiscoveryResponse& response,
                    const std::vector<sources::Known>& known) {
  Json found = Json::array();
  for (const v1::FoundListing& listing : response.found()) found.push(listing_json(listing, known));
  return Json::object(
      {{"url", response.url()},
       {"name", or_null(response.name())},
       {"homepage", or_null(response.homepage())},
       {"language", or_null(response.language())},
       {"country", or_null(response.country())},
       {"country_from", or_null(response.country_from())},
       {"robots", response.robots()},
       {"robots_detail", or_null(response.robots_detail())},
       {"found", std::move(found)},
       {"reason", or_null(response.reason())},
       {"words", response.reason().empty() ? Json() : Json(words_of_reason(response.reason()))},
       {"detail", or_null(response.detail())}});
}

sources::OpmlSource opml_source(const v1::SourceStatus& source) {
  return {source.source_id(),
          source.name(),
          source.homepage(),
          vector_of(source.feed_urls()),
          vector_of(source.sitemap_urls()),
          vector_of(source.section_urls()),
          source.country(),
          source.language(),
          source.kind(),
          source.affiliation(),
          source.poll_every_s()};
}

sources::Draft draft_of(const sources::OpmlSource& source, std::string made_by) {
  sources::Draft out;
  out.name = source.name;
  out.homepage = source.homepage;
  out.feeds = source.feeds;
  out.sitemaps = source.sitemaps;
  out.sections = source.sections;
  out.country = source.country;
  out.language = source.language;
  out.kind = source.kind;
  out.affiliation = source.affiliation;
  out.poll_every_s = source.poll_every_s;
  out.made_by = std::move(made_by);
  return out;
}

}  // namespace vigie::indexer::api
