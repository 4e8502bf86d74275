// A worker for tests alone: the host of the page's address says how it fails. With VIGIE_CONFINED
// it is locked in like the workers of the program; else it may do what its faults need.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/isolation/worker.h"
#include "proto/page.pb.h"

namespace {

using namespace vigie;

Result<v1::ArticleRecord> parse_or_fail(const std::string& page,
                                        const extractor::ExtractLimits& limits) {
  v1::PageRecord record;
  record.ParseFromString(page);
  const std::string& url = record.final_url();
  const auto is_host = [&url](std::string_view name) {
    return url.compare(0, 8 + name.size(), "https://" + std::string(name)) == 0;
  };
  if (is_host("crash.")) raise(SIGSEGV);
  if (is_host("hang.")) {
    while (getppid() >= 0) {
    }
  }
  if (is_host("sleep.")) {
    for (;;) pause();
  }
  if (is_host("memory.")) {
    std::vector<std::string> taken;
    for (;;) taken.emplace_back(1 << 20, 'x');
  }
  if (is_host("socket.")) ::socket(AF_INET, SOCK_STREAM, 0);
  if (is_host("execve.")) ::execl("/bin/true", "true", nullptr);
  if (is_host("fork.") && ::fork() == 0) ::_exit(0);
  if (is_host("read.")) std::ifstream("/etc/passwd").get();
  if (is_host("write.")) std::ofstream("/tmp/vigie-worker") << "x";
  if (is_host("connect.")) ::syscall(SYS_connect, 0, nullptr, 0);
  if (is_host("kill.")) ::kill(::getppid(), 0);
  if (is_host("environment.") && environ[0] != nullptr) raise(SIGABRT);
  if (is_host("rights.") && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) raise(SIGABRT);
  if (is_host("once.")) {
    const std::string mark = url.substr(url.find('/', 8));
    if (!std::filesystem::exists(mark)) {
      std::ofstream(mark) << "x";
      raise(SIGKILL);
    }
  }
  if (is_host("after.")) {
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGKILL;
    timer_t timer{};
    itimerspec soon{};
    soon.it_value.tv_nsec = 100'000'000;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0) timer_settime(timer, 0, &soon, nullptr);
  }
  return extractor::isolation::parse_record(page, limits);
}

#ifdef VIGIE_CONFINED
constexpr auto kConfinement = extractor::isolation::Confinement::kSandbox;
#else
constexpr auto kConfinement = extractor::isolation::Confinement::kNone;
#endif

}  // namespace

int main(int argc, char** argv) {
  return extractor::isolation::is_worker(argc, argv)
             ? extractor::isolation::run_worker(argc, argv, parse_or_fail, kConfinement)
             : 2;
}
