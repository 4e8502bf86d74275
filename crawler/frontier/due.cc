#include "crawler/frontier/due.h"

#include <algorithm>

#include "platform/dates/loose_date.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "platform/text/ascii.h"
#include "platform/url/url.h"

namespace vigie::crawler::frontier {
namespace {

constexpr std::size_t kKindAndOrder = 1 + 8;
constexpr std::uint64_t kSign = 1ULL << 63;  // flipped, so that byte order is number order
constexpr std::size_t kMostScanned = 8'192;  // url::parse() takes no more than twice as much

/// The host of a URL in which it stands as the URL standard would write it: the others, and what is
/// no URL, are "". Most URLs here are in their normal form, and telling their host by a scan takes
/// a twentieth of parsing them.
std::string_view plain_host(std::string_view url) {
  constexpr std::string_view kHttps = "https://";
  constexpr std::string_view kHttp = "http://";
  if (url.size() > kMostScanned) return {};
  if (url.starts_with(kHttps)) url.remove_prefix(kHttps.size());
  else if (url.starts_with(kHttp)) url.remove_prefix(kHttp.size());
  else return {};
  const std::size_t end = std::min(url.find('/'), url.size());
  std::size_t label = 0;  // where the last one begins
  for (std::size_t i = 0; i < end; ++i) {
    const char c = url[i];
    if (c == '.') label = i + 1;
    else if (!text::ascii::is_lower(c) && !text::ascii::is_digit(c) && c != '-') return {};
  }
  // What ends in a number is an address, which has other spellings.
  return label < end && text::ascii::is_lower(url[label]) ? url.substr(0, end) : std::string_view();
}

}  // namespace

std::string domain_of(std::string_view url) {
  if (const std::string_view host = plain_host(url); !host.empty())
    return url::registrable_domain(host);
  const auto parsed = url::parse(url);
  return parsed && parsed->host ? url::registrable_domain(*parsed->host) : std::string(url);
}

const std::string& Domains::of(std::string_view url) {
  const std::string_view host = plain_host(url);
  if (host.empty()) {
    host_.clear();
    domain_ = domain_of(url);
  } else if (host != host_) {
    host_ = host;
    domain_ = url::registrable_domain(host);
  }
  return domain_;
}

bool waits_for_first_fetch(const v1::UrlState& state) {
  return state.kind() == v1::URL_KIND_ARTICLE && state.fetches() == 0 &&
         state.next_due_unix_ms() != 0;
}

std::optional<DueSlot> due_slot_of(const v1::UrlState& state, std::int64_t now_unix_ms) {
  if (state.next_due_unix_ms() == 0) return std::nullopt;
  DueSlot slot;
  slot.order = state.next_due_unix_ms();
  if (state.kind() != v1::URL_KIND_ARTICLE) return slot;
  if (state.fetches() > 0) {
    slot.kind = Waiting::kRevisit;
    return slot;
  }
  return first_slot(state.next_due_unix_ms(), state.discovered_at_unix_ms(),
                    state.feed_item().published(), now_unix_ms);
}

DueSlot first_slot(std::int64_t next_due_unix_ms, std::int64_t discovered_at_unix_ms,
                   std::string_view published, std::int64_t now_unix_ms) {
  DueSlot slot;
  slot.order = next_due_unix_ms;
  const auto claimed = published.empty() ? std::nullopt : dates::read_loose(published);
  // What claims to come from the future counts as discovered now.
  slot.newest = -(claimed && claimed->unix_ms > 0 && claimed->unix_ms < discovered_at_unix_ms
                      ? claimed->unix_ms
                      : discovered_at_unix_ms);
  slot.kind = slot.order <= now_unix_ms ? Waiting::kFresh : Waiting::kLater;
  if (slot.kind == Waiting::kFresh) slot.order = slot.newest;
  return slot;
}

std::string due_prefix(std::int32_t partition, std::string_view domain) {
  std::string prefix;
  storage::append_u16(prefix, static_cast<std::uint16_t>(partition));
  prefix += domain;
  prefix += '\0';
  return prefix;
}

std::string due_key(std::string_view prefix, Waiting kind, std::int64_t order,
                    std::string_view url) {
  std::string key(prefix);
  key += static_cast<char>(kind);
  storage::append_u64(key, static_cast<std::uint64_t>(order) ^ kSign);
  key += url;
  return key;
}

DueRow read_due_key(std::string_view key, std::size_t prefix_bytes) {
  VIGIE_INVARIANT(key.size() >= prefix_bytes + kKindAndOrder);
  return {static_cast<Waiting>(key[prefix_bytes]),
          static_cast<std::int64_t>(storage::read_u64(key.substr(prefix_bytes + 1)) ^ kSign),
          key.substr(prefix_bytes + kKindAndOrder)};
}

}  // namespace vigie::crawler::frontier
