#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/clock/clock.h"

/// One virtual machine room in one thread: time, chance, processes made of fibers, and their
/// deaths.
namespace vigie::simulation {

using std::chrono::milliseconds;

/// Unwinds a fiber whose process was killed. Not a std::exception: nothing in the tree may catch
/// it.
struct Killed {};

/// Memory for the stacks of fibers, kept from one world to the next.
class Stacks {
 public:
  ~Stacks();
  void* take();
  void give(void* stack) { free_.push_back(stack); }
  // the extractor and the query parser are iterative; the rest is small
  static constexpr std::size_t kBytes = 1 << 20;

 private:
  std::vector<void*> free_;
  std::vector<void*> all_;
};

class World;
struct Fiber;

/// A process: what runs in it is lost with it. Its life counts up with each start, so that what was
/// meant for an earlier life finds nobody.
struct Process {
  std::string name;
  // on its first fiber; makes the objects, then runs or spawns the roles
  std::function<void(Process&)> boot;
  std::function<void(Process&)> bury;  // after the death: destroys the objects
  std::function<void(Process&)> fell;  // told at once when it dies, before anything is unwound
  std::uint64_t life = 0;
  bool alive = false;
  bool paused = false;
  bool dying = false;
  milliseconds silent_since{0};             // of its heart: since its death or pause
  milliseconds awake_since{0};              // its start, or the end of its last pause
  std::uint64_t touches_left = 0;           // dies when it comes to 0 from above; 0: not doomed
  std::vector<std::function<void()>> held;  // what came while it was paused
  std::vector<Fiber*> fibers;
  std::string ended;  // why a role ended by itself
};

class World {
 public:
  World(std::uint64_t seed, Stacks& stacks, bool loud);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  milliseconds now() const { return now_; }
  std::int64_t wall() const { return kEpochUnixMs + now_.count(); }
  // Half a minute before 2026-01-01 00:00 UTC, a Thursday: slots of the clock come while faults
  // strike.
  static constexpr std::int64_t kMidnightUnixMs = 1'767'225'600'000;
  static constexpr std::int64_t kEpochUnixMs = kMidnightUnixMs - 31'000;
  static constexpr milliseconds kNever = milliseconds(std::numeric_limits<std::int64_t>::max() / 4);

  std::uint64_t chance(std::uint64_t below) { return below <= 1 ? 0 : engine_() % below; }
  bool one_in(std::uint64_t n) { return chance(n) == 0; }
  milliseconds between(milliseconds least, milliseconds most) {
    return least + milliseconds(chance(static_cast<std::uint64_t>((most - least).count() + 1)));
  }

  /// Calls later, outside of every fiber. With a process: not if that life of it has ended; only
  /// after the pause if it is paused.
  void at(milliseconds when, std::function<void()> call);
  void at(Process& process, milliseconds when, std::function<void()> call);

  Process& add(std::string name);
  std::deque<Process>& processes() { return processes_; }
  void start(Process& process);
  void spawn(Process& process, std::string name, std::function<void()> body);
  void kill(Process& process);
  void pause(Process& process);
  void resume(Process& process);

  /// On a fiber: until ready() or the deadline. Returns at once while the fiber is being unwound.
  void wait(milliseconds deadline, const std::function<bool()>& ready);
  /// On a fiber: a place where its process may die. Outside of fibers: nothing.
  void touch();
  /// The process of the running fiber, or null.
  Process* running() const;
  /// The running fiber is being unwound, or none runs: destructors of what has died. No seam does
  /// anything for those.
  bool unwinding() const;

  /// Runs until `done` (looked at every `look`) or the deadline. True: done.
  bool run(milliseconds deadline, milliseconds look, const std::function<bool()>& done);

  /// What happened, for the reader of a failing seed and for the comparison of two runs.
  void note(std::string_view what);
  std::uint64_t trace_hash() const { return trace_; }
  std::uint64_t steps() const { return steps_; }

 private:
  struct Event {
    Process* process;
    std::uint64_t life;
    std::function<void()> call;
  };
  void resume_fiber(Fiber& fiber);
  void leave_fiber();
  void reap(Process& process);
  bool step(milliseconds until);
  static void entry(unsigned high, unsigned low);

  Stacks& stacks_;
  bool loud_;
  milliseconds now_{1000};
  std::mt19937_64 engine_;
  std::multimap<milliseconds, Event> events_;
  std::deque<Process> processes_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Fiber* current_ = nullptr;
  std::uint64_t trace_ = 1469598103934665603ULL;
  std::uint64_t steps_ = 0;
};

/// The clock of a process: the world's. sleep_until() lets the others run.
class WorldClock final : public Clock {
 public:
  explicit WorldClock(World& world) : world_(world) {}
  std::int64_t now_unix_ms() const override { return world_.wall(); }
  milliseconds since_boot() const override { return world_.now(); }
  bool sleep_until(milliseconds deadline, std::stop_token stop) override;

 private:
  World& world_;
};

/// The chance of a process: the world's.
class WorldRandom final : public Random {
 public:
  explicit WorldRandom(World& world) : world_(world) {}
  std::uint64_t next() override { return world_.chance(std::numeric_limits<std::uint64_t>::max()); }

 private:
  World& world_;
};

}  // namespace vigie::simulation
