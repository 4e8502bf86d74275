#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "indexer/analysis/analysis.h"
#include "indexer/query/query.h"
#include "platform/result/result.h"
#include "proto/article.pb.h"
#include "proto/match.pb.h"
#include "proto/subscription.pb.h"

namespace vigie::indexer::matching {

/// One article prepared for any number of queries: words by form and stem with positions,
/// attributes.
class Document {
 public:
  explicit Document(const v1::ArticleRecord& article);
  /// Of an article whose words others need too; `prepared` must outlive it.
  Document(const v1::ArticleRecord& article, const analysis::Prepared& prepared);
  ~Document();
  const v1::ArticleRecord& article() const { return article_; }
  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  const v1::ArticleRecord& article_;  // must outlive this
  std::unique_ptr<Impl> impl_;
};

/// match(q, d): the same answer as search(q) over the one article d. kAfter/kBefore/kWithin are
/// judged against now_unix_ms; kStory against story_id, kEvent against
/// event_id.
bool matches(const query::Query& query, const Document& document, std::int64_t now_unix_ms = 0,
             std::string_view story_id = {}, std::string_view event_id = {});

/// The words, phrases and tags of the article that answer the positive parts of the query: spans of
/// title and text, at most `limit`, in order of field and offset, with the words, their sentence,
/// and the clause of the query.
std::vector<v1::Evidence> evidence(const query::Query& query, const Document& document,
                                   std::size_t limit = 16);

/// What it costs to look for the evidence of a query in an article, in the unit of
/// query::Budget::expect.
std::uint64_t price(const query::Query& query, const v1::ArticleRecord& article);

/// A snippet of about `max_bytes` around the best evidence, with the spans to highlight (bytes of
/// `text`).
struct Snippet {
  std::string text;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> highlights;  // offset, length
};
Snippet snippet(const query::Query& query, const Document& document, std::size_t max_bytes = 280);

/// Without text, with the snippet of the query.
v1::ArticleSummary summarize(const v1::ArticleRecord& article, std::string_view snippet_text,
                             std::string_view story_id, std::string_view event_id = {});

/// What is recorded of the subscriptions that one article meets: bytes of MatchRecord. shared and
/// one of own, end to end, are the record of a match.
struct Matches {
  std::string shared;  // what all of them say: the summary without a snippet, the fingerprint
  std::string own;     // what each says alone, one behind the other, in order of subscription id
  std::vector<std::size_t> ends;  // in own
  std::size_t size() const { return ends.size(); }
  bool empty() const { return ends.empty(); }
  std::string_view own_of(std::size_t match) const {
    const std::size_t begin = match == 0 ? 0 : ends[match - 1];
    return std::string_view(own).substr(begin, ends[match] - begin);
  }
};
/// The records themselves.
std::vector<v1::MatchRecord> records(const Matches& matches);

/// Every subscription, compiled: each is anchored on its rarest required terms; an article tries
/// only those whose anchor it holds. apply() from one thread at a time; match() from any number of
/// threads.
class Matcher {
 public:
  Matcher();
  ~Matcher();
  /// Adds, replaces or (deleted) removes. A query that does not parse is kept aside and never
  /// matches (its error is returned).
  Result<void> apply(const v1::SubscriptionRecord& subscription);
  /// The same of a parsed query of any use, for meeting(). Of an empty query and of one that only
  /// excludes, too.
  void apply(const std::string& id, query::Query query);
  void remove(const std::string& subscription_id);  // tombstone
  /// The records of the subscriptions that a prepared article meets, in order of subscription id. A
  /// subscription whose updated_at is later than log_time is left out (its revision is newer than
  /// the article).
  Matches match(const Document& document, std::int64_t log_time_unix_ms) const;
  /// The ids alone, in order, of what a prepared article meets. kAfter, kBefore and kWithin are
  /// judged against `now_unix_ms`; kStory against `story_id`, kEvent against `event_id`.
  std::vector<std::string> meeting(const Document& document, std::int64_t now_unix_ms,
                                   std::string_view story_id = {},
                                   std::string_view event_id = {}) const;
  std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::indexer::matching
