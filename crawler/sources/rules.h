#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "platform/yaml/yaml.h"

namespace vigie::crawler::sources {

/// How a source is crawled where it differs from the settings: `rules` of its entry.
struct SourceRules {
  double gap_s = 0;                    // least gap to the hosts of its pages; 0: the settings'
  std::optional<std::uint32_t> depth;  // hops from what is listed to a page; nothing: as many as
                                       // there are
  bool cookies = true;                 // a redirect's cookies go with the hops that follow
  std::string user_agent;              // sent instead of ours; "": ours
  bool obey_reservations = false;      // TDMRep and Content-Signal: what they reserve is left out
};

/// A gap that is larger would be cut by politeness all the same.
inline constexpr double kMaxGapS = 120;
inline constexpr std::uint32_t kMaxDepth = 10;
inline constexpr std::size_t kMaxUserAgentBytes = 256;

/// Reads `rules`. `problem` is told where and what is wrong.
SourceRules read_rules(const Yaml& node,
                       const std::function<void(int line, int column, std::string)>& problem);

}  // namespace vigie::crawler::sources
