#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "crawler/frontier/due.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"

namespace vigie::crawler::frontier {

/// A row of what is due.
struct WaitingUrl {
  std::int64_t order = 0;
  std::int64_t newest = 0;  // of DueSlot
  std::string url = {};

  friend bool operator<(const WaitingUrl& a, const WaitingUrl& b) {
    return a.order != b.order ? a.order < b.order : a.url < b.url;
  }
};

inline constexpr std::size_t kKindsOfWaiting = 4;

/// The first rows of each kind of one domain.
struct DueHead {
  struct Kind {
    std::set<WaitingUrl> rows = {};
    bool whole = false;  // the store has no more of this kind
  };
  std::array<Kind, kKindsOfWaiting> kinds = {};
  Kind& of(Waiting kind) { return kinds[static_cast<std::size_t>(kind)]; }
};

/// What is due next of the domains that were asked for last, in memory beside the rows of the
/// store, which hold all of it: opening an iterator for each kind at each page takes longer than
/// all else that is done to choose it. One thread.
class DueHeads {
 public:
  /// Rows of a kind that are read at once, and held at most.
  static constexpr std::size_t kRead = 16;
  static constexpr std::size_t kHeld = 64;
  /// Domains and rows in memory: some 40 MB.
  static constexpr std::size_t kMostDomains = 50'000;
  static constexpr std::size_t kMostRows = 200'000;

  /// `database` must outlive it.
  explicit DueHeads(storage::Database& database) : database_(database) {}

  /// Of the domain with this due_prefix(), valid until the next call. A kind without rows has none
  /// in the store either. Errors: of the store.
  Result<DueHead*> of(const std::string& prefix);
  /// The rows of the store change in the same way.
  void add(const std::string& prefix, Waiting kind, WaitingUrl row);
  void remove(const std::string& prefix, Waiting kind, const WaitingUrl& row);
  /// All rows of all domains may have changed.
  void forget();

 private:
  struct Known {
    DueHead head = {};
    std::list<std::string>::iterator used = {};
  };
  Result<void> read(const std::string& prefix, DueHead& head);
  void make_room();

  storage::Database& database_;
  std::unordered_map<std::string, Known> heads_;
  std::list<std::string> used_;  // prefixes, the latest first
  std::size_t rows_ = 0;
};

}  // namespace vigie::crawler::frontier
