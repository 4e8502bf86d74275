#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/config/settings.h"
#include "platform/result/result.h"

namespace vigie::crawler {

/// What the crawler takes from the settings, with its own limits beside.
struct CrawlerOptions {
  std::vector<std::string> source_files;
  std::chrono::milliseconds min_gap{2'000};
  std::chrono::milliseconds ip_gap{500};
  std::chrono::milliseconds feed_floor{60'000};
  std::size_t max_page_bytes = 8ULL << 20;
  std::size_t max_in_flight = 256;  // crawl.max_connections
  bool archive = false;             // crawl.archive
  std::filesystem::path data_dir;
  std::string instance = "crawler";
  std::string group = "crawler";  // whose members share the partitions of the frontier
  // remembered; beyond, finished pages are forgotten, oldest first. Some 260 bytes of disk each
  std::uint64_t max_urls = 100'000'000;
  std::string user_agent = "vigie";

  // decoded, of a feed or a section page
  static constexpr std::size_t kMaxFeedBytes = 8ULL << 20;
  static constexpr std::size_t kMaxSitemapBytes = 50ULL << 20;  // sitemaps.org
  // taken of one sitemap at one poll; a news sitemap has no more
  static constexpr std::size_t kMaxSitemapItems = 1'000;
  static constexpr std::size_t kMaxSubSitemaps = 20;  // taken of one index
  static constexpr std::uint32_t kMaxSitemapDepth = 2;
  // of a page (404, 403, no HTML at first): feeds name pages before they are there
  static constexpr std::uint32_t kMaxRefusals = 3;
  // a page that could not be had for so long is dropped
  static constexpr std::chrono::milliseconds kGiveUpAfter{48 * 3'600'000};
  static constexpr std::chrono::milliseconds kMaxPollPause{3'600'000};
  // RFC 9309 §2.4: not over 24 h
  static constexpr std::chrono::milliseconds kRobotsFresh{4 * 3'600'000};
  // rules that may still be used while robots.txt cannot be had
  static constexpr std::chrono::milliseconds kRobotsStale{24 * 3'600'000};
  // for answers that are out at a stop; a fetch that is cut off is due again at once and is no
  // failure
  static constexpr std::chrono::milliseconds kFinishTime{500};
  // for a host's addresses; then it is contacted without knowing them
  static constexpr std::chrono::milliseconds kResolveTime{2'000};
  // for answers that are out when partitions go to another crawler; all members of the group wait
  // so long
  static constexpr std::chrono::milliseconds kHandOverTime{2'000};
  // between two turns; beyond, the group is asked whether this crawler is still a member. Below any
  // session time-out
  static constexpr std::chrono::milliseconds kAsleep{2'000};
  // by the log at least, with hours to spare: a store that slept longer reads its partitions anew
  static constexpr std::chrono::milliseconds kTombstonesKept{20 * 3'600'000};
  // addresses of one listing that are remembered as handed over
  static constexpr std::size_t kMaxHandedOver = 1'000;
  // while no source was reached: whether any can be must be known soon
  static constexpr std::chrono::milliseconds kFirstConnect{6'000};
};

/// Keys that the settings do not hold keep their defaults.
CrawlerOptions read_options(const config::Settings& settings);

}  // namespace vigie::crawler
