// libs: extractor/tagging indexer/matching indexer/query platform/json platform/text records
// What the tagger finds, the search finds: the words that are evidence of a tag, typed as a phrase,
// find the article, in every language of tests/gold.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "extractor/tagging/tagger.h"
#include "indexer/matching/matcher.h"
#include "indexer/query/query.h"
#include "platform/json/json.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"
#include "proto/article.pb.h"

namespace vigie {
namespace {

std::vector<v1::ArticleRecord> tagged_articles() {
  const auto tagger = extractor::tagging::Tagger::load({"ops/topics"});
  EXPECT_TRUE(tagger) << tagger.error().to_string();
  std::vector<v1::ArticleRecord> out;
  for (const char* file :
       {"topics_open.jsonl", "topics_unread.jsonl", "topics_second_unread.jsonl"}) {
    std::ifstream in(std::string("tests/gold/") + file);
    for (std::string line; std::getline(in, line);) {
      const auto item = parse_json(line);
      EXPECT_TRUE(item) << file << ": " << line;
      if (!item) continue;
      v1::ArticleRecord article;
      article.set_article_id((*item)["id"].as_string());
      article.set_language((*item)["lang"].as_string());
      article.set_title((*item)["title"].as_string());
      article.set_text((*item)["text"].as_string());
      (*tagger)->tag(article);
      out.push_back(std::move(article));
    }
  }
  return out;
}

/// A phrase of the words; quotation marks among them, which would end it, stand for a space.
std::string phrase_of(std::string_view words) {
  std::string out = "\"";
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t begin = at;
    text::next_code_point(words, at);
    const std::string_view one = words.substr(begin, at - begin);
    out += text::fold_text(one) == "\"" ? std::string_view(" ") : one;
  }
  return out + '"';
}

TEST(TagsFound, WordsThatAreEvidenceFindTheArticle) {
  std::size_t asked = 0;
  for (const v1::ArticleRecord& article : tagged_articles()) {
    const indexer::matching::Document document(article);
    std::vector<v1::Tag> tags(article.topics().begin(), article.topics().end());
    tags.insert(tags.end(), article.actors().begin(), article.actors().end());
    for (const v1::Tag& tag : tags) {
      for (const v1::Span& span : tag.evidence()) {
        const std::string& field = span.field() == "title" ? article.title() : article.text();
        const std::string words = field.substr(span.offset(), span.length());
        ++asked;
        const auto query = indexer::query::parse(phrase_of(words));
        ASSERT_TRUE(query) << article.article_id() << ": " << words;
        EXPECT_TRUE(indexer::matching::matches(*query, document, 0, {}))
            << tag.id() << " of " << article.article_id() << " (" << article.language()
            << "): " << words;
      }
    }
  }
  std::printf("%zu passages asked for\n", asked);
  EXPECT_GT(asked, 1'000U);
}

}  // namespace
}  // namespace vigie
