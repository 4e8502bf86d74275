#include "crawler/service/responses.h"

#include <algorithm>
#include <utility>

#include "crawler/feeds/listing.h"
#include "crawler/fetch/page_check.h"
#include "platform/logging/logging.h"
#include "platform/url/url.h"
#include "proto/identity.h"
#include "proto/quarantine.pb.h"

namespace vigie::crawler::service {
namespace {

/// What is kept of a feed that cannot be read.
constexpr std::size_t kQuarantineBytes = 64 << 10;

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

}  // namespace

Responses::Responses(const CrawlerOptions& options, Seams seams)
    : seams_(seams),
      policy_(options.revisit_policy),
      max_sitemap_bytes_(options.body_limits.sitemap) {
  if (options.archive)
    archive_ = std::make_unique<archive::WarcWriter>(options.data_dir / "archive",
                                                     options.user_agent, seams.clock);
}

Result<Next> Responses::on_response(FetchInHand& fetch, Result<net::HttpResponse> response,
                                    std::int64_t free_at_unix_ms) {
  fetch::Meaning meaning = fetch.fetch.meaning_of(response);
  if (auto* failed_hop = std::get_if<fetch::Failed>(&meaning)) {
    if (failed_hop->backs_off) failed_hop->not_before_ms = free_at_unix_ms;
    return failed(fetch, *failed_hop);
  }
  if (auto* redirected = std::get_if<fetch::Redirected>(&meaning))
    return on_redirect(fetch, std::move(redirected->target));
  if (std::holds_alternative<fetch::NotModified>(meaning)) return on_not_modified(fetch, *response);
  return fetch.fetch.is_page() ? on_page(fetch, std::move(*response))
                               : on_listing(fetch, *response);
}

Result<Next> Responses::failed(FetchInHand& fetch, const fetch::Failed& failed) {
  VIGIE_TRY(fail(fetch, failed));
  return Next::kEnded;
}

Result<Next> Responses::on_redirect(FetchInHand& fetch, url::Url target) {
  if (!seams_.owner.owns(url::registrable_domain(*target.host))) return leave(fetch, target);
  fetch.fetch.follow(std::move(target));
  return Next::kRequest;
}

/// A redirect to a domain that another crawler owns is a discovery for that one. The fetch has done
/// its part: a page for good, a poll until it is due again.
Result<Next> Responses::leave(FetchInHand& fetch, const url::Url& target) {
  const bool page = fetch.fetch.is_page();
  auto normalised = url::normalise(target.href());
  if (!normalised) {
    fetch::Failed unreadable{"redirect_bad_url", "the redirect names a URL that cannot be read"};
    unreadable.permanent = page;
    return failed(fetch, unreadable);
  }
  const v1::UrlState& state = fetch.fetch.state();
  const v1::Discovery found =
      discovery_of(state, std::move(*normalised), seams_.clock.now_unix_ms());
  fetch.served.left_to_another = true;
  if (!page) {
    count_poll(fetch, "handed_over", false);
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
  return unchanged(fetch);
}

/// The same as last time: a 304, or the same body.
Result<Next> Responses::unchanged(FetchInHand& fetch) {
  if (fetch.fetch.is_page()) {
    seams_.metrics.revisits.of("unchanged").add();
  } else {
    count_poll(fetch, "unchanged", false);
  }
  VIGIE_TRY(finish(fetch));
  return Next::kEnded;
}

void Responses::count_poll(FetchInHand& fetch, std::string_view outcome, bool had_new) {
  fetch.served.had_new = had_new;
  seams_.metrics.polls.of(outcome).add();
}

void Responses::note_served(FetchInHand& fetch, const net::HttpResponse& response,
                            std::string digest) {
  fetch.served.validators = fetch::Validators{
      response.header("etag"), response.header("last-modified"), fetch.fetch.redirected()};
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
  context.depth = state.depth();
  context.now_unix_ms = seams_.clock.now_unix_ms();
  auto listing = feeds::read_listing(response.body, context, max_sitemap_bytes_);
  if (!listing) {
    const Error& error = listing.error();
    if (state.failures() == 0)
      VIGIE_TRY(quarantine(fetch, error.code, error.detail, response.body));
    return failed(fetch, {error.code, error.detail});
  }
  for (const auto& [reason, urls] : listing->dropped) seams_.report.dropped(reason, urls);
  if (listing->item_interval_s)
    seams_.sources.note_item_interval(state.source_id(), *listing->item_interval_s);
  // A section links to what the source files list, too; that is no page.
  if (state.kind() == v1::URL_KIND_SECTION)
    std::erase_if(listing->items, [&](const auto& item) { return seams_.sources.lists(item.url); });
  note_served(fetch, response, std::move(digest));
  VIGIE_ASSIGN(const std::size_t fresh, seams_.intake.discover(fetch, std::move(listing->items)));
  count_poll(fetch, fresh > 0 ? "new" : "nothing_new", fresh > 0);
  if (fetch.records_out > 0) return Next::kLog;
  VIGIE_TRY(finish(fetch));
  return Next::kEnded;
}

Result<Next> Responses::on_page(FetchInHand& fetch, net::HttpResponse response) {
  const v1::UrlState& state = fetch.fetch.state();
  const std::string problem =
      fetch::page_problem(response, state.url(), fetch.fetch.current().href());
  if (!problem.empty()) {
    fetch::Failed no_page{problem, "the answer is no page that can be read"};
    no_page.refused = true;
    no_page.permanent = problem == "redirect_home" || state.refusals() + 1 >= fetch::kMaxRefusals;
    return failed(fetch, no_page);
  }
  fetch::Failed permanent;
  permanent.permanent = true;
  const sources::SourceEntry* source = seams_.sources.find(state.source_id());
  if (source == nullptr) {
    permanent.reason = "source_removed";
    permanent.detail = "its source is no longer in the source files";
    return failed(fetch, permanent);
  }
  auto page = make_page(fetch, source->source, response);
  if (!page) {
    permanent.reason = page.error().code;
    permanent.detail = page.error().detail;
    return failed(fetch, permanent);
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
  if (!state.body_sha256().empty()) seams_.metrics.revisits.of("changed").add();
  if (page->final_url() != state.url() && !known_final) fetch.alias = page->final_url();
  page->set_archive_ref(archive(fetch, response, false));
  return send_page(fetch, std::move(*page));
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
  context.discovered_at_unix_ms = state.discovered_at_unix_ms();
  context.fetched_at_unix_ms = seams_.clock.now_unix_ms();
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
    fetch.page_sent = true;
    fetch.records_out = 1;
    return Next::kLog;
  }
  if (sent.error().disposition == Disposition::kStop) return failure(sent.error());
  // The log does not take this one record, and never will.
  fetch::Failed refused{sent.error().code, sent.error().detail};
  refused.permanent = true;
  VIGIE_TRY(quarantine(fetch, refused.reason, refused.detail, page.body()));
  return failed(fetch, refused);
}

Result<void> Responses::finish(FetchInHand& fetch) {
  const std::int64_t now = seams_.clock.now_unix_ms();
  const v1::UrlState& before = fetch.fetch.state();
  const double interval_s = seams_.sources.item_interval_s(before.source_id());
  v1::UrlState after = frontier::after_fetch(policy_, before, fetch.served, interval_s, now);
  if (!fetch.fetch.is_page()) {
    seams_.sources.note_poll(after, now);
  } else if (fetch.page_sent) {
    seams_.report.page_sent();
    if (after.fetches() == 1)
      seams_.metrics.discovery_to_page_seconds.observe(
          static_cast<double>(now - after.discovered_at_unix_ms()) / 1000);
    seams_.sources.note_article(after.source_id(), now);
  }
  if (!fetch.alias.empty()) VIGIE_TRY(seams_.intake.remember_alias(fetch.alias, after));
  return seams_.outbox.send_state(seams_.owner.frontier(), std::move(after));
}

Result<void> Responses::fail(FetchInHand& fetch, const fetch::Failed& failed) {
  const std::int64_t now = seams_.clock.now_unix_ms();
  const std::string& url = fetch.fetch.url();
  VIGIE_ASSIGN(std::optional<v1::UrlState> known, seams_.owner.frontier().find(url));
  v1::UrlState after = frontier::after_fetch(
      policy_, known ? std::move(*known) : fetch.fetch.state(), failed, 0, now);
  const bool dropped = fetch.fetch.is_page() && after.next_due_unix_ms() == 0;
  seams_.report.failed(failed.reason, url, failed.detail);
  if (dropped) seams_.report.dropped(failed.reason);
  seams_.sources.note_failure(after, failed.reason, failed.detail, now);
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
                                       seams_.clock.now_unix_ms(),
                                       state.discovered_at_unix_ms(),
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
  const std::int64_t now = seams_.clock.now_unix_ms();
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
