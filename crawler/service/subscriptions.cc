#include "crawler/service/subscriptions.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "crawler/feeds/listing.h"
#include "crawler/frontier/revisit_policy.h"
#include "crawler/websub/subscription.h"
#include "platform/logging/logging.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::crawler::service {
namespace {

using std::chrono::milliseconds;

/// Prints of what pushes named for other crawlers that are kept until the next poll, with those of
/// the last one.
constexpr int kMaxHandedOver = 2'000;
/// Of what a hub answers.
constexpr std::size_t kMaxResponseBytes = 16 << 10;
constexpr std::size_t kMaxToldBytes = 200;
constexpr int kMaxHops = 3;
/// All subscriptions are looked through so often.
constexpr milliseconds kLookEvery{200};
/// Between two tries to make a hub stop.
constexpr milliseconds kLeaveEvery{600'000};

bool is_https(const std::string& url) { return url.starts_with("https://"); }

/// What was pushed is read as the feed only where nobody could have changed it more easily than the
/// feed itself: the secret went over https, or the feed comes in plain as well.
bool may_read_body(const std::string& feed, const std::string& hub) {
  return is_https(hub) || !is_https(feed);
}

std::string refusal_text(const net::HttpResponse& response) {
  std::string told =
      text::ellipsize(text::collapse_spaces(text::to_valid_utf8(response.body)), kMaxToldBytes);
  return "the hub answers " + std::to_string(response.status) + (told.empty() ? "" : ": " + told);
}

/// The value of the label of vigie_crawler_pushes_total; "" for what is counted once it is known
/// what it comes to.
std::string_view word_of(websub::Callbacks::Outcome outcome) {
  using Outcome = websub::Callbacks::Outcome;
  switch (outcome) {
    case Outcome::kTaken: return "";
    case Outcome::kRepeated: return "repeated";
    case Outcome::kUnknown: return "unknown";
    case Outcome::kBadSignature: return "bad_signature";
    case Outcome::kTooMany: break;
  }
  return "too_many";
}

}  // namespace

Subscriptions::Subscriptions(const Seams& seams) : seams_(seams) {
  if (!seams_.hubs.callbacks) return;
  seams_.hubs.callbacks->connect(
      [events = seams_.outbox.events()](websub::HubCall call) { events->push(std::move(call)); },
      [&pushes = seams_.metrics.hubs.pushes](websub::Callbacks::Outcome outcome) {
        if (const auto word = word_of(outcome); !word.empty()) pushes.of(word).add();
      });
}

void Subscriptions::take_left() {
  for (websub::HubFeeds::Left& left : seams_.hubs.feeds.take_left()) {
    const std::string id = seams_.hubs.feeds.id_of(left.feed, left.subscription);
    jobs_.erase(id);
    seams_.hubs.callbacks->forget(id);
    if (left.subscription.asked_at_unix_ms() == 0) continue;
    // Pushes are passed over from now on; the name stays known so that the hub can ask back.
    seams_.hubs.callbacks->expect(id, {left.feed, left.subscription.topic(),
                                       seams_.hubs.feeds.names().secret(id), false, false});
    const milliseconds now = seams_.clock.since_boot();
    leaving_[id] = {left.feed, id, std::move(left.subscription), 0, now, now + kLeaveTime};
  }
}

/// The door is open from now on for what is, or will be, subscribed to.
void Subscriptions::take_begun() {
  for (const std::string& feed : seams_.hubs.feeds.take_begun()) {
    const v1::HubSubscription* subscription = seams_.hubs.feeds.find(feed);
    if (subscription == nullptr) continue;
    const std::string id = seams_.hubs.feeds.id_of(feed, *subscription);
    leaving_.erase(id);
    seams_.hubs.callbacks->expect(
        id, {feed, subscription->topic(), seams_.hubs.feeds.names().secret(id), true,
             may_read_body(feed, subscription->hub())});
    next_look_ = milliseconds(0);
  }
}

void Subscriptions::begin_job(const std::string& feed, const std::string& id,
                              const v1::HubSubscription& subscription, bool subscribes) {
  jobs_[id] = {feed, id, subscription.hub(), subscription.topic(), subscribes};
}

Result<void> Subscriptions::begin_jobs() {
  std::vector<std::string> silent;
  const std::int64_t now_unix_ms = seams_.clock.now_unix_ms();
  for (auto& [feed, subscription] : seams_.hubs.feeds.all()) {
    if (jobs_.size() >= kAtOnce) break;
    if (now_unix_ms < subscription.next_ask_unix_ms() || !seams_.owner.owns_url(feed)) continue;
    const std::string id = seams_.hubs.feeds.id_of(feed, subscription);
    if (has_job(id) || !seams_.sources.listed().contains(feed)) continue;
    if (websub::is_silent(subscription, now_unix_ms)) {
      websub::note_failed(subscription, false, "the hub took the request and has not asked back",
                          now_unix_ms);
      silent.push_back(feed);
      continue;
    }
    if (!seams_.sources.active(seams_.sources.listed().at(feed).source_id)) continue;
    begin_job(feed, id, subscription, true);
  }
  for (const std::string& feed : silent) VIGIE_TRY(save(feed));
  return {};
}

void Subscriptions::begin_leaving() {
  const milliseconds now = seams_.clock.since_boot();
  for (auto one = leaving_.begin(); one != leaving_.end();) {
    Leaving& leaving = one->second;
    if (now >= leaving.until && !has_job(leaving.id)) {
      seams_.hubs.callbacks->forget(leaving.id);
      one = leaving_.erase(one);
      continue;
    }
    if (jobs_.size() < kAtOnce && now >= leaving.next && leaving.tries < kLeaveTries &&
        !has_job(leaving.id)) {
      ++leaving.tries;
      leaving.next = now + kLeaveEvery;
      begin_job(leaving.feed, leaving.id, leaving.subscription, false);
    }
    ++one;
  }
}

Result<void> Subscriptions::work(bool may_start) {
  if (!seams_.hubs.callbacks) return {};
  take_left();
  take_begun();
  if (!may_start) return {};
  if (const milliseconds now = seams_.clock.since_boot(); now >= next_look_) {
    next_look_ = now + kLookEvery;
    VIGIE_TRY(begin_jobs());
    begin_leaving();
  }
  std::vector<std::string> ids;
  for (const auto& [id, job] : jobs_) {
    if (job.number == 0) ids.push_back(id);
  }
  for (const std::string& id : ids) VIGIE_TRY(reserve(jobs_.at(id)));
  return {};
}

/// Takes the hub for the request of a job, where it may be asked now.
Result<void> Subscriptions::reserve(Job& job) {
  const auto url = url::parse(job.asks);
  if (!url || !url->host || !url->is_http()) {
    Job bad = std::move(job);
    jobs_.erase(bad.id);
    return ended(std::move(bad),
                 failure(Disposition::kQuarantine, "bad_url", "the hub's URL cannot be read"));
  }
  politeness::PolitenessKeys keys = seams_.gate.keys_of(*url->host);
  const std::string domain = keys.domain;
  if (!seams_.dispatch.addresses_known(keys.host) ||
      seams_.gate.ready_at(keys) > seams_.clock.since_boot())
    return {};
  job.number = kFirstId | ++last_number_;
  const std::vector<v1::Reservation> records = seams_.gate.reserve(job.number, std::move(keys));
  if (!seams_.owner.owns(domain)) {
    // The log's word on that domain is its owner's. The gap holds within this process.
    job.records_out = 1;
    return on_reserved(job.number, true, false);
  }
  job.records_out = records.size();
  for (const v1::Reservation& record : records)
    VIGIE_TRY(seams_.outbox.send_reservation(record, job.number));
  return {};
}

Subscriptions::Job* Subscriptions::job_of(std::uint64_t number) {
  for (auto& [id, job] : jobs_) {
    if (job.number == number) return &job;
  }
  return nullptr;
}

net::HttpRequest Subscriptions::request_of(const Job& job) const {
  net::HttpRequest request;
  request.method = "POST";
  request.url = job.asks;
  request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
  request.body = websub::form_of({job.subscribes ? "subscribe" : "unsubscribe", job.topic,
                                  seams_.hubs.feeds.names().url(job.id),
                                  job.subscribes ? seams_.hubs.feeds.names().secret(job.id) : ""});
  request.limits.decoded_bytes = kMaxResponseBytes;
  return request;
}

Result<void> Subscriptions::on_reserved(std::uint64_t id, bool may_send, bool may_tell) {
  Job* job = job_of(id);
  if (job != nullptr && --job->records_out > 0) return {};
  if (job == nullptr || !may_send || !seams_.gate.may_send(id)) {
    for (const v1::Reservation& record : seams_.gate.cancel(id)) {
      if (may_tell) VIGIE_TRY(seams_.outbox.send(frontier::Frontier::record_of(record)));
    }
    if (job != nullptr) job->number = 0;
    return {};
  }
  seams_.report.requested("HUB");
  seams_.gate.sent(id);
  job->sent = true;
  seams_.http.start(request_of(*job),
                    [events = seams_.outbox.events(), id](Result<net::HttpResponse> response) {
                      events->push(Responded{id, std::move(response)});
                    });
  return {};
}

Result<void> Subscriptions::on_response(std::uint64_t id,
                                        const Result<net::HttpResponse>& response) {
  Job* found = job_of(id);
  if (found == nullptr) return {};
  Job job = std::move(*found);
  jobs_.erase(job.id);
  const bool leads_on = response && (response->status == 307 || response->status == 308);
  if (leads_on && job.hops < kMaxHops) {
    const auto base = url::parse(job.asks);
    const auto target = url::parse(response->header("location"), base ? &*base : nullptr);
    // A secret that went over https does not go on in plain.
    const bool is_safe =
        target && target->is_http() && (target->scheme == "https" || !is_https(job.asks));
    if (is_safe) {
      ++job.hops;
      job.asks = target->href();
      job.number = 0;
      job.sent = false;
      jobs_.emplace(job.id, std::move(job));
      return {};
    }
  }
  return ended(std::move(job), response);
}

Result<void> Subscriptions::ended(Job job, const Result<net::HttpResponse>& response) {
  const bool taken = response && response->status / 100 == 2;
  seams_.metrics.hubs.requests.of(taken ? "taken" : response ? "refused" : "failed").add();
  if (!job.subscribes) return {};
  v1::HubSubscription* subscription = seams_.hubs.feeds.find(job.feed);
  if (subscription == nullptr || seams_.hubs.feeds.id_of(job.feed, *subscription) != job.id)
    return {};
  const std::int64_t now = seams_.clock.now_unix_ms();
  if (taken) {
    // The hub may have asked back before it answered.
    const bool verified =
        subscription->state() == websub::kActive && subscription->next_ask_unix_ms() > now;
    if (!verified) websub::note_taken(*subscription, now);
  } else {
    const bool refused = response && response->status / 100 == 4 && response->status != 429;
    const std::string why =
        response ? refusal_text(*response) : "the hub cannot be had: " + response.error().detail;
    websub::note_failed(*subscription, refused, why, now);
    logging::info("no subscription at a hub",
                  {{"feed", job.feed}, {"hub", subscription->hub()}, {"why", why}});
  }
  return save(job.feed);
}

/// The newest word on a subscription goes into the state of its feed.
Result<void> Subscriptions::save(const std::string& feed) {
  if (seams_.fetches.has_url(feed) || !seams_.owner.owns_url(feed)) return {};
  VIGIE_ASSIGN(std::optional<v1::UrlState> state, seams_.owner.frontier().find(feed));
  if (!state) return {};
  seams_.hubs.feeds.give_to(*state);
  return seams_.outbox.send_state(seams_.owner.frontier(), std::move(*state));
}

Result<void> Subscriptions::on_call(websub::HubCall call) {
  using Kind = websub::HubCall::Kind;
  if (call.kind == Kind::kPushed) {
    if (pushes_.size() < kMostPushes) {
      pushes_.push_back(std::move(call));
    } else {
      seams_.hubs.callbacks->done(call.body.size());
      seams_.metrics.hubs.pushes.of("too_many").add();
    }
    return {};
  }
  v1::HubSubscription* subscription = seams_.hubs.feeds.find(call.feed);
  if (subscription == nullptr) return {};
  const std::int64_t now = seams_.clock.now_unix_ms();
  if (call.kind == Kind::kVerified) {
    const bool renewed = websub::is_active(*subscription, now);
    websub::note_verified(*subscription, call.lease, now);
    if (!renewed)
      logging::info("feed is pushed", {{"feed", call.feed}, {"hub", subscription->hub()}});
  } else {
    websub::note_failed(*subscription, true,
                        "the hub refuses" + (call.reason.empty() ? "" : ": " + call.reason), now);
  }
  return save(call.feed);
}

Result<void> Subscriptions::take_pushes() {
  for (std::size_t left = pushes_.size(); left > 0; --left) {
    websub::HubCall call = std::move(pushes_.front());
    pushes_.pop_front();
    if (seams_.fetches.has_url(call.feed) || seams_.owner.frontier().pending(call.feed)) {
      pushes_.push_back(std::move(call));
      continue;
    }
    seams_.hubs.callbacks->done(call.body.size());
    VIGIE_TRY(take_push(call));
  }
  return {};
}

Result<void> Subscriptions::take_push(const websub::HubCall& call) {
  const auto listed = seams_.sources.listed().find(call.feed);
  const bool is_wanted = listed != seams_.sources.listed().end() &&
                         seams_.owner.owns_url(call.feed) && !all_paused(seams_.sources) &&
                         seams_.sources.active(listed->second.source_id) &&
                         !seams_.sources.taken_down(listed->second.source_id, call.feed);
  if (!is_wanted || seams_.hubs.feeds.find(call.feed) == nullptr) {
    seams_.metrics.hubs.pushes.of("unwanted").add();
    return {};
  }
  if (call.body.empty()) return poll_now(call.feed, "poll");
  VIGIE_ASSIGN(std::optional<v1::UrlState> state, seams_.owner.frontier().find(call.feed));
  if (!state) return {};
  seams_.hubs.feeds.give_to(*state);
  auto fetch = fetch::Fetch::begin(std::move(*state));
  if (!fetch) return {};
  FetchInHand& in_hand = seams_.fetches.add(std::move(*fetch));
  in_hand.pushed = true;
  VIGIE_TRY(read_push(in_hand, call));
  if (in_hand.records_out > 0) return {};
  seams_.queues.touch(frontier::domain_of(call.feed));
  seams_.fetches.end(in_hand.id);
  return {};
}

/// What a push names is discovered as if the feed had been polled. Where nothing waits for the log
/// it is finished at once.
Result<void> Subscriptions::read_push(FetchInHand& fetch, const websub::HubCall& call) {
  const v1::UrlState& state = fetch.fetch.state();
  feeds::ListingContext context;
  context.kind = v1::URL_KIND_FEED;
  context.url = state.url();
  context.base_url = state.push().topic();
  context.charset = call.charset;
  context.depth = state.depth();
  context.now_unix_ms = seams_.clock.wall().now_unix_ms();
  auto listing = feeds::read_listing(call.body, context, websub::Callbacks::kMaxBodyBytes);
  // What cannot be read still says that there is something: the feed itself is asked.
  if (!listing) return poll_now(call.feed, "unreadable");
  for (const auto& [reason, urls] : listing->dropped) seams_.report.dropped(reason, urls);
  VIGIE_ASSIGN(const std::size_t fresh, seams_.intake.discover(fetch, std::move(listing->items)));
  fetch.served.fresh = fresh;
  seams_.metrics.hubs.pushes.of(fresh > 0 ? "new" : "nothing_new").add();
  return fetch.records_out > 0 ? Result<void>() : finish(fetch);
}

/// A push says nothing of what the feed lists beside: what a poll learned stays.
Result<void> Subscriptions::finish(FetchInHand& fetch) {
  v1::UrlState before = fetch.fetch.state();
  seams_.hubs.feeds.give_to(before);
  for (const std::uint64_t print :
       fetch.served.handed_over.value_or(std::vector<std::uint64_t>())) {
    const auto& known = before.handed_over();
    if (std::find(known.begin(), known.end(), print) == known.end() &&
        before.handed_over_size() < kMaxHandedOver)
      before.add_handed_over(print);
  }
  frontier::Frontier& frontier = seams_.owner.frontier();
  if (!before.has_push()) return seams_.outbox.send_state(frontier, std::move(before));
  const double interval_s = seams_.sources.item_interval_s(before.source_id());
  v1::UrlState after = frontier::after_push(std::move(before), fetch.served.fresh.value_or(0),
                                            interval_s, seams_.clock.now_unix_ms());
  seams_.hubs.feeds.take_from(after);
  return seams_.outbox.send_state(frontier, std::move(after));
}

/// The hub says that there is something new, and not what. `why`: a value of the label of
/// vigie_crawler_pushes_total.
Result<void> Subscriptions::poll_now(const std::string& feed, std::string_view why) {
  VIGIE_ASSIGN(std::optional<v1::UrlState> state, seams_.owner.frontier().find(feed));
  if (!state) return {};
  const std::int64_t now = seams_.clock.now_unix_ms();
  seams_.metrics.hubs.pushes.of(why).add();
  if (v1::HubSubscription* subscription = seams_.hubs.feeds.find(feed))
    subscription->set_last_push_unix_ms(now);
  seams_.hubs.feeds.note_thin(feed);
  seams_.hubs.feeds.give_to(*state);
  state->set_next_due_unix_ms(now);
  return seams_.outbox.send_state(seams_.owner.frontier(), std::move(*state));
}

Result<void> Subscriptions::drop_unlisted() {
  if (!seams_.hubs.callbacks) return {};
  std::vector<std::string> gone;
  for (const auto& [feed, subscription] : seams_.hubs.feeds.all()) {
    const auto listed = seams_.sources.listed().find(feed);
    if (listed == seams_.sources.listed().end() || listed->second.kind != v1::URL_KIND_FEED)
      gone.push_back(feed);
  }
  for (const std::string& feed : gone) {
    seams_.hubs.feeds.drop(feed);
    VIGIE_TRY(save(feed));
  }
  return {};
}

void Subscriptions::abandon_all() {
  jobs_.clear();
  leaving_.clear();
  for (const websub::HubCall& push : pushes_) seams_.hubs.callbacks->done(push.body.size());
  pushes_.clear();
  seams_.hubs.feeds.clear();
  if (seams_.hubs.callbacks) seams_.hubs.callbacks->forget_all();
}

}  // namespace vigie::crawler::service
