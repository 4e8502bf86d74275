#include "extractor/service/rewrite.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "proto/identity.h"

namespace vigie::extractor::service {
namespace {

// articles between two calls of `progress`
constexpr std::uint64_t kProgressEach = 1'000;

/// Where the newest record of an article stands.
struct Newest {
  std::int64_t fetched_at_unix_ms = 0;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  auto key() const { return std::tie(fetched_at_unix_ms, partition, offset); }
};

/// By the first half of the article id's digest.
using NewestByArticle = std::unordered_map<std::string, Newest>;

std::string short_key(const std::string& article_id) {
  return proto::to_bytes(proto::digest128(article_id)).substr(0, 12);
}

}  // namespace

Result<RewriteCounts> rewrite(log::Log& log, const std::function<bool(v1::ArticleRecord&)>& change,
                              const std::function<void(const RewriteCounts&)>& progress) {
  RewriteCounts counts;
  NewestByArticle newest;
  v1::ArticleRecord article;
  VIGIE_TRY(log::read_to_end(
      log, proto::Topic::kArticles, [&](const log::Record& record) -> Result<void> {
        if (!record.value) return {};
        if (!article.ParseFromString(*record.value)) {
          ++counts.unreadable;
          return {};
        }
        const Newest place{article.fetched_at_unix_ms(), record.partition, record.offset};
        Newest& known = newest[short_key(article.article_id())];
        if (known.key() <= place.key()) known = place;
        return {};
      }));
  const auto producer = log.producer();
  VIGIE_TRY(log::read_to_end(
      log, proto::Topic::kArticles, [&](const log::Record& record) -> Result<void> {
        if (!record.value || !article.ParseFromString(*record.value)) return {};
        const auto place = newest.find(short_key(article.article_id()));
        // Behind the end of the first reading are new articles and what was appended here.
        if (place == newest.end() || place->second.partition != record.partition ||
            place->second.offset != record.offset)
          return {};
        ++counts.articles;
        const bool changed = change(article);
        if (progress && counts.articles % kProgressEach == 0) progress(counts);
        if (!changed) return {};
        ++counts.changed;
        article.set_fetched_at_unix_ms(article.fetched_at_unix_ms() + 1);
        article.set_raise_alerts(false);
        return producer->send(
            {proto::Topic::kArticles, record.key, article.SerializeAsString(), {}});
      }));
  VIGIE_TRY(producer->flush());
  return counts;
}

}  // namespace vigie::extractor::service
