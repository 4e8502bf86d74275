#include "platform/backup/turn_gate.h"

namespace vigie::backup {

void TurnGate::pass() {
  std::unique_lock lock(mutex_);
  if (wanted_ == 0) return;
  standing_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return wanted_ == 0; });
  standing_ = false;
}

bool TurnGate::wanted() const {
  const std::lock_guard lock(mutex_);
  return wanted_ > 0;
}

Result<TurnGate::Hold> TurnGate::hold(std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  ++wanted_;
  if (changed_.wait_for(lock, within, [this] { return standing_; })) return Hold(this);
  --wanted_;
  changed_.notify_all();
  return failure(Disposition::kRetry, "busy",
                 "a part of vigie does not come to rest within " +
                     std::to_string(within.count() / 1000) +
                     " s: it catches up or waits for the disk; try again when it is ready");
}

void TurnGate::let_go() {
  const std::lock_guard lock(mutex_);
  --wanted_;
  changed_.notify_all();
}

}  // namespace vigie::backup
