#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "indexer/translation/engine.h"
#include "indexer/translation/metrics.h"

namespace vigie::indexer::translation {

/// What is translated first.
enum class Urgency { kHeadline, kText };

struct Answer {
  enum class State {
    kDone,     // `text` is the translation
    kWaiting,  // not yet: to be asked again in a moment
    kFailed,   // `problem` says why; tried again when it is asked for later
  };
  State state = State::kWaiting;
  std::string text;
  std::string problem;  // a sentence for people
};

struct TranslatorOptions {
  std::size_t waiting = 300;                   // texts of one urgency; beyond, callers ask again
  std::size_t batch_texts = 30;                // one request
  std::size_t batch_bytes = 6'000;             // of one request, but for a single text
  std::size_t text_bytes = 8'000;              // a longer one is refused
  std::size_t cache_bytes = 16ULL << 20;       // the least recently asked for goes first
  std::chrono::milliseconds rest{10'000};      // nothing is sent for so long after a failure
  std::chrono::milliseconds refused{600'000};  // a text that was refused is not sent again so long
};

/// Translations on demand: never waits for the translator, which works in run() on a thread of its
/// own, one batch at a time, headlines before texts. What was translated is kept in memory. After a
/// failure everything that waits fails with its words, and so does what is asked for while the
/// translator rests. Thread-safe.
class Translator {
 public:
  /// The clock and the registry must outlive it.
  Translator(std::unique_ptr<Engine> engine, Clock& clock, metrics::Registry& registry,
             TranslatorOptions options = {});
  ~Translator();

  /// `text`: valid UTF-8. `source` may be empty: not known. Takes microseconds.
  Answer ask(Urgency urgency, std::string_view source, std::string_view target,
             std::string_view text);

  /// Translates until stopped. Never fails: what fails is told to who asks.
  Result<void> run(std::stop_token stop);

 private:
  struct Entry {
    Answer response;
    std::chrono::milliseconds until{0};      // since boot, of a failure; 0: for good
    std::list<std::string>::iterator place;  // in by_use_
  };
  struct Job {
    std::string key;
    std::string source;
    std::string target;
    std::string text;
  };
  using Jobs = std::deque<Job>;

  Jobs& queue(Urgency urgency) { return urgency == Urgency::kHeadline ? headlines_ : texts_; }
  Jobs next_batch();
  void work(Jobs jobs, const std::stop_token& stop);
  void take(const Jobs& jobs, const std::vector<std::string>& translated);
  void refuse(const Job& job, const std::string& problem);
  void fail_all(Jobs jobs, const std::string& problem);
  void keep(const std::string& key, Answer response, std::chrono::milliseconds until);
  void forget(const std::string& key);
  static std::size_t size_of(const Entry& entry);

  std::unique_ptr<Engine> engine_;
  Clock& clock_;
  TranslatorOptions options_;
  TranslationMetrics metrics_;

  std::mutex mutex_;  // of all below
  std::condition_variable_any asked_;
  std::unordered_map<std::string, Entry> known_;  // by key: hash of languages and text
  std::list<std::string> by_use_;                 // keys of known_, the last asked for first
  std::size_t known_bytes_ = 0;
  std::unordered_set<std::string> waiting_;  // keys of what is queued or under way
  Jobs headlines_;
  Jobs texts_;
  std::chrono::milliseconds rests_until_{0};  // since boot
  std::string problem_;                       // why it rests
};

}  // namespace vigie::indexer::translation
