#include "crawler/frontier/frontier.h"

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
  if (const auto found = pending_.find(url); found != pending_.end()) return found->second.state;
  return store_->find(partition_of(domain_of(url)), url);
}

Result<Frontier::Seen> Frontier::seen(std::string_view domain, const std::string& url,
                                      const v1::FeedItem* item) {
  std::optional<Note> note;
  if (const auto found = pending_.find(url); found != pending_.end()) {
    if (found->second.state) note = note_of(*found->second.state);
  } else {
    VIGIE_ASSIGN(note, store_->known().note(partition_of(domain), url));
  }
  if (!note) return Seen::kNew;
  return could_change(*note, item) ? Seen::kMayChange : Seen::kSettled;
}

Frontier::Sent Frontier::send(const std::string& url, std::optional<v1::UrlState> state,
                              log::NewRecord record) {
  Pending& pending = pending_[url];
  pending.state = std::move(state);
  pending.number = next_number_++;
  return {std::move(record), pending.number};
}

Frontier::Sent Frontier::put(v1::UrlState state) {
  log::NewRecord record = record_of(state);
  const std::string url = state.url();
  return send(url, std::move(state), std::move(record));
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

Result<FrontierStore::Applied> Frontier::follow(const log::Reader::Batch& batch, bool caught_up,
                                                std::int64_t now_unix_ms) {
  const std::int32_t partition = batch.from.partition;
  VIGIE_ASSIGN(FrontierStore::Applied applied,
               store_->apply(partition, batch.records, batch.next_offset, caught_up, now_unix_ms));
  next_offsets_[partition] = batch.next_offset;
  auto& waiting = to_read_[partition];
  while (!waiting.empty() && waiting.begin()->first < batch.next_offset) {
    const auto& [url, number] = waiting.begin()->second;
    const auto found = pending_.find(url);
    if (found != pending_.end() && found->second.number == number) pending_.erase(found);
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
