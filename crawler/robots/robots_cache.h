#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "crawler/fetch/retry_schedule.h"
#include "crawler/robots/robots.h"
#include "crawler/robots/store.h"
#include "platform/clock/clock.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"
#include "platform/url/url.h"

namespace vigie::crawler::robots {

/// What a response to /robots.txt means. A chain of redirects that leads nowhere counts as the
/// redirect that ends it.
/// Source: RFC 9309 §2.3.1.
enum class Availability {
  kRules,        // 2xx: the rules of its body
  kNone,         // 4xx, 3xx: there is none, so all is allowed (§2.3.1.2, §2.3.1.3)
  kUnreachable,  // no response, 429, 5xx: nothing may be fetched (§2.3.1.4)
};
Availability availability_of(const Result<net::HttpResponse>& response);
/// The rules that follow from a response where nothing was known before.
Robots rules_of(const Result<net::HttpResponse>& response);

/// What is known of the robots.txt of one origin.
struct RobotsEntry {
  Robots rules;
  // When the rules came, on the boot clock. Nothing: none ever came. Negative: before the start of
  // the machine.
  std::optional<std::chrono::milliseconds> fetched;
  std::chrono::milliseconds check_again{0};
  std::uint32_t failures = 0;  // in a row
  // Nothing may be fetched, because robots.txt cannot be had and no rules are in force; why.
  bool unreachable = false;
  std::string reason;
  std::string detail;
};

/// RFC 9309 §2.4: robots.txt is asked for again after this, far below the 24 h that it allows.
inline constexpr std::chrono::milliseconds kFresh{4 * 3'600'000};
/// Rules stay in force for so long while robots.txt cannot be had.
inline constexpr std::chrono::milliseconds kStale{24 * 3'600'000};

/// What is known after a response. In: `before`, what was known; a new entry where nothing was.
/// Pure.
RobotsEntry after_response(RobotsEntry before, const Result<net::HttpResponse>& response,
                           const fetch::RetrySchedule& retry, std::chrono::milliseconds now);

/// The URL of the robots.txt that speaks for a URL.
url::Url robots_url_of(const url::Url& url);

/// What is known of robots.txt, by origin (scheme://host:port): in memory, else on disk for a day.
/// One thread.
class RobotsCache {
 public:
  RobotsCache(std::filesystem::path dir, fetch::RetrySchedule retry, const Clock& clock);

  /// Origins that are remembered, before those go that are to be asked again.
  static constexpr std::size_t kMaxOrigins = 20'000;

  struct Known {
    const RobotsEntry* entry = nullptr;  // null: nothing is known. Valid until the next call
    bool from_disk = false;              // it came from the disk just now
  };
  Known find(const std::string& origin);

  /// Takes a response to an origin's robots.txt and keeps it on disk. Out: valid until the next
  /// call.
  const RobotsEntry& on_response(const std::string& origin,
                                 const Result<net::HttpResponse>& response);

  /// Removes from the disk what is too old or too much.
  void prune();

 private:
  void forget_outdated(std::chrono::milliseconds now);

  fetch::RetrySchedule retry_;
  const Clock& clock_;
  RobotsStore store_;
  std::unordered_map<std::string, RobotsEntry> entries_;
};

/// Crawl-delay of an entry's rules for this crawler, in seconds; 0: none.
double crawl_delay_s(const RobotsEntry& entry);

/// The product token that robots.txt knows this crawler by.
inline constexpr std::string_view kProductToken = "vigie";

}  // namespace vigie::crawler::robots
