#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "extractor/commands/tag_command.h"
#include "platform/result/result.h"

namespace vigie::extractor::commands {

/// A text to explain; `language` empty: it is asked for.
struct ArticleText {
  std::string id;
  std::string title;
  std::string text;
  std::string language;
};

/// `vigie topics explain` as typed.
struct ExplainArguments {
  std::vector<std::string> packs;  // folders of packs
  // "-" is `in`. JSON lines with id, title, text and maybe lang, as `vigie tag` and `vigie extract`
  // read and write them; else a text whose first line is the title
  std::string file;
};

/// Reads the texts of a file. Errors: kStop io; kQuarantine bad_line, with its number.
Result<std::vector<ArticleText>> read_article_texts(const std::string& file, std::istream& in);

/// One JSON object a text: every topic, actor and context that something was found of, with its
/// level and the reason, its score, and every hit with its words, rule, weight, and what became of
/// it. Returns the exit code: 0; 3 a pack cannot be read.
int run_topics_explain(const std::vector<std::string>& packs,
                       const std::vector<ArticleText>& articles, const LanguageDetector& detect,
                       std::ostream& out, std::ostream& err);

}  // namespace vigie::extractor::commands
