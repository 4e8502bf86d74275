#include "indexer/api/live_mailbox.h"

#include <algorithm>
#include <utility>

#include "platform/json/json.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kPieceBytes = 64 << 10;  // of one piece for the server
/// What a stream may have waiting at least, however much all have.
constexpr std::size_t kLeastQueuedBytes = 16 << 10;

tl::unexpected<Error> over_quota(std::string detail) {
  return failure(Disposition::kQuarantine, "over_quota", std::move(detail));
}

}  // namespace

std::string event_text(std::string_view name, std::string_view id, const std::string& data) {
  std::string out = "event: ";
  out.append(name).append("\nid: ").append(id).append("\ndata: ").append(data).append("\n\n");
  return out;
}

Result<void> LiveUse::take(const std::string& caller, std::size_t clauses) {
  const std::lock_guard lock(mutex_);
  const auto known = callers_.find(caller);
  const OfCaller used = known == callers_.end() ? OfCaller() : known->second;
  if (used.streams >= limits_.streams_of_caller)
    return over_quota("this caller has as many streams open as it may (" +
                      std::to_string(limits_.streams_of_caller) + "); close one first");
  if (used.clauses + clauses > limits_.clauses_of_caller)
    return failure(Disposition::kQuarantine, "too_expensive",
                   "the queries of this caller's open streams hold more phrases, NEAR and =Word "
                   "than they may (" +
                       std::to_string(limits_.clauses_of_caller) +
                       " in all); ask for fewer, or close a stream");
  if (clauses > 0 && clauses_ + clauses > limits_.clauses)
    return over_quota(
        "the open streams of all callers hold as many phrases, NEAR and =Word as "
        "they may; ask with plain words, or come back later");
  callers_[caller] = {used.streams + 1, used.clauses + clauses};
  clauses_ += clauses;
  return {};
}

void LiveUse::give_back(const std::string& caller, std::size_t clauses) {
  const std::lock_guard lock(mutex_);
  const auto known = callers_.find(caller);
  clauses_ -= clauses;
  known->second.clauses -= clauses;
  if (--known->second.streams == 0) callers_.erase(known);
}

std::size_t LiveUse::add_bytes(std::ptrdiff_t change) {
  const std::lock_guard lock(mutex_);
  bytes_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(bytes_) + change);
  return bytes_ > limits_.all_queued_bytes ? std::min(kLeastQueuedBytes, limits_.queued_bytes)
                                           : limits_.queued_bytes;
}

Mailbox::Mailbox(LiveFeed::Wish wish, StreamPosition from, std::shared_ptr<LiveUse> use,
                 std::size_t clauses)
    : wish_(std::move(wish)),
      key_(wish_.query.canonical()),
      clauses_(clauses),
      use_(std::move(use)),
      from_(std::move(from)),
      last_id_(from_.to_text()) {}

Mailbox::~Mailbox() { leave(); }

std::optional<std::string> Mailbox::own_id(const StreamPosition& reading) const {
  if (reading.has_reached(from_)) return std::nullopt;
  return StreamPosition::later(from_, reading).to_text();
}

bool Mailbox::put(const EventText& text, const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (ended_ || left_) return true;
  const std::size_t most = use_->add_bytes(static_cast<std::ptrdiff_t>(text->size()));
  bytes_ += text->size();
  waiting_.push_back(text);
  if (bytes_ <= most || waiting_.size() == 1) {
    if (!id.empty()) last_id_ = id;
    return true;
  }
  waiting_.pop_back();
  bytes_ -= text->size();
  use_->add_bytes(-static_cast<std::ptrdiff_t>(text->size()));
  return false;
}

void Mailbox::end(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (ended_ || left_) return;
  ended_ = true;
  if (text.empty()) return;
  waiting_.push_back(std::make_shared<const std::string>(event_text("slow", last_id_, text)));
  bytes_ += waiting_.back()->size();
  use_->add_bytes(static_cast<std::ptrdiff_t>(waiting_.back()->size()));
}

void Mailbox::wake() const {
  const std::lock_guard lock(mutex_);
  if (wake_ && !left_) wake_();
}

std::optional<std::string> Mailbox::take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return ended_ ? std::nullopt : std::optional<std::string>("");
  std::string out;
  while (!waiting_.empty() &&
         (out.empty() || out.size() + waiting_.front()->size() <= kPieceBytes)) {
    out += *waiting_.front();
    waiting_.pop_front();
  }
  bytes_ -= out.size();
  use_->add_bytes(-static_cast<std::ptrdiff_t>(out.size()));
  return out;
}

void Mailbox::on_ready(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void Mailbox::leave() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(left_, true)) return;
  wake_ = nullptr;
  waiting_.clear();
  use_->add_bytes(-static_cast<std::ptrdiff_t>(std::exchange(bytes_, 0)));
  use_->give_back(wish_.caller, clauses_);
}

bool Mailbox::is_left() const {
  const std::lock_guard lock(mutex_);
  return left_;
}

}  // namespace vigie::indexer::api
