#include <algorithm>

#include "indexer/analysis/analysis.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::analysis {
namespace {

std::vector<std::pair<std::string, bool>> tags(
    const google::protobuf::RepeatedPtrField<v1::Tag>& from) {
  std::vector<std::pair<std::string, bool>> out;
  out.reserve(static_cast<std::size_t>(from.size()));
  for (const v1::Tag& tag : from) out.emplace_back(tag.id(), tag.level() == v1::TAG_LEVEL_ABOUT);
  return out;
}

}  // namespace

std::string normalise_language(std::string_view language) {
  std::string primary = text::ascii_lower(language.substr(0, language.find_first_of("-_")));
  if (primary == "iw") return "he";
  if (primary == "in") return "id";
  if (primary == "nb" || primary == "nn") return "no";
  return primary;
}

std::string normalise_name(std::string_view name) {
  std::string folded = text::fold_text(name);
  folded.erase(std::remove(folded.begin(), folded.end(), '"'), folded.end());
  return text::collapse_spaces(folded);
}

std::int64_t article_time_unix_ms(const v1::ArticleRecord& article) {
  const bool known =
      article.has_published() && article.published().precision() != v1::DATE_PRECISION_NONE;
  if (known && article.published().unix_ms() <= article.discovered_at_unix_ms())
    return article.published().unix_ms();
  return article.discovered_at_unix_ms();
}

Attributes attributes(const v1::ArticleRecord& article) {
  Attributes out;
  out.language = normalise_language(article.language());
  out.country = article.source().country();
  out.source_id = article.source().id();
  out.source_name_folded = normalise_name(article.source().name());
  out.kind = article.source().kind();
  out.affiliation = article.source().affiliation();
  out.topics = tags(article.topics());
  out.actors = tags(article.actors());
  out.time_unix_ms = article_time_unix_ms(article);
  return out;
}

}  // namespace vigie::indexer::analysis
