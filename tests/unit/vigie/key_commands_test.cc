#include "vigie/key_commands.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "platform/process/process.h"
#include "proto/identity.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::cli {
namespace {

/// Answers as the API would, and keeps what it was asked.
class FakeApi final : public Api {
 public:
  Result<http::Response> call(http::Request request) override {
    asked.push_back(request.method + " " + request.path + " " + request.body);
    if (request.method == "DELETE") {
      http::Response gone;
      gone.status = 204;
      return gone;
    }
    return http::Response::json(*parse_json(response), status);
  }
  std::string where() const override { return "a test"; }

  std::vector<std::string> asked;
  std::string response = R"({"keys":[{"id":null,"name":"key 1","role":"admin"},
                                   {"id":"abc","name":"Ana","role":"reader","expired":false}]})";
  int status = 200;
};

class KeyCommands : public testing::Test {
 protected:
  std::string end_asked_for(const std::string& expires) {
    api_.asked.clear();
    code_ = run_keys_add(api_, {"Ana", "reader", expires, ""}, clock_, out_, err_);
    if (api_.asked.empty()) return "refused";
    const auto body = parse_json(api_.asked[0].substr(api_.asked[0].find('{')));
    return (*body)["expires"].is_string() ? (*body)["expires"].as_string() : "never";
  }
  FakeApi api_;
  FakeClock clock_;
  std::ostringstream out_;
  std::ostringstream err_;
  int code_ = 0;
};

TEST_F(KeyCommands, AnEndIsDaysOrADay) {
  EXPECT_EQ(end_asked_for(""), "never");
  EXPECT_EQ(end_asked_for("2027-01-31").substr(0, 19), "2027-01-31T00:00:00");
  EXPECT_EQ(end_asked_for("2027-01-31T12:00:00Z").substr(0, 19), "2027-01-31T12:00:00");
  const std::string tomorrow = end_asked_for("1d");
  clock_.advance(std::chrono::hours(24));
  EXPECT_LT(tomorrow, end_asked_for("1d"));
  for (const char* none : {"0d", "-1d", "d", "1.5d", "99999999d", "soon", "2027-02-30", "90"}) {
    EXPECT_EQ(end_asked_for(none), "refused") << none;
    EXPECT_EQ(code_, process::kExitUsage) << none;
  }
}

TEST_F(KeyCommands, RevokeByIdOrByName) {
  for (const char* which : {"abc", "Ana"}) {
    api_.asked.clear();
    EXPECT_EQ(run_keys_revoke(api_, which, out_, err_), process::kExitOk);
    EXPECT_EQ(api_.asked.back().substr(0, 19), "DELETE /v1/keys/abc");
  }
  for (const char* which : {"key 1", "Bo"}) {
    api_.asked.clear();
    EXPECT_EQ(run_keys_revoke(api_, which, out_, err_), process::kExitSomeFailed) << which;
    EXPECT_EQ(api_.asked.size(), 1U) << "a key of a file is not the API's to revoke";
  }
}

TEST_F(KeyCommands, SayWhatTheApiRefused) {
  api_.status = 409;
  api_.response = R"({"code":"conflict","detail":"there is a key of this name"})";
  end_asked_for("");
  EXPECT_EQ(code_, process::kExitSomeFailed);
  EXPECT_NE(err_.str().find("there is a key of this name"), std::string::npos);
  EXPECT_TRUE(out_.str().empty());
}

TEST_F(KeyCommands, WriteADigestAloneIntoAFile) {
  const std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("vigie_key_commands_" + std::to_string(getpid()));
  std::filesystem::create_directories(dir);
  const std::string file = (dir / "keys").string();
  SeededRandom random(5);
  for (const char* name : {"The desk", "Ops"})
    EXPECT_EQ(run_keys_add_to_file({name, "operator", "", file}, random, out_, err_),
              process::kExitOk);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(file).permissions() & perms(0077), perms::none);
  std::istringstream told(out_.str());
  std::ifstream written(file);
  std::size_t lines = 0;
  for (std::string response, line; std::getline(told, response) && std::getline(written, line);) {
    ++lines;
    const std::string key = (*parse_json(response))["key"].as_string();
    EXPECT_EQ(line.find(key), std::string::npos);
    std::string digits;
    for (const unsigned char byte : proto::sha256(key)) {
      digits += "0123456789abcdef"[byte >> 4U];
      digits += "0123456789abcdef"[byte & 15U];
    }
    EXPECT_EQ(line, "sha256:" + digits + " operator " + (lines == 1 ? "The desk" : "Ops"));
  }
  EXPECT_EQ(lines, 2U) << "what was there stays";
  EXPECT_EQ(run_keys_add_to_file({"X", "king", "", file}, random, out_, err_), process::kExitUsage);
  EXPECT_EQ(run_keys_add_to_file({"X", "reader", "90d", file}, random, out_, err_),
            process::kExitUsage);
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace vigie::cli
