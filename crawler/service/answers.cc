#include <algorithm>

#include "crawler/feeds/dates.h"
#include "crawler/fetch/judge.h"
#include "crawler/service/rhythm.h"
#include "crawler/service/scheduler.h"
#include "platform/log/membership.h"
#include "platform/logging/logging.h"
#include "platform/page/page.h"
#include "proto/identity.h"
#include "proto/quarantine.pb.h"

namespace vigie::crawler {
namespace {

using std::chrono::milliseconds;

/// What is kept of a feed that cannot be read.
constexpr std::size_t kQuarantineBytes = 64 << 10;
/// Origins whose robots.txt is remembered.
constexpr std::size_t kMaxRobots = 20'000;
/// Of an address in a message.
constexpr std::size_t kMaxExampleBytes = 200;
/// Longest validators that are kept.
constexpr std::size_t kMaxValidatorBytes = 1024;

std::string reason_of_status(int status) {
  switch (status) {
    case 401:
    case 402:
    case 403:
    case 451: return "http_denied";
    case 404: return "http_404";
    case 410: return "http_410";
    case 429: return "http_429";
    case 503: return "http_503";
    default: return status >= 500 ? "http_5xx" : status >= 400 ? "http_4xx" : "http_status";
  }
}

std::string reason_of_cut(v1::Truncation truncation) {
  return truncation == v1::TRUNCATION_LENGTH ? "length"
         : truncation == v1::TRUNCATION_TIME ? "time"
                                             : "disconnect";
}

std::int64_t claimed_time(const v1::UrlState& state) {
  const auto date =
      state.has_feed_item() ? read_feed_date(state.feed_item().published()) : std::nullopt;
  return date ? date->unix_ms : 0;
}

}  // namespace

/// RFC 9309 §2.3.1: what an answer to /robots.txt means.
Result<void> Scheduler::on_robots(Task& task, const Result<net::HttpResponse>& answer) {
  const milliseconds now = seams_.clock.since_boot();
  if (answer && is_redirect(answer->status)) {
    auto target = judge_redirect(task.robots_url, *answer, task.robots_visited);
    // A domain of another partition is not ours to ask; then the rules are unavailable, which a
    // crawler may take for none (§2.3.1.2).
    if (target && owns(url::registrable_domain(*target->host))) {
      task.robots_url = std::move(*target);
      task.robots_visited.push_back(task.robots_url.href());
      return make_ready(task);
    }
  }
  if (robots_.size() > kMaxRobots) {
    for (auto entry = robots_.begin(); entry != robots_.end();)
      entry = entry->second.check_again <= now ? robots_.erase(entry) : std::next(entry);
  }
  RobotsEntry& entry = robots_[task.robots_origin];
  const bool refused = !answer || answer->status == 429 || answer->status >= 500;
  if (refused) {
    ++entry.failures;
    entry.reason = answer ? "robots_" + reason_of_status(answer->status) : answer.error().code;
    entry.detail = answer ? "it was answered with status " + std::to_string(answer->status)
                          : answer.error().detail;
    // Rules that were had stay in force for a day (§2.4); without any, nothing may be fetched
    // (§2.3.1.4).
    const bool stale = entry.fetched && now - *entry.fetched < CrawlerOptions::kRobotsStale;
    if (!stale) {
      entry.rules = Robots::refuse_all();
      entry.unreachable = true;
    }
    entry.check_again = now + failure_pause(entry.failures, options_.feed_floor);
    if (!answer && answer.error().disposition == Disposition::kQuarantine) {
      // An address that may not be contacted, as a redirect into a private network has: it will not
      // do later either.
      task.robots_origin.clear();
      return fail(task, answer.error().code, answer.error().detail, true);
    }
  } else {
    entry = RobotsEntry{};
    // 4xx, and a chain of redirects that leads nowhere, say that there are no rules (§2.3.1.2,
    // §2.3.1.3).
    const bool none = answer->status < 200 || answer->status >= 300;
    entry.rules = none ? Robots::allow_all() : Robots::parse(answer->body);
    entry.fetched = now;
    if (auto saved =
            robots_store_.save(task.robots_origin, seams_.clock.now_unix_ms(), none, answer->body);
        !saved)
      logging::warn("robots.txt not kept", {{"error", saved.error().to_string()}});
    entry.check_again = now + CrawlerOptions::kRobotsFresh;
    const auto delay = entry.rules.verdict_for("vigie", "/").crawl_delay_s;
    politeness_.set_crawl_delay(*task.current.host, delay.value_or(0));
  }
  seams_.metrics
      .counter("vigie_crawler_robots_total", "Answers to robots.txt, by what they came to",
               {{"outcome", refused                ? "unreachable"
                            : answer->status < 300 ? "rules"
                                                   : "none"}})
      .add();
  task.robots_origin.clear();
  return make_ready(task);
}

Result<void> Scheduler::on_redirect(Task& task, const net::HttpResponse& answer) {
  auto target = judge_redirect(task.current, answer, task.visited);
  if (!target)
    return fail(task, target.error().code, target.error().detail,
                task.state.kind() == v1::URL_KIND_ARTICLE);
  if (!owns(url::registrable_domain(*target->host))) return on_redirect_away(task, *target);
  task.current = std::move(*target);
  task.visited.push_back(task.current.href());
  return make_ready(task);
}

/// A redirect to a domain that another crawler owns is a discovery for that one. What is here has
/// done its part: a page for good, a poll until it is due again.
Result<void> Scheduler::on_redirect_away(Task& task, const url::Url& target) {
  const auto normalised = url::normalise(target.href());
  if (!normalised)
    return fail(task, "redirect_bad_url", "the redirect names an address that cannot be read",
                task.state.kind() == v1::URL_KIND_ARTICLE);
  const bool article = task.state.kind() == v1::URL_KIND_ARTICLE;
  v1::Discovery found;
  found.set_url(*normalised);
  found.set_source_id(task.state.source_id());
  found.set_kind(task.state.kind());
  found.set_discovered_at_unix_ms(article ? task.state.discovered_at_unix_ms()
                                          : seams_.clock.now_unix_ms());
  if (task.state.has_feed_item()) *found.mutable_feed_item() = task.state.feed_item();
  found.set_depth(article ? task.state.depth() : task.state.depth() + 1);
  if (!article) found.set_via(task.state.via().empty() ? task.state.url() : task.state.via());
  task.handed_over = true;
  if (!article) {
    note_poll(task.state, false);
    seams_.metrics
        .counter("vigie_crawler_polls_total", "Polls of feeds, sitemaps and sections, by outcome",
                 {{"outcome", "handed_over"}})
        .add();
    const std::uint64_t print = print_of(found);
    const auto& told = task.state.handed_over();
    if (std::find(told.begin(), told.end(), print) != told.end()) return advance(task);
    task.state.clear_handed_over();
    task.state.add_handed_over(print);
  }
  VIGIE_TRY(hand_over(task, found));
  ++waiting_for_log_;
  return {};
}

Result<void> Scheduler::on_final(Task& task, const net::HttpResponse& answer) {
  const bool article = task.state.kind() == v1::URL_KIND_ARTICLE;
  if (is_redirect(answer.status)) return on_redirect(task, answer);
  if (answer.status == 304) {
    if (article) archive(task, answer, true);
    return unchanged(task, nullptr);
  }
  if (answer.status >= 200 && answer.status < 300) {
    const bool cut_short = answer.truncation == net::HttpTruncation::kTime ||
                           answer.truncation == net::HttpTruncation::kDisconnect;
    // A body that broke off is tried again before it is taken for what there is.
    if (cut_short && task.state.failures() < 2)
      return fail(task, "body_cut", "the answer broke off before its end", false);
    return article ? on_page(task, answer) : on_feed(task, answer);
  }
  const std::string reason = reason_of_status(answer.status);
  const std::string detail = "it was answered with status " + std::to_string(answer.status);
  if (answer.status == 429 || answer.status == 503) {
    const milliseconds block =
        politeness_.ready_at(politeness_.burdened(*task.current.host)) - seams_.clock.since_boot();
    return fail(task, reason, detail, false,
                seams_.clock.now_unix_ms() + std::max<std::int64_t>(0, block.count()));
  }
  task.refused = answer.status >= 400 && answer.status < 500;
  const bool gone = answer.status == 410 ||
                    (task.refused && task.state.refusals() + 1 >= CrawlerOptions::kMaxRefusals);
  return fail(task, reason, detail, gone && article);
}

/// Keeps an answer where crawl.archive is set. Out: its archive_ref, "" where there is none. A page
/// that cannot be archived goes on all the same.
std::string Scheduler::archive(const Task& task, const net::HttpResponse& answer, bool revisit) {
  if (!archive_) return {};
  const auto url = url::normalise(task.current.href());
  if (!url) return {};
  const WarcExchange exchange{*url,
                              task.sent,
                              answer,
                              seams_.clock.now_unix_ms(),
                              task.state.discovered_at_unix_ms(),
                              task.state.url(),
                              task.state.feed_item().feed_url(),
                              task.state.source_id()};
  Result<std::string> reference = std::string();
  if (!revisit) {
    reference = archive_->write(exchange);
  } else if (auto written = archive_->write_revisit(exchange, task.state.body_sha256()); !written) {
    reference = failure(written.error());
  }
  if (reference) return *reference;
  logging::warn("page not archived", {{"error", reference.error().to_string()}});
  return {};
}

void Scheduler::note_validators(Task& task, const net::HttpResponse& answer,
                                const std::string& digest) {
  const std::string& etag = answer.header("etag");
  const std::string& modified = answer.header("last-modified");
  const bool same_validator = !etag.empty()
                                  ? etag == task.state.etag()
                                  : !modified.empty() && modified == task.state.last_modified();
  // A validator that stayed while the body changed lies: it is not sent again.
  const bool lies =
      same_validator && !task.state.body_sha256().empty() && task.state.body_sha256() != digest;
  if (lies)
    seams_.metrics
        .counter("vigie_crawler_lying_validators_total",
                 "Bodies that changed under an unchanged ETag or Last-Modified")
        .add();
  const bool redirected = task.visited.size() > 1;
  task.state.set_etag(lies || redirected || etag.size() > kMaxValidatorBytes ? "" : etag);
  task.state.set_last_modified(
      lies || redirected || modified.size() > kMaxValidatorBytes ? "" : modified);
}

Result<void> Scheduler::on_feed(Task& task, const net::HttpResponse& answer) {
  const std::string digest = proto::sha256(answer.body);
  if (digest == task.state.body_sha256()) return unchanged(task, &answer);
  auto found = read_listing(task, answer);
  if (!found) {
    if (task.state.failures() == 0)
      VIGIE_TRY(quarantine(task, found.error().code, found.error().detail, answer.body));
    return fail(task, found.error().code, found.error().detail, false);
  }
  note_validators(task, answer, digest);
  task.state.set_body_sha256(digest);
  VIGIE_ASSIGN(const std::size_t fresh, discover(task, std::move(*found)));
  note_poll(task.state, fresh > 0);
  seams_.metrics
      .counter("vigie_crawler_polls_total", "Polls of feeds, sitemaps and sections, by outcome",
               {{"outcome", fresh > 0 ? "new" : "nothing_new"}})
      .add();
  if (task.records_out > 0) {
    ++waiting_for_log_;
    return {};
  }
  return advance(task);
}

/// The same as last time: a 304, or the same body. `answer` null for a 304.
Result<void> Scheduler::unchanged(Task& task, const net::HttpResponse* answer) {
  if (answer != nullptr) note_validators(task, *answer, task.state.body_sha256());
  if (task.state.kind() != v1::URL_KIND_ARTICLE) {
    note_poll(task.state, false);
    seams_.metrics
        .counter("vigie_crawler_polls_total", "Polls of feeds, sitemaps and sections, by outcome",
                 {{"outcome", "unchanged"}})
        .add();
  } else {
    seams_.metrics
        .counter("vigie_crawler_revisits_total", "Pages fetched again, by outcome",
                 {{"outcome", "unchanged"}})
        .add();
  }
  return advance(task);
}

Result<void> Scheduler::on_page(Task& task, const net::HttpResponse& answer) {
  const std::string wrong = judge_page(answer, task.state.url(), task.current.href());
  if (!wrong.empty()) {
    task.refused = true;
    const bool permanent =
        wrong == "redirect_home" || task.state.refusals() + 1 >= CrawlerOptions::kMaxRefusals;
    return fail(task, wrong, "the answer is no page that can be read", permanent);
  }
  SourceState* source = source_of(task.state);
  if (source == nullptr)
    return fail(task, "source_removed", "its source is no longer in the source files", true);
  page::PageContext context;
  context.url = task.state.url();
  context.final_url = task.current.href();
  context.source = source->entry.source;
  context.discovered_at_unix_ms = task.state.discovered_at_unix_ms();
  context.fetched_at_unix_ms = seams_.clock.now_unix_ms();
  context.feed_item = task.state.has_feed_item() ? &task.state.feed_item() : nullptr;
  auto page = page::make_page(context, answer);
  if (!page) return fail(task, page.error().code, page.error().detail, true);
  if (page::cut_to_fit(*page, log::largest_record(seams_.log, proto::Topic::kPages))) {
    seams_.metrics
        .counter("vigie_crawler_pages_cut_total", "Pages whose end was cut off, by why",
                 {{"reason", "log"}})
        .add();
    logging::info(
        "page cut to what the log takes",
        {{"url", task.state.url()}, {"bytes", page->body_bytes()}, {"kept", page->body().size()}});
  } else if (page->truncation() != v1::TRUNCATION_NONE) {
    seams_.metrics
        .counter("vigie_crawler_pages_cut_total", "Pages whose end was cut off, by why",
                 {{"reason", reason_of_cut(page->truncation())}})
        .add();
  }
  std::optional<v1::UrlState> known_final;
  if (page->final_url() != task.state.url()) {
    VIGIE_ASSIGN(known_final, frontier_->find(page->final_url()));
  }
  const bool same = page->body_sha256() == task.state.body_sha256() ||
                    (known_final && page->body_sha256() == known_final->body_sha256());
  note_validators(task, answer, page->body_sha256());
  const bool first = task.state.body_sha256().empty();
  task.state.set_body_sha256(page->body_sha256());
  if (same) {
    archive(task, answer, true);
    if (known_final)
      seams_.metrics
          .counter("vigie_crawler_duplicates_total", "Pages that led to a page known already")
          .add();
    return unchanged(task, nullptr);
  }
  if (!first)
    seams_.metrics
        .counter("vigie_crawler_revisits_total", "Pages fetched again, by outcome",
                 {{"outcome", "changed"}})
        .add();
  if (page->final_url() != task.state.url() && !known_final) task.alias = page->final_url();
  page->set_archive_ref(archive(task, answer, false));
  task.page_sent = true;
  Event durable;
  durable.kind = Event::Kind::kDurable;
  durable.task = task.id;
  task.records_out = 1;
  ++waiting_for_log_;
  auto sent =
      send(log::NewRecord{proto::Topic::kPages, page->page_key(), page->SerializeAsString()},
           std::move(durable));
  if (sent) return {};
  if (sent.error().disposition == Disposition::kStop) return sent;
  // The log does not take this one record, and never will.
  task.records_out = 0;
  --waiting_for_log_;
  task.page_sent = false;
  VIGIE_TRY(quarantine(task, sent.error().code, sent.error().detail, answer.body));
  return fail(task, sent.error().code, sent.error().detail, true);
}

/// What the answer gave is durable: the state moves on.
Result<void> Scheduler::advance(Task& task) {
  const std::int64_t now = seams_.clock.now_unix_ms();
  const milliseconds last_pause(
      task.state.last_fetch_unix_ms() == 0
          ? 0
          : std::max<std::int64_t>(
                0, task.state.next_due_unix_ms() - task.state.last_fetch_unix_ms()));
  SourceState* source = source_of(task.state);
  task.state.set_last_fetch_unix_ms(now);
  task.state.set_failures(0);
  task.state.set_refusals(0);
  task.state.clear_last_error();
  task.state.set_fetches(task.state.fetches() + 1);
  if (task.state.kind() == v1::URL_KIND_ARTICLE) {
    task.state.set_next_due_unix_ms(task.handed_over ? 0
                                                     : next_revisit(task.state, options_.feed_floor,
                                                                    claimed_time(task.state), now));
    // A finished page keeps of its feed item only what tells that the feed announced a change.
    if (task.state.next_due_unix_ms() == 0 && task.state.has_feed_item()) {
      task.state.mutable_feed_item()->clear_summary();
      task.state.mutable_feed_item()->clear_categories();
    }
    if (task.page_sent) {
      ++pages_;
      seams_.metrics.counter("vigie_crawler_pages_total", "Pages sent to the log").add();
      if (task.state.fetches() == 1) {
        seams_.metrics
            .histogram("vigie_crawler_discovery_to_page_seconds",
                       "From the discovery of an address to its page in the log",
                       metrics::latency_bounds_s())
            .observe(static_cast<double>(now - task.state.discovered_at_unix_ms()) / 1000);
      }
      if (source != nullptr) {
        source->status.set_articles(source->status.articles() + 1);
        source->status.set_last_article_unix_ms(now);
      }
    }
    VIGIE_TRY(remember_alias(task));
  } else {
    const milliseconds pause =
        poll_pause(task.state, options_.feed_floor,
                   source == nullptr ? 0 : source->status.expected_interval_s(), last_pause);
    task.state.set_next_due_unix_ms(now + pause.count());
    if (source != nullptr) {
      source->status.set_last_poll_unix_ms(now);
      source->status.set_next_poll_unix_ms(task.state.next_due_unix_ms());
      source->failing.erase(task.state.url());
    }
  }
  VIGIE_TRY(send_state(task.state));
  end_task(task.id);
  return {};
}

/// The address that a page was found at in the end is known from now on, too.
Result<void> Scheduler::remember_alias(const Task& task) {
  if (task.alias.empty()) return {};
  VIGIE_ASSIGN(const std::optional<v1::UrlState> known, frontier_->find(task.alias));
  if (known || !owns(domain_of(task.alias))) return {};
  v1::UrlState alias = task.state;
  alias.set_url(task.alias);
  alias.set_next_due_unix_ms(0);
  return send_state(std::move(alias));
}

Result<void> Scheduler::fail(Task& task, const std::string& reason, const std::string& detail,
                             bool permanent, std::int64_t not_before_unix_ms) {
  const std::int64_t now = seams_.clock.now_unix_ms();
  const bool article = task.state.kind() == v1::URL_KIND_ARTICLE;
  VIGIE_ASSIGN(std::optional<v1::UrlState> kept, frontier_->find(task.state.url()));
  if (!kept) kept = task.state;
  // Of the task only the failure counts: validators and digest of an answer that gave nothing are
  // not kept.
  kept->set_failures(kept->failures() + 1);
  if (task.refused) kept->set_refusals(kept->refusals() + 1);
  kept->set_last_error(reason);
  if (article)
    permanent =
        permanent || now - kept->discovered_at_unix_ms() > CrawlerOptions::kGiveUpAfter.count();
  const bool dropped = article && permanent;
  kept->set_next_due_unix_ms(
      dropped ? 0
              : std::max(not_before_unix_ms,
                         now + failure_pause(kept->failures(), options_.feed_floor).count()));
  seams_.metrics
      .counter("vigie_crawler_failures_total", "Fetches that gave nothing, by reason",
               {{"reason", reason}})
      .add();
  ++failures_by_reason_[reason];
  if (example_failure_.empty())
    example_failure_ = kept->url().substr(0, kMaxExampleBytes) + ": " + detail;
  if (dropped) drop(reason);
  if (SourceState* source = source_of(*kept)) {
    ++source->errors[reason];
    source->status.set_last_error(kept->url().substr(0, kMaxExampleBytes) + ": " + detail);
    if (!article) {
      source->status.set_last_poll_unix_ms(now);
      source->status.set_next_poll_unix_ms(kept->next_due_unix_ms());
      source->failing.insert(kept->url());
    }
  }
  logging::debug(
      "fetch failed",
      {{"url", kept->url()}, {"reason", reason}, {"detail", detail}, {"dropped", dropped}});
  VIGIE_TRY(send_state(std::move(*kept)));
  end_task(task.id);
  return {};
}

Result<void> Scheduler::quarantine(const Task& task, const std::string& reason,
                                   const std::string& detail, std::string_view body) {
  v1::QuarantineRecord record;
  record.set_id(proto::base32(
      proto::to_bytes(proto::digest128("crawl\n" + task.state.url() + "\n" + reason + "\n" +
                                       std::to_string(seams_.clock.now_unix_ms())))));
  record.set_stage("crawl");
  record.set_reason(reason);
  record.set_detail(detail);
  record.set_key(task.state.url());
  record.set_value(std::string(body.substr(0, kQuarantineBytes)));
  // it is an answer, not a record: it cannot be replayed, and is due again by itself
  record.set_value_cut(true);
  record.set_attempts(task.state.failures() + 1);
  record.set_failed_at_unix_ms(seams_.clock.now_unix_ms());
  record.set_url(task.state.url());
  seams_.metrics.counter("vigie_crawler_quarantined_total", "Answers set aside in quarantine")
      .add();
  return send(log::NewRecord{proto::Topic::kQuarantine, record.key(), record.SerializeAsString()});
}

}  // namespace vigie::crawler
