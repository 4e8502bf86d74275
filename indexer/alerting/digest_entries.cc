#include "indexer/alerting/digest_entries.h"

#include <algorithm>

#include "indexer/alerting/alerts.h"
#include "indexer/analysis/analysis.h"
#include "indexer/analysis/first.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::alerting {
namespace {

constexpr std::size_t kSentenceBytes = 1'000;
constexpr std::size_t kTitleBytes = 500;

using Members = std::vector<const v1::AlertGroup*>;  // of one entry

/// What the alerts of one entry have in common.
std::string key_of(const v1::AlertGroup& group, const Events& events) {
  // Of a day, not of the happening that its newest article tells of.
  if (group.has_spike()) return "alert/" + group.delivery_id();
  if (!group.reach().event_id().empty()) return "event/" + group.reach().event_id();
  const v1::ArticleSummary& article = group.article();
  if (const auto known = events.find(article.article_id()); known != events.end())
    return "event/" + known->second;
  if (!article.event_id().empty()) return "event/" + article.event_id();
  if (!article.story_id().empty()) return "story/" + article.story_id();
  return "alert/" + group.delivery_id();
}

v1::DigestArticle other_of(const v1::AlertGroup& group) {
  const v1::ArticleSummary& article = shown_article(group);
  v1::DigestArticle out;
  out.set_alert_id(group.delivery_id());
  out.set_article_id(article.article_id());
  out.set_url(article.url());
  out.set_title(text::ellipsize(article.title(), kTitleBytes));
  out.set_language(article.language());
  out.set_source(article.source().name());
  out.set_time_unix_ms(analysis::first_time_unix_ms(
      article.published_unix_ms(), article.published(), article.discovered_at_unix_ms()));
  return out;
}

v1::DigestEntry entry_of(const std::string& key, Members members) {
  std::stable_sort(members.begin(), members.end(), [](const auto* a, const auto* b) {
    return analysis::is_earlier(shown_article(*a), shown_article(*b));
  });
  const v1::AlertGroup& first = *members.front();
  v1::DigestEntry out;
  if (key.starts_with("event/")) out.set_event_id(key.substr(std::string("event/").size()));
  *out.mutable_article() = shown_article(first);
  out.mutable_article()->clear_topics();
  out.mutable_article()->clear_actors();
  out.mutable_article()->set_title(text::ellipsize(out.article().title(), kTitleBytes));
  out.mutable_article()->set_snippet(text::ellipsize(out.article().snippet(), kSentenceBytes));
  const auto& evidence = shown_evidence(first);
  const std::string& sentence = first.has_spike()  ? first.spike().sentence()
                                : evidence.empty() ? out.article().snippet()
                                                   : evidence.begin()->sentence();
  out.set_sentence(text::ellipsize(sentence, kSentenceBytes));
  if (first.has_spike()) *out.mutable_spike() = first.spike();
  std::uint64_t articles = 0;
  for (const v1::AlertGroup* member : members) {
    articles += static_cast<std::uint64_t>(std::max(1, member->match_ids_size()));
    if (static_cast<std::size_t>(out.alert_ids_size()) < kMaxEntries)
      out.add_alert_ids(member->delivery_id());
    if (member != &first && static_cast<std::size_t>(out.others_size()) < kMaxOthers)
      *out.add_others() = other_of(*member);
  }
  out.set_articles(articles);
  return out;
}

}  // namespace

void say_reach(const Reach& reach, v1::Digest& digest) {
  if (!reach) return;
  std::size_t asked = 0;
  for (v1::DigestEntry& entry : *digest.mutable_entries()) {
    if (entry.event_id().empty()) continue;
    if (++asked > kMaxReached) break;
    if (const auto found = reach(entry.event_id())) *entry.mutable_reach() = *found;
  }
}

void fill_entries(const std::vector<v1::AlertGroup>& groups, const Events& events,
                  v1::Digest& digest) {
  std::vector<std::pair<std::string, Members>> entries;  // in the order of their newest match
  std::map<std::string, std::size_t> places;
  std::uint64_t articles = 0;
  for (const v1::AlertGroup& group : groups) {
    std::string key = key_of(group, events);
    const auto [place, fresh] = places.emplace(key, entries.size());
    if (fresh) entries.emplace_back(std::move(key), Members());
    entries[place->second].second.push_back(&group);
    articles += static_cast<std::uint64_t>(std::max(1, group.match_ids_size()));
  }
  std::size_t bytes = 0;
  std::size_t shown = 0;
  for (; shown < entries.size() && shown < kMaxEntries; ++shown) {
    v1::DigestEntry entry = entry_of(entries[shown].first, std::move(entries[shown].second));
    bytes += entry.ByteSizeLong();
    if (shown > 0 && bytes > kMaxEntryBytes) break;
    *digest.add_entries() = std::move(entry);
  }
  digest.set_further(entries.size() - shown);
  digest.set_alerts(groups.size());
  digest.set_articles(articles);
}

}  // namespace vigie::indexer::alerting
