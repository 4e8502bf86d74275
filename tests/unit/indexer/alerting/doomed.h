#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "indexer/delivery/delivery.h"
#include "platform/log/log.h"
#include "platform/storage/storage.h"

/// kill -9 at a chosen call: from then on nothing that a process does reaches disk, log or
/// receiver, and what it did before stays.
namespace vigie::indexer::alerting {

class Doom {
 public:
  /// Dies at the `calls`th call of a seam from now; 0: lives on.
  void set(std::int64_t calls) {
    left_ = calls;
    dead_ = false;
  }
  /// The same of a process that may have died meanwhile, and stays dead.
  void arm(std::int64_t calls) { left_ = calls; }
  /// A call of a seam: whether the process is dead.
  bool strikes() {
    if (dead_) return true;
    if (left_ > 0 && --left_ == 0) dead_ = true;
    return dead_;
  }
  bool dead() const { return dead_; }
  tl::unexpected<Error> error() const { return failure(Disposition::kStop, "io", "killed"); }

 private:
  std::atomic<std::int64_t> left_{0};
  std::atomic<bool> dead_{false};
};

class DoomedDatabase final : public storage::Database {
 public:
  DoomedDatabase(std::unique_ptr<storage::Database> real, Doom& doom)
      : real_(std::move(real)), doom_(doom) {}
  Result<std::optional<std::string>> get(std::size_t family, std::string_view key) override {
    return real_->get(family, key);
  }
  Result<std::vector<std::optional<std::string>>> get_many(
      std::size_t family, const std::vector<std::string>& keys) override {
    return real_->get_many(family, keys);
  }
  Result<void> write(storage::Batch& batch, storage::Durability durability) override {
    if (doom_.strikes()) return doom_.error();
    return real_->write(batch, durability);
  }
  Result<void> sync() override { return doom_.strikes() ? doom_.error() : real_->sync(); }
  std::unique_ptr<storage::Cursor> cursor(std::size_t family, storage::KeyRange range) override {
    return real_->cursor(family, std::move(range));
  }
  Result<std::uint64_t> ingest(std::size_t family,
                               const std::function<Result<void>(const Emit&)>& rows) override {
    return real_->ingest(family, rows);
  }
  Result<void> drop_range(std::size_t family, std::string_view begin,
                          std::string_view end) override {
    return real_->drop_range(family, begin, end);
  }
  Result<void> compact(std::size_t family) override { return real_->compact(family); }
  Result<void> checkpoint(const std::filesystem::path& to) override {
    return real_->checkpoint(to);
  }
  std::uint64_t disk_bytes() override { return real_->disk_bytes(); }

 private:
  std::unique_ptr<storage::Database> real_;
  Doom& doom_;
};

class DoomedLog final : public log::Log {
 public:
  DoomedLog(log::Log& log, Doom& doom) : log_(log), doom_(doom) {}
  std::unique_ptr<log::Producer> producer() override {
    return std::make_unique<Doomed>(log_.producer(), doom_);
  }
  std::unique_ptr<log::Reader> reader() override { return log_.reader(); }
  Result<std::unique_ptr<log::Group>> join(const std::string& group,
                                           std::span<const proto::Topic> topics,
                                           const log::MemberOptions& options) override {
    return log_.join(group, topics, options);
  }
  Result<std::int32_t> partitions(proto::Topic topic) override { return log_.partitions(topic); }
  Result<log::OffsetRange> offsets(log::TopicPartition at) override { return log_.offsets(at); }
  Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                log::TopicPartition at) override {
    return log_.committed(group, at);
  }
  Result<void> set_committed(const std::string& group, log::TopicPartition at,
                             std::int64_t offset) override {
    if (doom_.strikes()) return doom_.error();
    return log_.set_committed(group, at, offset);
  }
  std::uint64_t disk_bytes() override { return log_.disk_bytes(); }

 private:
  class Doomed final : public log::Producer {
   public:
    Doomed(std::unique_ptr<log::Producer> real, Doom& doom) : real_(std::move(real)), doom_(doom) {}
    Result<void> send(log::NewRecord record, Acknowledged acknowledged) override {
      if (doom_.strikes()) return doom_.error();
      return real_->send(std::move(record), std::move(acknowledged));
    }
    Result<void> flush() override {
      if (doom_.strikes()) return doom_.error();
      return real_->flush();
    }

   private:
    std::unique_ptr<log::Producer> real_;
    Doom& doom_;
  };

  log::Log& log_;
  Doom& doom_;
};

/// Where the process dies while it sends, the receiver may have the message or not.
class DoomedSender final : public delivery::Sender {
 public:
  DoomedSender(delivery::Sender& sender, Doom& doom) : sender_(sender), doom_(doom) {}
  void send(const delivery::Message& message, Done done) override {
    if (doom_.strikes()) return;
    sender_.send(message, [this, done = std::move(done)](delivery::Attempt attempt) {
      if (!doom_.strikes()) done(std::move(attempt));
    });
  }

 private:
  delivery::Sender& sender_;
  Doom& doom_;
};

}  // namespace vigie::indexer::alerting
