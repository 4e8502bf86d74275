// The whole pipeline in one thread on a virtual clock, once a seed: simulation [--seeds N] [--first
// SEED] [--jobs N] [--digests]; VIGIE_SEED=N runs one, and tells what happens in it. Jobs are
// processes that share nothing but their totals: a seed runs the same in any of them. --digests
// prints for each seed a hash of all that happened and of all records, to compare two builds.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "platform/logging/logging.h"
#include "tests/simulation/judge.h"

namespace {

using namespace vigie::simulation;
using std::chrono::milliseconds;

constexpr milliseconds kFaultsFor{45'000};
// after the last fault everything arrives within this, or it never will
constexpr milliseconds kMostTime{30 * 60'000};
constexpr milliseconds kLook{4'000};
// the slot of what was held comes while faults still strike
constexpr milliseconds kLeastSnooze{10'000};
constexpr milliseconds kMostSnooze{50'000};
constexpr milliseconds kRest{3'000};  // and stays so
constexpr std::uint64_t kTwice = 50;  // one seed in so many runs twice, and must end the same

struct Totals {
  std::uint64_t seeds = 0, failed = 0, kills = 0, pauses = 0, articles = 0, alerts = 0, repeats = 0,
                requests = 0, pages = 0, steps = 0, conditions = 0, kept = 0, shown = 0, slots = 0,
                needless = 0, untaken = 0;
  milliseconds simulated{0};

  void add(const Totals& other) {
    seeds += other.seeds, failed += other.failed, kills += other.kills, pauses += other.pauses,
        articles += other.articles, alerts += other.alerts;
    repeats += other.repeats, requests += other.requests, pages += other.pages, kept += other.kept,
        shown += other.shown, slots += other.slots, needless += other.needless,
        untaken += other.untaken, steps += other.steps, conditions += other.conditions,
        simulated += other.simulated;
  }
};

/// What a job leaves in the memory that it shares.
struct Job {
  std::uint64_t seed = 0;  // that runs
  Totals totals;
};

struct Run {
  bool passed = false;
  std::uint64_t trace = 0;
};

/// A hash of every record that the brokers hold: two builds that do the same leave the same. Left
/// out is what a service tells of its process, such as its memory.
std::uint64_t digest_of(const Brokers& brokers) {
  std::uint64_t out = 1469598103934665603ULL;
  const auto add = [&out](std::string_view bytes) {
    for (const char c : bytes) out = (out ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    out = (out ^ bytes.size()) * 1099511628211ULL;
  };
  for (const auto& [at, partition] : brokers.topics()) {
    for (const Brokers::Stored& stored : partition.records) {
      if (at.topic == vigie::proto::Topic::kStatus && stored.record.key.rfind("service/", 0) == 0)
        continue;
      add(std::to_string(at.partition) + "/" + std::to_string(stored.record.offset) + "/" +
          std::to_string(stored.record.timestamp_unix_ms));
      add(stored.record.key);
      add(stored.record.value.value_or("removed"));
    }
  }
  return out;
}

/// What is told by the clock has its slot at midnight, while faults strike.
Judge::Subscriptions subscribe_all(World& world, Brokers& brokers) {
  const std::string any = "story OR semiconductor";
  const std::array<const char*, 3> clocks{"hourly", "daily@01:00 Europe/Paris",
                                          "weekly@thu 00:00 UTC"};
  Judge::Subscriptions out;
  Rhythm later, slots, quiet;
  later.snooze = world.between(kLeastSnooze, kMostSnooze);
  slots.every = clocks[world.chance(clocks.size())];
  quiet.quiet = "22:00-00:00 UTC";
  out.all = {
      subscribe(world, brokers, "everything", "semiconductor"),
      subscribe(world, brokers, "stories", "story"), subscribe(world, brokers, "later", any, later),
      subscribe(world, brokers, "quiet", any, quiet), subscribe(world, brokers, "back", any)};
  out.system = subscribe(world, brokers, "system", "system:*");
  out.slots = subscribe(world, brokers, "slots", any, slots);
  out.gone = subscribe(world, brokers, "gone", any);
  out.down = subscribe(world, brokers, "down", any);
  return out;
}

Run run_seed(std::uint64_t seed, const Plans& plans, Stacks& stacks, bool loud, Totals& totals) {
  World world(seed, stacks, loud);
  Brokers brokers(world, 2 + static_cast<std::int32_t>(world.chance(2)));
  MemoryDisk disk(world);
  FakeWeb web(world, {});
  plans.write_sources(web.sources_yaml());
  const Judge::Subscriptions subscribed = subscribe_all(world, brokers);
  Run out;
  {
    Plant plant(world, plans, brokers, web, disk);
    const Judge judge(brokers, web, plant, subscribed);
    plant.start();
    plant.plan_faults(world.now() + kFaultsFor);
    world.run(world.now() + kFaultsFor, kFaultsFor, [] { return true; });
    plant.heal();
    const bool arrived =
        world.run(world.now() + kMostTime, kLook, [&] { return judge.missing().empty(); });
    if (arrived) world.run(world.now() + kRest, kRest, [] { return true; });
    // A fault that was under way may have ended a process meanwhile, which is about to come back.
    if (arrived) world.run(world.now() + kMostTime, kLook, [&] { return judge.missing().empty(); });
    std::vector<std::string> problems = judge.wrong();
    for (const std::string& each : judge.missing()) problems.push_back("never arrived: " + each);
    out.passed = problems.empty();
    out.trace = world.trace_hash() ^ world.steps() ^ digest_of(brokers);
    for (const std::string& problem : problems)
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), problem.c_str());
    if (loud) judge.tell();
    const Judge::Figures figures = judge.figures();
    totals.kills += plant.kills();
    totals.pauses += plant.pauses();
    totals.articles += figures.articles;
    totals.alerts += figures.alerts;
    totals.conditions += figures.conditions;
    totals.repeats += figures.repeats;
    totals.requests += figures.requests;
    totals.pages += figures.pages;
    totals.kept += figures.kept;
    totals.shown += figures.shown;
    totals.slots += figures.slots;
    totals.needless += figures.needless;
    totals.untaken += figures.untaken;
  }
  totals.steps += world.steps();
  totals.simulated += world.now();
  ++totals.seeds;
  if (!out.passed) ++totals.failed;
  return out;
}

std::string make_scratch() {
  std::error_code error;
  const std::filesystem::path base = std::filesystem::is_directory("/dev/shm", error)
                                         ? std::filesystem::path("/dev/shm")
                                         : std::filesystem::temp_directory_path();
  const std::filesystem::path scratch = base / ("vigie-simulation-" + std::to_string(getpid()));
  std::filesystem::create_directories(scratch);
  return scratch.string();
}

/// The seeds from `first` below `end`, each `step`th.
void run_seeds(std::uint64_t first, std::uint64_t end, std::uint64_t step, bool loud, bool digests,
               const char* program, Job& job) {
  const std::string scratch = make_scratch();
  {
    const Plans plans(scratch);
    Stacks stacks;
    for (std::uint64_t seed = first; seed < end; seed += step) {
      job.seed = seed;
      const Run run = run_seed(seed, plans, stacks, loud, job.totals);
      if (digests)
        std::printf("seed %llu: %016llx\n", static_cast<unsigned long long>(seed),
                    static_cast<unsigned long long>(run.trace));
      if (!run.passed)
        std::printf("seed %llu failed: VIGIE_SEED=%llu %s repeats it\n",
                    static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed),
                    program);
      if (loud || seed % kTwice != 0) continue;
      Totals unused;
      if (run_seed(seed, plans, stacks, false, unused).trace == run.trace) continue;
      ++job.totals.failed;
      std::printf("seed %llu ran differently the second time\n",
                  static_cast<unsigned long long>(seed));
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(scratch, ignored);
}

/// Runs each job as a process, so that a crash names its seed and the others go on.
Totals run_jobs(std::uint64_t first, std::uint64_t end, std::uint64_t jobs, bool digests,
                const char* program) {
  Totals totals;
  void* shared =
      mmap(nullptr, jobs * sizeof(Job), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    std::perror("mmap");
    totals.failed = 1;
    return totals;
  }
  Job* const all = static_cast<Job*>(shared);
  std::vector<pid_t> children;
  for (std::uint64_t i = 0; i < jobs; ++i) {
    Job* const job = new (all + i) Job;
    const pid_t child = fork();
    if (child == 0) {
      run_seeds(first + i, end, jobs, false, digests, program, *job);
      std::fflush(stdout);
      _exit(0);
    }
    if (child < 0) std::perror("fork");
    children.push_back(child);
  }
  for (std::uint64_t i = 0; i < jobs; ++i) {
    int status = 0;
    const bool ended = children[i] > 0 && waitpid(children[i], &status, 0) == children[i] &&
                       WIFEXITED(status) && WEXITSTATUS(status) == 0;
    totals.add(all[i].totals);
    if (ended) continue;
    ++totals.failed;
    std::printf("the job died (status %d) in seed %llu: VIGIE_SEED=%llu %s repeats it\n", status,
                static_cast<unsigned long long>(all[i].seed),
                static_cast<unsigned long long>(all[i].seed), program);
  }
  munmap(shared, jobs * sizeof(Job));
  return totals;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::uint64_t seeds = 100;
  std::uint64_t first = 1;
  std::uint64_t jobs = std::max(1U, std::thread::hardware_concurrency());
  bool digests = false;
  for (int i = 1; i < argc; ++i) digests = digests || std::strcmp(argv[i], "--digests") == 0;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--seeds") == 0) seeds = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--first") == 0) first = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--jobs") == 0)
      jobs = std::clamp<std::uint64_t>(std::strtoull(argv[i + 1], nullptr, 10), 1, 256);
  }
  const char* one = std::getenv("VIGIE_SEED");
  const bool loud = one != nullptr;
  if (loud) {
    first = std::strtoull(one, nullptr, 10);
    seeds = 1;
  }
  vigie::logging::configure(loud ? vigie::logging::Level::kInfo : vigie::logging::Level::kError,
                            vigie::logging::Format::kText);
  const auto begin = std::chrono::steady_clock::now();
  Job alone;
  if (loud) run_seeds(first, first + 1, 1, true, digests, argv[0], alone);
  const Totals totals =
      loud ? alone.totals : run_jobs(first, first + seeds, std::min(jobs, seeds), digests, argv[0]);
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "seeds %llu to %llu in %.1f s: %llu failed; %llu kills, %llu pauses, %llu articles, %llu "
      "pages, %llu requests, %llu alerts, %llu of conditions, "
      "%llu repeats (%llu of them needless), %llu messages not taken, %llu slots, "
      "%llu changes of people, %llu keys and sessions shown, %.1f h "
      "simulated, %llu steps\n",
      number(first), number(first + seeds - 1), took, number(totals.failed), number(totals.kills),
      number(totals.pauses), number(totals.articles), number(totals.pages), number(totals.requests),
      number(totals.alerts), number(totals.conditions), number(totals.repeats),
      number(totals.needless), number(totals.untaken), number(totals.slots), number(totals.kept),
      number(totals.shown), static_cast<double>(totals.simulated.count()) / 3'600'000,
      number(totals.steps));
  return totals.failed == 0 && totals.seeds == seeds ? 0 : 1;
}
