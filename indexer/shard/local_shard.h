#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include "indexer/segments/head.h"
#include "indexer/segments/segment.h"
#include "indexer/shard/evaluate.h"
#include "indexer/shard/live.h"
#include "indexer/shard/metrics.h"
#include "indexer/shard/rank.h"
#include "indexer/shard/rows.h"
#include "indexer/shard/shard.h"
#include "platform/storage/storage.h"

namespace vigie::indexer {

/// Families and use of a shard's database.
storage::Options database_options(const ShardOptions& options);

/// The shard on one database. Readers take a view (segments and what of them is superseded, a head
/// that is being sealed, the live heads), which does not change while they have it.
class LocalShard final : public Shard {
 public:
  /// Tests give a database that fails at a chosen write.
  static Result<std::unique_ptr<Shard>> open_on(std::unique_ptr<storage::Database> database,
                                                const ShardOptions& options, Clock& clock,
                                                metrics::Registry& registry);

  std::int64_t next_offset() const override;
  Result<void> apply(const std::vector<LoggedArticle>& batch, std::int64_t next_offset,
                     const MatchFn& match) override;
  Result<void> skip_to(std::int64_t offset) override;
  std::int64_t skipped_to() const override;
  Result<std::vector<PendingMatch>> pending_matches(std::size_t limit) override;
  Result<void> forget_matches(const std::vector<std::string>& rows) override;
  Result<void> set_stories(const std::vector<Membership>& memberships,
                           std::int64_t stories_offset) override;
  std::int64_t stories_offset() const override;
  Result<void> takedown(const std::string& article_id) override;
  Result<Statistics> statistics(const query::Query& query) const override;
  Result<FindResult> find(const Find& find) const override;
  Result<std::vector<TimelineBin>> timeline(const query::Query& query, std::int64_t interval_ms,
                                            std::int64_t now_unix_ms,
                                            std::optional<Facet> split_by) const override;
  Result<std::vector<std::pair<Facet, std::vector<Count>>>> facets(
      const query::Query& query, const std::vector<Facet>& fields,
      std::int64_t now_unix_ms) const override;
  Result<std::optional<v1::ArticleRecord>> article(const std::string& article_id) const override;
  Result<std::vector<StoredVersion>> versions(const std::string& article_id) const override;
  std::string story_of(const std::string& article_id) const override;
  Result<std::vector<std::string>> story_articles(const std::string& story_id) const override;
  std::string event_of(const std::string& article_id) const override;
  Result<std::vector<std::string>> event_articles(const std::string& event_id) const override;
  Result<bool> maintain() override;
  Result<void> checkpoint(const std::filesystem::path& to) override;
  std::uint64_t documents() const override;
  std::uint64_t disk_bytes() const override;

 private:
  /// A sealed segment as readers see it: the side column is replaced, never changed.
  struct Sealed {
    ManifestRow row;
    std::shared_ptr<segments::Segment> segment;
    std::shared_ptr<const Ordinals> superseded;
  };
  /// A head that takes no more documents, while it is written as a segment.
  struct Sealing {
    std::shared_ptr<const segments::Head> head;
    std::uint64_t begin = 0;
    std::shared_ptr<const Ordinals> superseded;
  };
  struct View {
    std::vector<Sealed> segments;    // oldest first; ordinals follow each other
    std::optional<Sealing> sealing;  // behind them
    std::vector<LivePart> live;      // behind that; never empty
    Statistics totals;
  };
  class Reading;

  LocalShard(std::unique_ptr<storage::Database> database, const ShardOptions& options, Clock& clock,
             metrics::Registry& registry);

  // Opening.
  Result<void> load();
  /// Forgets segments that another version made; load_head makes them again.
  Result<void> forget_segments();
  Result<void> load_segments();
  Result<std::vector<ManifestRow>> manifest() const;
  Result<void> remove_unnamed(const std::vector<ManifestRow>& rows);
  /// The superseded documents of each segment, by the segment's begin; those of the head are kept.
  Result<std::map<std::uint64_t, Ordinals>> load_superseded(const std::vector<ManifestRow>& rows);
  Result<void> load_unpurged();
  Result<std::shared_ptr<const View>> open_segments(const std::vector<ManifestRow>& rows,
                                                    std::map<std::uint64_t, Ordinals> superseded);
  Result<void> load_head();

  // Writing (the writer thread alone).
  struct Pending;
  Result<void> take(const LoggedArticle& entry, const MatchFn& match, Pending& pending);
  void publish(Pending& pending);
  /// Adds to the last live head where nobody reads and that is soon done; else false.
  bool publish_in_place(Pending& pending);
  /// Counts what came and hides what is superseded.
  static void settle(const Pending& pending, View& view);
  static void supersede(std::uint64_t ordinal, View& view);
  void set_view(std::shared_ptr<const View> view, const State& state);
  std::shared_ptr<segments::Head> new_head() const;
  bool head_is_full() const;
  Result<bool> maintain_now();
  Result<bool> seal_if_due();
  void remove_failed(std::uint32_t number);
  Result<void> wait_for_room(const Error& error);
  /// The head that is written as a segment, beside the writer or when it is asked for.
  struct Seal {
    ManifestRow row;
    std::future<Result<std::uint64_t>> written;
  };
  void begin_seal();
  /// What came stays as it is, beside a new head.
  void set_head_aside();
  /// Whether a seal was taken over. `wait`: until it is done.
  Result<bool> finish_seal(bool wait);
  Result<void> publish(Seal& seal);
  Result<bool> merge_if_due();
  /// A merge of neighbours of one view, under way or done.
  struct Merge {
    ManifestRow row;
    std::vector<segments::MergeInput> inputs;
    std::vector<std::uint64_t> purged;  // ordinals that it leaves out for good
    std::future<Result<std::uint64_t>> written;
  };
  void begin_merge(std::size_t first, std::size_t count, std::uint32_t level);
  Result<void> publish(Merge& merge);
  /// Whether a merge was taken over; true at once where it does not run in the background.
  Result<bool> finish_merge();
  Result<bool> purge();
  Result<void> remove_retired();
  Result<ArticleRow> article_row(const std::string& article_id) const;

  // Reading.
  using Stories = std::map<std::string, std::vector<std::uint64_t>>;
  struct Asked {
    const Plan& plan;
    Stories stories;  // ordinals of the stories and events that the query names
    std::int64_t now_unix_ms = 0;
    bool largest_first = false;  // of the segments; else the newest
  };
  class Look;
  using Visit = std::function<Result<void>(Look& look)>;
  /// Calls once a source, the newest first. `statistics`, where asked for, are complete before the
  /// first call.
  Result<void> visit(const Plan& plan, std::int64_t now_unix_ms, const Visit& call,
                     Statistics* statistics, bool largest_first = false) const;
  /// Fetches what finding the words of a query in the segments looks at, all at once.
  static void prefetch(const Plan& plan, const View& view);
  /// visit() at no price to the query's budget.
  Result<void> visit_sources(const Asked& asked, const Visit& call, Statistics* statistics) const;
  /// Adds to the best hits of one source and to their total. `statistics` nullptr: by time, or by
  /// nothing.
  static Result<void> find_in(Look& look, const Find& find, const Statistics* statistics,
                              BestHits& best, std::uint64_t& total);
  /// Current articles of a story ("s" and its id) or an event ("e" and its id).
  Result<std::vector<std::string>> members_of(const std::string& group) const;
  Result<Stories> story_ordinals(const query::Query& query) const;
  Result<std::optional<v1::ArticleRecord>> document(std::uint64_t ordinal) const;

  std::unique_ptr<storage::Database> database_;
  ShardOptions options_;
  Clock& clock_;
  std::filesystem::path folder_;  // of segments

  mutable std::shared_mutex mutex_;  // view_, state_; held for as long as a pointer takes
  std::shared_ptr<const View> view_;
  State state_;
  /// Of views, in all: a live head is written to only under the lock and where there is none.
  mutable std::atomic<int> readers_{0};

  std::deque<Arrival> kept_;          // of the live heads behind the first; writer only
  std::set<std::uint64_t> unpurged_;  // ordinals; writer only
  std::optional<Merge> merge_;        // writer only
  std::optional<Seal> seal_;          // writer only
  // merged away; removed when the last reader has gone; writer only
  std::vector<std::shared_ptr<segments::Segment>> retired_;
  std::uint32_t next_segment_ = 1;
  std::chrono::milliseconds head_since_{0};
  std::chrono::milliseconds full_until_{0};  // on the boot clock: no segment is written before

  ShardMetrics metrics_;
};

}  // namespace vigie::indexer
