// libs: extractor/tagging platform/text
// Tagging in MB/s of text, and the ratio of its time to a bare Vectorscan scan of the same literals
// over the same folded text.
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "extractor/tagging/automaton.h"
#include "extractor/tagging/tagger.h"
#include "platform/text/fold.h"

namespace {

using namespace vigie::extractor::tagging;

constexpr int kRounds = 400;

double seconds(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main() {
  const auto begin = std::chrono::steady_clock::now();
  const auto tagger = Tagger::load({"ops/topics"});
  if (!tagger) {
    std::fprintf(stderr, "%s; run it in the root of the repository\n",
                 tagger.error().to_string().c_str());
    return 3;
  }
  std::printf("load_and_compile_s %.3f\n", seconds(begin));
  // The pack's own examples, which hold far more hits than news does, between sentences with none.
  std::string text;
  for (const auto& topic : (*tagger)->packs().front().topics) {
    for (const auto& example : topic.examples) {
      text += example.text + "\n\n";
      for (int i = 0; i < 4; ++i)
        text +=
            "The council met on Tuesday evening to hear what the residents of the old quarter had "
            "to say about the new bus line. ";
    }
  }
  const auto automaton = Automaton::compile((*tagger)->literals());
  if (!automaton) return 3;
  const std::string folded = vigie::text::fold_text(text);
  std::size_t hits = 0;
  auto at = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) {
    std::vector<Automaton::Hit> found;
    (*automaton)->scan(folded, found);
    hits += found.size();
  }
  const double bare = seconds(at);
  at = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) hits += vigie::text::fold(text).text.size();
  const double fold = seconds(at);
  at = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) hits += (*tagger)->tag_text("", text, "en").topics.size();
  const double tag = seconds(at);
  const double megabytes = static_cast<double>(text.size()) * kRounds / 1e6;
  std::printf(
      "literals %zu\ntext_bytes %zu\nbare_scan_mb_s %.1f\nfold_mb_s %.1f\ntag_mb_s "
      "%.1f\ntag_to_bare_scan_ratio %.2f\n",
      (*automaton)->literals().size(), text.size(), megabytes / bare, megabytes / fold,
      megabytes / tag, tag / bare);
  return hits == 0 ? 1 : 0;
}
