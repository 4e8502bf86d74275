#include "indexer/query/budget.h"

#include <algorithm>
#include <string>
#include <utility>

#include "indexer/query/query.h"
#include "platform/process/thread.h"

namespace vigie::indexer::query {
namespace {

/// A caller that closes its half of the connection after a question, as some do, still gets the
/// responses that come at once.
constexpr std::chrono::milliseconds kPatience{100};

tl::unexpected<Error> too_expensive(std::chrono::milliseconds deadline) {
  return failure(Disposition::kQuarantine, "too_expensive",
                 "this query takes more than " + std::to_string(deadline.count()) +
                     " ms; ask for fewer or rarer words, or narrow it by within:7d, source: or "
                     "language:, above all where NEAR or a phrase holds words that stand in most "
                     "articles");
}

tl::unexpected<Error> takes_long() {
  return failure(Disposition::kRetry, "takes_long", "this question may not take long, and would");
}

tl::unexpected<Error> busy() {
  return failure(Disposition::kRetry, "busy",
                 "too many expensive queries are being answered; ask again in a moment");
}

}  // namespace

std::size_t costly_clauses(const Query& query) {
  std::size_t out = 0;
  for (const Node& node : query.nodes) {
    if (node.kind == Node::Kind::kPhrase || node.kind == Node::Kind::kNear) ++out;
    if (node.kind != Node::Kind::kWord) continue;
    out += node.words[0].forms.size() > 1 || node.words[0].exact ? 1 : 0;
  }
  return out;
}

Gate::Entry Gate::enter(std::chrono::milliseconds most, const std::stop_token& gone) {
  std::unique_lock lock(mutex_);
  if (free_ == 0) {
    if (may_wait_ == 0) return Entry::kFull;
    --may_wait_;
    const bool is_free = freed_.wait_for(lock, gone, most, [this] { return free_ > 0; });
    ++may_wait_;
    if (!is_free) return Entry::kTooLate;
  }
  --free_;
  return Entry::kEntered;
}

void Gate::leave() {
  {
    const std::lock_guard lock(mutex_);
    ++free_;
  }
  freed_.notify_one();
}

Budget::Budget(Clock& clock, Gate& gate, const Limits& limits, std::stop_token gone)
    : clock_(clock),
      gate_(gate),
      limits_(limits),
      gone_(std::move(gone)),
      begin_(clock.since_boot()),
      cpu_begin_(process::thread_cpu_time()) {}

Budget::~Budget() {
  if (entered_) gate_.leave();
}

std::chrono::milliseconds Budget::left() const {
  return std::max(begin_ + limits_.deadline - clock_.since_boot(), std::chrono::milliseconds(0));
}

Result<void> Budget::enter_gate() const {
  if (entered_) return {};
  if (!limits_.may_take_long) return takes_long();
  switch (gate_.enter(left(), gone_)) {
    case Gate::Entry::kEntered: entered_ = true; return {};
    case Gate::Entry::kFull:
    case Gate::Entry::kTooLate: break;
  }
  return busy();
}

Result<void> Budget::check() const {
  const auto used = clock_.since_boot() - begin_;
  if (used >= limits_.deadline) return too_expensive(limits_.deadline);
  if (used >= kPatience && gone_.stop_requested()) return busy();
  // Beside others that work, a cheap question takes long without being expensive.
  return process::thread_cpu_time() - cpu_begin_ < limits_.free ? Result<void>() : enter_gate();
}

Result<void> Budget::expect(std::uint64_t postings) const {
  expected_ += std::min(postings, UINT64_MAX - expected_);
  if (expected_ > limits_.most_postings) return too_expensive(limits_.deadline);
  if (expected_ > limits_.free_postings) VIGIE_TRY(enter_gate());
  return check();
}

}  // namespace vigie::indexer::query
