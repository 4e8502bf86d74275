#include "indexer/service/digest_events.h"

#include <algorithm>
#include <set>

#include "platform/logging/logging.h"
#include "proto/log_topics.h"

namespace vigie::indexer::service {
namespace {

constexpr std::size_t kMostAsked = 400;  // articles, which come whole; the newest come first

}  // namespace

alerting::Events events_of(const search::Index& index, log::Log& log,
                           const std::vector<std::string>& article_ids) {
  alerting::Events out;
  const auto partitions = log.partitions(proto::Topic::kArticles);
  if (!partitions) return out;
  search::Listing asked;
  const std::size_t count = std::min(article_ids.size(), kMostAsked);
  asked.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    asked.add(article_ids[i], proto::partition_of(article_ids[i], *partitions));
  const auto found = index.articles(asked, 0, count);
  if (!found) {
    logging::warn("a digest goes without events", {{"error", found.error().to_string()}});
    return out;
  }
  for (const search::ArticleView& view : *found) {
    if (!view.event_id.empty()) out[view.article.article_id()] = view.event_id;
  }
  return out;
}

std::optional<v1::EventReach> reach_of(const search::Index& index, const std::string& event_id) {
  const auto members = index.reports(event_id);
  if (!members) {
    logging::warn("an alert goes without saying how far its event is reported",
                  {{"event", event_id}, {"error", members.error().to_string()}});
    return std::nullopt;
  }
  if (members->empty()) return std::nullopt;
  std::set<std::string> languages;
  std::set<std::string> sources;
  for (const search::Copy& member : *members) {
    if (!member.article.language().empty()) languages.insert(member.article.language());
    if (!member.article.source().id().empty()) sources.insert(member.article.source().id());
  }
  v1::EventReach out;
  out.set_event_id(event_id);
  out.set_articles(members->size());
  for (const std::string& language : languages) out.add_languages(language);
  out.set_sources(sources.size());
  return out;
}

}  // namespace vigie::indexer::service
