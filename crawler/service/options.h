#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "crawler/fetch/requests.h"
#include "crawler/frontier/revisit_policy.h"
#include "platform/config/settings.h"
#include "platform/result/result.h"

namespace vigie::crawler::service {

/// What the crawler takes from the settings, with its own limits beside. Limits of one part stand
/// in the header of that part.
struct CrawlerOptions {
  std::vector<std::string> source_files;
  std::chrono::milliseconds min_gap{2'000};
  std::chrono::milliseconds ip_gap{500};
  frontier::RevisitPolicy revisit_policy;  // fetch.feed_floor_s, crawl.revisits_s, crawl.retry_…
  fetch::BodyLimits body_limits;           // extract.max_page_bytes
  std::size_t max_in_flight = 256;         // crawl.max_connections
  bool archive = false;                    // crawl.archive
  std::filesystem::path data_dir;
  std::string instance = "crawler";
  std::string group = "crawler";  // whose members share the partitions of the frontier
  // remembered; beyond, finished pages are forgotten, oldest first. Some 260 bytes of disk each
  std::uint64_t max_urls = 100'000'000;
  std::string user_agent = "vigie";
  std::string callback_url = {};     // websub.callback_url; "": pushes are not taken
  std::string callback_listen = {};  // websub.listen

  // For responses that are out at a stop. A fetch that is cut off is due again at once and is no
  // failure.
  static constexpr std::chrono::milliseconds kFinishTime{500};
  // Between two turns; beyond, the group is asked whether this crawler is still a member. Below any
  // session time-out.
  static constexpr std::chrono::milliseconds kAsleep{2'000};
};

/// Keys that the settings do not hold keep their defaults.
CrawlerOptions read_options(const config::Settings& settings);

}  // namespace vigie::crawler::service
