#include "indexer/matching/matcher.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_set>

#include "indexer/matching/explainer.h"
#include "indexer/matching/packed_query.h"
#include "indexer/matching/program.h"
#include "indexer/matching/wire.h"
#include "proto/identity.h"

namespace vigie::indexer::matching {
namespace {

// Anchors are chosen anew when the articles seen have taught which words are common: soon at first,
// then seldom.
constexpr std::uint64_t kFirstLesson = 200;
constexpr std::uint64_t kLessonGrowth = 8;
// Compiled queries of changed and deleted subscriptions are swept when there are more of them than
// live ones, and at least so many.
constexpr std::size_t kSweepAt = 1'000;
constexpr std::size_t kAhead = 8;  // looks at memory that go on at once

/// What is looked at of each subscription that is tried: side by side, because each look is one at
/// memory that no cache holds.
struct Trial {
  std::int64_t updated_at_unix_ms = 0;
  std::uint32_t program = 0;  // where its steps begin
  bool alive = true;
};

/// The rest, for those that match.
struct Subscription {
  std::string id;
  std::uint64_t revision = 0;
  std::uint64_t query_begin = 0;  // packed
  std::uint32_t query_size = 0;
};

/// What one call of match() needs beside the subscriptions; kept from call to call.
struct Scratch {
  Presence presence;
  std::vector<std::uint32_t> tried;  // by subscription: epoch
  std::vector<std::uint32_t>
      complex;  // by complex leaf: epoch, and in the last bit whether it holds
  std::vector<std::uint32_t> candidates;
  std::vector<std::uint32_t> matched;
  std::uint32_t epoch = 0;
  // what filters are judged against
  std::int64_t now_unix_ms = 0;
  std::string_view story_id;
  std::string_view event_id;

  void begin(std::size_t atoms, std::size_t subscriptions, std::size_t complex_leaves) {
    if (++epoch > UINT32_MAX / 2) {
      std::fill(tried.begin(), tried.end(), 0);
      std::fill(complex.begin(), complex.end(), 0);
      epoch = 1;
    }
    presence.begin(atoms);
    tried.resize(subscriptions, 0);
    complex.resize(complex_leaves, 0);
    candidates.clear();
    matched.clear();
  }
};

}  // namespace

struct Matcher::Impl {
  mutable std::shared_mutex mutex;
  std::unique_ptr<Compiler> compiler = std::make_unique<Compiler>();
  std::vector<Trial> trials;
  std::vector<Subscription> subscriptions;  // by the same numbers
  std::vector<Step> programs;
  std::string queries;  // packed
  Anchors anchors;
  std::vector<std::uint32_t> unanchored;  // tried with every article
  std::atomic<std::uint64_t> articles{0};
  std::uint64_t next_lesson = kFirstLesson;

  /// Numbers of the live subscriptions by id, which stands with the subscription alone.
  struct IdHash {
    using is_transparent = void;
    const std::vector<Subscription>* of;
    std::size_t operator()(std::string_view id) const { return std::hash<std::string_view>()(id); }
    std::size_t operator()(std::uint32_t number) const { return (*this)((*of)[number].id); }
  };
  struct SameId {
    using is_transparent = void;
    const std::vector<Subscription>* of;
    bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
    bool operator()(std::string_view id, std::uint32_t number) const {
      return (*of)[number].id == id;
    }
    bool operator()(std::uint32_t number, std::string_view id) const {
      return (*of)[number].id == id;
    }
  };
  std::unordered_set<std::uint32_t, IdHash, SameId> by_id{0, IdHash{&subscriptions},
                                                          SameId{&subscriptions}};

  std::mutex scratches_mutex;
  std::vector<std::unique_ptr<Scratch>> scratches;

  std::unique_ptr<Scratch> take_scratch() {
    const std::lock_guard lock(scratches_mutex);
    if (scratches.empty()) return std::make_unique<Scratch>();
    auto scratch = std::move(scratches.back());
    scratches.pop_back();
    return scratch;
  }
  void give_back(std::unique_ptr<Scratch> scratch) {
    const std::lock_guard lock(scratches_mutex);
    scratches.push_back(std::move(scratch));
  }

  /// What was anchored on it goes with the next lesson or sweep, and is not tried until then.
  void remove(const std::string& id) {
    const auto known = by_id.find(std::string_view(id));
    if (known == by_id.end()) return;
    trials[*known].alive = false;
    by_id.erase(known);
    if (subscriptions.size() - by_id.size() > std::max(kSweepAt, by_id.size())) sweep();
  }

  void add(std::string id, std::uint64_t revision, std::int64_t updated_at_unix_ms,
           const query::Query& query) {
    const auto index = static_cast<std::uint32_t>(subscriptions.size());
    const std::size_t query_begin = queries.size();
    pack(query, queries);
    trials.push_back({updated_at_unix_ms, static_cast<std::uint32_t>(programs.size()), true});
    compiler->compile(query, programs);
    subscriptions.push_back({std::move(id), revision, query_begin,
                             static_cast<std::uint32_t>(queries.size() - query_begin)});
    by_id.insert(index);
    const auto atoms = anchors_of(index);
    if (atoms.empty()) unanchored.push_back(index);
    for (std::uint32_t atom : atoms) anchors.add(atom, index);
  }

  std::vector<std::uint32_t> anchors_of(std::uint32_t index) const {
    return compiler->anchors(&programs[trials[index].program],
                             articles.load(std::memory_order_relaxed));
  }

  std::string_view packed(const Subscription& subscription) const {
    return std::string_view(queries).substr(subscription.query_begin, subscription.query_size);
  }

  /// Chooses every anchor anew by what was seen.
  void learn() {
    unanchored.clear();
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (std::uint32_t index = 0; index < trials.size(); ++index) {
      if (!trials[index].alive) continue;
      const auto atoms = anchors_of(index);
      if (atoms.empty()) unanchored.push_back(index);
      for (std::uint32_t atom : atoms) pairs.emplace_back(atom, index);
    }
    anchors.replace(std::move(pairs));
  }

  /// Compiles the live subscriptions into a fresh set of atoms.
  void sweep() {
    by_id.clear();
    const auto old = std::move(subscriptions);
    const auto old_trials = std::move(trials);
    const std::string old_queries = std::move(queries);
    compiler = std::make_unique<Compiler>();
    subscriptions.clear();
    trials.clear();
    queries.clear();
    programs.clear();
    anchors = {};
    unanchored.clear();
    articles = 0;
    next_lesson = kFirstLesson;
    for (std::size_t i = 0; i < old.size(); ++i) {
      if (!old_trials[i].alive) continue;
      const auto packed =
          std::string_view(old_queries).substr(old[i].query_begin, old[i].query_size);
      add(old[i].id, old[i].revision, old_trials[i].updated_at_unix_ms, unpack(packed));
    }
  }

  bool complex_holds(std::uint32_t index, const Document::Impl& document, Scratch& scratch) const {
    std::uint32_t& known = scratch.complex[index];
    if (known >> 1 == scratch.epoch) return (known & 1) != 0;
    const ComplexLeaf& leaf = *compiler->complex_leaves()[index];
    const bool holds = leaf_holds(leaf.query, leaf.query.root(), document, scratch.now_unix_ms,
                                  scratch.story_id, scratch.event_id);
    known = scratch.epoch << 1 | (holds ? 1 : 0);
    return holds;
  }

  /// Moves `at` behind what it answers. Recursion is as deep as the query, which the parser bounds.
  bool evaluate(const Step*& at, const Document::Impl& document, Scratch& scratch) const {
    const Step& step = *at++;
    switch (step.operation) {
      case Step::Operation::kTrue: return true;
      case Step::Operation::kAtom:
        return (scratch.presence.fields_of(step.argument) & step.fields) != 0;
      case Step::Operation::kComplex: return complex_holds(step.argument, document, scratch);
      case Step::Operation::kNot: return !evaluate(at, document, scratch);
      case Step::Operation::kAnd:
      case Step::Operation::kOr: break;
    }
    const Step* const end = at + step.argument;
    const bool decisive = step.operation == Step::Operation::kOr;
    while (at != end) {
      if (evaluate(at, document, scratch) != decisive) continue;
      at = end;
      return decisive;
    }
    return !decisive;
  }

  /// As evaluate(), with the leaves that make it true: everything under AND, the true branches of
  /// OR, nothing under NOT.
  bool answer(const Step*& at, const Document::Impl& document, Scratch& scratch,
              std::vector<AnsweringLeaf>& leaves) const {
    const Step& step = *at;
    const bool joins =
        step.operation == Step::Operation::kAnd || step.operation == Step::Operation::kOr;
    if (!joins) {
      const bool holds = evaluate(at, document, scratch);
      if (holds && step.node != Step::kNone) leaves.push_back({step, step.node});
      return holds;
    }
    const std::size_t before = leaves.size();
    const Step* const end = ++at + step.argument;
    const bool all = step.operation == Step::Operation::kAnd;
    bool holds = all;
    while (at != end) {
      const bool one = answer(at, document, scratch, leaves);
      holds = all ? holds && one : holds || one;
    }
    if (!holds) leaves.resize(before);
    return holds;
  }

  /// Those of the candidates that the article meets.
  void try_all(const Document::Impl& document, std::int64_t log_time_unix_ms,
               Scratch& scratch) const {
    const auto& candidates = scratch.candidates;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (i + 2 * kAhead < candidates.size())
        __builtin_prefetch(&trials[candidates[i + 2 * kAhead]]);
      if (i + kAhead < candidates.size())
        __builtin_prefetch(&programs[trials[candidates[i + kAhead]].program]);
      const Trial& trial = trials[candidates[i]];
      if (!trial.alive || trial.updated_at_unix_ms > log_time_unix_ms) continue;
      const Step* at = &programs[trial.program];
      if (evaluate(at, document, scratch)) scratch.matched.push_back(candidates[i]);
    }
  }

  /// Ids are fetched once and not at each comparison.
  void sort_by_id(std::vector<std::uint32_t>& matched) const {
    for (std::uint32_t index : matched) __builtin_prefetch(&subscriptions[index]);
    std::vector<std::pair<std::string_view, std::uint32_t>> by_id_now;
    by_id_now.reserve(matched.size());
    for (std::uint32_t index : matched) by_id_now.emplace_back(subscriptions[index].id, index);
    std::sort(by_id_now.begin(), by_id_now.end());
    for (std::size_t i = 0; i < matched.size(); ++i) matched[i] = by_id_now[i].second;
  }

  template <class Take>
  void percolate(const Document::Impl& document, std::int64_t log_time_unix_ms,
                 std::string_view story_id, std::string_view event_id, const Take& take);

  /// Subscriptions that the article meets, in order of id. Shared lock held.
  void find(const Document::Impl& document, std::int64_t log_time_unix_ms, Scratch& scratch) {
    scratch.begin(compiler->atoms().size(), subscriptions.size(),
                  compiler->complex_leaves().size());
    compiler->atoms().find(document, scratch.presence);
    const auto& present = scratch.presence.present();
    for (std::size_t i = 0; i < present.size(); ++i) {
      if (i + kAhead < present.size()) {
        __builtin_prefetch(&compiler->atoms().at(present[i + kAhead]));
        anchors.prefetch(present[i + kAhead]);
      }
      std::atomic_ref<std::uint64_t>(compiler->atoms().at(present[i]).seen)
          .fetch_add(1, std::memory_order_relaxed);
      anchors.each(present[i], [&](std::uint32_t index) {
        if (scratch.tried[index] == scratch.epoch) return;
        scratch.tried[index] = scratch.epoch;
        scratch.candidates.push_back(index);
      });
    }
    scratch.candidates.insert(scratch.candidates.end(), unanchored.begin(), unanchored.end());
    try_all(document, log_time_unix_ms, scratch);
    sort_by_id(scratch.matched);
  }
};

Matcher::Matcher() : impl_(std::make_unique<Impl>()) {}
Matcher::~Matcher() = default;

Result<void> Matcher::apply(const v1::SubscriptionRecord& record) {
  if (record.deleted()) {
    remove(record.id());
    return {};
  }
  auto parsed = query::parse(record.query(), query::Use::kSubscription);
  const std::unique_lock lock(impl_->mutex);
  impl_->remove(record.id());
  if (!parsed) return failure(std::move(parsed.error()));
  impl_->add(record.id(), record.revision(), record.updated_at_unix_ms(), *parsed);
  return {};
}

void Matcher::remove(const std::string& subscription_id) {
  const std::unique_lock lock(impl_->mutex);
  impl_->remove(subscription_id);
}

std::size_t Matcher::size() const {
  const std::shared_lock lock(impl_->mutex);
  return impl_->by_id.size();
}

void Matcher::apply(const std::string& id, query::Query query) {
  const std::unique_lock lock(impl_->mutex);
  impl_->remove(id);
  impl_->add(id, 0, 0, query);
}

/// Calls `take` with what the article meets, in order of id, and learns from it.
template <class Take>
void Matcher::Impl::percolate(const Document::Impl& document, std::int64_t log_time_unix_ms,
                              std::string_view story_id, std::string_view event_id,
                              const Take& take) {
  bool due = false;
  {
    std::shared_lock lock(mutex);
    if (by_id.empty()) return;
    while (!compiler->atoms().knows_language(document.stems_in)) {
      lock.unlock();
      {
        const std::unique_lock alone(mutex);
        compiler->atoms().learn_language(document.stems_in);
      }
      lock.lock();
    }
    auto scratch = take_scratch();
    scratch->now_unix_ms = log_time_unix_ms;
    scratch->story_id = story_id;
    scratch->event_id = event_id;
    find(document, log_time_unix_ms, *scratch);
    for (std::uint32_t index : scratch->matched) take(index, *scratch);
    scratch->story_id = {};
    scratch->event_id = {};
    give_back(std::move(scratch));
    due = articles.fetch_add(1, std::memory_order_relaxed) + 1 >= next_lesson;
  }
  if (!due) return;
  const std::unique_lock lock(mutex);
  if (articles.load(std::memory_order_relaxed) < next_lesson) return;
  next_lesson *= kLessonGrowth;
  learn();
}

namespace {

std::string shared_by_matches(const v1::ArticleRecord& article) {
  v1::MatchRecord shared;
  *shared.mutable_article() = summarize(article, {}, {});
  shared.set_fingerprint(article.fingerprint());
  return shared.SerializeAsString();
}

}  // namespace

Matches Matcher::match(const Document& document, std::int64_t log_time_unix_ms) const {
  Matches out;
  const std::string& article_id = document.article().article_id();
  std::optional<Explainer> explainer;
  std::vector<AnsweringLeaf> leaves;
  impl_->percolate(
      document.impl(), log_time_unix_ms, {}, {}, [&](std::uint32_t index, Scratch& scratch) {
        if (!explainer) {
          scratch.presence.sort_hits();
          explainer.emplace(document, scratch.presence, *impl_->compiler);
        }
        const Subscription& subscription = impl_->subscriptions[index];
        wire::text(v1::MatchRecord::kMatchIdFieldNumber,
                   proto::match_id(subscription.id, article_id), out.own);
        wire::text(v1::MatchRecord::kSubscriptionIdFieldNumber, subscription.id, out.own);
        wire::number(v1::MatchRecord::kSubscriptionRevisionFieldNumber, subscription.revision,
                     out.own);
        leaves.clear();
        const Step* at = &impl_->programs[impl_->trials[index].program];
        impl_->answer(at, document.impl(), scratch, leaves);
        std::sort(leaves.begin(), leaves.end(),
                  [](const auto& a, const auto& b) { return a.node < b.node; });
        explainer->write(leaves, impl_->packed(subscription), out.own);
        wire::number(v1::MatchRecord::kMatchedAtUnixMsFieldNumber,
                     static_cast<std::uint64_t>(log_time_unix_ms), out.own);
        out.ends.push_back(out.own.size());
      });
  if (!out.empty()) out.shared = shared_by_matches(document.article());
  return out;
}

std::vector<v1::MatchRecord> records(const Matches& matches) {
  std::vector<v1::MatchRecord> out(matches.size());
  for (std::size_t i = 0; i < matches.size(); ++i) {
    VIGIE_INVARIANT(out[i].ParseFromString(matches.shared));
    const std::string own(matches.own_of(i));
    VIGIE_INVARIANT(out[i].MergeFromString(own));
  }
  return out;
}

std::vector<std::string> Matcher::meeting(const Document& document, std::int64_t now_unix_ms,
                                          std::string_view story_id,
                                          std::string_view event_id) const {
  std::vector<std::string> out;
  impl_->percolate(document.impl(), now_unix_ms, story_id, event_id,
                   [&](std::uint32_t index, Scratch& /*scratch*/) {
                     out.push_back(impl_->subscriptions[index].id);
                   });
  return out;
}

}  // namespace vigie::indexer::matching
