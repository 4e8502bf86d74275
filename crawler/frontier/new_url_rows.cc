#include "crawler/frontier/new_url_rows.h"

#include <algorithm>
#include <cstring>

#include "crawler/frontier/known_urls.h"
#include "crawler/frontier/new_urls.h"
#include "crawler/frontier/rows.h"

namespace vigie::crawler::frontier {
namespace {

constexpr std::size_t kDigestBytes = sizeof(proto::Digest128);
constexpr std::size_t kLengthBytes = sizeof(std::uint32_t);

// Rows of a partition: records, what is left of them, their numbers by key.
constexpr char kRecord = 'b';
constexpr char kLeft = 'l';
constexpr char kNumber = 'n';

std::string prefix(std::int32_t partition, char kind) {
  std::string key = partition_prefix(partition);
  key += kind;
  return key;
}

std::string key_of(std::int32_t partition, char kind, std::uint32_t number) {
  std::string key = prefix(partition, kind);
  storage::append_u32(key, number);
  return key;
}

std::uint32_t number_in(std::string_view row_key) {
  return storage::read_u32(row_key.substr(row_key.size() - sizeof(std::uint32_t)));
}

std::string number_bytes(std::uint32_t number) {
  std::string out;
  storage::append_u32(out, number);
  return out;
}

/// The parts of a row: the digests, the key, the record.
struct Parts {
  std::string_view digests;
  std::string_view key;
  std::string_view record;
};

std::optional<Parts> parts_of(std::string_view row) {
  const auto take = [&row](std::size_t unit) -> std::optional<std::string_view> {
    if (row.size() < kLengthBytes) return std::nullopt;
    const std::size_t bytes = storage::read_u32(row) * unit;
    row.remove_prefix(kLengthBytes);
    if (row.size() < bytes) return std::nullopt;
    const std::string_view out = row.substr(0, bytes);
    row.remove_prefix(bytes);
    return out;
  };
  const auto digests = take(kDigestBytes);
  const auto key = digests ? take(1) : std::nullopt;
  if (!key) return std::nullopt;
  return Parts{*digests, *key, row};
}

auto damaged() {
  return failure(Disposition::kStop, "corrupt",
                 "a record of new URLs is damaged in the crawler's frontier; remove that folder, "
                 "and it is made again from the log");
}

}  // namespace

std::shared_ptr<const StandingUrls> StandingUrls::of(std::string key, std::string_view value,
                                                     const v1::NewUrls& urls) {
  std::shared_ptr<StandingUrls> out(new StandingUrls());
  auto places = cut(value, out->said_);
  // protobuf reads more forms than are written: groups, and lengths with zeros behind them
  if (!places || places->size() != static_cast<std::size_t>(urls.urls_size())) return nullptr;
  out->places_ = std::move(*places);
  out->key_ = std::move(key);
  out->bytes_ = value;
  out->digests_.reserve(out->size() * kDigestBytes);
  for (const v1::NewUrl& url : urls.urls())
    out->digests_ += proto::to_bytes(proto::digest128(url.url()));
  return out;
}

std::shared_ptr<const StandingUrls> StandingUrls::of_row(std::string_view row) {
  const auto parts = parts_of(row);
  std::shared_ptr<StandingUrls> out(new StandingUrls());
  auto places = parts ? cut(parts->record, out->said_) : std::nullopt;
  if (!places || places->size() * kDigestBytes != parts->digests.size()) return nullptr;
  out->places_ = std::move(*places);
  out->key_ = parts->key;
  out->bytes_ = parts->record;
  out->digests_ = parts->digests;
  return out;
}

Result<v1::NewUrl> StandingUrls::url(std::size_t i) const {
  const auto [begin, length] = places_[i];
  v1::NewUrl out;
  if (!out.ParseFromArray(bytes_.data() + begin, static_cast<int>(length))) return damaged();
  return out;
}

std::string StandingUrls::row() const {
  std::string out;
  out.reserve(2 * kLengthBytes + digests_.size() + key_.size() + bytes_.size());
  storage::append_u32(out, static_cast<std::uint32_t>(size()));
  out += digests_;
  storage::append_u32(out, static_cast<std::uint32_t>(key_.size()));
  out += key_;
  out += bytes_;
  return out;
}

proto::Digest128 StandingUrls::digest(std::size_t i) const {
  proto::Digest128 out{};
  std::memcpy(out.data(), digests_.data() + i * kDigestBytes, kDigestBytes);
  return out;
}

std::size_t StandingUrls::find(const proto::Digest128& digest) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (std::memcmp(digests_.data() + i * kDigestBytes, digest.data(), kDigestBytes) == 0) return i;
  }
  return kNone;
}

void NewUrlRows::hold(Place place, std::shared_ptr<const StandingUrls> urls) {
  const auto [at, is_new] = held_.try_emplace(place);
  if (is_new) {
    used_.push_front(place);
    at->second.used = used_.begin();
  } else {
    used_.splice(used_.begin(), used_, at->second.used);
  }
  at->second.urls = std::move(urls);
  if (held_.size() <= kHeld) return;
  held_.erase(used_.back());
  used_.pop_back();
}

Result<std::shared_ptr<const StandingUrls>> NewUrlRows::of(std::int32_t partition,
                                                           std::uint32_t number) {
  const Place place{partition, number};
  if (const auto found = held_.find(place); found != held_.end()) {
    used_.splice(used_.begin(), used_, found->second.used);
    return found->second.urls;
  }
  VIGIE_ASSIGN(const auto row, database_.get(kNew, key_of(partition, kRecord, number)));
  std::shared_ptr<const StandingUrls> urls = row ? StandingUrls::of_row(*row) : nullptr;
  if (!urls) return damaged();
  hold(place, urls);
  return urls;
}

Result<Left> NewUrlRows::left(std::int32_t partition, std::uint32_t number, std::size_t urls) {
  VIGIE_ASSIGN(auto bits, database_.get(kNew, key_of(partition, kLeft, number)));
  return bits ? Left(std::move(*bits), urls) : Left(urls);
}

Result<std::optional<std::uint32_t>> NewUrlRows::number_of(std::int32_t partition,
                                                           std::string_view key) {
  VIGIE_ASSIGN(const auto bytes, database_.get(kNew, prefix(partition, kNumber).append(key)));
  return bytes && bytes->size() == sizeof(std::uint32_t)
             ? std::optional<std::uint32_t>(storage::read_u32(*bytes))
             : std::nullopt;
}

Result<void> NewUrlRows::each_left(
    std::int32_t partition,
    const std::function<void(const proto::Digest128&, std::uint32_t number)>& each) {
  const auto left = database_.cursor(kNew, range_of(prefix(partition, kLeft)));
  left->seek_to_first();
  const auto record = database_.cursor(kNew, range_of(prefix(partition, kRecord)));
  for (record->seek_to_first(); record->valid(); record->next()) {
    const auto parts = parts_of(record->value());
    if (!parts) continue;
    const std::uint32_t number = number_in(record->key());
    const std::size_t urls = parts->digests.size() / kDigestBytes;
    while (left->valid() && number_in(left->key()) < number) left->next();
    const bool some = left->valid() && number_in(left->key()) == number;
    const Left bits = some ? Left(std::string(left->value()), urls) : Left(urls);
    for (std::size_t i = 0; i < urls; ++i) {
      if (!bits.has(i)) continue;
      proto::Digest128 digest{};
      std::memcpy(digest.data(), parts->digests.data() + i * kDigestBytes, kDigestBytes);
      each(digest, number);
    }
  }
  VIGIE_TRY(left->status());
  return record->status();
}

Result<std::vector<NewUrlRows::Numbered>> NewUrlRows::older_than(std::int32_t partition,
                                                                 std::int64_t unix_ms,
                                                                 std::size_t most) {
  std::vector<Numbered> out;
  const auto cursor = database_.cursor(kNew, range_of(prefix(partition, kRecord)));
  for (cursor->seek_to_first(); cursor->valid() && most > 0; cursor->next(), --most) {
    auto urls = StandingUrls::of_row(cursor->value());
    // They are in the order in which they were found.
    if (!urls || urls->said().discovered_at_unix_ms() >= unix_ms) break;
    out.emplace_back(number_in(cursor->key()), std::move(urls));
  }
  VIGIE_TRY(cursor->status());
  return out;
}

/// Numbers go on behind the last one that stands.
Result<std::uint32_t> NewUrlRows::next_number(std::int32_t partition) {
  const auto found = next_numbers_.find(partition);
  if (found != next_numbers_.end()) return found->second++;
  const auto cursor = database_.cursor(kNew, range_of(prefix(partition, kRecord)));
  cursor->seek_to_last();
  const std::uint32_t next = cursor->valid() ? number_in(cursor->key()) + 1 : 0;
  VIGIE_TRY(cursor->status());
  next_numbers_[partition] = next + 1;
  return next;
}

void NewUrlRows::put(storage::Batch& batch, std::int32_t partition, std::uint32_t number,
                     const std::shared_ptr<const StandingUrls>& urls) {
  VIGIE_INVARIANT(number < kStanding);
  batch.put(kNew, key_of(partition, kRecord, number), urls->row());
  batch.put(kNew, prefix(partition, kNumber).append(urls->key()), number_bytes(number));
  hold({partition, number}, urls);
}

void NewUrlRows::put_left(storage::Batch& batch, std::int32_t partition, std::uint32_t number,
                          const Left& left) {
  batch.put(kNew, key_of(partition, kLeft, number), left.bytes());
}

void NewUrlRows::remove(storage::Batch& batch, std::int32_t partition, std::uint32_t number,
                        const StandingUrls& urls) {
  batch.remove(kNew, key_of(partition, kRecord, number));
  batch.remove(kNew, key_of(partition, kLeft, number));
  batch.remove(kNew, prefix(partition, kNumber).append(urls.key()));
  if (const auto found = held_.find({partition, number}); found != held_.end()) {
    used_.erase(found->second.used);
    held_.erase(found);
  }
}

void NewUrlRows::clear(storage::Batch& batch, std::int32_t partition) {
  const std::string begin = partition_prefix(partition);
  batch.remove_range(kNew, begin, storage::after_prefix(begin));
  next_numbers_.erase(partition);
  std::erase_if(held_, [&](const auto& one) {
    if (one.first.first != partition) return false;
    used_.erase(one.second.used);
    return true;
  });
}

}  // namespace vigie::crawler::frontier
