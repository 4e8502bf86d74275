#include "indexer/delivery/notice.h"

#include "indexer/delivery/delivery.h"

namespace vigie::indexer::delivery {
namespace {

/// The sentence of the text in which words of the query stand, else of whatever field.
const std::string& why(const v1::MatchRecord& match) {
  if (!match.article().snippet().empty()) return match.article().snippet();
  for (const v1::Evidence& evidence : match.evidence()) {
    if (evidence.span().field() == "text" && !evidence.sentence().empty())
      return evidence.sentence();
  }
  static const std::string kNone;
  return match.evidence().empty() ? kNone : match.evidence(0).sentence();
}

/// What is unusual leads; the newest article stands for the day.
void tell_spike(const v1::Spike& spike, NoticeItem& item) {
  if (!item.headline.empty()) item.sentence = "Newest: " + item.headline;
  item.headline = spike.sentence();
}

}  // namespace

void tell_reach(const v1::EventReach& reach, NoticeItem& item) {
  if (reach.articles() < 2) return;  // this one alone
  item.languages = static_cast<std::uint64_t>(reach.languages_size());
  item.sources = reach.sources();
}

Notice notice_of(const Message& message) {
  if (message.notice) return *message.notice;
  const v1::ArticleSummary& article = message.match.article();
  Notice notice;
  notice.kind = message.sample ? Notice::Kind::kSample : Notice::Kind::kAlert;
  notice.subscription_id = message.subscription_id;
  notice.subscription_name = message.subscription_name;
  notice.why = message.subscription_query;
  notice.at_unix_ms = message.match.matched_at_unix_ms();
  NoticeItem& item = notice.items.emplace_back();
  item.headline = article.title();
  item.url = article.url();
  item.source = article.source().name();
  item.language = article.language();
  item.sentence = why(message.match);
  item.first_unix_ms = article.published_unix_ms() > 0 ? article.published_unix_ms()
                                                       : article.discovered_at_unix_ms();
  item.article_id = article.article_id();
  if (message.match.has_spike()) tell_spike(message.match.spike(), item);
  if (message.match.has_reach()) tell_reach(message.match.reach(), item);
  return notice;
}

}  // namespace vigie::indexer::delivery
