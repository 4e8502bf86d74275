#include "platform/log/groups.h"

#include <algorithm>
#include <array>

namespace vigie::log {
namespace {

struct RoleRow {
  Role role;
  proto::Topic topic;
  std::string_view program;   // whose log.group names the group
  std::string_view fallback;  // in every other program; after "-": behind log.prefix
};
constexpr std::array<RoleRow, 7> kRoles{{
    {Role::kCrawler, proto::Topic::kFrontier, "vigie-crawler", "crawler"},
    {Role::kExtractor, proto::Topic::kPages, "vigie-extractor", "extractor"},
    {Role::kShards, proto::Topic::kArticles, "vigie-indexer", "indexer"},
    {Role::kClusterer, proto::Topic::kFingerprints, "", "-clusterer"},
    {Role::kAlerter, proto::Topic::kMatches, "", "-alerter"},
    {Role::kPublisher, proto::Topic::kDeliveries, "", "-publisher"},
    {Role::kWatcher, proto::Topic::kStatus, "", "-watcher"},
}};

const RoleRow& row_of(Role role) {
  return *std::find_if(kRoles.begin(), kRoles.end(),
                       [&](const RoleRow& row) { return row.role == role; });
}

bool was_set(const config::Settings& settings, std::string_view key) {
  const auto found = settings.values.find(key);
  return found != settings.values.end() && found->second.origin != "default";
}

}  // namespace

proto::Topic topic_of(Role role) { return row_of(role).topic; }

std::string group_of(Role role, const config::Settings& settings) {
  const RoleRow& row = row_of(role);
  if (row.program.empty()) return settings.text("log.prefix") + std::string(row.fallback);
  if (settings.program_name() == row.program) return settings.text("log.group");
  return std::string(row.fallback);
}

AtGap at_gap(proto::Topic topic) {
  switch (topic) {
    case proto::Topic::kPages: return AtGap::kGroupMoves;
    case proto::Topic::kArticles:
    case proto::Topic::kFingerprints:
    case proto::Topic::kMatches: return AtGap::kAcknowledges;
    case proto::Topic::kFrontier: return AtGap::kStops;
    default: return proto::spec(topic).compacted ? AtGap::kReadsAgain : AtGap::kNobodyStops;
  }
}

std::optional<std::string> skip_refusal(proto::Topic topic) {
  const std::string nothing(std::string(proto::spec(topic).short_name) + " has nothing to skip: ");
  switch (at_gap(topic)) {
    case AtGap::kGroupMoves:
    case AtGap::kAcknowledges: return std::nullopt;
    case AtGap::kReadsAgain:
      return nothing +
             "its readers take all of it, and begin again where it no longer holds their offset. "
             "Start the service";
    case AtGap::kStops:
      return nothing +
             "a crawler reads all of it again where it no longer holds its offset. If a crawler "
             "stopped because the log has lost records, remove the folder that its message names "
             "(frontier below its data_dir) and start it";
    case AtGap::kNobodyStops:
      return nothing + "who reads it shows what it holds, and stops at no gap. Start the service";
  }
  return std::nullopt;
}

std::vector<std::string> groups_reading(proto::Topic topic, const config::Settings& settings) {
  std::vector<std::string> out;
  for (const RoleRow& row : kRoles) {
    if (row.topic != topic) continue;
    out.push_back(group_of(row.role, settings));
    if (row.program.empty() || !was_set(settings, "log.group")) continue;
    const std::string named = settings.text("log.group");
    if (named != out.back()) out.push_back(named);
  }
  return out;
}

}  // namespace vigie::log
