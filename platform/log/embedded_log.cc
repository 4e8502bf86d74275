#include "platform/log/embedded_log.h"

#include <algorithm>

#include "platform/clock/machine_time.h"
#include "platform/log/embedded_engine.h"
#include "platform/log/progress.h"

namespace vigie::log {
namespace {

constexpr std::size_t kPollBytes = 16ULL << 20;  // of one poll: pages are up to 12 MiB each
constexpr std::size_t kWriteBufferBytes = 16ULL << 20;
constexpr std::chrono::milliseconds kLagEvery{1'000};

class EmbeddedProducer final : public Producer {
 public:
  explicit EmbeddedProducer(Engine& engine)
      : engine_(engine), progress_(std::make_shared<Progress>()) {}

  Result<void> send(NewRecord record, Acknowledged acknowledged) override {
    progress_->begin();
    auto done = [progress = progress_,
                 acknowledged = std::move(acknowledged)](const Result<LogPosition>& place) {
      if (acknowledged) acknowledged(place);
      progress->finish(place ? nullptr : &place.error());
    };
    Result<void> queued = engine_.send(std::move(record), std::move(done));
    if (!queued) progress_->finish(nullptr);
    return queued;
  }

  Result<void> flush() override {
    VIGIE_INVARIANT(!engine_.on_writer_thread());
    return progress_->wait();
  }

 private:
  Engine& engine_;
  // shared with acknowledgements, which may come after the producer has gone
  std::shared_ptr<Progress> progress_;
};

class EmbeddedReader final : public Reader {
 public:
  explicit EmbeddedReader(Engine& engine) : engine_(engine) {}

  Result<void> assign(TopicPartition partition, std::int64_t offset) override {
    VIGIE_TRY(engine_.read(partition, offset, 0, 0));  // finds a gap now, not at the next poll
    positions_[partition] = {offset, false};
    return {};
  }
  void unassign(TopicPartition partition) override { positions_.erase(partition); }
  void pause(TopicPartition partition) override { set_paused(partition, true); }
  void resume(TopicPartition partition) override { set_paused(partition, false); }
  /// Where reading goes on; nullopt for what is not assigned.
  std::optional<std::int64_t> position(TopicPartition partition) const {
    const auto found = positions_.find(partition);
    if (found == positions_.end()) return std::nullopt;
    return found->second.offset;
  }

  Result<std::vector<Batch>> poll(std::size_t max_records,
                                  std::chrono::milliseconds timeout) override {
    const auto deadline = machine_now() + timeout;
    for (;;) {
      const std::uint64_t seen = engine_.appended();
      VIGIE_ASSIGN(std::vector<Batch> batches, read_available(max_records));
      if (!batches.empty() || !engine_.wait_beyond(seen, deadline)) return batches;
    }
  }

 private:
  struct Position {
    std::int64_t offset = 0;
    bool paused = false;
  };

  void set_paused(TopicPartition partition, bool paused) {
    const auto found = positions_.find(partition);
    if (found != positions_.end()) found->second.paused = paused;
  }

  // Shares the room equally between the partitions that have records; who comes first changes with
  // each poll.
  Result<std::vector<Batch>> read_available(std::size_t max_records) {
    std::vector<TopicPartition> ready;
    for (const auto& [partition, position] : positions_) {
      if (position.paused) continue;
      VIGIE_ASSIGN(const OffsetRange range, engine_.offsets(partition));
      if (position.offset != range.end) ready.push_back(partition);
    }
    std::vector<Batch> batches;
    if (ready.empty() || max_records == 0) return batches;
    std::rotate(ready.begin(), ready.begin() + static_cast<std::ptrdiff_t>(first_++ % ready.size()),
                ready.end());
    std::size_t records_left = max_records;
    std::size_t bytes_left = kPollBytes;
    for (std::size_t i = 0; i < ready.size() && records_left > 0 && bytes_left > 0; ++i) {
      const std::size_t sharers = ready.size() - i;
      Position& position = positions_[ready[i]];
      VIGIE_ASSIGN(Batch batch,
                   engine_.read(ready[i], position.offset, (records_left + sharers - 1) / sharers,
                                (bytes_left + sharers - 1) / sharers));
      if (batch.next_offset == position.offset) continue;
      position.offset = batch.next_offset;
      records_left -= std::min(records_left, batch.records.size());
      for (const Record& record : batch.records)
        bytes_left -=
            std::min(bytes_left, record.key.size() + (record.value ? record.value->size() : 0));
      batches.push_back(std::move(batch));
    }
    return batches;
  }

  Engine& engine_;
  std::map<TopicPartition, Position> positions_;
  std::size_t first_ = 0;
};

using OnLag =
    std::function<void(const std::string& group, proto::Topic topic, std::int64_t records)>;

class EmbeddedGroup final : public Group {
 public:
  EmbeddedGroup(Engine& engine, std::string group, std::vector<proto::Topic> topics, OnLag on_lag)
      : engine_(engine),
        group_(std::move(group)),
        topics_(std::move(topics)),
        on_lag_(std::move(on_lag)),
        reader_(engine) {}
  ~EmbeddedGroup() override { engine_.give_up_membership(group_, topics_); }

  Result<Polled> poll(std::size_t max_records, std::chrono::milliseconds timeout) override {
    Polled polled;
    if (!assigned_) {
      assigned_ = true;
      polled.settled = true;
      for (const proto::Topic topic : topics_) {
        for (std::int32_t p = 0; p < engine_.partitions(topic); ++p)
          polled.assigned.push_back({topic, p});
      }
      return polled;
    }
    VIGIE_TRY(tell_lag());
    VIGIE_ASSIGN(polled.batches, reader_.poll(max_records, timeout));
    return polled;
  }

  Result<void> start(TopicPartition partition, std::optional<std::int64_t> offset) override {
    if (!offset) {
      VIGIE_ASSIGN(offset, engine_.committed(group_, partition));
    }
    if (!offset) {
      VIGIE_ASSIGN(const OffsetRange range, engine_.offsets(partition));
      offset = range.begin;
    }
    return reader_.assign(partition, *offset);
  }

  Result<void> commit(TopicPartition partition, std::int64_t next_offset) override {
    return engine_.commit(group_, partition, next_offset);
  }
  void pause(TopicPartition partition) override { reader_.pause(partition); }
  void resume(TopicPartition partition) override { reader_.resume(partition); }

 private:
  /// At the beginning of a poll: what the polls before gave is dealt with, committed or not.
  Result<void> tell_lag() {
    const auto now = engine_.clock().since_boot();
    if (!on_lag_ || now < lag_due_) return {};
    lag_due_ = now + kLagEvery;
    for (const proto::Topic topic : topics_) {
      std::int64_t lag = 0;
      for (std::int32_t p = 0; p < engine_.partitions(topic); ++p) {
        VIGIE_ASSIGN(const OffsetRange range, engine_.offsets({topic, p}));
        std::optional<std::int64_t> position = reader_.position({topic, p});
        if (!position) {
          VIGIE_ASSIGN(position, engine_.committed(group_, {topic, p}));
        }
        lag += range.end - std::clamp(position.value_or(range.begin), range.begin, range.end);
      }
      on_lag_(group_, topic, lag);
    }
    return {};
  }

  Engine& engine_;
  std::string group_;
  std::vector<proto::Topic> topics_;
  OnLag on_lag_;
  std::chrono::milliseconds lag_due_{0};  // since boot
  EmbeddedReader reader_;
  bool assigned_ = false;
};

class EmbeddedLog final : public Log, public Checkpointed {
 public:
  EmbeddedLog(std::unique_ptr<storage::Database> database, const EmbeddedOptions& options,
              Clock& clock)
      : engine_(std::move(database), options, clock), on_lag_(options.on_lag) {}
  Result<void> start() { return engine_.start(); }

  std::unique_ptr<Producer> producer() override {
    return std::make_unique<EmbeddedProducer>(engine_);
  }
  std::unique_ptr<Reader> reader() override { return std::make_unique<EmbeddedReader>(engine_); }
  Result<std::unique_ptr<Group>> join(const std::string& group,
                                      std::span<const proto::Topic> topics,
                                      const MemberOptions&) override {
    std::vector<proto::Topic> list(topics.begin(), topics.end());
    VIGIE_TRY(engine_.take_membership(group, list));
    std::unique_ptr<Group> member =
        std::make_unique<EmbeddedGroup>(engine_, group, std::move(list), on_lag_);
    return member;
  }
  Result<std::int32_t> partitions(proto::Topic topic) override { return engine_.partitions(topic); }
  Result<OffsetRange> offsets(TopicPartition partition) override {
    return engine_.offsets(partition);
  }
  Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                TopicPartition partition) override {
    return engine_.committed(group, partition);
  }
  Result<void> set_committed(const std::string& group, TopicPartition partition,
                             std::int64_t offset) override {
    return engine_.commit(group, partition, offset);
  }
  std::uint64_t disk_bytes() override { return engine_.disk_bytes(); }
  Result<void> checkpoint(const std::filesystem::path& to) override {
    return engine_.checkpoint(to);
  }

 private:
  Engine engine_;
  OnLag on_lag_;
};

}  // namespace

Result<std::unique_ptr<Log>> open_embedded(const EmbeddedOptions& options, Clock& clock) {
  if (options.partitions < 1 || options.partitions > 1024) {
    return failure(Disposition::kStop, "bad_partitions",
                   "log.partitions must lie between 1 and 1024", options.dir.string());
  }
  storage::Options stored;
  stored.dir = options.dir;
  stored.families = Engine::families();
  stored.write_buffer_bytes = kWriteBufferBytes;
  VIGIE_ASSIGN(std::unique_ptr<storage::Database> database, storage::open(stored));
  auto log = std::make_unique<EmbeddedLog>(std::move(database), options, clock);
  VIGIE_TRY(log->start());
  std::unique_ptr<Log> result = std::move(log);
  return result;
}

}  // namespace vigie::log
