#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "indexer/api/call.h"
#include "indexer/api/caller_counts.h"
#include "indexer/api/topic_views.h"
#include "indexer/sources/store.h"
#include "proto/source_edit.pb.h"
#include "proto/status.pb.h"

namespace vigie {
class Clock;
class Random;
}  // namespace vigie
namespace vigie::log {
class Log;
}
namespace vigie::indexer::search {
class Index;
}

namespace vigie::indexer::api {

/// Sources: how they do, and what people say of them. Thread-safe.
class SourceApi {
 public:
  SourceApi(log::Log& log, StatusView& status, ControlView& control, search::Index& index,
            Clock& clock, Random& random);
  Routes routes();

 private:
  /// Sources as the crawler tells of them and as people have them now, by id.
  struct Sources {
    std::vector<v1::SourceStatus>
        statuses;  // by name; those of people that are not told of yet too
    std::map<std::string, v1::SourceEdit> edits;
    std::map<std::string, v1::ControlRecord> commands;
    std::vector<sources::Known> known;
    bool paused(const std::string& id) const;
    const v1::SourceStatus* find(const std::string& id) const;
  };
  Result<Sources> now();
  Json entry_json(const v1::SourceStatus& source, const Sources& all) const;
  Result<Json> page_json(const v1::SourceStatus& source, const Sources& all, const Call& call);
  /// History by day, and the newest items.
  Result<void> add_articles(const std::string& id, const Call& call, Json& out);
  http::Response shown(const std::string& id, const Call& call, int status);

  http::Response list(const Call& call);
  http::Response show(const Call& call);
  http::Response add(const Call& call);
  http::Response change(const Call& call);
  http::Response remove(const Call& call);
  http::Response poll(const Call& call);
  http::Response discover(const Call& call);
  http::Response import_opml(const Call& call);
  http::Response export_opml(const Call& call);
  Result<void> pause(const std::string& id, bool paused);

  log::Log& log_;
  StatusView& status_;
  ControlView& control_;
  search::Index& index_;
  Clock& clock_;
  Random& random_;
  sources::SourceStore store_;
  CallerCounts discoveries_{3, 2};
};

}  // namespace vigie::indexer::api
