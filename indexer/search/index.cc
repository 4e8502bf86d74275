#include "indexer/search/index.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>

#include "indexer/matching/matcher.h"
#include "proto/identity.h"

namespace vigie::indexer::search {
namespace {

constexpr std::pair<Facet, std::string_view> kFacetNames[] = {
    {Facet::kTopic, "topic"},   {Facet::kActor, "actor"}, {Facet::kLanguage, "language"},      {Facet::kCountry, "country"},
    {Facet::kSource, "source"}, {Facet::kKind, "kind"},   {Facet::kAffiliation, "affiliation"}};

/// Hits looked at for one page of stories before it is given as it is: a story of thousands of copies must not cost a whole scan each time.
constexpr std::size_t kMaxGroupScan = 5'000;
/// Articles of one story that are read for its languages and copies.
constexpr std::size_t kMaxCopies = 1'000;

using Shards = std::vector<std::shared_ptr<Shard>>;

struct Ranked {
  Found found;
  std::size_t shard = 0;
};

bool better(Sort sort, const Found& a, const Found& b) {
  if (sort == Sort::kRelevance && a.score != b.score) return a.score > b.score;
  if (sort == Sort::kNewest && a.time_unix_ms != b.time_unix_ms) return a.time_unix_ms > b.time_unix_ms;
  return a.article_id < b.article_id;
}

std::uint64_t hash_of(const query::Query& query) {
  const auto digest = proto::digest128(query.canonical());
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = out << 8 | digest[i];
  return out;
}

/// Query and Find of one search, on every shard.
class Gather {
 public:
  Gather(const Shards& shards, Find find) : shards_(shards), find_(find) {}

  Result<std::vector<Ranked>> page(std::size_t limit, const std::optional<After>& after) {
    find_.limit = limit;
    find_.after = after;
    std::vector<Ranked> out;
    total_ = 0;
    exact_ = true;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      VIGIE_ASSIGN(auto answer, shards_[i]->find(find_));
      total_ += answer.total;
      exact_ = exact_ && answer.exact;
      for (Found& found : answer.hits) out.push_back({std::move(found), i});
    }
    std::sort(out.begin(), out.end(), [this](const Ranked& a, const Ranked& b) { return better(find_.sort, a.found, b.found); });
    if (out.size() > limit) out.resize(limit);
    return out;
  }
  std::uint64_t total() const { return total_; }
  bool exact() const { return exact_; }

 private:
  const Shards& shards_;
  Find find_;
  std::uint64_t total_ = 0;
  bool exact_ = true;
};

After after_of(const Found& found) { return {found.score, found.time_unix_ms, found.article_id}; }

/// A story's articles over all shards.
Result<std::vector<std::pair<std::string, std::size_t>>> story_members(const Shards& shards, const std::string& story) {
  std::vector<std::pair<std::string, std::size_t>> out;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    VIGIE_ASSIGN(auto articles, shards[i]->story_articles(story));
    for (std::string& article : articles) out.emplace_back(std::move(article), i);
  }
  return out;
}

Result<query::Query> parsed(std::string_view text) { return query::parse(text, query::Use::kSearch); }

}  // namespace

Index::Index(Clock& clock) : clock_(clock) {}
Index::~Index() = default;

void Index::add_shard(std::int32_t partition, std::shared_ptr<Shard> shard) {
  const std::unique_lock lock(mutex_);
  shards_[partition] = std::move(shard);
}

void Index::remove_shard(std::int32_t partition) {
  const std::unique_lock lock(mutex_);
  shards_.erase(partition);
}

void Index::expect_shards(std::size_t count) {
  const std::unique_lock lock(mutex_);
  expected_ = count;
}

std::vector<std::shared_ptr<Shard>> Index::shards(bool* partial) const {
  const std::shared_lock lock(mutex_);
  Shards out;
  for (const auto& entry : shards_) out.push_back(entry.second);
  if (partial != nullptr) *partial = out.size() < expected_;
  return out;
}

Result<SearchPage> Index::search(const SearchRequest& request) const {
  const auto started = std::chrono::steady_clock::now();
  if (request.limit > kMaxLimit)
    return failure(Disposition::kQuarantine, "bad_argument", "a page holds at most " + std::to_string(kMaxLimit) + " hits; ask for fewer and use the cursor");
  query::Query own;
  const query::Query* query = request.parsed;
  if (query == nullptr) {
    VIGIE_ASSIGN(own, parsed(request.query));
    query = &own;
  }
  Cursor cursor;
  cursor.sort = request.sort;
  cursor.grouped = request.group_by_story;
  cursor.now_unix_ms = request.now_unix_ms != 0 ? request.now_unix_ms : clock_.now_unix_ms();
  cursor.query_hash = hash_of(*query);
  std::optional<After> after;
  if (!request.cursor.empty()) {
    VIGIE_ASSIGN(Cursor given, decode_cursor(request.cursor));
    if (given.query_hash != cursor.query_hash || given.sort != cursor.sort || given.grouped != cursor.grouped) {
      return failure(Disposition::kQuarantine, "bad_cursor", "the cursor belongs to another query or order; start again without it");
    }
    cursor = std::move(given);
    after = cursor.after;
  }

  SearchPage page;
  const Shards shards = this->shards(&page.partial);
  if (cursor.sort == Sort::kRelevance && cursor.statistics.document_frequency.empty()) {
    Statistics all;
    for (const auto& shard : shards) {
      VIGIE_ASSIGN(const Statistics one, shard->statistics(*query));
      all.add(one);
    }
    cursor.statistics = std::move(all);
  }
  Find find;
  find.query = query;
  find.sort = cursor.sort;
  find.now_unix_ms = cursor.now_unix_ms;
  find.statistics = &cursor.statistics;
  Gather gather(shards, find);

  // One more than asked for tells whether there is another page.
  std::vector<Ranked> chosen;
  bool more = false;
  std::optional<After> end = after;
  if (!request.group_by_story) {
    VIGIE_ASSIGN(chosen, gather.page(request.limit == 0 ? 0 : request.limit + 1, after));
    more = chosen.size() > request.limit;
    if (more) chosen.resize(request.limit);
    if (!chosen.empty()) end = after_of(chosen.back().found);
  } else if (request.limit == 0) {
    VIGIE_TRY(gather.page(0, after));
  } else {
    // A story is shown by the first of its articles in the order of the whole search: one that stands before this page was shown there.
    std::set<std::string> seen;
    std::size_t scanned = 0;
    const std::size_t step = std::max<std::size_t>(request.limit * 2, 50);
    std::vector<Ranked> candidates;
    do {
      VIGIE_ASSIGN(candidates, gather.page(step, end));
      more = candidates.size() == step;
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        Ranked& candidate = candidates[i];
        const std::string story = shards[candidate.shard]->story_of(candidate.found.article_id);
        bool shown = !story.empty() && !seen.insert(story).second;
        if (!shown && !story.empty() && after) {
          VIGIE_ASSIGN(shown, shown_before(*query, find, shards, story, candidate.found, *after));
        }
        end = after_of(candidate.found);
        if (!shown) chosen.push_back(std::move(candidate));
        if (chosen.size() == request.limit) {
          more = more || i + 1 < candidates.size();
          break;
        }
      }
      scanned += candidates.size();
    } while (more && chosen.size() < request.limit && scanned < kMaxGroupScan);
  }
  page.total = gather.total();
  page.exact = gather.exact();

  for (const Ranked& ranked : chosen) {
    VIGIE_ASSIGN(const auto article, shards[ranked.shard]->article(ranked.found.article_id));
    if (!article) continue;  // taken down a moment ago
    Hit hit;
    const std::string story = shards[ranked.shard]->story_of(ranked.found.article_id);
    const matching::Document document(*article);
    const matching::Snippet snippet = matching::snippet(*query, document);
    hit.article = matching::summarize(*article, snippet.text, story);
    hit.highlights = snippet.highlights;
    hit.score = ranked.found.score;
    hit.time_unix_ms = ranked.found.time_unix_ms;
    if (!story.empty()) {
      VIGIE_ASSIGN(const auto members, story_members(shards, story));
      hit.copies = members.empty() ? 0 : members.size() - 1;
      if (request.group_by_story) {
        std::set<std::string> languages;
        for (std::size_t i = 0; i < std::min(members.size(), kMaxCopies); ++i) {
          VIGIE_ASSIGN(const auto member, shards[members[i].second]->article(members[i].first));
          if (member && !member->language().empty()) languages.insert(member->language());
        }
        hit.languages.assign(languages.begin(), languages.end());
      }
    } else if (request.group_by_story && !article->language().empty()) {
      hit.languages.push_back(article->language());
    }
    page.hits.push_back(std::move(hit));
  }
  if (more && end) {
    cursor.after = *end;
    page.cursor = encode_cursor(cursor);
  }
  page.took_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
  return page;
}

/// Whether an article of the story that answers the query stands at or before `after`, where a page before this one ended.
Result<bool> Index::shown_before(const query::Query& query, Find find, const std::vector<std::shared_ptr<Shard>>& shards, const std::string& story, const Found& candidate,
                                 const After& after) {
  VIGIE_ASSIGN(const auto members, story_members(shards, story));
  if (members.size() <= 1) return false;
  // The same query, of this story alone.
  query::Query narrowed = query;
  query::Node filter;
  filter.kind = query::Node::Kind::kFilter;
  filter.filter = query::Filter::kStory;
  filter.value = story;
  query::Node both;
  both.kind = query::Node::Kind::kAnd;
  const auto root = static_cast<std::uint32_t>(query.nodes.size() - 1);
  both.children = {root, root + 1};
  narrowed.nodes.push_back(std::move(filter));
  narrowed.nodes.push_back(std::move(both));
  find.query = &narrowed;
  find.limit = 1;
  find.after.reset();
  Found edge;
  edge.score = after.score;
  edge.time_unix_ms = after.time_unix_ms;
  edge.article_id = after.article_id;
  for (const auto& shard : shards) {
    VIGIE_ASSIGN(const Answer first, shard->find(find));
    if (!first.hits.empty() && first.hits[0].article_id != candidate.article_id && !better(find.sort, edge, first.hits[0])) return true;
  }
  return false;
}

Result<std::vector<TimelineBin>> Index::timeline(const query::Query& query, std::int64_t interval_ms, std::optional<Facet> split_by, std::int64_t now_unix_ms) const {
  if (now_unix_ms == 0) now_unix_ms = clock_.now_unix_ms();
  struct Bin {
    std::uint64_t count = 0;
    std::map<std::string, std::uint64_t> split;
  };
  std::map<std::int64_t, Bin> bins;
  for (const auto& shard : shards()) {
    VIGIE_ASSIGN(const auto found, shard->timeline(query, interval_ms, now_unix_ms, split_by));
    for (const TimelineBin& bin : found) {
      Bin& sum = bins[bin.begin_unix_ms];
      sum.count += bin.count;
      for (const Count& part : bin.split) sum.split[part.value] += part.count;
    }
  }
  std::vector<TimelineBin> out;
  for (const auto& [begin, bin] : bins) {
    TimelineBin entry{begin, bin.count, {}};
    for (const auto& [value, count] : bin.split) entry.split.push_back({value, count});
    std::stable_sort(entry.split.begin(), entry.split.end(), [](const Count& a, const Count& b) { return a.count > b.count; });
    out.push_back(std::move(entry));
  }
  return out;
}

Result<std::vector<TimelineBin>> Index::timeline(std::string_view query, std::int64_t interval_ms, std::optional<Facet> split_by, std::int64_t now_unix_ms) const {
  VIGIE_ASSIGN(const query::Query tree, parsed(query));
  return timeline(tree, interval_ms, split_by, now_unix_ms);
}

Result<Index::Facets> Index::facets(const query::Query& query, const std::vector<Facet>& fields, std::int64_t now_unix_ms) const {
  if (now_unix_ms == 0) now_unix_ms = clock_.now_unix_ms();
  std::vector<std::map<std::string, std::uint64_t>> counts(fields.size());
  for (const auto& shard : shards()) {
    VIGIE_ASSIGN(const auto found, shard->facets(query, fields, now_unix_ms));
    for (std::size_t i = 0; i < found.size(); ++i) {
      for (const Count& count : found[i].second) counts[i][count.value] += count.count;
    }
  }
  Facets out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::vector<Count> values;
    for (const auto& [value, count] : counts[i]) values.push_back({value, count});
    std::stable_sort(values.begin(), values.end(), [](const Count& a, const Count& b) { return a.count > b.count; });
    out.emplace_back(fields[i], std::move(values));
  }
  return out;
}

Result<Index::Facets> Index::facets(std::string_view query, const std::vector<Facet>& fields, std::int64_t now_unix_ms) const {
  VIGIE_ASSIGN(const query::Query tree, parsed(query));
  return facets(tree, fields, now_unix_ms);
}

Result<std::optional<ArticleView>> Index::article(const std::string& article_id) const {
  for (const auto& shard : shards()) {
    VIGIE_ASSIGN(auto article, shard->article(article_id));
    if (article) return std::optional<ArticleView>(ArticleView{std::move(*article), shard->story_of(article_id)});
  }
  return std::optional<ArticleView>();
}

Result<std::vector<StoredVersion>> Index::versions(const std::string& article_id) const {
  for (const auto& shard : shards()) {
    VIGIE_ASSIGN(auto versions, shard->versions(article_id));
    if (!versions.empty()) return versions;
  }
  return std::vector<StoredVersion>();
}

Result<std::vector<v1::ArticleSummary>> Index::copies(const std::string& story_id) const {
  const Shards all = shards();
  VIGIE_ASSIGN(auto members, story_members(all, story_id));
  if (members.size() > kMaxCopies) members.resize(kMaxCopies);
  std::vector<v1::ArticleSummary> out;
  for (const auto& member : members) {
    VIGIE_ASSIGN(const auto article, all[member.second]->article(member.first));
    if (article) out.push_back(matching::summarize(*article, {}, story_id));
  }
  std::sort(out.begin(), out.end(), [](const v1::ArticleSummary& a, const v1::ArticleSummary& b) {
    return a.discovered_at_unix_ms() != b.discovered_at_unix_ms() ? a.discovered_at_unix_ms() < b.discovered_at_unix_ms() : a.article_id() < b.article_id();
  });
  return out;
}

std::uint64_t Index::document_count() const {
  std::uint64_t out = 0;
  for (const auto& shard : shards()) out += shard->documents();
  return out;
}

std::size_t Index::shard_count() const { return shards().size(); }

std::uint64_t Index::disk_bytes() const {
  std::uint64_t out = 0;
  for (const auto& shard : shards()) out += shard->disk_bytes();
  return out;
}

Result<Facet> facet_from_name(std::string_view name) {
  if (name == "lang") return Facet::kLanguage;  // as in a query
  std::string choices;
  for (const auto& [facet, known] : kFacetNames) {
    if (known == name) return facet;
    choices += choices.empty() ? "" : ", ";
    choices += known;
  }
  return failure(Disposition::kQuarantine, "bad_argument", "there is no field of that name; choose one of " + choices);
}

std::string_view facet_name(Facet facet) {
  for (const auto& [known, name] : kFacetNames) {
    if (known == facet) return name;
  }
  return {};
}

}  // namespace vigie::indexer::search
