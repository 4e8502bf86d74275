#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "extractor/commands/tag_command.h"

namespace vigie::extractor::commands {

/// `vigie topics mine` as typed.
struct MineArguments {
  std::vector<std::string> files;   // JSON lines {"id","title","text"}; "-" is `in`
  std::string language;             // of the articles to mine, ISO 639-1
  std::vector<std::string> topics;  // empty: all
  std::vector<std::string> packs;   // folders of packs
  int limit = 20;                   // phrases for each topic
};

/// Proposes terms: phrases that stand in articles near a topic more often than in all the others of
/// the language, and that none of its terms covers. Near are articles that get the topic as what
/// they are about, and those most like its examples (cosine of tf-idf). One line
/// {"topic","lang","term","documents","near","elsewhere","score","example"} a phrase, best first
/// by log-likelihood; a person decides which of them mean the topic. A line that cannot be read is
/// one line on `err`. 0; 1 some lines failed; 3 a file or a pack cannot be read.
int run_topics_mine(const MineArguments& arguments, const LanguageDetector& detect,
                    std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace vigie::extractor::commands
