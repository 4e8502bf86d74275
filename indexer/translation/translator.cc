#include "indexer/translation/translator.h"

#include <utility>

#include "platform/clock/clock.h"
#include "platform/logging/logging.h"
#include "proto/identity.h"

namespace vigie::indexer::translation {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kEntryBytes = 256;  // of an entry beside its texts, about

/// 32 bytes. A language has no line break in it.
std::string key_of(std::string_view source, std::string_view target, std::string_view text) {
  std::string bytes(source);
  bytes += '\n';
  bytes += target;
  bytes += '\n';
  bytes += text;
  return proto::sha256(bytes);
}

}  // namespace

Translator::Translator(std::unique_ptr<Engine> engine, Clock& clock, metrics::Registry& registry,
                       TranslatorOptions options)
    : engine_(std::move(engine)), clock_(clock), options_(options), metrics_(registry) {}
Translator::~Translator() = default;

Answer Translator::ask(Urgency urgency, std::string_view source, std::string_view target,
                       std::string_view text) {
  if (text.size() > options_.text_bytes)
    return {Answer::State::kFailed, {}, "this text is too long for the translator"};
  std::string key = key_of(source, target, text);
  const std::lock_guard lock(mutex_);
  const milliseconds now = clock_.since_boot();
  const auto found = known_.find(key);
  if (found != known_.end()) {
    if (found->second.until.count() == 0 || now < found->second.until) {
      by_use_.splice(by_use_.begin(), by_use_, found->second.place);
      if (found->second.until.count() == 0) metrics_.texts.of("cached").add();
      return found->second.response;
    }
    forget(key);
  }
  if (now < rests_until_) return {Answer::State::kFailed, {}, problem_};
  if (waiting_.contains(key)) return {};
  Jobs& jobs = queue(urgency);
  if (jobs.size() >= options_.waiting) {
    metrics_.texts.of("turned_away").add();
    return {};
  }
  waiting_.insert(key);
  jobs.push_back({std::move(key), std::string(source), std::string(target), std::string(text)});
  metrics_.waiting.set(static_cast<double>(waiting_.size()));
  asked_.notify_all();
  return {};
}

Result<void> Translator::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    Jobs jobs;
    {
      std::unique_lock lock(mutex_);
      asked_.wait(lock, stop, [&] { return !headlines_.empty() || !texts_.empty(); });
      if (stop.stop_requested()) break;
      jobs = next_batch();
    }
    work(std::move(jobs), stop);
  }
  return {};
}

/// The first that waits, and what waits behind it in the same languages.
Translator::Jobs Translator::next_batch() {
  Jobs& from = headlines_.empty() ? texts_ : headlines_;
  Jobs out;
  std::size_t bytes = 0;
  for (auto job = from.begin(); job != from.end() && out.size() < options_.batch_texts;) {
    const bool same =
        out.empty() || (job->source == out.front().source && job->target == out.front().target);
    const bool fits = out.empty() || bytes + job->text.size() <= options_.batch_bytes;
    if (!same || !fits) {
      ++job;
      continue;
    }
    bytes += job->text.size();
    out.push_back(std::move(*job));
    job = from.erase(job);
  }
  return out;
}

/// Not under the lock: the translator takes its time.
void Translator::work(Jobs jobs, const std::stop_token& stop) {
  Batch batch{jobs.front().source, jobs.front().target, {}};
  for (const Job& job : jobs) batch.texts.push_back(job.text);
  const auto began = clock_.since_boot_ns();
  const auto translated = engine_->translate(batch, stop);
  metrics_.seconds.observe(std::chrono::duration<double>(clock_.since_boot_ns() - began).count());
  if (translated) return take(jobs, *translated);
  if (translated.error().disposition != Disposition::kQuarantine)
    return fail_all(std::move(jobs), translated.error().detail);
  if (jobs.size() == 1) return refuse(jobs.front(), translated.error().detail);
  // One of them, or their number: each for itself.
  while (!jobs.empty() && !stop.stop_requested()) {
    Jobs one;
    one.push_back(std::move(jobs.front()));
    jobs.pop_front();
    work(std::move(one), stop);
    const std::lock_guard lock(mutex_);
    if (clock_.since_boot() < rests_until_) break;
  }
  if (jobs.empty()) return;
  std::string problem;
  {
    const std::lock_guard lock(mutex_);
    problem = problem_.empty() ? "the translator was stopped" : problem_;
  }
  fail_all(std::move(jobs), problem);
}

void Translator::take(const Jobs& jobs, const std::vector<std::string>& translated) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    keep(jobs[i].key, {Answer::State::kDone, translated[i], {}}, milliseconds{0});
    metrics_.texts.of("translated").add();
  }
}

void Translator::refuse(const Job& job, const std::string& problem) {
  const std::lock_guard lock(mutex_);
  keep(job.key, {Answer::State::kFailed, {}, problem}, clock_.since_boot() + options_.refused);
  metrics_.texts.of("refused").add();
}

void Translator::fail_all(Jobs jobs, const std::string& problem) {
  logging::warn("the translator failed", {{"problem", problem}});
  const std::lock_guard lock(mutex_);
  problem_ = problem;
  rests_until_ = clock_.since_boot() + options_.rest;
  metrics_.texts.of("failed").add(
      static_cast<double>(jobs.size() + headlines_.size() + texts_.size()));
  headlines_.clear();
  texts_.clear();
  waiting_.clear();
  metrics_.waiting.set(0);
}

std::size_t Translator::size_of(const Entry& entry) {
  return kEntryBytes + entry.response.text.size() + entry.response.problem.size();
}

/// Of what waited.
void Translator::keep(const std::string& key, Answer response, milliseconds until) {
  waiting_.erase(key);
  metrics_.waiting.set(static_cast<double>(waiting_.size()));
  forget(key);
  by_use_.push_front(key);
  const auto [kept, is_new] =
      known_.emplace(key, Entry{std::move(response), until, by_use_.begin()});
  known_bytes_ += size_of(kept->second);
  while (known_bytes_ > options_.cache_bytes && by_use_.size() > 1)
    forget(std::string(by_use_.back()));
  metrics_.cached_bytes.set(static_cast<double>(known_bytes_));
}

void Translator::forget(const std::string& key) {
  const auto found = known_.find(key);
  if (found == known_.end()) return;
  known_bytes_ -= size_of(found->second);
  by_use_.erase(found->second.place);
  known_.erase(found);
}

}  // namespace vigie::indexer::translation
