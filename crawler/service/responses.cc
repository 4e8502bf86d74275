#include "crawler/service/responses.h"

#include <algorithm>
#include <utility>

#include "crawler/feeds/listing.h"
#include "crawler/fetch/page_check.h"
#include "crawler/fetch/reservation.h"
#include "crawler/fetch/text_digest.h"
#include "platform/logging/logging.h"
#include "platform/url/url.h"
#include "platform/warc/gzip.h"
#include "proto/identity.h"
#include "proto/quarantine.pb.h"

namespace vigie::crawler::service {
namespace {

/// What is kept of a feed that cannot be read.
constexpr std::size_t kQuarantineBytes = 64 << 10;

/// Links of a section that are taken of a site of which nothing is known yet, so that something is;
/// and polls after which it is as well known as it will be.
constexpr std::size_t kSamples = 3;
constexpr std::size_t kSamplesBesideSure = 0;
constexpr std::uint32_t kPollsOfUnknownSite = 3;

std::string cut_word(v1::Truncation truncation) {
  return truncation == v1::TRUNCATION_LENGTH ? "length"
         : truncation == v1::TRUNCATION_TIME ? "time"
                                             : "disconnect";
}

/// The URL that a redirect led to, as its owner is told of it.
v1::Discovery discovery_of(const v1::UrlState& from, std::string url, std::int64_t now_unix_ms) {
  const bool page = from.kind() == v1::URL_KIND_ARTICLE;
  v1::Discovery out;
  out.set_url(std::move(url));
  out.set_source_id(from.source_id());
  out.set_kind(from.kind());
  out.set_discovered_at_unix_ms(page ? from.discovered_at_unix_ms() : now_unix_ms);
  if (from.has_feed_item()) *out.mutable_feed_item() = from.feed_item();
  out.set_depth(page ? from.depth() : from.depth() + 1);
  if (!page) out.set_via(from.via().empty() ? from.url() : from.via());
  return out;
}

void tell_move(const v1::UrlState& before, const v1::UrlState& after) {
  if (fetch::has_moved(before) || !fetch::has_moved(after)) return;
  logging::info("feed moved for good; correct the source file",
                {{"from", after.url()}, {"to", after.moved_to()}});
}

/// People may ask that a source is polled more rarely.
void hold_back(v1::UrlState& after, const sources::SourceStates& sources,
               std::int64_t now_unix_ms) {
  if (after.kind() == v1::URL_KIND_ARTICLE || after.next_due_unix_ms() == 0) return;
  const std::int64_t every = poll_every(sources.find(after.source_id())).count();
  after.set_next_due_unix_ms(std::max(after.next_due_unix_ms(), now_unix_ms + every));
}

/// Which hub pushes a feed, by the response.
void note_hub(const fetch::Fetch& fetch, const net::HttpResponse& response,
              const feeds::Listing& listing, websub::HubFeeds& hubs, std::int64_t now_unix_ms) {
  if (!hubs.is_on() || fetch.state().kind() != v1::URL_KIND_FEED) return;
  const std::string address = fetch.current().href();
  hubs.named(fetch.state().url(),
             websub::links_of(websub::links_of_headers(response.headers, address),
                              {listing.hub, listing.self}, address),
             now_unix_ms);
}

/// The policy, by what the wall clock shows now.
frontier::RevisitPolicy with_ahead(frontier::RevisitPolicy policy,
                                   const frontier::DueClock& clock) {
  policy.due_ahead_ms = clock.ahead_ms();
  return policy;
}

}  // namespace

Responses::Responses(const CrawlerOptions& options, Seams seams)
    : seams_(seams),
      policy_(options.revisit_policy),
      max_unpacked_bytes_(options.body_limits.page),
      max_sitemap_bytes_(options.body_limits.sitemap) {
  if (options.archive)
    archive_ = std::make_unique<archive::WarcWriter>(options.data_dir / "archive",
                                                     options.user_agent, seams.clock.wall());
}

Result<Next> Responses::on_response(FetchInHand& fetch, Result<net::HttpResponse> response,
                                    std::int64_t free_at_unix_ms) {
  if (response) {
    const auto* source = seams_.sources.find(fetch.fetch.state().source_id());
    if (source == nullptr || source->rules.cookies)
      fetch.fetch.take_cookies(*response, seams_.clock.wall().now_unix_ms());
    unpack(fetch.fetch.state(), *response);
  }
  fetch::Meaning meaning = fetch.fetch.meaning_of(response);
  if (auto* failed_hop = std::get_if<fetch::Failed>(&meaning)) {
    if (failed_hop->backs_off) failed_hop->not_before_ms = free_at_unix_ms;
    return fail(fetch, *failed_hop);
  }
  if (auto* redirected = std::get_if<fetch::Redirected>(&meaning))
    return on_redirect(fetch, std::move(*redirected));
  if (std::holds_alternative<fetch::Again>(meaning)) return Next::kRequest;
  if (std::holds_alternative<fetch::NotModified>(meaning)) return on_not_modified(fetch, *response);
  return fetch.fetch.is_page() ? on_page(fetch, std::move(*response))
                               : on_listing(fetch, *response);
}

/// A file that is gzip by itself is what it holds. Sitemaps are unpacked where they are read, with
/// a limit of their own.
void Responses::unpack(const v1::UrlState& state, net::HttpResponse& response) const {
  if (state.kind() == v1::URL_KIND_SITEMAP || !warc::is_gzip(response.body)) return;
  bool cut = false;
  auto plain = warc::gunzip(response.body, max_unpacked_bytes_, &cut);
  if (!plain) return;
  response.body = std::move(*plain);
  response.body_bytes = response.body.size();
  if (cut) response.truncation = net::HttpTruncation::kLength;
}

Result<Next> Responses::on_redirect(FetchInHand& fetch, fetch::Redirected redirected) {
  if (!seams_.owner.owns(url::registrable_domain(*redirected.target.host)))
    return leave(fetch, redirected.target);
  fetch.fetch.follow(std::move(redirected.target), redirected.permanent);
  return Next::kRequest;
}

/// A redirect to a domain that another crawler owns is a discovery for that one. The fetch has done
/// its part: a page for good, a poll until it is due again.
Result<Next> Responses::leave(FetchInHand& fetch, const url::Url& target) {
  const bool page = fetch.fetch.is_page();
  auto normalised = url::normalise(target.href());
  if (!normalised) {
    fetch::Failed unreadable{"redirect_bad_url", "the redirect names a URL that cannot be read"};
    unreadable.refused = page;
    return fail(fetch, unreadable);
  }
  const v1::UrlState& state = fetch.fetch.state();
  v1::Discovery found = discovery_of(state, *normalised, seams_.clock.now_unix_ms());
  if (target.href() != *normalised) found.set_fetch_url(target.href());
  fetch.served.left_to_another = true;
  if (!page) {
    count_poll(fetch, "handed_over", 0);
    const std::uint64_t print = print_of(found);
    const auto& told = state.handed_over();
    if (std::find(told.begin(), told.end(), print) != told.end()) {
      VIGIE_TRY(finish(fetch));
      return Next::kEnded;
    }
    fetch.served.handed_over = {print};
  }
  VIGIE_TRY(seams_.intake.hand_over(fetch, found, "redirect"));
  return Next::kLog;
}

Result<Next> Responses::on_not_modified(FetchInHand& fetch, const net::HttpResponse& response) {
  if (fetch.fetch.is_page()) archive(fetch, response, true);
  // RFC 9111 §4.3.4: what a 304 names takes the place of what was stored.
  const v1::UrlState& state = fetch.fetch.state();
  const std::string& etag = response.header("etag");
  const std::string& modified = response.header("last-modified");
  if (!etag.empty() || !modified.empty())
    fetch.served.validators = fetch::Validators{etag.empty() ? state.etag() : etag,
                                                modified.empty() ? state.last_modified() : modified,
                                                state.validators_url()};
  return unchanged(fetch);
}

/// The same as last time: a 304, or the same body.
Result<Next> Responses::unchanged(FetchInHand& fetch) {
  if (fetch.fetch.is_page()) {
    seams_.metrics.revisits.of("unchanged").add();
  } else {
    count_poll(fetch, "unchanged", 0);
  }
  VIGIE_TRY(finish(fetch));
  return Next::kEnded;
}

void Responses::count_poll(FetchInHand& fetch, std::string_view outcome, std::size_t fresh) {
  fetch.served.fresh = fresh;
  seams_.metrics.polls.of(outcome).add();
}

void Responses::note_served(FetchInHand& fetch, const net::HttpResponse& response,
                            std::string digest) {
  const std::string address = fetch.fetch.current().href();
  const bool published = address == fetch::fetch_url(fetch.fetch.state());
  fetch.served.validators =
      fetch::Validators{response.header("etag"), response.header("last-modified"),
                        published ? std::string() : address};
  fetch.served.body_sha256 = std::move(digest);
  if (frontier::validators_lie(fetch.fetch.state(), fetch.served))
    seams_.metrics.lying_validators.add();
}

Result<Next> Responses::on_listing(FetchInHand& fetch, const net::HttpResponse& response) {
  const v1::UrlState& state = fetch.fetch.state();
  std::string digest = proto::sha256(response.body);
  const bool same = digest == state.body_sha256();
  if (same) {
    note_served(fetch, response, std::move(digest));
    return unchanged(fetch);
  }
  feeds::ListingContext context;
  context.kind = state.kind();
  context.url = state.url();
  context.base_url = fetch.fetch.current().href();
  context.charset = fetch::charset_of(response.header("content-type"));
  if (const sources::SourceEntry* entry = seams_.sources.find(state.source_id()))
    context.country = entry->source.country();
  context.depth = state.depth();
  context.now_unix_ms = seams_.clock.wall().now_unix_ms();
  auto listing = feeds::read_listing(response.body, context, max_sitemap_bytes_);
  if (!listing) {
    const Error& error = listing.error();
    if (state.failures() == 0)
      VIGIE_TRY(quarantine(fetch, error.code, error.detail, response.body));
    return fail(fetch, {error.code, error.detail});
  }
  for (const auto& [reason, urls] : listing->dropped) seams_.report.dropped(reason, urls);
  if (listing->item_interval_s)
    seams_.sources.note_item_interval(state.source_id(), *listing->item_interval_s);
  if (seams_.sources.listed().contains(state.url()))
    note_hub(fetch.fetch, response, *listing, seams_.feeds, seams_.clock.now_unix_ms());
  const bool all_judged = state.kind() != v1::URL_KIND_SECTION || take_section(state, *listing);
  // What could not be judged yet is looked at again in the next poll, whatever has changed.
  if (all_judged) note_served(fetch, response, std::move(digest));
  VIGIE_ASSIGN(const std::size_t fresh, seams_.intake.discover(fetch, std::move(listing->items)));
  same_texts_.listed(state.url(), fresh);
  count_poll(fetch, fresh > 0 ? "new" : "nothing_new", fresh);
  if (fetch.records_out > 0) return Next::kLog;
  VIGIE_TRY(finish(fetch));
  return Next::kEnded;
}

/// Takes away what is no article of a section: what the source files list, and what stands on every
/// page of the site. That is not known of a new site: then only what is sure is taken, and one
/// more, so that there is a page to learn from. False: some of it waits for the next poll.
bool Responses::take_section(const v1::UrlState& state, feeds::Listing& listing) {
  std::erase_if(listing.items,
                [&](const auto& item) { return seams_.sources.listed().contains(item.url); });
  const std::string site = frontier::domain_of(state.url());
  furniture_.note_page(site, state.url(), listing.links);
  const bool learned =
      furniture_.pages_beside(site, state.url()) >= feeds::Furniture::kLeastPages ||
      state.fetches() >= kPollsOfUnknownSite;
  if (learned) {
    std::erase_if(listing.items, [&](const auto& item) {
      const auto link = url::normalise(item.url);
      return item.maybe && link && furniture_.stands_everywhere(site, state.url(), *link);
    });
    return true;
  }
  const auto maybe = [](const feeds::ListedItem& item) { return item.maybe; };
  const auto all =
      static_cast<std::size_t>(std::count_if(listing.items.begin(), listing.items.end(), maybe));
  const bool some_sure = all < listing.items.size();
  std::size_t taken = some_sure ? kSamplesBesideSure : kSamples;
  std::erase_if(listing.items, [&](const auto& item) {
    if (!item.maybe || taken == 0) return item.maybe;
    --taken;
    return false;
  });
  return all <= (some_sure ? kSamplesBesideSure : kSamples);
}

/// A page of a site with sections tells what stands on all of its pages.
void Responses::learn_links(const v1::UrlState& state, const std::string& body) {
  const std::string site = frontier::domain_of(state.url());
  if (furniture_.wants(site))
    furniture_.note_page(site, state.url(), feeds::links_of(body, state.url()));
}

Result<Next> Responses::on_page(FetchInHand& fetch, net::HttpResponse response) {
  const v1::UrlState& state = fetch.fetch.state();
  const std::string problem =
      fetch::page_problem(response, state.url(), fetch.fetch.current().href());
  if (!problem.empty()) {
    fetch::Failed no_page{problem, "the response is no page that can be read"};
    no_page.refused = true;
    return fail(fetch, no_page);
  }
  fetch::Failed permanent;
  permanent.permanent = true;
  // It may have been taken down while its response was on its way, or be known by another URL.
  if (seams_.sources.taken_down(state.source_id(), fetch.fetch.current().href()) ||
      seams_.sources.taken_down(state.source_id(), state.url())) {
    permanent.reason = "taken_down";
    permanent.detail = "it was taken down";
    return fail(fetch, permanent);
  }
  const sources::SourceEntry* source = seams_.sources.find(state.source_id());
  if (source == nullptr) {
    permanent.reason = "source_removed";
    permanent.detail = "its source is no longer in the source files";
    return fail(fetch, permanent);
  }
  if (source->rules.obey_reservations && fetch::reserves_mining(response, response.body)) {
    permanent.reason = "tdm_reserved";
    permanent.detail = "its rights of text and data mining are reserved (TDMRep)";
    return fail(fetch, permanent);
  }
  auto page = make_page(fetch, source->source, response);
  if (!page) {
    permanent.reason = page.error().code;
    permanent.detail = page.error().detail;
    return fail(fetch, permanent);
  }
  std::optional<v1::UrlState> known_final;
  if (page->final_url() != state.url()) {
    VIGIE_ASSIGN(known_final, seams_.owner.frontier().find(page->final_url()));
  }
  const bool same = page->body_sha256() == state.body_sha256() ||
                    (known_final && page->body_sha256() == known_final->body_sha256());
  note_served(fetch, response, page->body_sha256());
  if (same) {
    archive(fetch, response, true);
    if (known_final) seams_.metrics.duplicates.add();
    return unchanged(fetch);
  }
  fetch.served.text_digest = fetch::text_digest(page->body(), state.feed_item().title());
  if (!source->sections.empty()) learn_links(state, page->body());
  VIGIE_ASSIGN(std::string original, page_with_same_text(state, fetch.served.text_digest));
  if (!original.empty()) return on_same_text(fetch, response, std::move(original));
  if (!state.body_sha256().empty()) seams_.metrics.revisits.of("changed").add();
  if (page->final_url() != state.url() && !known_final) fetch.alias = page->final_url();
  page->set_archive_ref(archive(fetch, response, false));
  return send_page(fetch, std::move(*page));
}

/// The page of the same source that was fetched before with the same text; "" for none. A page that
/// was sent once is nobody's alias.
Result<std::string> Responses::page_with_same_text(const v1::UrlState& state,
                                                   const std::string& digest) {
  if (digest.empty() || (state.fetches() > 0 && state.alias_of().empty())) return std::string();
  std::string page = same_texts_.page(state.source_id(), digest);
  if (page.empty()) {
    frontier::Frontier& frontier = seams_.owner.frontier();
    const std::int32_t partition = frontier.partition_of(frontier::domain_of(state.url()));
    VIGIE_ASSIGN(auto stored,
                 frontier.store().page_with_text(partition, state.source_id(), digest));
    page = stored.value_or("");
  }
  if (page.empty() || page == state.url() || !seams_.owner.owns_url(page)) return std::string();
  VIGIE_ASSIGN(const std::optional<v1::UrlState> known, seams_.owner.frontier().find(page));
  return known ? page : std::string();
}

/// Another URL of a known page: nothing is sent, and it is looked at again as a page is, since
/// it may become one of its own.
Result<Next> Responses::on_same_text(FetchInHand& fetch, const net::HttpResponse& response,
                                     std::string page) {
  archive(fetch, response, true);
  seams_.metrics.duplicates.add();
  const bool news = fetch.fetch.state().fetches() == 0;
  fetch.served.alias_of = std::move(page);
  const v1::UrlState state = fetch.fetch.state();
  VIGIE_TRY(finish(fetch));
  if (news) VIGIE_TRY(note_alias(state));
  return Next::kEnded;
}

/// A listing of which all that was new is known under another URL had nothing new.
Result<void> Responses::note_alias(const v1::UrlState& alias) {
  const std::string& listing = alias.feed_item().feed_url();
  if (!same_texts_.was_alias(listing) || !seams_.owner.owns_url(listing)) return {};
  VIGIE_ASSIGN(std::optional<v1::UrlState> state, seams_.owner.frontier().find(listing));
  if (!state || state->recent_new().empty() || seams_.intake.in_hand(listing)) return {};
  state->set_recent_new(state->recent_new_size() - 1, false);
  return seams_.outbox.send_state(seams_.owner.frontier(), std::move(*state));
}

/// The record of a page, cut to what the log takes. The body moves into it, unless the archive
/// needs it as well.
Result<v1::PageRecord> Responses::make_page(const FetchInHand& fetch, const v1::Source& source,
                                            net::HttpResponse& response) {
  const v1::UrlState& state = fetch.fetch.state();
  page::PageContext context;
  context.url = state.url();
  context.final_url = fetch.fetch.current().href();
  context.source = source;
  context.discovered_at_unix_ms = seams_.clock.to_wall(state.discovered_at_unix_ms());
  context.fetched_at_unix_ms = seams_.clock.wall().now_unix_ms();
  context.feed_item = state.has_feed_item() ? &state.feed_item() : nullptr;
  VIGIE_ASSIGN(v1::PageRecord page, archive_ ? page::make_page(context, response)
                                             : page::make_page(context, std::move(response)));
  if (page::cut_to_fit(page, seams_.log.largest_record(proto::Topic::kPages))) {
    seams_.metrics.pages_cut.of("log").add();
    logging::info(
        "page cut to what the log takes",
        {{"url", state.url()}, {"bytes", page.body_bytes()}, {"kept", page.body().size()}});
  } else if (page.truncation() != v1::TRUNCATION_NONE) {
    seams_.metrics.pages_cut.of(cut_word(page.truncation())).add();
  }
  return page;
}

Result<Next> Responses::send_page(FetchInHand& fetch, v1::PageRecord page) {
  RecordWritten written;
  written.fetch = fetch.id;
  auto sent = seams_.outbox.send(
      log::NewRecord{proto::Topic::kPages, page.page_key(), page.SerializeAsString()},
      std::move(written));
  if (sent) {
    const v1::UrlState& state = fetch.fetch.state();
    if (!fetch.served.text_digest.empty())
      same_texts_.sent(state.source_id(), fetch.served.text_digest, state.url());
    fetch.page_sent = true;
    fetch.records_out = 1;
    return Next::kLog;
  }
  if (sent.error().disposition == Disposition::kStop) return failure(sent.error());
  // The log does not take this one record, and never will.
  fetch::Failed refused{sent.error().code, sent.error().detail};
  refused.permanent = true;
  VIGIE_TRY(quarantine(fetch, refused.reason, refused.detail, page.body()));
  return fail(fetch, refused);
}

Result<void> Responses::finish(FetchInHand& fetch) {
  if (fetch.failed) {
    VIGIE_ASSIGN(v1::UrlState after, state_after(fetch, *fetch.failed));
    after.set_told_from_feed(fetch.page_sent);
    return send_failed(fetch, *fetch.failed, std::move(after));
  }
  const std::int64_t now = seams_.clock.now_unix_ms();
  v1::UrlState before = fetch.fetch.state();
  seams_.feeds.give_to(before);
  if (fetch.served.fresh) fetch.served.told_by_hub = seams_.feeds.take_thin(before.url());
  const double interval_s = seams_.sources.item_interval_s(before.source_id());
  fetch.served.moved_to = fetch.fetch.moved_to();
  fetch.served.at_moved = fetch.fetch.began_at_new_address();
  v1::UrlState after = frontier::after_fetch(with_ahead(policy_, seams_.clock), before,
                                             fetch.served, interval_s, now);
  hold_back(after, seams_.sources, now);
  seams_.feeds.take_from(after);
  if (!fetch.fetch.is_page()) {
    tell_move(before, after);
    seams_.sources.note_poll(after, now, fetch::has_moved(after));
  } else if (fetch.page_sent) {
    seams_.report.page_sent();
    if (after.fetches() == 1)
      seams_.metrics.discovery_to_page_seconds.observe(
          static_cast<double>(now - after.discovered_at_unix_ms()) / 1000);
    seams_.sources.note_article(after.source_id(), seams_.clock.to_wall(now));
  }
  if (!fetch.alias.empty()) VIGIE_TRY(seams_.intake.remember_alias(fetch.alias, after));
  return seams_.outbox.send_state(seams_.owner.frontier(), std::move(after));
}

Result<v1::UrlState> Responses::state_after(const FetchInHand& fetch, const fetch::Failed& failed) {
  VIGIE_ASSIGN(std::optional<v1::UrlState> known, seams_.owner.frontier().find(fetch.fetch.url()));
  const std::int64_t now = seams_.clock.now_unix_ms();
  v1::UrlState after =
      frontier::after_fetch(with_ahead(policy_, seams_.clock),
                            known ? std::move(*known) : fetch.fetch.state(), failed, 0, now);
  seams_.feeds.give_to(after);
  hold_back(after, seams_.sources, now);
  return after;
}

Result<Next> Responses::fail(FetchInHand& fetch, const fetch::Failed& failed) {
  VIGIE_ASSIGN(v1::UrlState after, state_after(fetch, failed));
  if (frontier::refused_for_good(after) && !after.told_from_feed()) {
    VIGIE_ASSIGN(const bool sent, send_feed_item(fetch, failed));
    if (sent) {
      fetch.failed = failed;
      return Next::kLog;
    }
  }
  VIGIE_TRY(send_failed(fetch, failed, std::move(after)));
  return Next::kEnded;
}

/// What a feed says of a page that is refused for good is all that will be known of it. False:
/// there is nothing to be told.
Result<bool> Responses::send_feed_item(FetchInHand& fetch, const fetch::Failed& failed) {
  const v1::UrlState& state = fetch.fetch.state();
  const sources::SourceEntry* source = seams_.sources.find(state.source_id());
  if (source == nullptr || state.feed_item().title().empty() || failed.reason == "taken_down" ||
      failed.reason == "tdm_reserved" || failed.reason == "content_signal")
    return false;
  page::PageContext context;
  context.url = state.url();
  context.final_url = state.url();
  context.source = source->source;
  context.discovered_at_unix_ms = seams_.clock.to_wall(state.discovered_at_unix_ms());
  context.fetched_at_unix_ms = seams_.clock.wall().now_unix_ms();
  context.feed_item = &state.feed_item();
  auto page = page::make_page(context, net::HttpResponse());
  if (!page) return false;
  page->set_refused(failed.reason);
  RecordWritten written;
  written.fetch = fetch.id;
  auto sent = seams_.outbox.send(
      log::NewRecord{proto::Topic::kPages, page->page_key(), page->SerializeAsString()},
      std::move(written));
  if (!sent && sent.error().disposition == Disposition::kStop) return failure(sent.error());
  if (!sent) return false;
  fetch.page_sent = true;
  fetch.records_out = 1;
  return true;
}

Result<void> Responses::send_failed(FetchInHand& fetch, const fetch::Failed& failed,
                                    v1::UrlState after) {
  const std::string& url = fetch.fetch.url();
  const bool dropped = fetch.fetch.is_page() && after.next_due_unix_ms() == 0;
  seams_.report.failed(failed.reason, url, failed.detail);
  if (dropped) seams_.report.dropped(failed.reason);
  seams_.sources.note_failure(after, failed.reason, failed.detail, seams_.clock.now_unix_ms());
  logging::debug(
      "fetch failed",
      {{"url", url}, {"reason", failed.reason}, {"detail", failed.detail}, {"dropped", dropped}});
  return seams_.outbox.send_state(seams_.owner.frontier(), std::move(after));
}

/// Keeps a response where crawl.archive is set. Out: its archive_ref, "" where there is none. A
/// page that cannot be archived goes on all the same.
std::string Responses::archive(const FetchInHand& fetch, const net::HttpResponse& response,
                               bool revisit) {
  if (!archive_) return {};
  auto url = url::normalise(fetch.fetch.current().href());
  if (!url) return {};
  const v1::UrlState& state = fetch.fetch.state();
  const archive::WarcExchange exchange{std::move(*url),
                                       fetch.fetch.last_request(),
                                       response,
                                       seams_.clock.wall().now_unix_ms(),
                                       seams_.clock.to_wall(state.discovered_at_unix_ms()),
                                       state.url(),
                                       state.feed_item().feed_url(),
                                       state.source_id()};
  Result<std::string> reference = std::string();
  const std::string& digest =
      fetch.served.body_sha256.empty() ? state.body_sha256() : fetch.served.body_sha256;
  if (!revisit) {
    reference = archive_->write(exchange);
  } else if (auto written = archive_->write_revisit(exchange, digest); !written) {
    reference = failure(written.error());
  }
  if (reference) return *reference;
  logging::warn("page not archived", {{"error", reference.error().to_string()}});
  return {};
}

Result<void> Responses::quarantine(const FetchInHand& fetch, const std::string& reason,
                                   const std::string& detail, std::string_view body) {
  const std::string& url = fetch.fetch.url();
  const std::int64_t now = seams_.clock.wall().now_unix_ms();
  v1::QuarantineRecord record;
  record.set_id(proto::base32(proto::to_bytes(
      proto::digest128("crawl\n" + url + "\n" + reason + "\n" + std::to_string(now)))));
  record.set_stage("crawl");
  record.set_reason(reason);
  record.set_detail(detail);
  record.set_key(url);
  record.set_value(std::string(body.substr(0, kQuarantineBytes)));
  // It is a response, not a record: it cannot be replayed, and is due again by itself.
  record.set_value_cut(true);
  record.set_attempts(fetch.fetch.state().failures() + 1);
  record.set_failed_at_unix_ms(now);
  record.set_url(url);
  seams_.metrics.quarantined.add();
  return seams_.outbox.send(
      log::NewRecord{proto::Topic::kQuarantine, record.key(), record.SerializeAsString()});
}

}  // namespace vigie::crawler::service
