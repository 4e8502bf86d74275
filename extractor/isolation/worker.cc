#include "extractor/isolation/worker.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "extractor/isolation/exit_codes.h"
#include "extractor/isolation/frames.h"
#include "extractor/isolation/sandbox.h"
#include "proto/page.pb.h"

namespace vigie::extractor::isolation {
namespace {

constexpr int kSocket = 0;
constexpr std::size_t kReadBytes = 256ULL << 10;

// What the shadow memory of a sanitizer takes counts as data, so that no limit could hold.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitsData = false;
#else
constexpr bool kLimitsData = true;
#endif

void set_limit(int resource, std::size_t value) {
  const rlimit limit{value, value};
  // A limit that cannot be set leaves the worker with the one it has; the supervisor's clock still
  // holds.
  [[maybe_unused]] const int ignored =
      setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
}

[[noreturn]] void leave_out_of_memory() { _exit(kExitOutOfMemory); }

// Signals for the whole group (Ctrl-C, the end of a terminal, a container that stops) are the
// supervisor's: a worker ends when its socket does.
void ignore_signals_for_the_group() {
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) {
    struct sigaction action {};
    action.sa_handler = SIG_IGN;
    sigaction(signal_number, &action, nullptr);
  }
}

// Ends a worker that hangs when no supervisor is left to do so.
void set_alarm(std::chrono::milliseconds time) {
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(time.count() / 1000);
  timer.it_value.tv_usec = static_cast<suseconds_t>(time.count() % 1000 * 1000);
  setitimer(ITIMER_REAL, &timer, nullptr);
}

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(kSocket, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Reads until `buffer` holds `size` bytes. False at the end.
bool read_until(std::string& buffer, std::size_t size) {
  while (buffer.size() < size) {
    const std::size_t before = buffer.size();
    buffer.resize(before + std::max(size - before, kReadBytes));
    const ssize_t count = ::read(kSocket, buffer.data() + before, buffer.size() - before);
    buffer.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
  }
  return true;
}

/// Libraries read files and set themselves up when they are first used; that is done before the
/// worker is locked in, with a page of our own.
void warm_up(const ParsePage& parse_page, const ExtractLimits& limits) {
  v1::PageRecord page;
  page.set_final_url("https://example.org/");
  page.set_body(
      "<html lang=en><title>A headline of some words</title><body><article><p>A first sentence, "
      "long enough to be taken for a story, with a comma.</p><p>And a second one, published on 3 "
      "March 2026.</p></article>");
  static_cast<void>(parse_page(page.SerializeAsString(), limits));
}

std::size_t number(const char* text) {
  return static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
}

}  // namespace

bool is_worker(int argc, char** argv) { return argc > 1 && argv[1] == kWorkerArgument; }

int run_worker(int argc, char** argv, const ParsePage& parse_page, Confinement confinement) {
  if (argc != 5) return kExitUsage;
  ExtractLimits limits;
  limits.page_bytes = number(argv[2]);
  const std::chrono::milliseconds wall(number(argv[4]));
  set_limit(RLIMIT_CORE, 0);
  if (kLimitsData) set_limit(RLIMIT_DATA, number(argv[3]));
  close_range(kSocket + 3, ~0U, 0);  // files of the supervisor that are none of a worker's business
  ignore_signals_for_the_group();
  std::set_new_handler(leave_out_of_memory);
  if (confinement == Confinement::kSandbox) {
    warm_up(parse_page, limits);
    if (const auto entered = enter_sandbox(); !entered) {
      std::fprintf(stderr, "%s\n", entered.error().to_string().c_str());
      return kExitNoSandbox;
    }
  }
  const std::string first = hello();
  if (!write_all(frame_header(first.size()) + first)) return kExitOk;
  std::string buffer;
  while (read_until(buffer, kFrameHeaderBytes)) {
    std::size_t offset = 0;
    bool broken = false;
    std::optional<std::string_view> frame = take_frame(buffer, offset, broken);
    if (broken) return kExitUsage;
    if (!frame) {
      if (!read_until(buffer, kFrameHeaderBytes + frame_size(buffer))) return kExitOk;
      frame = take_frame(buffer, offset, broken);
    }
    const std::string page(*frame);
    buffer.erase(0, offset);
    set_alarm(wall + wall);
    const std::string response = response_of(parse_page(page, limits));
    set_alarm({});
    if (!write_all(frame_header(response.size())) || !write_all(response)) return kExitOk;
  }
  return kExitOk;
}

}  // namespace vigie::extractor::isolation
