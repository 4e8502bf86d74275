#include "extractor/service/retag.h"

#include <string>

namespace vigie::extractor::service {
namespace {

std::string tags_of(const v1::ArticleRecord& article) {
  v1::ArticleRecord tags;
  *tags.mutable_topics() = article.topics();
  *tags.mutable_actors() = article.actors();
  return tags.SerializeAsString();
}

}  // namespace

Result<RewriteCounts> retag(log::Log& log, const Tagging& tagging,
                            const std::function<void(const RewriteCounts&)>& progress) {
  return rewrite(
      log,
      [&tagging](v1::ArticleRecord& article) {
        const std::string before = tags_of(article);
        tagging(article);
        return tags_of(article) != before;
      },
      progress);
}

}  // namespace vigie::extractor::service
