#include "tests/simulation/world.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdio>

#include "platform/result/result.h"

namespace vigie::simulation {

struct Fiber {
  World* world = nullptr;
  Process* process = nullptr;
  std::string name;
  std::function<void()> body;
  void* stack = nullptr;
  ucontext_t here{};
  ucontext_t outside{};
  bool finished = false;
  bool doomed = false;     // throw Killed at the next wait
  bool unwinding = false;  // Killed is on its way
  milliseconds deadline{0};
  const std::function<bool()>* ready = nullptr;
};

Stacks::~Stacks() {
  for (void* stack : all_) munmap(stack, kBytes);
}

void* Stacks::take() {
  if (!free_.empty()) {
    void* stack = free_.back();
    free_.pop_back();
    return stack;
  }
  void* stack = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  VIGIE_INVARIANT(stack != MAP_FAILED);
  // an overflow is a crash, not another fiber's data
  VIGIE_INVARIANT(mprotect(stack, 4096, PROT_NONE) == 0);
  all_.push_back(stack);
  return stack;
}

World::World(std::uint64_t seed, Stacks& stacks, bool loud)
    : stacks_(stacks), loud_(loud), engine_(seed) {}

World::~World() {
  for (Process& process : processes_) kill(process);
}

void World::at(milliseconds when, std::function<void()> call) {
  events_.emplace(std::max(when, now_), Event{nullptr, 0, std::move(call)});
}
void World::at(Process& process, milliseconds when, std::function<void()> call) {
  events_.emplace(std::max(when, now_), Event{&process, process.life, std::move(call)});
}

Process& World::add(std::string name) {
  processes_.emplace_back();
  processes_.back().name = std::move(name);
  return processes_.back();
}

void World::start(Process& process) {
  VIGIE_INVARIANT(!process.alive && process.fibers.empty());
  process.alive = true;
  process.paused = process.dying = false;
  process.touches_left = 0;
  process.awake_since = now_;
  process.ended.clear();
  ++process.life;
  note(process.name + " starts");
  spawn(process, "boot", [&process] { process.boot(process); });
}

void World::entry(unsigned high, unsigned low) {
  Fiber& fiber = *reinterpret_cast<Fiber*>((static_cast<std::uintptr_t>(high) << 32) | low);
  try {
    if (!fiber.doomed) fiber.body();
  } catch (const Killed&) {
  }
  fiber.finished = true;
  fiber.body = nullptr;
  swapcontext(&fiber.here, &fiber.outside);
}

void World::spawn(Process& process, std::string name, std::function<void()> body) {
  auto fiber = std::make_unique<Fiber>();
  fiber->world = this;
  fiber->process = &process;
  fiber->name = std::move(name);
  fiber->body = std::move(body);
  fiber->stack = stacks_.take();
  fiber->deadline = now_;
  getcontext(&fiber->here);
  fiber->here.uc_stack.ss_sp = fiber->stack;
  fiber->here.uc_stack.ss_size = Stacks::kBytes;
  fiber->here.uc_link = nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(fiber.get());
  makecontext(&fiber->here, reinterpret_cast<void (*)()>(&World::entry), 2,
              static_cast<unsigned>(address >> 32), static_cast<unsigned>(address));
  process.fibers.push_back(fiber.get());
  fibers_.push_back(std::move(fiber));
}

void World::resume_fiber(Fiber& fiber) {
  Fiber* const before = current_;
  current_ = &fiber;
  ++steps_;
  swapcontext(&fiber.outside, &fiber.here);
  current_ = before;
}

void World::leave_fiber() {
  Fiber& fiber = *current_;
  swapcontext(&fiber.here, &fiber.outside);
}

void World::wait(milliseconds deadline, const std::function<bool()>& ready) {
  VIGIE_INVARIANT(current_ != nullptr);
  Fiber& fiber = *current_;
  if (fiber.unwinding) return;
  fiber.deadline = deadline;
  fiber.ready = &ready;
  leave_fiber();
  fiber.ready = nullptr;
  if (!fiber.doomed) return;
  fiber.unwinding = true;
  throw Killed();
}

void World::touch() {
  if (current_ == nullptr || current_->unwinding) return;
  Process& process = *current_->process;
  if (process.touches_left == 0 || --process.touches_left > 0) return;
  process.dying = true;
  current_->doomed = current_->unwinding = true;
  throw Killed();
}

Process* World::running() const { return current_ == nullptr ? nullptr : current_->process; }
bool World::unwinding() const { return current_ == nullptr || current_->unwinding; }

/// Unwinds every fiber of the process, then destroys its objects.
void World::reap(Process& process) {
  if (!process.alive) return;
  note(process.name + (process.ended.empty() ? " is killed" : " ends: " + process.ended));
  process.alive = process.paused = process.dying = false;
  process.silent_since = now_;
  process.held.clear();
  if (process.fell) process.fell(process);
  for (Fiber* fiber : process.fibers) {
    fiber->doomed = true;
    while (!fiber->finished) resume_fiber(*fiber);
  }
  if (process.bury) process.bury(process);
  for (Fiber* fiber : process.fibers) {
    stacks_.give(fiber->stack);
    fibers_.erase(std::find_if(fibers_.begin(), fibers_.end(),
                               [&](const auto& each) { return each.get() == fiber; }));
  }
  process.fibers.clear();
}

void World::kill(Process& process) {
  VIGIE_INVARIANT(current_ == nullptr);
  reap(process);
}

void World::pause(Process& process) {
  if (!process.alive || process.paused) return;
  note(process.name + " is stopped");
  process.paused = true;
  process.silent_since = now_;
}

void World::resume(Process& process) {
  if (!process.alive || !process.paused) return;
  note(process.name + " goes on");
  process.paused = false;
  process.awake_since = now_;
  for (auto& call : std::exchange(process.held, {})) call();
}

/// One thing that can happen now, chosen by chance; else time goes on to the next. False: nothing
/// before `until`.
bool World::step(milliseconds until) {
  while (!events_.empty() && events_.begin()->first <= now_) {
    Event event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    ++steps_;
    if (event.process == nullptr) {
      event.call();
    } else if (event.process->alive && event.process->life == event.life) {
      if (event.process->paused) {
        event.process->held.push_back(std::move(event.call));
      } else {
        event.call();
      }
    }
  }
  std::vector<Fiber*> can;
  milliseconds next = events_.empty() ? kNever : events_.begin()->first;
  for (const auto& fiber : fibers_) {
    if (fiber->finished || fiber->process->paused) continue;
    if (fiber->deadline <= now_ || (fiber->ready != nullptr && (*fiber->ready)())) {
      can.push_back(fiber.get());
    } else {
      next = std::min(next, fiber->deadline);
    }
  }
  if (can.empty()) {
    if (next > until) return false;
    now_ = std::max(now_, next);
    return true;
  }
  Fiber& chosen = *can[chance(can.size())];
  Process& process = *chosen.process;
  resume_fiber(chosen);
  if (process.dying || !process.ended.empty()) reap(process);
  return true;
}

bool World::run(milliseconds deadline, milliseconds look, const std::function<bool()>& done) {
  while (now_ < deadline) {
    const milliseconds until = std::min(deadline, now_ + look);
    while (now_ < until && step(until)) {
    }
    now_ = std::max(now_, until);
    if (done()) return true;
  }
  return false;
}

void World::note(std::string_view what) {
  for (const char c : what) trace_ = (trace_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  trace_ = (trace_ ^ static_cast<std::uint64_t>(now_.count())) * 1099511628211ULL;
  if (loud_)
    std::printf("%9.3f  %.*s\n", static_cast<double>(now_.count()) / 1000,
                static_cast<int>(what.size()), what.data());
}

bool WorldClock::sleep_until(milliseconds deadline, std::stop_token stop) {
  if (world_.unwinding()) return false;
  world_.touch();
  world_.wait(deadline, [&stop] { return stop.stop_requested(); });
  return world_.now() >= deadline;
}

}  // namespace vigie::simulation
