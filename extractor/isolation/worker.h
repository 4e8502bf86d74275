#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/extract.h"
#include "extractor/isolation/extractor.h"
#include "platform/result/result.h"

namespace vigie::extractor::isolation {

/// First argument of a program that runs as a worker.
inline constexpr std::string_view kWorkerArgument = "extract-worker";

/// What a page may spend in a worker, and how often it is tried.
struct WorkerLimits {
  // of the processor for one page (ops/spec/command_line.md); a machine under load delays no
  // verdict and hastens none
  std::chrono::milliseconds cpu{1'000};
  std::chrono::milliseconds wall{10'000};  // the far backstop, for what waits without working
  // RLIMIT_DATA of the worker: twice what one page may cost
  std::size_t data_bytes = 512ULL << 20;
  // deaths and time-outs of one page, then it is set aside
  int attempts = 2;
  std::chrono::milliseconds to_start{30'000};  // from starting the program to its first word
};

/// How a worker is run and what it may spend.
struct WorkerOptions {
  // program and its first arguments, such as {"/proc/self/exe", kWorkerArgument}; those of the
  // limits are appended
  std::vector<std::string> command;
  ExtractLimits extract;
  WorkerLimits limits;
  // pages sent ahead, so that the worker never waits for the next
  std::size_t in_flight = 4;
  // worker_died, worker_out_of_memory or worker_timeout: once for each worker that was lost
  std::function<void(std::string_view reason)> on_death;
};

/// An extractor whose pages are read by a child process, started when the first page comes and
/// again after each death; ended by the destructor. A page during which the worker died or timed
/// out is tried again; after `attempts` it fails with kQuarantine worker_died, worker_out_of_memory
/// or worker_timeout. Only what this process sees counts: if it ends itself, no page is blamed.
/// Pages that were sent ahead are not blamed either.
std::unique_ptr<Extractor> make_supervised(WorkerOptions options);

/// True if the program was called to be a worker. main() asks before anything else.
bool is_worker(int argc, char** argv);
/// What a worker does with a page: serialised PageRecord in.
using ParsePage =
    std::function<Result<v1::ArticleRecord>(const std::string& page, const ExtractLimits& limits)>;
/// Whether a worker locks itself in (sandbox.h) before it reads its first page.
enum class Confinement { kSandbox, kNone };
/// The life of a worker: answers pages on file descriptor 0, a socket, until it is closed. Exit
/// code of the program.
int run_worker(int argc, char** argv, const ParsePage& parse_page = parse_record,
               Confinement confinement = Confinement::kSandbox);

}  // namespace vigie::extractor::isolation
