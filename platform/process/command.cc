#include "platform/process/command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "platform/clock/clock.h"

namespace vigie::process {
namespace {

using std::chrono::milliseconds;

constexpr int kLookEveryMs = 50;  // at a stop, the clock and a process that closed its output

tl::unexpected<Error> failed(ErrorCode code, const std::string& program, std::string_view why) {
  return failure(Disposition::kRetry, code, program + ": " + std::string(why));
}

/// A file descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close_now(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  void close_now() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

/// The group of a process that was started; killed and reaped at the end.
class Group {
 public:
  explicit Group(pid_t leader) : leader_(leader) {}
  ~Group() {
    ::kill(-leader_, SIGKILL);
    if (!status_) wait(0);
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  /// How it ended; nothing while it runs.
  std::optional<int> status() {
    if (!status_) wait(WNOHANG);
    return status_;
  }

 private:
  void wait(int options) {
    int status = 0;
    pid_t ended = 0;
    do {
      ended = ::waitpid(leader_, &status, options);
    } while (ended < 0 && errno == EINTR);
    if (ended == leader_) status_ = status;
    else if (ended < 0) status_ = 0xFF00;  // somebody else reaped it: not known to be well
  }
  pid_t leader_;
  std::optional<int> status_;
};

/// Error number of posix_spawnp, or 0.
int spawn(const std::vector<std::string>& words, int in, int out, pid_t& pid) {
  std::vector<std::string> kept = words;
  std::vector<char*> argv;
  for (std::string& word : kept) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  const int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// Gives the input and takes the output, as far as either goes without waiting.
class Exchange {
 public:
  Exchange(int in, int out, std::string_view input) : in_(in), out_(out), input_(input) {}

  /// Waits a moment for either side. False: the output is at its end.
  bool step(std::size_t most_bytes) {
    std::array<pollfd, 2> waits{pollfd{out_, POLLIN, 0}, pollfd{is_given() ? -1 : in_, POLLOUT, 0}};
    if (::poll(waits.data(), waits.size(), kLookEveryMs) <= 0) return true;
    if (waits[1].revents != 0) give();
    return waits[0].revents == 0 || take(most_bytes);
  }
  std::string& output() { return output_; }

 private:
  bool is_given() const { return closed_; }

  void give() {
    const ssize_t sent = ::send(in_, input_.data(), input_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (sent < 0) input_ = {};  // it reads no more; its output tells the rest
    else input_.remove_prefix(static_cast<std::size_t>(sent));
    if (!input_.empty()) return;
    ::shutdown(in_, SHUT_WR);
    closed_ = true;
  }

  bool take(std::size_t most_bytes) {
    std::array<char, 65536> piece{};
    const ssize_t got = ::read(out_, piece.data(), piece.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    output_.append(piece.data(), static_cast<std::size_t>(got));
    return output_.size() <= most_bytes;
  }

  int in_;
  int out_;
  std::string_view input_;
  std::string output_;
  bool closed_ = false;
};

Result<void> judge(int status, const std::string& program) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFSIGNALED(status)) {
    const char* name = sigdescr_np(WTERMSIG(status));
    return failed("io", program, std::string("ended by ") + (name == nullptr ? "a signal" : name));
  }
  return failed("io", program, "exit code " + std::to_string(WEXITSTATUS(status)));
}

}  // namespace

Result<std::string> run_command(const std::vector<std::string>& argv, std::string_view input,
                                const CommandLimits& limits, Clock& clock,
                                const std::stop_token& stop) {
  const std::string program = argv.empty() ? std::string("no program") : argv.front();
  if (argv.empty()) return failed("io", program, "there is nothing to start");
  std::array<int, 2> in{-1, -1};
  std::array<int, 2> out{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in.data()) != 0)
    return failed("io", program, std::strerror(errno));
  Descriptor ours_in(in[0]);
  Descriptor theirs_in(in[1]);
  if (::pipe2(out.data(), O_CLOEXEC) != 0) return failed("io", program, std::strerror(errno));
  Descriptor ours_out(out[0]);
  Descriptor theirs_out(out[1]);
  pid_t pid = -1;
  if (const int error = spawn(argv, in[1], out[1], pid); error != 0)
    return failed("io", program, std::string("cannot be started: ") + std::strerror(error));
  Group group(pid);
  theirs_in.close_now();
  theirs_out.close_now();
  ::fcntl(ours_out.get(), F_SETFL, O_NONBLOCK);

  const milliseconds deadline = clock.since_boot() + limits.total;
  Exchange exchange(ours_in.get(), ours_out.get(), input);
  bool reading = true;
  while (reading || !group.status()) {
    if (stop.stop_requested()) return failed("stopped", program, "was stopped");
    if (clock.since_boot() >= deadline)
      return failed("timeout_total", program,
                    "took longer than " + std::to_string(limits.total.count() / 1000) + " s");
    if (reading) reading = exchange.step(limits.output_bytes);
    else ::poll(nullptr, 0, kLookEveryMs / 10);
    if (exchange.output().size() > limits.output_bytes)
      return failed("too_large", program,
                    "wrote more than " + std::to_string(limits.output_bytes) + " bytes");
  }
  VIGIE_TRY(judge(*group.status(), program));
  return std::move(exchange.output());
}

}  // namespace vigie::process
