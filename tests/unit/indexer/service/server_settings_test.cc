// Servers of others that the settings name: the translator and the mail server.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "indexer/service/mail_settings.h"
#include "indexer/service/translator_settings.h"
#include "platform/clock/clock.h"
#include "platform/http/http.h"
#include "platform/json/json.h"

namespace vigie::indexer::service {
namespace {

config::Settings settings_of(std::vector<std::string> sets) {
  auto settings = config::load(config::Program::kUp, {"", std::move(sets), {}});
  EXPECT_TRUE(settings) << settings.error().to_string();
  return *settings;
}

class ServerSettings : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/vigie-servers-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::string file(const std::string& text, int mode = 0600) const {
    const auto path = dir_ / "key";
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), static_cast<mode_t>(mode)), 0);
    return path.string();
  }
  Result<TranslatorParts> translator(std::vector<std::string> sets) {
    return make_translator_parts(settings_of(std::move(sets)), clock_);
  }
  /// The setting that is wrong, or nothing.
  std::string wrong(std::vector<std::string> sets) {
    const auto made = translator(std::move(sets));
    if (made) return "";
    EXPECT_EQ(made.error().code, ErrorCode("bad_setting")) << made.error().to_string();
    EXPECT_EQ(made.error().disposition, Disposition::kStop);
    return made.error().where;
  }

  SystemClock clock_;
  std::filesystem::path dir_;
};

TEST_F(ServerSettings, NoTranslatorIsSetUpByDefault) {
  const auto made = translator({});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->engine, nullptr);
  EXPECT_EQ(made->client, nullptr);
}

TEST_F(ServerSettings, TheTranslatorIsAUrlOrACommand) {
  for (const char* url : {"http://127.0.0.1:5000", "https://translate.example/api/"}) {
    const auto made = translator({std::string("translate.url=") + url});
    ASSERT_TRUE(made) << url;
    EXPECT_NE(made->engine, nullptr);
    EXPECT_NE(made->client, nullptr);
  }
  const auto command = translator({"translate.command=[translate, --quiet]"});
  ASSERT_TRUE(command);
  EXPECT_NE(command->engine, nullptr);
  EXPECT_EQ(command->client, nullptr) << "nothing is asked over HTTP";
}

TEST_F(ServerSettings, AUrlOfTheTranslatorThatIsNoneIsNamed) {
  for (const char* url : {"translate.example", "ftp://translate.example", "http://",
                          "http://user@translate.example", "http://:word@translate.example",
                          "http://translate.example/?api_key=1", "http://translate.example/#a"})
    EXPECT_EQ(wrong({std::string("translate.url=") + url}), "translate.url") << url;
}

TEST_F(ServerSettings, TwoTranslatorsOrAKeyWithoutOneAreRefused) {
  EXPECT_EQ(wrong({"translate.url=http://127.0.0.1:5000", "translate.command=[translate]"}),
            "translate.command");
  EXPECT_EQ(wrong({"translate.key_file=" + file("k\n")}), "translate.key_file");
}

TEST_F(ServerSettings, AKeyThatOthersMayReadIsRefused) {
  const auto made = translator(
      {"translate.url=http://127.0.0.1:5000", "translate.key_file=" + file("k\n", 0644)});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode("bad_keys_file"));
  EXPECT_EQ(made.error().where, (dir_ / "key").string());
}

TEST_F(ServerSettings, TheKeyOfTheFileGoesToThePathOfTheUrl) {
  std::mutex mutex;
  std::string key;
  auto router = std::make_shared<http::Router>();
  router->add(
      "POST", "/below/translate",
      [&](const http::Request& request) {
        const Json asked = parse_json(request.body).value();
        const std::lock_guard lock(mutex);
        key = asked["api_key"].as_string();
        return http::Response::json(Json::object({{"translatedText", "ja"}}));
      },
      1 << 20);
  http::ServerOptions options;
  options.listen = "127.0.0.1:0";
  auto server = http::serve(options, router, clock_);
  ASSERT_TRUE(server);
  const auto made =
      translator({"translate.url=http://" + (*server)->address() + "/below",
                  "translate.key_file=" + file("# of the translator\nthe-key\nanother\n")});
  ASSERT_TRUE(made) << made.error().to_string();
  const auto texts = made->engine->translate({"fr", "de", {"oui"}}, std::stop_token());
  ASSERT_TRUE(texts) << texts.error().to_string();
  EXPECT_EQ(texts->front(), "ja");
  const std::lock_guard lock(mutex);
  EXPECT_EQ(key, "the-key") << "the first of the file";
}

TEST_F(ServerSettings, TheMailServerIsReadByTheSameRules) {
  const std::vector<std::string> from = {"email.from=vigie <alerts@example.org>"};
  const auto read = [&](const std::string& url, std::vector<std::string> more = {}) {
    more.insert(more.end(), from.begin(), from.end());
    more.push_back("email.smtp_url=" + url);
    return read_mail_settings(settings_of(std::move(more)));
  };
  for (const char* url : {"smtp://mail.example:587", "smtps://mail.example/"}) {
    const auto mail = read(url);
    ASSERT_TRUE(mail && *mail) << url;
    EXPECT_FALSE((*mail)->client.url.ends_with('/'));
    EXPECT_EQ((*mail)->client.hello, "example.org");
  }
  for (const char* url : {"http://mail.example", "smtp://mail.example/path",
                          "smtp://me@mail.example", "smtp://mail.example/?a", "mail.example"}) {
    const auto mail = read(url);
    ASSERT_FALSE(mail) << url;
    EXPECT_EQ(mail.error().code, ErrorCode("bad_setting"));
    EXPECT_EQ(mail.error().where, "email.smtp_url");
  }
  const auto signs = [&](int mode) {
    return read("smtps://mail.example",
                {"email.username=me", "email.password_file=" + file("the-word\n", mode)});
  };
  const auto signed_in = signs(0600);
  ASSERT_TRUE(signed_in && *signed_in);
  EXPECT_EQ((*signed_in)->client.password, "the-word");
  const auto open = signs(0644);
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, ErrorCode("bad_keys_file"));
}

}  // namespace
}  // namespace vigie::indexer::service
