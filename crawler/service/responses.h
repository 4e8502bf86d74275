#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "crawler/archive/warc_writer.h"
#include "crawler/feeds/furniture.h"
#include "crawler/feeds/listing.h"
#include "crawler/frontier/due_clock.h"
#include "crawler/frontier/revisit_policy.h"
#include "crawler/service/fetches_in_hand.h"
#include "crawler/service/intake.h"
#include "crawler/service/metrics.h"
#include "crawler/service/options.h"
#include "crawler/service/outbox.h"
#include "crawler/service/report.h"
#include "crawler/service/same_texts.h"
#include "crawler/sources/source_states.h"
#include "crawler/websub/hub_feeds.h"
#include "platform/log/log.h"
#include "platform/net/http_client.h"
#include "platform/page/page.h"
#include "platform/result/result.h"

namespace vigie::crawler::service {

/// How a fetch goes on.
enum class Next {
  kRequest,  // with the request of its next hop
  kLog,      // with finish(), when its records are durable
  kEnded,    // it is over, and its state has been sent
};

/// Turns the responses of fetches into records: pages, discovered URLs, states. What it decides it
/// returns; the caller goes on with the fetch. One thread. Errors, of all: of the log and the
/// store.
class Responses {
 public:
  /// All must outlive it.
  struct Seams {
    log::Log& log;
    frontier::PartitionOwner& owner;
    sources::SourceStates& sources;
    Intake& intake;
    Outbox& outbox;
    websub::HubFeeds& feeds;
    CrawlerMetrics& metrics;
    Report& report;
    const frontier::DueClock& clock;
  };
  Responses(const CrawlerOptions& options, Seams seams);

  /// The response to the URL of a fetch. `free_at_unix_ms`: when the host is to be asked again at
  /// the earliest.
  Result<Next> on_response(FetchInHand& fetch, Result<net::HttpResponse> response,
                           std::int64_t free_at_unix_ms);
  /// What the fetch gave is durable: its state moves on.
  Result<void> finish(FetchInHand& fetch);
  /// The fetch gives nothing: its state says so, and when it is tried again. Of what the fetch
  /// learned nothing else is kept. Of a page that is refused for good, what its feed says of it
  /// goes out first.
  Result<Next> fail(FetchInHand& fetch, const fetch::Failed& failed);

 private:
  void unpack(const v1::UrlState& state, net::HttpResponse& response) const;
  Result<Next> on_redirect(FetchInHand& fetch, fetch::Redirected redirected);
  Result<Next> leave(FetchInHand& fetch, const url::Url& target);
  Result<Next> on_not_modified(FetchInHand& fetch, const net::HttpResponse& response);
  bool take_section(const v1::UrlState& state, feeds::Listing& listing);
  void learn_links(const v1::UrlState& state, const std::string& body);
  Result<Next> on_listing(FetchInHand& fetch, const net::HttpResponse& response);
  Result<Next> on_page(FetchInHand& fetch, net::HttpResponse response);
  Result<v1::PageRecord> make_page(const FetchInHand& fetch, const v1::Source& source,
                                   net::HttpResponse& response);
  Result<Next> send_page(FetchInHand& fetch, v1::PageRecord page);
  Result<Next> unchanged(FetchInHand& fetch);
  Result<Next> on_same_text(FetchInHand& fetch, const net::HttpResponse& response,
                            std::string page);
  Result<std::string> page_with_same_text(const v1::UrlState& state, const std::string& digest);
  Result<void> note_alias(const v1::UrlState& alias);
  Result<v1::UrlState> state_after(const FetchInHand& fetch, const fetch::Failed& failed);
  Result<void> send_failed(FetchInHand& fetch, const fetch::Failed& failed, v1::UrlState after);
  Result<bool> send_feed_item(FetchInHand& fetch, const fetch::Failed& failed);
  void note_served(FetchInHand& fetch, const net::HttpResponse& response, std::string digest);
  void count_poll(FetchInHand& fetch, std::string_view outcome, std::size_t fresh);
  Result<void> quarantine(const FetchInHand& fetch, const std::string& reason,
                          const std::string& detail, std::string_view body);
  std::string archive(const FetchInHand& fetch, const net::HttpResponse& response, bool revisit);

  Seams seams_;
  frontier::RevisitPolicy policy_;
  std::size_t max_unpacked_bytes_;
  std::size_t max_sitemap_bytes_;
  std::unique_ptr<archive::WarcWriter> archive_;  // null: crawl.archive is not set
  SameTexts same_texts_;
  feeds::Furniture furniture_;
};

}  // namespace vigie::crawler::service
