#include "indexer/api/search_views.h"

#include <string>
#include <utility>

#include "indexer/api/views.h"

namespace vigie::indexer::api {
namespace {

Json numbers_json(const std::vector<std::int32_t>& numbers) {
  Json out = Json::array();
  for (const std::int32_t number : numbers) out.push(static_cast<std::int64_t>(number));
  return out;
}

Json texts_json(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push(text);
  return out;
}

}  // namespace

Json example_json(const search::Hit& hit) {
  Json out = hit_json(hit.article);
  Json highlights = Json::array();
  for (const auto& [offset, length] : hit.highlights)
    highlights.push(Json::object({{"offset", offset}, {"length", length}}));
  out.set("highlights", std::move(highlights));
  return out;
}

Json reported_json(const search::Hit::Event& event) {
  if (event.articles == 0) return {};
  return Json::object({{"articles", static_cast<std::int64_t>(event.articles)},
                       {"languages", texts_json(event.languages)},
                       {"sources", static_cast<std::int64_t>(event.sources)}});
}

Json search_hit_json(const search::Hit& hit) {
  Json out = example_json(hit);
  out.set("copies", static_cast<std::int64_t>(hit.copies));
  out.set("languages", texts_json(hit.languages));
  out.set("reported", reported_json(hit.event));
  out.set("first", hit.first.article_id().empty() ? Json() : hit_json(hit.first));
  out.set("time", rfc3339(hit.time_unix_ms));
  out.set("score", hit.score);
  return out;
}

Json total_json(const search::SearchPage& page) {
  return Json::object({{"value", static_cast<std::int64_t>(page.total)}, {"exact", page.exact}});
}

Json counts_json(const std::vector<Count>& counts) {
  Json out = Json::array();
  for (const Count& count : counts)
    out.push(
        Json::object({{"value", count.value}, {"count", static_cast<std::int64_t>(count.count)}}));
  return out;
}

Json bins_json(const std::vector<TimelineBin>& bins, bool split, bool single) {
  Json out = Json::array();
  for (const TimelineBin& bin : bins) {
    Json entry = Json::object(
        {{"begin", rfc3339(bin.begin_unix_ms)}, {"count", static_cast<std::int64_t>(bin.count)}});
    if (split) {
      std::vector<Count> known = bin.split;
      std::erase_if(known, [](const Count& count) { return count.value.empty(); });
      entry.set("split", counts_json(known));
      std::uint64_t sum = 0;
      for (const Count& count : known) sum += count.count;
      if (single)
        entry.set("unknown", static_cast<std::int64_t>(bin.count > sum ? bin.count - sum : 0));
    }
    out.push(std::move(entry));
  }
  return out;
}

Json versions_json(const std::vector<StoredVersion>& versions) {
  Json out = Json::array();
  for (const StoredVersion& version : versions) {
    out.push(
        Json::object({{"id", hex(version.version_id)},
                      {"fetched", time_json(version.fetched_at_unix_ms)},
                      {"title", version.article.title()},
                      {"text_bytes", static_cast<std::int64_t>(version.article.text().size())}}));
  }
  return out;
}

void set_coverage(Json& out, const search::Coverage& coverage) {
  out.set("partial", coverage.partial());
  out.set("shards", Json::object({{"total", static_cast<std::int64_t>(coverage.shards)},
                                  {"missing", numbers_json(coverage.missing)},
                                  {"restoring", numbers_json(coverage.restoring)}}));
}

}  // namespace vigie::indexer::api
