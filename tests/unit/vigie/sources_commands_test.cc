#include "vigie/sources_commands.h"

#include <gtest/gtest.h>

#include <functional>
#include <sstream>

#include "platform/process/process.h"

namespace vigie::cli {
namespace {

class FakeApi final : public Api {
 public:
  Result<http::Response> call(http::Request request) override {
    asked = std::move(request);
    return response();
  }
  std::string where() const override { return "here"; }
  http::Request asked;
  std::function<http::Response()> response;
};

class SourcesCommandsTest : public testing::Test {
 protected:
  int import(const std::string& list, const std::string& file = "-") {
    std::istringstream in(list);
    return run_sources_import(api_, file, in, out_, err_);
  }
  FakeApi api_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(SourcesCommandsTest, ImportSendsTheListAndSaysWhatCameOfIt) {
  api_.response = [] {
    return http::Response::json(
        parse_json(R"({"added":[{"id":"a","name":"A"}],"present":2,"refused":[]})").value());
  };
  EXPECT_EQ(import("<opml/>"), process::kExitOk);
  EXPECT_EQ(api_.asked.method, "POST");
  EXPECT_EQ(api_.asked.path, "/v1/sources/opml");
  EXPECT_EQ(api_.asked.header("content-type"), "text/x-opml");
  EXPECT_EQ(api_.asked.body, "<opml/>");
  EXPECT_EQ(out_.str(), R"({"added":[{"id":"a","name":"A"}],"present":2,"refused":[]})"
                        "\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(SourcesCommandsTest, WhatIsRefusedIsNamedAndTheExitCodeSaysSo) {
  api_.response = [] {
    return http::Response::json(
        parse_json(R"({"added":[],"present":0,"refused":[{"name":"B","detail":"no feed"}]})")
            .value());
  };
  EXPECT_EQ(import("<opml/>"), process::kExitSomeFailed);
  EXPECT_EQ(err_.str(), "vigie sources import: B: no feed\n");
}

TEST_F(SourcesCommandsTest, AListThatIsNoneFailsInWords) {
  api_.response = [] { return http::Response::problem(400, "bad_xml", "it is no OPML"); };
  EXPECT_EQ(import("nonsense"), process::kExitSomeFailed);
  EXPECT_NE(err_.str().find("it is no OPML"), std::string::npos) << err_.str();
  EXPECT_EQ(import("", "/nonexistent.opml"), process::kExitCannotStart);
  EXPECT_EQ(import(std::string((8 << 20) + 1, ' ')), process::kExitCannotStart);
}

TEST_F(SourcesCommandsTest, ExportWritesTheListAsItIs) {
  api_.response = [] { return http::Response::text("<opml version=\"2.0\"/>\n", "text/x-opml"); };
  EXPECT_EQ(run_sources_export(api_, out_, err_), process::kExitOk);
  EXPECT_EQ(api_.asked.path, "/v1/sources.opml");
  EXPECT_EQ(out_.str(), "<opml version=\"2.0\"/>\n");
  api_.response = [] { return http::Response::problem(403, "not_authorized", "not for you"); };
  EXPECT_NE(run_sources_export(api_, out_, err_), process::kExitOk);
}

}  // namespace
}  // namespace vigie::cli
