#pragma once

#include <string>

#include "extractor/explanation.h"
#include "platform/json/json.h"
#include "proto/article.pb.h"

namespace vigie::extractor::commands {

/// An article as `vigie extract` writes it (ops/spec/command_line.md). `id` null: the article's
/// own. With `explanation.in_full`, "explain" says what won and why.
Json article_json(const v1::ArticleRecord& article, const Json& id, const std::string& url,
                  const Explanation& explanation);

/// For people: headline, byline, URL, paragraphs. Control characters are escaped.
std::string article_text(const v1::ArticleRecord& article);

/// CommonMark with tables: headings, lists, quotes, links and tables of the main text are kept.
/// Control characters are escaped.
std::string article_markdown(const v1::ArticleRecord& article, const Explanation& explanation);

/// For people: which candidate won, where each field came from, what became of each block.
std::string explanation_text(const Explanation& explanation);

}  // namespace vigie::extractor::commands
