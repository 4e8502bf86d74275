#include "platform/process/command.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "platform/clock/clock.h"

namespace vigie::process {
namespace {

using namespace std::chrono_literals;

class CommandTest : public testing::Test {
 protected:
  Result<std::string> run(const std::string& script, std::string_view input = {},
                          CommandLimits limits = {}) {
    return run_command({"sh", "-c", script}, input, limits, clock_, stop_.get_token());
  }
  SystemClock clock_;
  std::stop_source stop_;
};

TEST_F(CommandTest, GivesTheInputAndTakesTheOutput) {
  const std::string input(3 << 20, 'x');  // more than a pipe or a socket holds
  const auto output = run("cat", input);
  ASSERT_TRUE(output) << output.error().to_string();
  EXPECT_EQ(*output, input);
}

TEST_F(CommandTest, AProgramMayLeaveItsInputUnread) {
  const auto output = run("echo done", std::string(3 << 20, 'x'));
  ASSERT_TRUE(output) << output.error().to_string();
  EXPECT_EQ(*output, "done\n");
}

TEST_F(CommandTest, NoShellReadsTheArguments) {
  const auto output = run_command({"printf", "%s", "$HOME; $(id)"}, {}, {}, clock_, {});
  ASSERT_TRUE(output);
  EXPECT_EQ(*output, "$HOME; $(id)");
}

TEST_F(CommandTest, SaysHowItFailed) {
  const auto code = run("exit 3");
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().code, ErrorCode("io"));
  EXPECT_NE(code.error().detail.find("exit code 3"), std::string::npos) << code.error().detail;
  const auto signal = run("kill -TERM $$");
  ASSERT_FALSE(signal);
  EXPECT_NE(signal.error().detail.find("Terminated"), std::string::npos) << signal.error().detail;
  const auto none = run_command({"/nonexistent/translator"}, {}, {}, clock_, {});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().detail.find("cannot be started"), std::string::npos);
}

TEST_F(CommandTest, WhatWritesTooMuchIsKilled) {
  CommandLimits limits;
  limits.output_bytes = 1000;
  const auto output = run("yes", {}, limits);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode("too_large"));
}

/// Whether the process that wrote its number into a file is gone, within a while.
bool is_gone(const std::string& file) {
  pid_t pid = 0;
  std::ifstream(file) >> pid;
  EXPECT_GT(pid, 0);
  for (int i = 0; i < 100; ++i) {
    if (::kill(pid, 0) != 0) return true;
    // a grandchild is reaped by init, which may be slow, or never where there is none
    std::string state;
    std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
    std::getline(status, state);
    if (state.find(") Z ") != std::string::npos) return true;
    std::this_thread::sleep_for(20ms);
  }
  return false;
}

TEST_F(CommandTest, WhatTakesTooLongIsKilledWithItsChildren) {
  const std::string file = testing::TempDir() + "command_test_child";
  CommandLimits limits;
  limits.total = 300ms;
  const auto output = run("sleep 100 & echo $! > " + file + "; wait", {}, limits);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode("timeout_total"));
  EXPECT_TRUE(is_gone(file));
}

TEST_F(CommandTest, AStopEndsIt) {
  std::thread stopper([this] {
    std::this_thread::sleep_for(200ms);
    stop_.request_stop();
  });
  const auto output = run("exec >&-; sleep 100");  // its output is closed, it goes on
  stopper.join();
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode("stopped"));
}

}  // namespace
}  // namespace vigie::process
