#include "crawler/frontier/frontier.h"

#include <algorithm>
#include <vector>

#include "platform/url/url.h"

namespace vigie::crawler {
namespace {

bool is_poll(v1::UrlKind kind) { return kind != v1::URL_KIND_ARTICLE; }

}  // namespace

std::string domain_of(std::string_view url) {
  const auto parsed = url::parse(url);
  return parsed && parsed->host ? url::registrable_domain(*parsed->host) : std::string(url);
}

std::set<DueQueue::Slot>& DueQueue::set_of(Kind kind) {
  switch (kind) {
    case Kind::kPoll: return polls_;
    case Kind::kFresh: return fresh_;
    case Kind::kLater: return later_;
    case Kind::kRevisit: break;
  }
  return revisits_;
}

void DueQueue::insert(Kind kind, std::int64_t order, const std::string& url) { set_of(kind).emplace(order, url); }

void DueQueue::remove(const std::string& url) {
  const auto found = slots_.find(url);
  if (found == slots_.end()) return;
  set_of(found->second.kind).erase({found->second.order, url});
  slots_.erase(found);
}

void DueQueue::update(const v1::UrlState& state, std::int64_t claimed_unix_ms) {
  remove(state.url());
  if (state.next_due_unix_ms() == 0) return;
  Place place{};
  place.order = state.next_due_unix_ms();
  // What claims to come from the future counts as discovered now.
  place.newest = -(claimed_unix_ms > 0 && claimed_unix_ms < state.discovered_at_unix_ms() ? claimed_unix_ms : state.discovered_at_unix_ms());
  if (is_poll(state.kind())) {
    place.kind = Kind::kPoll;
  } else {
    place.kind = state.fetches() == 0 ? Kind::kLater : Kind::kRevisit;
  }
  insert(place.kind, place.order, state.url());
  slots_[state.url()] = place;
}

void DueQueue::promote(std::int64_t now_unix_ms) {
  while (!later_.empty() && later_.begin()->first <= now_unix_ms) {
    const std::string url = later_.begin()->second;
    later_.erase(later_.begin());
    Place& place = slots_[url];
    place.kind = Kind::kFresh;
    place.order = place.newest;
    fresh_.emplace(place.order, url);
  }
}

std::optional<std::string> DueQueue::take(std::int64_t now_unix_ms) {
  promote(now_unix_ms);
  std::string url;
  const bool poll_due = !polls_.empty() && polls_.begin()->first <= now_unix_ms;
  if (poll_due && (fresh_.empty() || !last_was_poll_)) {
    url = polls_.begin()->second;
    last_was_poll_ = true;
  } else if (!fresh_.empty()) {
    url = fresh_.begin()->second;
    last_was_poll_ = false;
  } else if (!revisits_.empty() && revisits_.begin()->first <= now_unix_ms) {
    url = revisits_.begin()->second;
    last_was_poll_ = false;
  } else {
    return std::nullopt;
  }
  remove(url);
  return url;
}

std::optional<std::int64_t> DueQueue::next_due() const {
  if (!fresh_.empty()) return 0;
  std::optional<std::int64_t> next;
  for (const std::set<Slot>* set : {&polls_, &later_, &revisits_}) {
    if (!set->empty() && (!next || set->begin()->first < *next)) next = set->begin()->first;
  }
  return next;
}

Result<void> Frontier::restore(log::Log& log, const std::function<void(const v1::Reservation&)>& each_reservation) {
  auto read = log::read_to_end(log, proto::Topic::kFrontier, [&](const log::Record& record) -> Result<void> {
    const std::string_view key = record.key;
    if (key.substr(0, 2) == "u:") {
      const std::string url(key.substr(2));
      v1::UrlState state;
      if (!record.value) {
        urls_.erase(url);
      } else if (state.ParseFromString(*record.value) && state.url() == url) {
        urls_[url] = std::move(state);
      } else {
        ++unreadable_;
      }
    } else if (key.substr(0, 2) == "d:") {
      v1::Discovery found;
      if (record.value && found.ParseFromString(*record.value) && urls_.count(found.url()) == 0) {
        v1::UrlState state;
        state.set_url(found.url());
        state.set_source_id(found.source_id());
        state.set_kind(found.kind());
        state.set_discovered_at_unix_ms(found.discovered_at_unix_ms());
        state.set_next_due_unix_ms(found.discovered_at_unix_ms());
        if (found.has_feed_item()) *state.mutable_feed_item() = found.feed_item();
        state.set_depth(found.depth());
        urls_[found.url()] = std::move(state);
      }
    } else if (key.substr(0, 2) == "h:") {
      v1::Reservation reservation;
      if (record.value && reservation.ParseFromString(*record.value)) {
        each_reservation(reservation);
      }
    } else {
      ++unreadable_;
    }
    return {};
  });
  if (!read) return failure(read.error());
  return {};
}

v1::UrlState* Frontier::find(const std::string& url) {
  const auto found = urls_.find(url);
  return found == urls_.end() ? nullptr : &found->second;
}

v1::UrlState& Frontier::put(v1::UrlState state) {
  const std::string url = state.url();
  v1::UrlState& kept = urls_[url];
  kept = std::move(state);
  return kept;
}

log::NewRecord Frontier::record_of(const v1::UrlState& state) {
  return log::NewRecord{proto::Topic::kFrontier, "u:" + state.url(), state.SerializeAsString(), domain_of(state.url())};
}

log::NewRecord Frontier::record_of(const v1::Reservation& reservation) {
  return log::NewRecord{proto::Topic::kFrontier, "h:" + reservation.name(), reservation.SerializeAsString(), url::registrable_domain(reservation.name())};
}

log::NewRecord Frontier::forget(const std::string& url) {
  urls_.erase(url);
  return log::NewRecord{proto::Topic::kFrontier, "u:" + url, std::nullopt, domain_of(url)};
}

std::vector<log::NewRecord> Frontier::shrink(std::size_t most) {
  std::vector<log::NewRecord> tombstones;
  if (urls_.size() <= most) return tombstones;
  std::vector<std::pair<std::int64_t, const std::string*>> finished;
  for (const auto& [url, state] : urls_) {
    if (state.next_due_unix_ms() == 0 && !is_poll(state.kind())) finished.emplace_back(state.discovered_at_unix_ms(), &url);
  }
  // A tenth more than needed, so that this does not run with every new URL.
  const std::size_t wanted = std::min(finished.size(), urls_.size() - most + most / 10);
  std::partial_sort(finished.begin(), finished.begin() + static_cast<std::ptrdiff_t>(wanted), finished.end());
  std::vector<std::string> gone;
  for (std::size_t i = 0; i < wanted; ++i) gone.push_back(*finished[i].second);
  for (const std::string& url : gone) tombstones.push_back(forget(url));
  return tombstones;
}

void Frontier::for_each(const std::function<void(v1::UrlState&)>& visit) {
  for (auto& [url, state] : urls_) visit(state);
}

}  // namespace vigie::crawler
