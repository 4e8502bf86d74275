#include "vigie/export_command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "platform/http/finite_body.h"
#include "platform/process/process.h"

namespace vigie::cli {
namespace {

/// Pieces of a body that perhaps breaks off.
class Pieces final : public http::FiniteBody {
 public:
  Pieces(std::vector<std::string> pieces, bool whole) : pieces_(std::move(pieces)), whole_(whole) {}
  std::optional<std::string> next(const std::stop_token&) override {
    if (given_ == pieces_.size()) return std::nullopt;
    return pieces_[given_++];
  }
  bool is_whole() const override { return whole_; }

 private:
  std::vector<std::string> pieces_;
  bool whole_;
  std::size_t given_ = 0;
};

/// A server with so many rows, of which some responses break off.
class FakeApi final : public Api {
 public:
  explicit FakeApi(std::size_t rows) : rows_(rows) {}

  Result<http::Response> call(http::Request request) override {
    asked.push_back(request);
    const auto number = [&](const char* name) {
      return std::stoul(request.parameter(name).value_or("0"));
    };
    if (request.parameter("q") == "bad")
      return http::Response::problem(400, "bad_query", "expected a word");
    const std::size_t from = number("from");
    const std::size_t end = std::min(rows_, from + number("rows"));
    std::vector<std::string> pieces;
    if (from == 0) pieces.emplace_back("head\n");
    for (std::size_t i = from; i < end; ++i) pieces.push_back(std::to_string(i) + "\n");
    if (end == rows_) pieces.emplace_back("foot\n");
    const bool breaks = break_offs > 0 && from > 0;
    if (breaks) --break_offs;
    if (breaks) pieces.resize(pieces.size() / 2);
    http::Response out;
    out.headers = {{"vigie-export", "id7"}, {"vigie-rows", std::to_string(rows_)}};
    out.finite = std::make_shared<Pieces>(std::move(pieces), !breaks);
    return out;
  }
  std::string where() const override { return "here"; }

  std::vector<http::Request> asked;
  int break_offs = 0;

 private:
  std::size_t rows_;
};

std::string expected(std::size_t rows) {
  std::string out = "head\n";
  for (std::size_t i = 0; i < rows; ++i) out += std::to_string(i) + "\n";
  return out + "foot\n";
}

TEST(ExportCommand, TakesTheFilePieceByPiece) {
  for (const std::size_t rows : {0UL, 1UL, 500UL, 1'234UL}) {
    FakeApi api(rows);
    std::ostringstream out;
    std::ostringstream err;
    ASSERT_EQ(run_export(api, {"chips", "csv", "id,title", true, 0}, out, err), process::kExitOk);
    EXPECT_EQ(out.str(), expected(rows));
    EXPECT_TRUE(err.str().starts_with(std::to_string(rows) + " article"));
    EXPECT_EQ(api.asked[0].parameter("fields"), "id,title");
    EXPECT_EQ(api.asked[0].parameter("text"), "1");
    EXPECT_EQ(api.asked[0].parameter("resume"), "");
    if (api.asked.size() > 1) EXPECT_EQ(api.asked[1].parameter("resume"), "id7");
  }
}

TEST(ExportCommand, APieceThatBreaksOffIsAskedForAgain) {
  FakeApi api(1'100);
  api.break_offs = 2;
  std::ostringstream out;
  std::ostringstream err;
  ASSERT_EQ(run_export(api, {"chips", "csv", "", false, 0}, out, err), process::kExitOk);
  EXPECT_EQ(out.str(), expected(1'100));
}

TEST(ExportCommand, SaysWhatWentWrongAndHowMuchIsThere) {
  FakeApi broken(1'100);
  broken.break_offs = 100;
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_export(broken, {"chips", "csv", "", false, 0}, out, err), process::kExitSomeFailed);
  EXPECT_NE(err.str().find("500 articles were written"), std::string::npos) << err.str();
  FakeApi api(3);
  EXPECT_EQ(run_export(api, {"bad", "csv", "", false, 0}, out, err), process::kExitUsage);
}

}  // namespace
}  // namespace vigie::cli
