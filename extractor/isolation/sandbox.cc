#include "extractor/isolation/sandbox.h"

#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace vigie::extractor::isolation {
namespace {

// A sanitizer opens files and asks its threads when it reports.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kConfines = false;
#else
constexpr bool kConfines = true;
#endif

/// What the allocator, the clock, locks of one process, signals of its own and the socket need.
constexpr int kAllowed[] = {
    SCMP_SYS(brk),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(close),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(fstat),
    SCMP_SYS(futex),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(madvise),
    SCMP_SYS(membarrier),
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(nanosleep),
    SCMP_SYS(newfstatat),
    SCMP_SYS(pause),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(read),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(setitimer),
    SCMP_SYS(sysinfo),
    SCMP_SYS(tgkill),
    SCMP_SYS(time),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(clock_nanosleep),
};

tl::unexpected<Error> no_sandbox(int error) {
  return failure(
      Disposition::kStop, "no_sandbox",
      "the kernel refuses the filter of system calls: " + std::string(std::strerror(error)) +
          "; use a kernel with seccomp, or set extract.isolation to none where pages "
          "are trusted");
}

/// Every right to files, with none given back. Kernels without Landlock leave that to seccomp.
void forbid_files() {
  landlock_ruleset_attr rules{};
  rules.handled_access_fs =
      LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
      LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
      LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
      LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
      LANDLOCK_ACCESS_FS_MAKE_SYM;
  const auto ruleset =
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0));
  if (ruleset < 0) return;
  syscall(SYS_landlock_restrict_self, ruleset, 0);
  close(ruleset);
}

}  // namespace

Result<void> enter_sandbox() {
  if (!kConfines) return {};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return no_sandbox(errno);
  forbid_files();
  const std::unique_ptr<void, void (*)(void*)> filter(seccomp_init(SCMP_ACT_KILL_PROCESS),
                                                      seccomp_release);
  if (filter == nullptr) return no_sandbox(ENOMEM);
  for (const int call : kAllowed) {
    const int added = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
    if (added != 0 && added != -EDOM) return no_sandbox(-added);  // EDOM: not of this processor
  }
  // What shows that it is alone would kill where it only asks: a terminal, the name of a file.
  for (const int call : {SCMP_SYS(ioctl), SCMP_SYS(readlink), SCMP_SYS(access)}) {
    const int added = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EACCES), call, 0);
    if (added != 0 && added != -EDOM) return no_sandbox(-added);
  }
  const int loaded = seccomp_load(filter.get());
  if (loaded != 0) return no_sandbox(-loaded);
  return {};
}

}  // namespace vigie::extractor::isolation
