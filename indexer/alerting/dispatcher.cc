#include "indexer/alerting/dispatcher.h"

#include <algorithm>
#include <condition_variable>

namespace vigie::indexer::alerting {

struct Dispatcher::Mailbox {
  struct Letter {
    std::string channel;
    Finished finished;
  };
  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<Letter> letters;
};

Dispatcher::Dispatcher(delivery::Sender& sender, std::size_t max_in_flight,
                       std::size_t max_in_flight_per_channel)
    : sender_(sender),
      max_in_flight_(max_in_flight),
      max_in_flight_per_channel_(max_in_flight_per_channel),
      mailbox_(std::make_shared<Mailbox>()) {}

void Dispatcher::add(const std::string& channel, std::string row, std::chrono::milliseconds due) {
  channels_[channel].waiting.emplace(due, std::move(row));
}

void Dispatcher::clear() {
  for (auto& [name, channel] : channels_) channel.waiting.clear();
}

Result<void> Dispatcher::start_due(std::chrono::milliseconds now, const Load& load) {
  auto at = channels_.upper_bound(last_served_);
  for (std::size_t visited = 0, all = channels_.size();
       visited < all && in_flight_ < max_in_flight_; ++visited) {
    if (at == channels_.end()) at = channels_.begin();
    Channel& channel = at->second;
    while (in_flight_ < max_in_flight_ && channel.in_flight < max_in_flight_per_channel_ &&
           !channel.waiting.empty() && channel.waiting.begin()->first <= now) {
      const std::string row = channel.waiting.begin()->second;
      channel.waiting.erase(channel.waiting.begin());
      VIGIE_ASSIGN(const std::optional<delivery::Message> message, load(row));
      if (!message) continue;
      ++channel.in_flight;
      ++in_flight_;
      last_served_ = at->first;
      sender_.send(*message,
                   [mailbox = mailbox_, name = at->first, row](delivery::Attempt attempt) {
                     {
                       const std::lock_guard lock(mailbox->mutex);
                       mailbox->letters.push_back({name, {row, std::move(attempt)}});
                     }
                     mailbox->arrived.notify_one();
                   });
    }
    at = channel.waiting.empty() && channel.in_flight == 0 ? channels_.erase(at) : std::next(at);
  }
  return {};
}

std::vector<Dispatcher::Finished> Dispatcher::take_finished() {
  std::vector<Mailbox::Letter> letters;
  {
    const std::lock_guard lock(mailbox_->mutex);
    letters.swap(mailbox_->letters);
  }
  std::vector<Finished> out;
  for (Mailbox::Letter& letter : letters) {
    const auto channel = channels_.find(letter.channel);
    VIGIE_INVARIANT(channel != channels_.end() && channel->second.in_flight > 0 && in_flight_ > 0);
    --channel->second.in_flight;
    --in_flight_;
    out.push_back(std::move(letter.finished));
  }
  return out;
}

void Dispatcher::wait_finished(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mailbox_->mutex);
  mailbox_->arrived.wait_for(lock, timeout, [&] { return !mailbox_->letters.empty(); });
}

std::size_t Dispatcher::waiting() const {
  std::size_t count = 0;
  for (const auto& [name, channel] : channels_) count += channel.waiting.size();
  return count;
}

std::optional<std::chrono::milliseconds> Dispatcher::next_due() const {
  std::optional<std::chrono::milliseconds> next;
  for (const auto& [name, channel] : channels_) {
    if (!channel.waiting.empty() && (!next || channel.waiting.begin()->first < *next))
      next = channel.waiting.begin()->first;
  }
  return next;
}

}  // namespace vigie::indexer::alerting
