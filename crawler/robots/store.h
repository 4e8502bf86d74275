#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "crawler/robots/robots.h"
#include "platform/result/result.h"

namespace vigie::crawler::robots {

/// Responses to robots.txt on disk, so that a restart neither asks every host again nor forgets
/// what it was told: one file for each origin, read when it is needed. A cache: what is lost or
/// broken is fetched again. One thread.
class RobotsStore {
 public:
  static constexpr std::chrono::milliseconds kMaxAge{24 * 3'600'000};  // RFC 9309 §2.4
  // origins; far more than the hosts of any source list
  static constexpr std::size_t kMaxFiles = 20'000;
  static constexpr std::uintmax_t kMaxBytes = 256ULL << 20;  // of all files

  struct Stored {
    Robots rules;
    std::int64_t fetched_unix_ms = 0;
  };

  explicit RobotsStore(std::filesystem::path dir);

  /// Keeps the response that an origin (scheme://host:port) gave. `none`: it has no robots.txt
  /// (4xx), so that all is allowed. Errors: kRetry io.
  Result<void> save(std::string_view origin, std::int64_t fetched_unix_ms, bool none,
                    std::string_view body);
  /// Nothing where there is no file, or it is older than kMaxAge, from the future, broken, or of
  /// another origin.
  std::optional<Stored> load(std::string_view origin, std::int64_t now_unix_ms) const;
  /// Removes what is too old, then the oldest while there is too much. Out: files that remain.
  std::size_t prune(std::int64_t now_unix_ms, std::size_t most_files = kMaxFiles,
                    std::uintmax_t most_bytes = kMaxBytes);

 private:
  std::filesystem::path file_of(std::string_view origin) const;
  std::filesystem::path dir_;
};

}  // namespace vigie::crawler::robots
