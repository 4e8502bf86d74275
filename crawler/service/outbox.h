#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "crawler/frontier/frontier.h"
#include "crawler/service/events.h"
#include "platform/log/log.h"
#include "platform/result/result.h"

namespace vigie::crawler::service {

/// Sends the crawler's records; that one is durable, or was refused, comes back as an event. One
/// thread. Errors: of Producer::send.
class Outbox {
 public:
  explicit Outbox(log::Log& log) : producer_(log.producer()) {}

  /// A record that nobody waits for: an event comes only where it is refused.
  Result<void> send(log::NewRecord record);
  Result<void> send(log::NewRecord record, RecordWritten when_written);
  /// A reservation that the fetch waits for.
  Result<void> send_reservation(const v1::Reservation& reservation, std::uint64_t fetch);
  /// A state of a URL, which counts from now on. `when_written`: who waits for it, and what it
  /// makes needless.
  Result<void> send_state(frontier::Frontier& frontier, v1::UrlState state,
                          RecordWritten when_written = {});
  /// The URLs that were put as new: one record for all of a listing, for which the fetch waits.
  /// Out: how many records.
  Result<std::size_t> send_new(frontier::Frontier& frontier, std::uint64_t fetch);
  /// Forgets a URL.
  Result<void> send_forgotten(frontier::Frontier& frontier, const std::string& url);
  /// Waits until all that was sent is durable.
  Result<void> flush() { return producer_->flush(); }

  const std::shared_ptr<EventQueue>& events() const { return events_; }

 private:
  // Shared with the callbacks of client, resolver and log, which may come after the end.
  std::shared_ptr<EventQueue> events_ = std::make_shared<EventQueue>();
  std::unique_ptr<log::Producer> producer_;
};

}  // namespace vigie::crawler::service
