#include "indexer/api/operation_roles.h"

#include <algorithm>
#include <iterator>

namespace vigie::indexer::api {
namespace {

using Needs = Access::Needs;
using Audit = Access::Audit;
using keys::Role;

// A table: a row a call of the document, in the order of roles.
constexpr Access kTable[] = {
    {"openapi", Needs::kNothing},
    {"metrics", Needs::kNothing, Role::kMetrics},  // the role counts with api.metrics_key
    {"healthz", Needs::kNothing},
    {"readyz", Needs::kNothing},
    {"startSession", Needs::kNothing, Role::kReader, Audit::kYes},
    {"endSession", Needs::kNothing, Role::kReader, Audit::kYes},
    {"askUnsubscribe", Needs::kNothing},  // the token in the URL is the right
    {"unsubscribe", Needs::kNothing, Role::kReader, Audit::kYes},
    {"sharedBrief", Needs::kNothing},  // the token in the URL is the right

    {"feed", Needs::kFeed, Role::kReader},
    {"feedJson", Needs::kFeed, Role::kReader},
    {"searchFeed", Needs::kFeed, Role::kReader},
    {"searchFeedJson", Needs::kFeed, Role::kReader},

    {"session", Needs::kRole, Role::kReader},
    {"sessions", Needs::kRole, Role::kReader},  // one's own; an admin sees all
    {"endSessionById", Needs::kRole, Role::kReader, Audit::kYes},
    {"feeds", Needs::kRole, Role::kReader},  // one's own; an admin sees all
    {"createFeed", Needs::kRole, Role::kReader, Audit::kAround},
    {"deleteFeed", Needs::kRole, Role::kReader, Audit::kAround},
    {"search", Needs::kRole, Role::kReader},
    {"export", Needs::kRole, Role::kReader},
    {"article", Needs::kRole, Role::kReader},
    {"articleVersion", Needs::kRole, Role::kReader},
    {"timeline", Needs::kRole, Role::kReader},
    {"facets", Needs::kRole, Role::kReader},
    {"trend", Needs::kRole, Role::kReader},
    {"reading", Needs::kRole, Role::kReader},
    {"stream", Needs::kRole, Role::kReader},
    {"topics", Needs::kRole, Role::kReader},
    {"topic", Needs::kRole, Role::kReader},
    {"actors", Needs::kRole, Role::kReader},
    {"actor", Needs::kRole, Role::kReader},
    {"suggest", Needs::kRole, Role::kReader},
    {"subscriptions", Needs::kRole, Role::kReader},
    {"subscription", Needs::kRole, Role::kReader},
    {"subscriptionHistory", Needs::kRole, Role::kReader},
    {"matches", Needs::kRole, Role::kReader},
    {"deliveries", Needs::kRole, Role::kReader},
    {"sources", Needs::kRole, Role::kReader},
    {"source", Needs::kRole, Role::kReader},
    {"exportSources", Needs::kRole, Role::kReader},
    {"pipeline", Needs::kRole, Role::kReader},
    {"conditions", Needs::kRole, Role::kReader},
    {"control", Needs::kRole, Role::kReader},
    {"quarantine", Needs::kRole, Role::kReader},
    {"collections", Needs::kRole, Role::kReader},
    {"collection", Needs::kRole, Role::kReader},
    {"brief", Needs::kRole, Role::kReader},
    {"savedSearches", Needs::kRole, Role::kReader},  // this and the next: one's own
    {"saveSearch", Needs::kRole, Role::kReader},
    {"replaceSavedSearch", Needs::kRole, Role::kReader},
    {"deleteSavedSearch", Needs::kRole, Role::kReader},
    {"seeSavedSearch", Needs::kRole, Role::kReader},
    {"unreadCounts", Needs::kRole, Role::kReader},
    {"seen", Needs::kRole, Role::kReader},
    {"markSeen", Needs::kRole, Role::kReader},

    {"previewSubscription", Needs::kRole, Role::kAnalyst},
    {"createSubscription", Needs::kRole, Role::kAnalyst, Audit::kYes},
    {"replaceSubscription", Needs::kRole, Role::kAnalyst, Audit::kYes},
    {"deleteSubscription", Needs::kRole, Role::kAnalyst, Audit::kYes},
    {"testSubscription", Needs::kRole, Role::kAnalyst, Audit::kAround},
    {"replayMatch", Needs::kRole, Role::kAnalyst, Audit::kAround},
    {"createCollection", Needs::kRole, Role::kAnalyst, Audit::kAround},
    {"replaceCollection", Needs::kRole, Role::kAnalyst, Audit::kAround},
    {"addToCollection", Needs::kRole, Role::kAnalyst, Audit::kAround},
    {"deleteCollection", Needs::kRole, Role::kAnalyst, Audit::kAround},
    {"shareCollection", Needs::kRole, Role::kAnalyst, Audit::kAround},
    {"unshareCollection", Needs::kRole, Role::kAnalyst, Audit::kAround},

    {"command", Needs::kRole, Role::kOperator, Audit::kYes},
    {"discoverSource", Needs::kRole, Role::kOperator},
    {"addSource", Needs::kRole, Role::kOperator, Audit::kAround},
    {"importSources", Needs::kRole, Role::kOperator, Audit::kAround},
    {"changeSource", Needs::kRole, Role::kOperator, Audit::kAround},
    {"removeSource", Needs::kRole, Role::kOperator, Audit::kAround},
    {"pollSource", Needs::kRole, Role::kOperator, Audit::kAround},
    {"freeze", Needs::kRole, Role::kOperator, Audit::kAround},
    {"thaw", Needs::kRole, Role::kOperator},
    {"ingest", Needs::kRole, Role::kOperator, Audit::kAround},
    {"quarantineRecord", Needs::kRole, Role::kOperator},
    {"quarantineReplay", Needs::kRole, Role::kOperator, Audit::kAround},
    {"logTopics", Needs::kRole, Role::kOperator},

    {"log", Needs::kRole, Role::kAdmin},  // every record, also who did what
    {"keys", Needs::kRole, Role::kAdmin},
    {"createKey", Needs::kRole, Role::kAdmin, Audit::kYes},
    {"revokeKey", Needs::kRole, Role::kAdmin, Audit::kYes},
    {"audit", Needs::kRole, Role::kAdmin},

    {"peer", Needs::kRole, Role::kPeer},
};

}  // namespace

const Access* find_access(std::string_view operation) {
  const auto* known = std::ranges::find(kTable, operation, &Access::operation);
  return known == std::end(kTable) ? nullptr : known;
}

}  // namespace vigie::indexer::api
