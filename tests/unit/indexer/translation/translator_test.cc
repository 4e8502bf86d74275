#include "indexer/translation/translator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/fake_clock.h"

namespace vigie::indexer::translation {
namespace {

using namespace std::chrono_literals;

/// What an engine is asked; it answers by `behave`.
struct Script {
  std::mutex mutex;
  std::vector<Batch> asked;
  std::function<Result<std::vector<std::string>>(const Batch&)> behave =
      [](const Batch& batch) -> Result<std::vector<std::string>> {
    std::vector<std::string> out;
    for (const std::string& text : batch.texts) out.push_back(batch.target + ":" + text);
    return out;
  };

  std::vector<Batch> batches() {
    const std::lock_guard lock(mutex);
    return asked;
  }
};

class FakeEngine final : public Engine {
 public:
  explicit FakeEngine(Script& script) : script_(script) {}
  Result<std::vector<std::string>> translate(const Batch& batch, const std::stop_token&) override {
    std::function<Result<std::vector<std::string>>(const Batch&)> behave;
    {
      const std::lock_guard lock(script_.mutex);
      script_.asked.push_back(batch);
      behave = script_.behave;
    }
    return behave(batch);
  }

 private:
  Script& script_;
};

class TranslatorTest : public testing::Test {
 protected:
  Translator& make(TranslatorOptions options = {}) {
    translator_ = std::make_unique<Translator>(std::make_unique<FakeEngine>(script_), clock_,
                                               *registry_, options);
    return *translator_;
  }
  void start() {
    thread_ =
        std::jthread([this](const std::stop_token& stop) { EXPECT_TRUE(translator_->run(stop)); });
  }
  Answer ask(std::string_view text, Urgency urgency = Urgency::kHeadline,
             std::string_view source = "zh") {
    return translator_->ask(urgency, source, "en", text);
  }
  /// Asks until it no longer waits.
  Answer settled(std::string_view text, Urgency urgency = Urgency::kHeadline) {
    for (int i = 0; i < 2000; ++i) {
      const Answer response = ask(text, urgency);
      if (response.state != Answer::State::kWaiting) return response;
      std::this_thread::sleep_for(2ms);
    }
    ADD_FAILURE() << "still waiting for " << text;
    return {};
  }
  double texts(const std::string& outcome) {
    return registry_->counter("vigie_translation_texts_total", "", {{"outcome", outcome}}).value();
  }

  FakeClock clock_;
  std::unique_ptr<metrics::Registry> registry_ = metrics::make_registry();
  Script script_;
  std::unique_ptr<Translator> translator_;
  std::jthread thread_;
};

TEST_F(TranslatorTest, NeverWaitsAndAsksOnce) {
  make();
  EXPECT_EQ(ask("a").state, Answer::State::kWaiting);
  EXPECT_EQ(ask("a").state, Answer::State::kWaiting);
  EXPECT_TRUE(script_.batches().empty());
  start();
  EXPECT_EQ(settled("a").text, "en:a");
  EXPECT_EQ(settled("a").text, "en:a");
  ASSERT_EQ(script_.batches().size(), 1U);
  EXPECT_EQ(script_.batches()[0].texts, std::vector<std::string>{"a"});
}

TEST_F(TranslatorTest, ThirtyHeadlinesAreOneRequestAndComeBeforeTexts) {
  make();
  ask("a paragraph", Urgency::kText);
  for (int i = 0; i < 30; ++i) ask("headline " + std::to_string(i));
  ask("titre", Urgency::kHeadline, "fr");
  start();
  EXPECT_EQ(settled("a paragraph", Urgency::kText).text, "en:a paragraph");
  const std::vector<Batch> batches = script_.batches();
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[0].texts.size(), 30U);
  EXPECT_EQ(batches[1].source, "fr");
  EXPECT_EQ(batches[2].texts, std::vector<std::string>{"a paragraph"});
}

TEST_F(TranslatorTest, TheQueueIsBoundedAndWhatIsTurnedAwayMayAskAgain) {
  TranslatorOptions options;
  options.waiting = 2;
  make(options);
  for (const char* text : {"a", "b", "c"}) EXPECT_EQ(ask(text).state, Answer::State::kWaiting);
  EXPECT_EQ(texts("turned_away"), 1);
  start();
  EXPECT_EQ(settled("c").text, "en:c");
}

TEST_F(TranslatorTest, ATextThatIsTooLongIsRefusedInWords) {
  make();
  const Answer response = ask(std::string(8001, 'x'));
  EXPECT_EQ(response.state, Answer::State::kFailed);
  EXPECT_EQ(response.problem, "this text is too long for the translator");
}

TEST_F(TranslatorTest, AfterAFailureItRestsAndSaysWhy) {
  script_.behave = [](const Batch&) -> Result<std::vector<std::string>> {
    return failure(Disposition::kRetry, "connect", "the translator does not answer: refused");
  };
  make();
  ask("a");
  ask("b", Urgency::kText);
  start();
  const Answer failed = settled("a");
  EXPECT_EQ(failed.state, Answer::State::kFailed);
  EXPECT_EQ(failed.problem, "the translator does not answer: refused");
  EXPECT_EQ(ask("b", Urgency::kText).problem, failed.problem);
  EXPECT_EQ(ask("new").state, Answer::State::kFailed);
  EXPECT_EQ(script_.batches().size(), 1U);
  {
    const std::lock_guard lock(script_.mutex);
    script_.behave = [](const Batch& batch) -> Result<std::vector<std::string>> {
      return batch.texts;
    };
  }
  clock_.advance(10s);
  EXPECT_EQ(settled("a").text, "a");
}

TEST_F(TranslatorTest, OfABatchThatIsRefusedEachTextIsAskedAlone) {
  script_.behave = [](const Batch& batch) -> Result<std::vector<std::string>> {
    if (batch.texts.size() > 1 || batch.texts.front() == "bad")
      return failure(Disposition::kQuarantine, "bad_argument", "no");
    return batch.texts;
  };
  make();
  for (const char* text : {"a", "bad", "c"}) ask(text);
  start();
  EXPECT_EQ(settled("a").text, "a");
  EXPECT_EQ(settled("c").text, "c");
  EXPECT_EQ(settled("bad").problem, "no");
  const std::size_t asked = script_.batches().size();
  EXPECT_EQ(asked, 4U);
  EXPECT_EQ(settled("bad").problem, "no");
  EXPECT_EQ(script_.batches().size(), asked) << "what was refused is not sent again at once";
  clock_.advance(600s);
  EXPECT_EQ(settled("bad").problem, "no");
  EXPECT_EQ(script_.batches().size(), asked + 1);
}

TEST_F(TranslatorTest, TheCacheIsBoundedAndKeepsWhatIsAskedFor) {
  TranslatorOptions options;
  options.cache_bytes = 3'000;
  make(options);
  start();
  settled("kept");
  for (int i = 0; i < 50; ++i) {
    settled("text " + std::to_string(i));
    settled("kept");
  }
  std::size_t times = 0;
  for (const Batch& batch : script_.batches()) times += batch.texts.front() == "kept" ? 1 : 0;
  EXPECT_EQ(times, 1U);
  settled("text 0");
  EXPECT_EQ(script_.batches().size(), 52U) << "what was not asked for had to go";
  EXPECT_LE(registry_->gauge("vigie_translation_cached_bytes", "").value(), 3'000);
}

TEST_F(TranslatorTest, LanguagesAreApart) {
  make();
  start();
  settled("a");
  EXPECT_EQ(translator_->ask(Urgency::kHeadline, "zh", "fr", "a").state, Answer::State::kWaiting);
  EXPECT_EQ(translator_->ask(Urgency::kHeadline, "ja", "en", "a").state, Answer::State::kWaiting);
}

}  // namespace
}  // namespace vigie::indexer::translation
