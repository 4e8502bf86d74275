#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>

#include "extractor/isolation/exit_codes.h"
#include "extractor/isolation/frames.h"
#include "extractor/isolation/worker.h"
#include "platform/clock/machine_time.h"
#include "platform/logging/logging.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern char** environ;  // holds the options of the sanitizer
#endif

namespace vigie::extractor::isolation {
namespace {

constexpr int kSocketBytes = 1 << 20;                // wished for; the kernel grants what it grants
constexpr std::chrono::milliseconds kLookEvery{50};  // at the clocks of a worker that says nothing
// workers lost in a row that had no page to blame
constexpr int kMostFruitless = 5;
constexpr std::size_t kReadBytes = 64ULL << 10;

/// Of a worker: none of ours, which may hold secrets.
char** environment() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return environ;
#else
  static char* nothing[] = {nullptr};
  return nothing;
#endif
}

std::string describe(int signal_number) {
  const char* text = sigdescr_np(signal_number);
  return text == nullptr ? "unknown" : text;
}

// A child process and our end of its socket; ended and reaped by the destructor.
class Child {
 public:
  static Result<std::unique_ptr<Child>> start(const WorkerOptions& options) {
    std::array<int, 2> ends{-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      return cannot_start(options, std::strerror(errno));
    for (const int end : ends) {
      setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kSocketBytes, sizeof kSocketBytes);
    }
    std::vector<std::string> words = options.command;
    words.push_back(std::to_string(options.extract.page_bytes));
    words.push_back(std::to_string(options.limits.data_bytes));
    words.push_back(std::to_string(options.limits.wall.count()));
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    // our threads may block what the worker must die of
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    pid_t pid = -1;
    const int error = posix_spawn(&pid, argv[0], &actions, &attributes, argv.data(), environment());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error != 0) {
      close(ends[0]);
      return cannot_start(options, std::strerror(error));
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    std::unique_ptr<Child> child(new Child(pid, ends[0]));
    VIGIE_TRY(child->await_hello(options));
    return child;
  }

  ~Child() {
    close(socket_);
    if (!status_) {
      kill(pid_, SIGKILL);
      reap(true);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int socket() const { return socket_; }
  std::string& received() { return received_; }

  bool is_alive() { return !reap(false); }

  /// How it ended, for people; ends it if it has not.
  std::pair<ErrorCode, std::string> post_mortem() {
    shutdown(socket_, SHUT_RDWR);
    // It has closed its socket, or says what no worker says: a moment, then it is ended.
    for (int i = 0; i < 20 && !reap(false); ++i) poll(nullptr, 0, 5);
    if (!status_) kill(pid_, SIGKILL);
    reap(true);
    if (WIFEXITED(*status_) && WEXITSTATUS(*status_) == kExitOutOfMemory)
      return {ErrorCode("worker_out_of_memory"), "it needed more memory than a page may have"};
    if (WIFSIGNALED(*status_) && WTERMSIG(*status_) == SIGSYS)
      return {ErrorCode("worker_died"),
              "it asked the kernel for what no page needs (a socket, a "
              "program, a file) and was stopped"};
    if (WIFEXITED(*status_))
      return {ErrorCode("worker_died"), "exit code " + std::to_string(WEXITSTATUS(*status_))};
    return {ErrorCode("worker_died"), std::string("signal ") + std::to_string(WTERMSIG(*status_)) +
                                          " (" + describe(WTERMSIG(*status_)) + ")"};
  }

  void end() {
    kill(pid_, SIGKILL);
    reap(true);
  }

  /// Of the processor, since it was started.
  std::chrono::nanoseconds cpu() const {
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0) return {};
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
  }

  /// What has come; false at the end.
  bool receive() {
    for (;;) {
      const std::size_t before = received_.size();
      received_.resize(before + kReadBytes);
      const ssize_t count = recv(socket_, received_.data() + before, kReadBytes, 0);
      received_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
      if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return false;
      if (count < 0 && errno == EINTR) continue;
      if (count < static_cast<ssize_t>(kReadBytes)) return true;
    }
  }

 private:
  Child(pid_t pid, int socket) : pid_(pid), socket_(socket) {}

  static tl::unexpected<Error> cannot_start(const WorkerOptions& options, std::string_view why) {
    return failure(Disposition::kStop, "worker_not_started",
                   "The extract worker cannot be started: " + std::string(why) +
                       "; set extract.isolation to none to extract without workers.",
                   options.command.empty() ? std::string() : options.command.front());
  }

  Result<void> await_hello(const WorkerOptions& options) {
    const MachineTime deadline = machine_now() + options.limits.to_start;
    const std::string expected = hello();
    while (received_.size() < kFrameHeaderBytes + expected.size()) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - machine_now());
      pollfd wait{socket_, POLLIN, 0};
      if (left.count() <= 0 || (poll(&wait, 1, static_cast<int>(left.count())) == 0))
        return cannot_start(options, "it says nothing");
      if (wait.revents != 0 && !receive())
        return cannot_start(options, "it ended at once, " + post_mortem().second);
    }
    std::size_t offset = 0;
    bool broken = false;
    const std::optional<std::string_view> word = take_frame(received_, offset, broken);
    if (!word || *word != expected)
      return cannot_start(options, "it is another program, or of another version");
    received_.clear();
    return {};
  }

  bool reap(bool wait) {
    while (!status_) {
      int status = 0;
      const pid_t done = waitpid(pid_, &status, wait ? 0 : WNOHANG);
      if (done == pid_) {
        status_ = status;
      } else if (done < 0 && errno != EINTR) {
        status_ = 0;  // somebody else has reaped it
      } else if (done == 0) {
        break;
      }
    }
    return status_.has_value();
  }

  pid_t pid_;
  int socket_;
  std::optional<int> status_;
  std::string received_;
};

class SupervisedExtractor final : public Extractor {
 public:
  explicit SupervisedExtractor(WorkerOptions options) : options_(std::move(options)) {}

  Result<void> run(const Next& next, const Done& done) override {
    // it went while nothing was asked of it: nobody's fault
    if (child_ && !child_->is_alive()) child_.reset();
    bool more = true;
    for (;;) {
      while (more && jobs_.size() < std::max<std::size_t>(options_.in_flight, 1)) {
        const std::string* page = next();
        more = page != nullptr;
        if (more) jobs_.push_back({page, frame_header(page->size()), 0, 0});
      }
      if (jobs_.empty()) return {};
      if (Result<void> worked = work(done); !worked) {
        jobs_.clear();
        return worked;
      }
    }
  }

 private:
  struct Job {
    const std::string* page;
    std::string header;
    std::size_t sent;  // bytes of header and page
    int lost;          // workers that were lost with it
    bool is_sent() const { return sent == header.size() + page->size(); }
  };

  // Until at least one page is done.
  Result<void> work(const Done& done) {
    if (!child_) {
      VIGIE_ASSIGN(child_, Child::start(options_));
      for (Job& job : jobs_) job.sent = 0;
      begin_page();
    } else if (idle_) {
      begin_page();
    }
    idle_ = false;
    for (;;) {
      bool gone = !send_pages();
      pollfd wait{child_->socket(),
                  static_cast<short>(POLLIN | (jobs_.back().is_sent() ? 0 : POLLOUT)), 0};
      const int ready = poll(&wait, 1, static_cast<int>(kLookEvery.count()));
      if (ready > 0 && (wait.revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        gone = !child_->receive() || gone;
      if (take_responses(done, gone)) return {};
      if (gone) {
        const auto [reason, detail] = child_->post_mortem();
        return lose(reason, detail, done);
      }
      if (is_late()) {
        child_->end();
        return lose("worker_timeout", "it took longer than a page may", done);
      }
    }
  }

  bool send_pages() {
    for (Job& job : jobs_) {
      while (!job.is_sent()) {
        const bool in_header = job.sent < job.header.size();
        const std::string_view part =
            in_header ? std::string_view(job.header).substr(job.sent)
                      : std::string_view(*job.page).substr(job.sent - job.header.size());
        const ssize_t count = ::send(child_->socket(), part.data(), part.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno == EAGAIN;
        job.sent += static_cast<std::size_t>(count);
      }
    }
    return true;
  }

  // True if a page is done. What no worker says is the end of it: `gone`.
  bool take_responses(const Done& done, bool& gone) {
    std::size_t offset = 0;
    bool any = false;
    while (!jobs_.empty()) {
      bool broken = false;
      const std::optional<std::string_view> frame = take_frame(child_->received(), offset, broken);
      if (broken) gone = true;
      if (!frame) break;
      std::optional<Result<v1::ArticleRecord>> article = article_of(*frame);
      if (!article || !jobs_.front().is_sent()) {
        gone = true;
        break;
      }
      const int attempts = jobs_.front().lost + 1;
      jobs_.pop_front();
      fruitless_ = 0;
      any = true;
      begin_page();
      done(std::move(*article), attempts);
    }
    child_->received().erase(0, offset);
    idle_ = jobs_.empty();
    return any;
  }

  void begin_page() {
    waited_ = {};
    last_look_ = machine_now();
    page_cpu_ = child_->cpu();
  }

  // Only time that we were there to see counts: a machine that was stopped between two looks is not
  // the page's fault.
  bool is_late() {
    const MachineTime now = machine_now();
    waited_ += std::min<MachineTime::duration>(now - last_look_, 4 * kLookEvery);
    last_look_ = now;
    return waited_ > options_.limits.wall || child_->cpu() - page_cpu_ > options_.limits.cpu;
  }

  // The worker is lost. The first page was the one it worked on, if it had all of it.
  Result<void> lose(ErrorCode reason, const std::string& detail, const Done& done) {
    child_.reset();
    if (options_.on_death) options_.on_death(reason.text());
    Job& job = jobs_.front();
    if (!job.is_sent()) {
      if (++fruitless_ < kMostFruitless) return {};
      return failure(Disposition::kStop, "worker_not_started",
                     "Extract workers end before they have read a page: " + detail +
                         "; set extract.isolation to none to extract without workers.",
                     options_.command.front());
    }
    ++job.lost;
    logging::warn(
        "extract worker lost",
        {{"reason", reason.text()}, {"detail", detail}, {"attempt", std::to_string(job.lost)}});
    if (job.lost < options_.limits.attempts) return {};
    const int attempts = job.lost;
    jobs_.pop_front();
    done(failure(Disposition::kQuarantine, reason,
                 "The process that read the page was lost " + std::to_string(attempts) +
                     " times: " + detail + "."),
         attempts);
    return {};
  }

  WorkerOptions options_;
  std::unique_ptr<Child> child_;
  std::deque<Job> jobs_;  // the first is the one the worker is at
  bool idle_ = true;
  int fruitless_ = 0;
  MachineTime::duration waited_{};  // for the first page
  MachineTime last_look_;
  std::chrono::nanoseconds page_cpu_{};
};

}  // namespace

std::unique_ptr<Extractor> make_supervised(WorkerOptions options) {
  return std::make_unique<SupervisedExtractor>(std::move(options));
}

}  // namespace vigie::extractor::isolation
