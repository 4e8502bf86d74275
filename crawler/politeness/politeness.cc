#include "crawler/politeness/politeness.h"

#include <algorithm>

#include "platform/dates/dates.h"
#include "platform/net/address.h"
#include "platform/url/url.h"

namespace vigie::crawler::politeness {
namespace {

using std::chrono::milliseconds;

/// Entries beyond which idle ones are forgotten: their gap is over, so nothing is lost.
constexpr std::size_t kMaxEntries = 200'000;

bool is_address(std::string_view name) { return name.substr(0, 3) == "ip:"; }

/// The address that a URL's host is, without the brackets of IPv6; "" for a name.
std::string literal_address(std::string_view host) {
  if (host.size() > 2 && host.front() == '[') return std::string(host.substr(1, host.size() - 2));
  return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos &&
                 net::parse_network(host)
             ? std::string(host)
             : std::string();
}

}  // namespace

milliseconds read_retry_after(std::string_view value, std::int64_t now_unix_ms) {
  return dates::retry_after(value, now_unix_ms, std::chrono::seconds(1'000'000'000))
      .value_or(milliseconds(-1));
}

Politeness::Politeness(PolitenessOptions options, const Clock& clock, Random& random)
    : options_(std::move(options)), clock_(clock), random_(random) {}

PolitenessKeys Politeness::keys_of(std::string_view host) const {
  PolitenessKeys keys;
  keys.host = host;
  keys.domain = url::registrable_domain(host);
  if (const auto known = addresses_.find(keys.host); known != addresses_.end()) {
    keys.ips = known->second;
  } else if (std::string literal = literal_address(host); !literal.empty()) {
    keys.ips.push_back(std::move(literal));
  }
  return keys;
}

bool Politeness::knows_addresses(std::string_view host) const {
  return addresses_.count(std::string(host)) != 0 || !literal_address(host).empty();
}

void Politeness::learn_addresses(std::string_view host, std::vector<std::string> addresses) {
  if (addresses_.size() > kMaxEntries) addresses_.clear();
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
  addresses_[std::string(host)] = std::move(addresses);
}

std::vector<std::string> Politeness::names(const PolitenessKeys& keys) const {
  std::vector<std::string> out{keys.host};
  if (keys.domain != keys.host) out.push_back(keys.domain);
  for (const std::string& ip : keys.ips) out.push_back("ip:" + ip);
  return out;
}

milliseconds Politeness::free_at(const Entry& entry, bool address) const {
  if (!entry.ended) return milliseconds(0);
  return *entry.ended + (address ? options_.ip_gap : std::max(options_.min_gap, entry.crawl_delay));
}

milliseconds Politeness::ready_at(const PolitenessKeys& keys) const {
  milliseconds ready{0};
  for (const std::string& name : names(keys)) {
    const bool address = is_address(name);
    if (address && restored_at_) ready = std::max(ready, *restored_at_ + options_.ip_gap);
    const auto found = entries_.find(name);
    if (found == entries_.end()) continue;
    if (found->second.busy) return kBusy;
    ready = std::max({ready, free_at(found->second, address), found->second.backs_off_until});
  }
  return ready;
}

std::vector<v1::Reservation> Politeness::reserve(const PolitenessKeys& keys) {
  forget_idle();
  std::vector<v1::Reservation> out;
  const milliseconds now = clock_.since_boot();
  for (const std::string& name : names(keys)) {
    Entry& entry = entries_[name];
    VIGIE_INVARIANT(!entry.busy && free_at(entry, is_address(name)) <= now &&
                    entry.backs_off_until <= now);
    entry.busy = true;
    entry.expires = now + options_.reservation;
    entry.reserved_at_unix_ms = clock_.now_unix_ms();
    if (!is_address(name)) out.push_back(record_of(name, entry, 0));
  }
  return out;
}

bool Politeness::valid(const PolitenessKeys& keys) const {
  const auto found = entries_.find(keys.host);
  return found != entries_.end() && found->second.busy &&
         clock_.since_boot() < found->second.expires;
}

std::vector<v1::Reservation> Politeness::cancel(const PolitenessKeys& keys) {
  std::vector<v1::Reservation> out;
  for (const std::string& name : names(keys)) {
    Entry& entry = entries_[name];
    entry.busy = false;
    if (!is_address(name)) out.push_back(record_of(name, entry, entry.reserved_at_unix_ms));
  }
  return out;
}

v1::Reservation Politeness::record_of(const std::string& name, const Entry& entry,
                                      std::int64_t ended_at_unix_ms) const {
  const milliseconds now = clock_.since_boot();
  v1::Reservation record;
  record.set_name(name);
  record.set_reserved_at_unix_ms(entry.reserved_at_unix_ms);
  if (ended_at_unix_ms == 0)
    record.set_expires_at_unix_ms(entry.reserved_at_unix_ms + options_.reservation.count());
  record.set_ended_at_unix_ms(ended_at_unix_ms);
  if (entry.backs_off_until > now)
    record.set_blocked_until_unix_ms(clock_.now_unix_ms() + (entry.backs_off_until - now).count());
  record.set_consecutive_blocks(entry.backoffs);
  record.set_owner(options_.owner);
  record.set_crawl_delay_ms(entry.crawl_delay.count());
  return record;
}

milliseconds Politeness::backoff_for(Entry& entry, int status, std::string_view retry_after) {
  const milliseconds now = clock_.since_boot();
  if (entry.backoffs > 0 && now - entry.last_backoff > options_.forgive_after) entry.backoffs = 0;
  entry.last_backoff = now;
  const milliseconds asked =
      retry_after.empty() ? milliseconds(-1) : read_retry_after(retry_after, clock_.now_unix_ms());
  ++entry.backoffs;
  if (asked >= milliseconds(0)) return std::min(asked, options_.max_backoff);
  const milliseconds first =
      status == 429 ? options_.first_backoff_429 : options_.first_backoff_503;
  const auto doublings = std::min<std::uint32_t>(entry.backoffs - 1, 20);
  const milliseconds backoff =
      std::min(options_.max_backoff, milliseconds(first.count() * (1LL << doublings)));
  // Jitter of up to a tenth, so that many crawlers do not come back together.
  return backoff + milliseconds(static_cast<std::int64_t>(static_cast<double>(backoff.count()) *
                                                          0.1 * random_.unit()));
}

std::vector<v1::Reservation> Politeness::ended(const PolitenessKeys& keys, int status,
                                               std::string_view retry_after,
                                               std::string_view peer) {
  std::vector<v1::Reservation> out;
  const milliseconds now = clock_.since_boot();
  std::vector<std::string> all = names(keys);
  const std::size_t reserved = all.size();
  if (!peer.empty()) {
    learn_addresses(keys.host, {std::string(peer)});
    if (std::find(keys.ips.begin(), keys.ips.end(), peer) == keys.ips.end())
      all.push_back("ip:" + std::string(peer));
  } else {
    addresses_.erase(keys.host);  // perhaps it has moved: asked for again before the next request
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& name = all[i];
    Entry& entry = entries_[name];
    // An address that was not known before sending was not reserved, and may be busy for somebody
    // else.
    if (i < reserved) entry.busy = false;
    if (is_address(name)) {
      // Of the addresses that were kept free, one was asked; where none answered, it may have been
      // any.
      if (peer.empty() || name.substr(3) == peer) entry.ended = now;
      continue;
    }
    entry.ended = now;
    if (status == 429 || status == 503) {
      entry.backs_off_until = now + backoff_for(entry, status, retry_after);
    }
    out.push_back(record_of(name, entry, clock_.now_unix_ms()));
  }
  return out;
}

void Politeness::set_crawl_delay(std::string_view host, double seconds) {
  const double most = static_cast<double>(options_.max_crawl_delay.count()) / 1000;
  entries_[std::string(host)].crawl_delay =
      milliseconds(static_cast<std::int64_t>(std::clamp(seconds, 0.0, most) * 1000));
}

void Politeness::restore(const v1::Reservation& reservation) {
  const milliseconds now = clock_.since_boot();
  const std::int64_t now_unix_ms = clock_.now_unix_ms();
  Entry& entry = entries_[reservation.name()];
  if (reservation.consecutive_blocks() > entry.backoffs) {
    entry.backoffs = reservation.consecutive_blocks();
    entry.last_backoff = now;
  }
  const milliseconds most_delay = options_.max_crawl_delay;
  entry.crawl_delay =
      std::max(entry.crawl_delay,
               std::clamp(milliseconds(reservation.crawl_delay_ms()), milliseconds(0), most_delay));
  const bool own = reservation.owner() == options_.owner;
  milliseconds ended = now;
  if (reservation.ended_at_unix_ms() == 0) {
    if (!own) ended = now + options_.reservation + options_.request;
  } else if (own) {
    // A wall clock that was set back must not lengthen a gap, nor one set forward shorten it below
    // nothing.
    ended = now - milliseconds(now_unix_ms - std::min(reservation.ended_at_unix_ms(), now_unix_ms));
  }
  entry.ended = entry.ended ? std::max(*entry.ended, ended) : ended;
  restored_at_ = now;
  const milliseconds backoff =
      std::clamp(milliseconds(reservation.blocked_until_unix_ms() - now_unix_ms), milliseconds(0),
                 options_.max_backoff);
  entry.backs_off_until = std::max(entry.backs_off_until, now + backoff);
}

bool Politeness::backs_off(std::string_view host) const {
  const auto found = entries_.find(std::string(host));
  return found != entries_.end() && found->second.backs_off_until > clock_.since_boot();
}

void Politeness::forget_idle() {
  if (entries_.size() < kMaxEntries) return;
  const milliseconds now = clock_.since_boot();
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const bool idle =
        !entry->second.busy && free_at(entry->second, is_address(entry->first)) < now &&
        entry->second.backs_off_until < now && entry->second.crawl_delay == milliseconds(0);
    entry = idle ? entries_.erase(entry) : std::next(entry);
  }
}

}  // namespace vigie::crawler::politeness
