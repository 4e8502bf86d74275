// libs: extractor/commands extractor platform/json
// The extractor held to real pages with gold answers (../shared/corpus), scored by the corpus' own
// score.py.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "extractor/commands/extract_command.h"

namespace vigie::extractor {
namespace {

const std::filesystem::path kCorpus = "../shared/corpus";

// One line of score.py: "aeb all 63 | P R F1 page | title n | authors n | date n | lang n".
struct Scores {
  std::optional<double> f1;
  std::optional<double> title;
  std::optional<double> authors;
  std::optional<double> date;
  std::optional<double> language;
};

std::optional<double> number(std::istringstream& in) {
  std::string word;
  in >> word;
  if (word.empty() || word == "-") return std::nullopt;
  return std::stod(word);
}

std::map<std::string, Scores> run_score(const std::string& responses) {
  std::map<std::string, Scores> out;
  const std::string command = "python3 " + (kCorpus / "score.py").string() + " " + responses +
                              " --root " + kCorpus.string();
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::array<char, 1024> buffer{};
  while (pipe &&
         std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe.get()) != nullptr) {
    std::string line = buffer.data();
    for (char& c : line) {
      if (c == '|') c = ' ';
    }
    std::istringstream in(line);
    std::string source;
    std::string language;
    std::string count;
    in >> source >> language >> count;
    if (language != "all") continue;
    Scores scores;
    number(in);
    number(in);
    scores.f1 = number(in);
    number(in);
    scores.title = number(in);
    number(in);
    scores.authors = number(in);
    number(in);
    scores.date = number(in);
    number(in);
    scores.language = number(in);
    out[source] = scores;
  }
  return out;
}

class Extraction : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(kCorpus / "score.py")) return;
    responses_ = (std::filesystem::temp_directory_path() /
                  ("vigie-extraction-" + std::to_string(getpid()) + ".jsonl"))
                     .string();
    {
      std::ofstream out(responses_, std::ios::binary);
      std::ostringstream err;
      for (const char* source : {"aeb", "fev", "fun", "nae", "dan", "wcx", "trf", "hda"}) {
        commands::ExtractArguments arguments;
        arguments.manifest = (kCorpus / source / "gold.jsonl").string();
        arguments.jobs = 2;
        std::istringstream in;
        commands::run_extract(arguments, in, out, err);
      }
    }
    scores_ = run_score(responses_);
    std::filesystem::remove(responses_);
  }

  void SetUp() override {
    if (!std::filesystem::exists(kCorpus / "score.py"))
      GTEST_SKIP() << "the corpus is not at " << kCorpus
                   << "; put it there to measure the extractor";
    ASSERT_FALSE(scores_.empty()) << "score.py gave nothing; is python3 installed?";
  }

  static std::string responses_;
  static std::map<std::string, Scores> scores_;
};
std::string Extraction::responses_;
std::map<std::string, Scores> Extraction::scores_;

// What is asked of each source.
TEST_F(Extraction, FindsTheMainText) {
  const std::map<std::string, double> least{{"aeb", 0.970}, {"fev", 0.955}, {"fun", 0.965},
                                            {"nae", 0.945}, {"dan", 0.930}, {"wcx", 0.945},
                                            {"trf", 0.929}};
  for (const auto& [source, floor] : least) {
    ASSERT_TRUE(scores_[source].f1.has_value()) << source;
    EXPECT_GE(*scores_[source].f1, floor) << source;
  }
}

TEST_F(Extraction, FindsTheDayOfPublication) {
  EXPECT_GE(scores_["fun"].date.value_or(0), 0.984);
  EXPECT_GE(scores_["hda"].date.value_or(0), 0.950);
  EXPECT_GE(scores_["nae"].date.value_or(0), 0.845);
  EXPECT_GE(scores_["trf"].date.value_or(0), 0.900);
}

TEST_F(Extraction, FindsTitleAndAuthors) {
  EXPECT_GE(scores_["fun"].title.value_or(0), 0.803);
  EXPECT_GE(scores_["nae"].title.value_or(0), 0.941);
  EXPECT_GE(scores_["fun"].authors.value_or(0), 0.850);
  EXPECT_GE(scores_["nae"].authors.value_or(0), 0.859);
}

TEST_F(Extraction, TellsTheLanguage) {
  for (const char* source : {"aeb", "fun", "nae", "dan", "wcx", "trf"})
    EXPECT_GE(scores_[source].language.value_or(0), 0.98) << source;
}

}  // namespace
}  // namespace vigie::extractor
