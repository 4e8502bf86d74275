#include "crawler/frontier/frontier.h"

#include "crawler/frontier/new_urls.h"
#include "platform/url/suffixes.h"
#include "platform/url/url.h"

namespace vigie::crawler::frontier {

Result<std::unique_ptr<Frontier>> Frontier::open(const std::filesystem::path& dir,
                                                 std::int32_t partitions,
                                                 const storage::Opener& open_database) {
  VIGIE_ASSIGN(std::unique_ptr<FrontierStore> store,
               FrontierStore::open(dir, partitions, url::suffix_list_version(), open_database));
  return std::unique_ptr<Frontier>(new Frontier(std::move(store), partitions));
}

std::int32_t Frontier::partition_of(std::string_view domain) const {
  return proto::partition_of(domain, partitions_);
}

Result<std::optional<v1::UrlState>> Frontier::find(const std::string& url) {
  if (const auto found = pending_.find(url); found != pending_.end()) return found->second.newest();
  return store_->find(partition_of(domain_of(url)), url);
}

Result<Frontier::Seen> Frontier::seen(std::string_view domain, const std::string& url,
                                      const v1::FeedItem* item) {
  std::optional<Note> note;
  if (const auto found = pending_.find(url); found != pending_.end()) {
    if (found->second.listing) note = kQuiet;
    else if (found->second.state) note = note_of(*found->second.state);
  } else {
    VIGIE_ASSIGN(note, store_->known().note(partition_of(domain), url));
  }
  if (!note) return Seen::kNew;
  return could_change(*note, item) ? Seen::kMayChange : Seen::kSettled;
}

Frontier::Sent Frontier::send(const std::string& url, std::optional<v1::UrlState> state,
                              log::NewRecord record) {
  Pending& pending = pending_[url];
  pending.state = state ? std::make_unique<v1::UrlState>(std::move(*state)) : nullptr;
  pending.listing.reset();
  pending.number = next_number_++;
  return {std::move(record), pending.number};
}

Frontier::Sent Frontier::put(v1::UrlState state) {
  log::NewRecord record = record_of(state);
  const std::string url = state.url();
  return send(url, std::move(state), std::move(record));
}

std::optional<v1::UrlState> Frontier::Pending::newest() const {
  if (listing) return state_of(*listing, listing->urls(index));
  return state ? std::optional<v1::UrlState>(*state) : std::nullopt;
}

/// The record that takes a URL, or a new one.
Frontier::Filling& Frontier::filling(std::string_view domain, const NewFrom& from,
                                     const v1::NewUrl& url) {
  const std::int32_t partition = partition_of(domain);
  for (auto one = filling_.rbegin(); one != filling_.rend(); ++one) {
    const v1::NewUrls& urls = *one->listing;
    const bool same_feed = !url.has_feed_item() || urls.feed_url() == url.feed_item().feed_url();
    if (same_feed && urls.urls_size() < kMostNewUrls && one->bytes < kFullNewUrlsBytes &&
        urls.source_id() == from.source_id && urls.depth() == from.depth &&
        urls.discovered_at_unix_ms() == from.discovered_at_unix_ms &&
        partition_of(one->domain) == partition)
      return *one;
  }
  Filling& added = filling_.emplace_back();
  added.listing = std::make_shared<v1::NewUrls>();
  added.listing->set_source_id(from.source_id);
  added.listing->set_discovered_at_unix_ms(from.discovered_at_unix_ms);
  added.listing->set_depth(from.depth);
  added.listing->set_feed_url(url.feed_item().feed_url());
  added.domain = domain;
  added.number = next_number_++;
  return added;
}

void Frontier::put_new(std::string_view domain, const NewFrom& from, v1::NewUrl url) {
  Filling& into = filling(domain, from, url);
  into.bytes += url.ByteSizeLong();
  Pending& pending = pending_[url.url()];
  pending.state.reset();
  pending.listing = into.listing;
  pending.index = into.listing->urls_size();
  pending.number = into.number;
  v1::NewUrl& added = *into.listing->add_urls();
  added = std::move(url);
  if (added.has_feed_item()) added.mutable_feed_item()->clear_feed_url();
}

std::vector<Frontier::Sent> Frontier::take_new() {
  std::vector<Sent> out;
  for (Filling& one : std::exchange(filling_, {})) {
    out.push_back({log::NewRecord{proto::Topic::kFrontier, key_of(*one.listing),
                                  one.listing->SerializeAsString(), std::move(one.domain)},
                   one.number});
    listings_.emplace(one.number, std::move(one.listing));
  }
  return out;
}

Frontier::Sent Frontier::forget(const std::string& url) {
  return send(url, std::nullopt,
              {proto::Topic::kFrontier, "u:" + url, std::nullopt, domain_of(url)});
}

bool Frontier::acknowledged(const std::string& url, std::uint64_t number, log::LogPosition at) {
  const auto found = pending_.find(url);
  if (found == pending_.end() || found->second.number != number) return false;
  if (at.offset < next_offset(at.partition)) {
    pending_.erase(found);
    return true;
  }
  to_read_[at.partition][at.offset] = {url, number};
  return false;
}

std::vector<std::string> Frontier::acknowledged_new(std::uint64_t number, log::LogPosition at) {
  std::vector<std::string> out;
  const auto found = listings_.find(number);
  if (found == listings_.end()) return out;
  if (at.offset >= next_offset(at.partition)) {
    to_read_[at.partition][at.offset] = {std::string(), number};
    return out;
  }
  for (const v1::NewUrl& url : found->second->urls()) {
    read_back(url.url(), number);
    out.push_back(url.url());
  }
  listings_.erase(found);
  return out;
}

void Frontier::read_back(const std::string& url, std::uint64_t number) {
  const auto found = pending_.find(url);
  if (found != pending_.end() && found->second.number == number) pending_.erase(found);
}

Result<FrontierStore::Applied> Frontier::follow(const log::Reader::Batch& batch, bool caught_up,
                                                std::int64_t now_unix_ms) {
  const std::int32_t partition = batch.from.partition;
  VIGIE_ASSIGN(FrontierStore::Applied applied,
               store_->apply(partition, batch.records, batch.next_offset, caught_up, now_unix_ms));
  next_offsets_[partition] = batch.next_offset;
  auto& waiting = to_read_[partition];
  while (!waiting.empty() && waiting.begin()->first < batch.next_offset) {
    const auto& [url, number] = waiting.begin()->second;
    if (!url.empty()) read_back(url, number);
    if (const auto listing = listings_.find(number); listing != listings_.end()) {
      for (const v1::NewUrl& one : listing->second->urls()) read_back(one.url(), number);
      listings_.erase(listing);
    }
    waiting.erase(waiting.begin());
  }
  return applied;
}

std::int64_t Frontier::next_offset(std::int32_t partition) const {
  const auto found = next_offsets_.find(partition);
  return found == next_offsets_.end() ? 0 : found->second;
}

void Frontier::let_go() {
  pending_.clear();
  filling_.clear();
  listings_.clear();
  to_read_.clear();
  next_offsets_.clear();
}

log::NewRecord Frontier::record_of(const v1::UrlState& state) {
  return log::NewRecord{proto::Topic::kFrontier, "u:" + state.url(), state.SerializeAsString(),
                        domain_of(state.url())};
}

log::NewRecord Frontier::record_of(const v1::Discovery& discovery) {
  return log::NewRecord{proto::Topic::kFrontier, "d:" + discovery.url(),
                        discovery.SerializeAsString(), domain_of(discovery.url())};
}

log::NewRecord Frontier::record_of(const v1::Reservation& reservation) {
  return log::NewRecord{proto::Topic::kFrontier, "h:" + reservation.name(),
                        reservation.SerializeAsString(),
                        url::registrable_domain(reservation.name())};
}

log::NewRecord Frontier::tombstone_in(std::int32_t partition, std::string key) const {
  // The log takes no number of a partition: a partition key is looked for that leads there.
  std::string partition_key;
  for (int i = 0; partition_key.empty() || partition_of(partition_key) != partition; ++i)
    partition_key = std::to_string(i);
  return log::NewRecord{proto::Topic::kFrontier, std::move(key), std::nullopt,
                        std::move(partition_key)};
}

}  // namespace vigie::crawler::frontier
