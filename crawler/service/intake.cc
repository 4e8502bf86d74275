#include "crawler/service/intake.h"

#include <algorithm>
#include <set>

#include "crawler/frontier/new_urls.h"
#include "crawler/frontier/revisit_policy.h"
#include "platform/url/url.h"
#include "proto/identity.h"

namespace vigie::crawler::service {
namespace {

using frontier::domain_of;

/// URLs of one listing that are remembered as handed over.
constexpr std::size_t kMaxHandedOver = 1'000;
/// Records of new URLs that are dissolved at once, in each partition.
constexpr std::size_t kDissolvedAtOnce = 20;

/// The URL of an item as it is asked for, "" where that is its normal form. What a listing
/// wrote is what its server knows; the normal form tells one page from another, and no more.
std::string published_form(url::Url written, const std::string& normalised) {
  written.fragment.reset();
  written.username.clear();
  written.password.clear();
  std::string out = written.href();
  return out == normalised ? std::string() : out;
}

/// A URL that was discovered now and is due at once.
v1::UrlState new_state(const std::string& url, v1::UrlKind kind, std::int64_t now_unix_ms) {
  v1::UrlState state;
  state.set_url(url);
  state.set_kind(kind);
  state.set_discovered_at_unix_ms(now_unix_ms);
  state.set_next_due_unix_ms(now_unix_ms);
  return state;
}

/// The state that the owner of a discovered URL begins with.
v1::UrlState state_of(v1::Discovery discovery) {
  v1::UrlState state;
  if (discovery.has_moved()) {
    state = std::move(*discovery.mutable_moved());
  } else {
    state.set_source_id(discovery.source_id());
    state.set_kind(discovery.kind());
    state.set_discovered_at_unix_ms(discovery.discovered_at_unix_ms());
    state.set_next_due_unix_ms(discovery.discovered_at_unix_ms());
    if (discovery.has_feed_item())
      *state.mutable_feed_item() = std::move(*discovery.mutable_feed_item());
    state.set_depth(discovery.depth());
    state.set_via(discovery.via());
    state.set_fetch_url(discovery.fetch_url());
  }
  state.set_url(discovery.url());
  return state;
}

/// Whether an item announces a change of a page that was fetched.
bool announces_change(const v1::UrlState& known, const v1::FeedItem& item) {
  return known.kind() == v1::URL_KIND_ARTICLE && known.has_feed_item() && known.fetches() > 0 &&
         !item.updated().empty() && known.feed_item().feed_url() == item.feed_url() &&
         known.feed_item().updated() != item.updated();
}

}  // namespace

std::uint64_t print_of(const v1::Discovery& discovery) {
  const proto::Digest128 digest =
      proto::digest128(discovery.url() + "\n" + discovery.feed_item().updated());
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | digest[i];
  return out;
}

Result<std::size_t> Intake::discover(FetchInHand& fetch, std::vector<feeds::ListedItem> items) {
  std::size_t fresh = 0;
  frontier::Domains domains;
  const v1::UrlState& listing = fetch.fetch.state();
  // What is found together has one time.
  const frontier::Frontier::NewFrom from{listing.source_id(), seams_.clock.now_unix_ms(),
                                         listing.depth() + 1};
  fetch.served.handed_over.emplace();
  for (feeds::ListedItem& item : items) {
    auto written = url::parse(item.url);
    const auto normalised = written ? url::normalise(*written) : failure(written.error());
    if (!normalised) {
      seams_.report.dropped("bad_url");
      continue;
    }
    const std::string& domain = domains.of(*normalised);
    bool is_new = false;
    if (seams_.owner.owns(domain)) {
      VIGIE_ASSIGN(is_new, discover_own(fetch, from, {*normalised, domain, std::move(*written)},
                                        std::move(item)));
    } else {
      VIGIE_ASSIGN(is_new, discover_other(fetch, {*normalised, domain, std::move(*written)},
                                          std::move(item)));
    }
    if (!is_new) continue;
    ++fresh;
    seams_.report.discovered(fetch.fetch.state().kind());
  }
  VIGIE_ASSIGN(const std::size_t records, seams_.outbox.send_new(frontier(), fetch.id));
  fetch.records_out += records;
  return fresh;
}

/// A source that names pages of ever new sites fills none of them, and would take the crawler for
/// itself all the same.
bool Intake::may_take_new(const FetchInHand& fetch) {
  const std::string& source = fetch.fetch.state().source_id();
  const std::int64_t now = seams_.clock.now_unix_ms();
  if (shares_.take(source, now)) return true;
  seams_.report.dropped("source_full");
  seams_.sources.note_flood(source, now);
  return false;
}

/// True where the URL is new.
Result<bool> Intake::discover_own(const FetchInHand& fetch, const frontier::Frontier::NewFrom& from,
                                  Named named, feeds::ListedItem item) {
  using Seen = frontier::Frontier::Seen;
  const std::string& url = named.url;
  const std::string& domain = named.domain;
  if (seams_.sources.taken_down(fetch.fetch.state().source_id(), url)) {
    seams_.report.dropped("taken_down");
    return false;
  }
  const v1::FeedItem* announced = item.item ? &*item.item : nullptr;
  VIGIE_ASSIGN(const Seen seen, frontier().seen(domain, url, announced));
  if (seen == Seen::kSettled) return false;
  std::string fetch_url = published_form(std::move(named.written), url);
  if (seen == Seen::kMayChange) {
    VIGIE_ASSIGN(std::optional<v1::UrlState> known, frontier().find(url));
    if (known) VIGIE_TRY(name_again(std::move(*known), announced, fetch_url));
    return false;
  }
  const sources::SourceEntry* source = seams_.sources.find(fetch.fetch.state().source_id());
  if (source != nullptr && from.depth > source->rules.depth.value_or(from.depth)) {
    seams_.report.dropped("too_deep");
    return false;
  }
  if (seams_.queues.waiting(domain) >= frontier::kMaxWaitingPerDomain) {
    seams_.report.dropped("domain_full");
    seams_.sources.note_flood(fetch.fetch.state().source_id(), seams_.clock.now_unix_ms());
    return false;
  }
  if (!may_take_new(fetch)) return false;
  v1::NewUrl added;
  added.set_url(url);
  added.set_kind(item.kind);
  added.set_fetch_url(std::move(fetch_url));
  if (item.item) *added.mutable_feed_item() = std::move(*item.item);
  frontier().put_new(domain, from, std::move(added));
  return true;
}

/// True where its owner was not told of the URL at the last response.
Result<bool> Intake::discover_other(FetchInHand& fetch, Named named, feeds::ListedItem item) {
  const v1::UrlState& listing = fetch.fetch.state();
  v1::Discovery discovery;
  discovery.set_url(named.url);
  discovery.set_source_id(listing.source_id());
  discovery.set_kind(item.kind);
  discovery.set_discovered_at_unix_ms(seams_.clock.now_unix_ms());
  discovery.set_depth(listing.depth() + 1);
  discovery.set_fetch_url(published_form(std::move(named.written), named.url));
  if (item.item) *discovery.mutable_feed_item() = std::move(*item.item);
  const std::uint64_t print = print_of(discovery);
  const auto& told = listing.handed_over();
  const bool is_new = std::find(told.begin(), told.end(), print) == told.end();
  if (is_new && !may_take_new(fetch)) return false;
  std::vector<std::uint64_t>& prints = *fetch.served.handed_over;
  if (prints.size() < kMaxHandedOver) prints.push_back(print);
  if (is_new) VIGIE_TRY(hand_over(fetch, discovery, "discovery"));
  return is_new;
}

Result<void> Intake::hand_over(FetchInHand& fetch, const v1::Discovery& discovery,
                               std::string_view why) {
  RecordWritten written;
  written.fetch = fetch.id;
  ++fetch.records_out;
  seams_.metrics.handed_over.of(why).add();
  // Another crawler's clock is the wall clock, as far as is known here.
  v1::Discovery told = discovery;
  told.set_discovered_at_unix_ms(seams_.clock.to_wall(discovery.discovered_at_unix_ms()));
  return seams_.outbox.send(frontier::Frontier::record_of(told), std::move(written));
}

/// A feed that announces a change brings the next look forward, and a page that was given up is
/// tried again for as long as it is named.
Result<void> Intake::name_again(v1::UrlState known, const v1::FeedItem* item,
                                const std::string& fetch_url) {
  if (seams_.fetches.has_url(known.url())) return {};
  const std::int64_t now = seams_.clock.now_unix_ms();
  const bool changed = item != nullptr && announces_change(known, *item);
  const bool again = frontier::may_ask_again(known, now);
  // While a page is refused, the newest spelling of its URL is the likeliest to be served.
  const bool respelt = known.kind() == v1::URL_KIND_ARTICLE && known.fetches() == 0 &&
                       known.failures() > 0 && known.next_due_unix_ms() != 0 &&
                       known.fetch_url() != fetch_url;
  if (!changed && !again && !respelt) return {};
  if (changed) *known.mutable_feed_item() = *item;
  known.set_fetch_url(fetch_url);
  if (changed || again) known.set_next_due_unix_ms(now);
  return seams_.outbox.send_state(frontier(), std::move(known));
}

Result<void> Intake::take_up(std::int32_t partition, v1::Discovery discovery) {
  const std::string domain = domain_of(discovery.url());
  if (frontier().partition_of(domain) != partition) return {};  // move_misplaced() sees to it
  std::string key = "d:" + discovery.url();
  if (seams_.sources.taken_down(discovery.source_id(), discovery.url())) {
    seams_.report.dropped("taken_down");
    return seams_.outbox.send(frontier().tombstone_in(partition, std::move(key)));
  }
  VIGIE_ASSIGN(std::optional<v1::UrlState> known, frontier().find(discovery.url()));
  if (known) {
    VIGIE_TRY(name_again(std::move(*known),
                         discovery.has_feed_item() ? &discovery.feed_item() : nullptr,
                         discovery.fetch_url()));
    return seams_.outbox.send(frontier().tombstone_in(partition, std::move(key)));
  }
  if (!discovery.has_moved() && seams_.queues.waiting(domain) >= frontier::kMaxWaitingPerDomain) {
    seams_.report.dropped("domain_full");
    seams_.sources.note_flood(discovery.source_id(), seams_.clock.now_unix_ms());
    return seams_.outbox.send(frontier().tombstone_in(partition, std::move(key)));
  }
  seams_.metrics.taken_up.add();
  discovery.set_discovered_at_unix_ms(std::min(
      seams_.clock.from_wall(discovery.discovered_at_unix_ms()), seams_.clock.now_unix_ms()));
  RecordWritten written;
  written.needless = RecordWritten::Needless{std::move(key), partition, false};
  return seams_.outbox.send_state(frontier(), state_of(std::move(discovery)), std::move(written));
}

Result<void> Intake::remember_alias(const std::string& alias, v1::UrlState page) {
  VIGIE_ASSIGN(const std::optional<v1::UrlState> known, frontier().find(alias));
  if (known || !seams_.owner.owns_url(alias)) return {};
  page.set_url(alias);
  page.clear_fetch_url();
  page.clear_validators_url();
  page.clear_text_digest();
  page.set_next_due_unix_ms(0);
  return seams_.outbox.send_state(frontier(), std::move(page));
}

Result<void> Intake::poll_all_listed() {
  for (const auto& [url, listed] : seams_.sources.listed()) VIGIE_TRY(poll_listed(url, listed));
  return {};
}

Result<void> Intake::poll_listed_in(std::int32_t partition) {
  for (const auto& [url, listed] : seams_.sources.listed()) {
    if (frontier().partition_of(domain_of(url)) == partition) VIGIE_TRY(poll_listed(url, listed));
  }
  return {};
}

Result<void> Intake::poll_source(const std::string& source_id, std::int64_t asked_at_unix_ms) {
  poll_asked_[source_id] = seams_.clock.from_wall(asked_at_unix_ms);
  for (const auto& [url, listed] : seams_.sources.listed()) {
    if (listed.source_id == source_id) VIGIE_TRY(poll_listed(url, listed));
  }
  return {};
}

Result<void> Intake::poll_listed(const std::string& url, const sources::ListedUrl& listed) {
  const std::string domain = domain_of(url);
  if (!seams_.owner.owns(domain) || seams_.fetches.has_url(url)) return {};
  const std::int64_t now = seams_.clock.now_unix_ms();
  VIGIE_ASSIGN(std::optional<v1::UrlState> known, frontier().find(url));
  v1::UrlState state = known ? *known : v1::UrlState();
  if (state.kind() != listed.kind) state = new_state(url, listed.kind, now);
  state.set_source_id(listed.source_id);
  state.set_depth(0);
  state.clear_via();
  if (listed.kind == v1::URL_KIND_FEED) seams_.feeds.load(state, now);
  seams_.feeds.give_to(state);
  // An interval that an earlier run learned never holds back a new start for longer than an hour,
  // whatever the clock did.
  const std::int64_t longest = std::max(frontier::most_interval(state, now),
                                        poll_every(seams_.sources.find(listed.source_id)))
                                   .count();
  const auto poll_asked = poll_asked_.find(listed.source_id);
  const bool asked =
      poll_asked != poll_asked_.end() && poll_asked->second > state.last_fetch_unix_ms();
  if (state.next_due_unix_ms() == 0 || state.next_due_unix_ms() > now + longest ||
      (asked && state.next_due_unix_ms() > now))
    state.set_next_due_unix_ms(now);
  if (!known || state.SerializeAsString() != known->SerializeAsString())
    return seams_.outbox.send_state(frontier(), std::move(state));
  if (frontier().pending(url)) return {};
  seams_.queues.touch(domain);
  return frontier().store().due().put_due(frontier().partition_of(domain), state, now);
}

Result<void> Intake::unpark() {
  const auto may = [&](const std::string& source_id) { return seams_.sources.active(source_id); };
  for (const std::int32_t partition : seams_.owner.active_partitions()) {
    VIGIE_ASSIGN(std::set<std::string> domains,
                 frontier().store().due().unpark(partition, may, seams_.clock.now_unix_ms()));
    seams_.queues.touch(std::move(domains));
  }
  return {};
}

Result<void> Intake::move_misplaced() {
  for (const std::int32_t partition : seams_.owner.active_partitions()) {
    VIGIE_ASSIGN(const std::vector<std::string> keys, seams_.owner.misplaced(partition));
    for (const std::string& key : keys) {
      VIGIE_ASSIGN(std::optional<log::NewRecord> record, seams_.owner.move(partition, key));
      if (!record) continue;
      seams_.metrics.handed_over.of("wrong_partition").add();
      RecordWritten written;
      written.needless = RecordWritten::Needless{key, partition, true};
      VIGIE_TRY(seams_.outbox.send(std::move(*record), std::move(written)));
    }
  }
  return {};
}

Result<void> Intake::dissolve_old() {
  const std::int64_t before = seams_.clock.now_unix_ms() - frontier::kNewUrlsStandMs;
  for (const std::int32_t partition : seams_.owner.active_partitions()) {
    VIGIE_ASSIGN(const auto old,
                 frontier().store().long_standing(partition, before, kDissolvedAtOnce));
    for (const auto& [key, urls] : old) {
      for (const std::string& url : urls) {
        VIGIE_ASSIGN(std::optional<v1::UrlState> state, frontier().find(url));
        if (state) VIGIE_TRY(seams_.outbox.send_state(frontier(), std::move(*state)));
      }
      VIGIE_TRY(seams_.outbox.send(frontier().tombstone_in(partition, key)));
    }
  }
  return {};
}

Result<void> Intake::forget_some(bool may_forget) {
  std::uint64_t urls = 0;
  const std::vector<std::int32_t> partitions = seams_.owner.active_partitions();
  for (const std::int32_t partition : partitions) urls += frontier().store().urls(partition);
  seams_.metrics.frontier_urls.set(static_cast<double>(urls));
  std::uint64_t too_many = forgetting_.begin(urls);
  if (too_many == 0 || !may_forget) return {};
  for (const std::int32_t partition : partitions) {
    VIGIE_ASSIGN(const std::vector<std::string> old,
                 forgetting_.next(frontier().store(), partition, seams_.clock.now_unix_ms()));
    for (const std::string& url : old) {
      if (too_many == 0 || seams_.fetches.has_url(url) || frontier().pending(url)) continue;
      --too_many;
      seams_.report.dropped("forgotten");
      VIGIE_TRY(seams_.outbox.send_forgotten(frontier(), url));
    }
  }
  forgetting_.end(too_many == 0);
  return {};
}

}  // namespace vigie::crawler::service
