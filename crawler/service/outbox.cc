#include "crawler/service/outbox.h"

#include <utility>
#include <vector>

namespace vigie::crawler::service {

Result<void> Outbox::send(log::NewRecord record) {
  return producer_->send(std::move(record), [events = events_](const Result<log::LogPosition>& at) {
    if (at) return;
    RecordWritten refused;
    refused.at = at;
    events->push(std::move(refused));
  });
}

Result<void> Outbox::send(log::NewRecord record, RecordWritten when_written) {
  return producer_->send(std::move(record), [events = events_, written = std::move(when_written)](
                                                const Result<log::LogPosition>& at) {
    RecordWritten out = written;
    out.at = at;
    events->push(std::move(out));
  });
}

Result<void> Outbox::send_reservation(const v1::Reservation& reservation, std::uint64_t fetch) {
  return producer_->send(frontier::Frontier::record_of(reservation),
                         [events = events_, fetch](const Result<log::LogPosition>& at) {
                           events->push(ReservationWritten{fetch, at});
                         });
}

Result<void> Outbox::send_state(frontier::Frontier& frontier, v1::UrlState state,
                                RecordWritten when_written) {
  when_written.url = state.url();
  frontier::Frontier::Sent sent = frontier.put(std::move(state));
  when_written.number = sent.number;
  return send(std::move(sent.record), std::move(when_written));
}

Result<std::size_t> Outbox::send_new(frontier::Frontier& frontier, std::uint64_t fetch) {
  std::vector<frontier::Frontier::Sent> all = frontier.take_new();
  for (frontier::Frontier::Sent& sent : all) {
    RecordWritten when_written;
    when_written.fetch = fetch;
    when_written.number = sent.number;
    VIGIE_TRY(send(std::move(sent.record), std::move(when_written)));
  }
  return all.size();
}

Result<void> Outbox::send_forgotten(frontier::Frontier& frontier, const std::string& url) {
  frontier::Frontier::Sent sent = frontier.forget(url);
  RecordWritten when_written;
  when_written.url = url;
  when_written.number = sent.number;
  return send(std::move(sent.record), std::move(when_written));
}

}  // namespace vigie::crawler::service
