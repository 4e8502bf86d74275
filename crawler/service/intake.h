#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "crawler/feeds/listing.h"
#include "crawler/frontier/due_clock.h"
#include "crawler/frontier/forgetting.h"
#include "crawler/frontier/partition_owner.h"
#include "crawler/queue/domain_queues.h"
#include "crawler/service/fetches_in_hand.h"
#include "crawler/service/hourly_shares.h"
#include "crawler/service/metrics.h"
#include "crawler/service/outbox.h"
#include "crawler/service/report.h"
#include "crawler/sources/source_states.h"
#include "crawler/websub/hub_feeds.h"
#include "platform/result/result.h"
#include "platform/url/url.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler::service {

/// Which URLs the frontier takes in, hands over and forgets. URLs of domains that this crawler owns
/// become states; others are handed to the crawler that owns them, through the log. One thread.
/// Errors, of all: of the log and the store.
class Intake {
 public:
  /// All must outlive it.
  struct Seams {
    frontier::PartitionOwner& owner;
    queue::DomainQueues& queues;
    FetchesInHand& fetches;
    sources::SourceStates& sources;
    Outbox& outbox;
    websub::HubFeeds& feeds;
    CrawlerMetrics& metrics;
    Report& report;
    const frontier::DueClock& clock;
  };
  Intake(Seams seams, std::uint64_t max_urls) : seams_(seams), forgetting_(max_urls) {}

  /// Takes what the listing of a fetch names, which then waits for its records. A URL that is
  /// handed over is told once, and again when the listing announces a change of it. Out: how many
  /// were new; what was handed over stands in `fetch.served`.
  Result<std::size_t> discover(FetchInHand& fetch, std::vector<feeds::ListedItem> items);
  /// Hands a URL to the crawler that owns its domain. The fetch waits for the record. `why`: a
  /// value of the label of vigie_crawler_handed_over_total.
  Result<void> hand_over(FetchInHand& fetch, const v1::Discovery& discovery, std::string_view why);
  /// A URL that another crawler found, or that stood in another partition. It is known, or new
  /// here; then the record that told of it is removed.
  Result<void> take_up(std::int32_t partition, v1::Discovery discovery);
  /// The final URL of a page is known from now on, with the page's state.
  Result<void> remember_alias(const std::string& alias, v1::UrlState page);

  /// Whether a URL is being fetched.
  bool in_hand(std::string_view url) const { return seams_.fetches.has_url(url); }

  /// Sees to it that the URLs of the source files are polled, where their domain is owned.
  Result<void> poll_all_listed();
  Result<void> poll_listed_in(std::int32_t partition);
  /// Somebody asked that a source is polled once after this time.
  Result<void> poll_source(const std::string& source_id, std::int64_t asked_at_unix_ms);
  /// What was set aside because its source was paused or gone is due again, where it may be.
  Result<void> unpark();

  /// Moves records that stand in the wrong partition by the suffix list of this process.
  Result<void> move_misplaced();
  /// URLs that are left in a record of new URLs for long get records of their own.
  Result<void> dissolve_old();
  /// Forgets finished pages while there are too many URLs. `may_forget`: false only looks.
  Result<void> forget_some(bool may_forget);
  /// The partitions have gone.
  void let_go() { forgetting_.let_go(); }

 private:
  /// A URL of a listing: its normal form, the domain of that, and as it was written.
  struct Named {
    std::string url;
    std::string domain;
    url::Url written;
  };
  Result<bool> discover_own(const FetchInHand& fetch, const frontier::Frontier::NewFrom& from,
                            Named named, feeds::ListedItem item);
  Result<bool> discover_other(FetchInHand& fetch, Named named, feeds::ListedItem item);
  bool may_take_new(const FetchInHand& fetch);
  Result<void> name_again(v1::UrlState known, const v1::FeedItem* item,
                          const std::string& fetch_url);
  Result<void> poll_listed(const std::string& url, const sources::ListedUrl& listed);
  frontier::Frontier& frontier() { return seams_.owner.frontier(); }

  Seams seams_;
  HourlyShares shares_;
  // when people asked that a source is polled: also of partitions that are given later
  std::map<std::string, std::int64_t> poll_asked_;
  frontier::Forgetting forgetting_;
};

/// What a discovery is told apart by, in UrlState.handed_over: its URL and what its feed says of
/// changes.
std::uint64_t print_of(const v1::Discovery& discovery);

}  // namespace vigie::crawler::service
