#include "indexer/matching/matcher.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "indexer/matching/program.h"
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
constexpr std::size_t kMaxEvidence = 16;
constexpr std::size_t kSnippetBytes = 280;

struct Subscription {
  std::string id;
  std::uint64_t revision = 0;
  std::int64_t updated_at_unix_ms = 0;
  bool alive = true;
  query::Query query;
  std::vector<Step> steps;
  std::vector<std::uint32_t> anchors;
};

/// What one call of match() needs beside the subscriptions; kept from call to call.
struct Scratch {
  Presence presence;
  std::vector<std::uint32_t> tried;         // by subscription: epoch
  std::vector<std::uint32_t> complex_seen;  // by complex leaf: epoch
  std::vector<char> complex_truth;
  std::vector<char> stack;
  std::vector<std::uint32_t> matched;
  std::uint32_t epoch = 0;
  // what filters are judged against
  std::int64_t now_unix_ms = 0;
  std::string_view story_id;

  void begin(std::size_t atoms, std::size_t subscriptions, std::size_t complex_leaves) {
    if (++epoch == 0) {
      std::fill(tried.begin(), tried.end(), 0);
      std::fill(complex_seen.begin(), complex_seen.end(), 0);
      epoch = 1;
    }
    presence.begin(atoms);
    tried.resize(subscriptions, 0);
    complex_seen.resize(complex_leaves, 0);
    complex_truth.resize(complex_leaves, 0);
    matched.clear();
  }
};

}  // namespace

struct Matcher::Impl {
  mutable std::shared_mutex mutex;
  std::unique_ptr<Compiler> compiler = std::make_unique<Compiler>();
  std::vector<std::unique_ptr<Subscription>> subscriptions;
  std::unordered_map<std::string, std::uint32_t> by_id;
  std::vector<std::uint32_t> unanchored;  // tried with every article
  std::atomic<std::uint64_t> articles{0};
  std::uint64_t next_lesson = kFirstLesson;

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

  void remove(const std::string& id) {
    const auto known = by_id.find(id);
    if (known == by_id.end()) return;
    Subscription& subscription = *subscriptions[known->second];
    subscription.alive = false;
    unanchor(known->second);
    by_id.erase(known);
    if (subscriptions.size() - by_id.size() > std::max(kSweepAt, by_id.size())) sweep();
  }

  void add(std::unique_ptr<Subscription> subscription) {
    const auto index = static_cast<std::uint32_t>(subscriptions.size());
    subscription->steps = compiler->compile(subscription->query);
    by_id[subscription->id] = index;
    subscriptions.push_back(std::move(subscription));
    anchor(index);
  }

  void anchor(std::uint32_t index) {
    Subscription& subscription = *subscriptions[index];
    subscription.anchors =
        compiler->anchors(subscription.query, articles.load(std::memory_order_relaxed));
    if (subscription.anchors.empty()) unanchored.push_back(index);
    for (std::uint32_t atom : subscription.anchors)
      compiler->atoms().at(atom).anchored.push_back(index);
  }

  void unanchor(std::uint32_t index) {
    for (std::uint32_t atom : subscriptions[index]->anchors) {
      auto& anchored = compiler->atoms().at(atom).anchored;
      anchored.erase(std::remove(anchored.begin(), anchored.end(), index), anchored.end());
    }
    if (subscriptions[index]->anchors.empty()) std::erase(unanchored, index);
    subscriptions[index]->anchors.clear();
  }

  /// Chooses every anchor anew by what was seen.
  void learn() {
    for (std::uint32_t atom = 0; atom < compiler->atoms().size(); ++atom)
      compiler->atoms().at(atom).anchored.clear();
    unanchored.clear();
    for (std::uint32_t index = 0; index < subscriptions.size(); ++index) {
      if (subscriptions[index]->alive) anchor(index);
    }
  }

  /// Compiles the live subscriptions into a fresh set of atoms.
  void sweep() {
    auto old = std::move(subscriptions);
    compiler = std::make_unique<Compiler>();
    subscriptions.clear();
    by_id.clear();
    unanchored.clear();
    articles = 0;
    next_lesson = kFirstLesson;
    for (auto& subscription : old) {
      if (subscription->alive) add(std::move(subscription));
    }
  }

  bool complex_holds(std::uint32_t index, const Document::Impl& document, Scratch& scratch) const {
    if (scratch.complex_seen[index] == scratch.epoch) return scratch.complex_truth[index] != 0;
    const ComplexLeaf& leaf = *compiler->complex_leaves()[index];
    bool holds = std::all_of(leaf.required.begin(), leaf.required.end(), [&](std::uint32_t atom) {
      return scratch.presence.fields_of(atom) != 0;
    });
    holds = holds && leaf_holds(leaf.query, leaf.query.root(), document, scratch.now_unix_ms,
                                scratch.story_id);
    scratch.complex_seen[index] = scratch.epoch;
    scratch.complex_truth[index] = holds;
    return holds;
  }

  bool evaluate(const Subscription& subscription, const Document::Impl& document,
                Scratch& scratch) const {
    auto& stack = scratch.stack;
    stack.clear();
    for (const Step& step : subscription.steps) {
      switch (step.operation) {
        case Step::Operation::kTrue: stack.push_back(1); break;
        case Step::Operation::kAtom:
          stack.push_back((scratch.presence.fields_of(step.argument) & step.fields) != 0);
          break;
        case Step::Operation::kComplex:
          stack.push_back(complex_holds(step.argument, document, scratch));
          break;
        case Step::Operation::kNot: stack.back() = stack.back() == 0; break;
        case Step::Operation::kAnd:
        case Step::Operation::kOr: {
          const char neutral = step.operation == Step::Operation::kAnd ? 1 : 0;
          const auto operands = stack.end() - step.argument;
          const bool other = std::any_of(operands, stack.end(),
                                         [neutral](char truth) { return truth != neutral; });
          stack.erase(operands, stack.end());
          stack.push_back(other ? static_cast<char>(1 - neutral) : neutral);
        }
      }
    }
    return stack.back() != 0;
  }

  void attempt(std::uint32_t index, const Document::Impl& document, std::int64_t log_time_unix_ms,
               Scratch& scratch) const {
    if (scratch.tried[index] == scratch.epoch) return;
    scratch.tried[index] = scratch.epoch;
    const Subscription& subscription = *subscriptions[index];
    if (subscription.updated_at_unix_ms > log_time_unix_ms) return;
    if (evaluate(subscription, document, scratch)) scratch.matched.push_back(index);
  }

  template <class Take>
  void percolate(const Document::Impl& document, std::int64_t log_time_unix_ms,
                 std::string_view story_id, const Take& take);

  /// Subscriptions that the article meets, in order of id. Shared lock held.
  void find(const Document::Impl& document, std::int64_t log_time_unix_ms, Scratch& scratch) {
    scratch.begin(compiler->atoms().size(), subscriptions.size(),
                  compiler->complex_leaves().size());
    compiler->atoms().find(document, scratch.presence);
    for (std::uint32_t atom : scratch.presence.present()) {
      Atom& known = compiler->atoms().at(atom);
      std::atomic_ref<std::uint64_t>(known.seen).fetch_add(1, std::memory_order_relaxed);
      for (std::uint32_t index : known.anchored)
        attempt(index, document, log_time_unix_ms, scratch);
    }
    for (std::uint32_t index : unanchored) attempt(index, document, log_time_unix_ms, scratch);
    std::sort(scratch.matched.begin(), scratch.matched.end(),
              [&](std::uint32_t a, std::uint32_t b) {
                return subscriptions[a]->id < subscriptions[b]->id;
              });
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
  auto subscription = std::make_unique<Subscription>();
  subscription->id = record.id();
  subscription->revision = record.revision();
  subscription->updated_at_unix_ms = record.updated_at_unix_ms();
  subscription->query = std::move(*parsed);
  impl_->add(std::move(subscription));
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
  auto subscription = std::make_unique<Subscription>();
  subscription->id = id;
  subscription->query = std::move(query);
  impl_->add(std::move(subscription));
}

/// Calls `take` with what the article meets, in order of id, and learns from it.
template <class Take>
void Matcher::Impl::percolate(const Document::Impl& document, std::int64_t log_time_unix_ms,
                              std::string_view story_id, const Take& take) {
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
    find(document, log_time_unix_ms, *scratch);
    for (std::uint32_t index : scratch->matched) take(*subscriptions[index]);
    scratch->story_id = {};
    give_back(std::move(scratch));
    due = articles.fetch_add(1, std::memory_order_relaxed) + 1 >= next_lesson;
  }
  if (!due) return;
  const std::unique_lock lock(mutex);
  if (articles.load(std::memory_order_relaxed) < next_lesson) return;
  next_lesson *= kLessonGrowth;
  learn();
}

std::vector<v1::MatchRecord> Matcher::match(const v1::ArticleRecord& article,
                                            std::int64_t log_time_unix_ms) const {
  std::vector<v1::MatchRecord> out;
  const Document document(article);
  impl_->percolate(document.impl(), log_time_unix_ms, {}, [&](const Subscription& subscription) {
    v1::MatchRecord& record = out.emplace_back();
    record.set_match_id(proto::match_id(subscription.id, article.article_id()));
    record.set_subscription_id(subscription.id);
    record.set_subscription_revision(subscription.revision);
    Explanation why = explain(subscription.query, document, kMaxEvidence, kSnippetBytes);
    *record.mutable_article() = summarize(article, why.snippet.text, {});
    for (v1::Evidence& entry : why.evidence) *record.add_evidence() = std::move(entry);
    record.set_fingerprint(article.fingerprint());
    record.set_matched_at_unix_ms(log_time_unix_ms);
  });
  return out;
}

std::vector<std::string> Matcher::meeting(const Document& document, std::int64_t now_unix_ms,
                                          std::string_view story_id) const {
  std::vector<std::string> out;
  impl_->percolate(document.impl(), now_unix_ms, story_id,
                   [&out](const Subscription& subscription) { out.push_back(subscription.id); });
  return out;
}

}  // namespace vigie::indexer::matching
