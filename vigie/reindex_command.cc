#include "vigie/reindex_command.h"

#include <filesystem>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "crawler/sources/sources.h"
#include "extractor/service/rewrite.h"
#include "indexer/api/source_list.h"
#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "platform/process/process.h"
#include "platform/service/service.h"
#include "platform/url/url.h"

namespace vigie::cli {
namespace {

int cannot_reindex(std::ostream& err, const Error& error) {
  err << "vigie reindex: " << error.to_string() << '\n';
  return process::kExitCannotStart;
}

v1::SourceStatus status_of(const v1::Source& source) {
  v1::SourceStatus out;
  out.set_source_id(source.id());
  out.set_name(source.name());
  out.set_homepage(source.homepage());
  out.set_country(source.country());
  out.set_language(source.language());
  out.set_kind(source.kind());
  out.set_affiliation(source.affiliation());
  return out;
}

/// The sources of the settings' files. Errors: kStop, with the first problem of the files.
Result<std::vector<v1::SourceStatus>> listed_sources(const config::Settings& settings) {
  std::vector<std::string> files;
  for (const std::string& file : settings.list("sources.files"))
    files.push_back(config::resource(file).string());
  VIGIE_ASSIGN(const crawler::sources::SourceList list, crawler::sources::load_sources(files));
  if (!list.problems.empty())
    return failure(Disposition::kStop, "bad_sources", list.problems[0].message,
                   list.problems[0].where);
  std::vector<v1::SourceStatus> out;
  for (const auto& entry : list.sources) out.push_back(status_of(entry.source));
  return out;
}

/// Gives articles the sources that the files have for them, and counts what that changed.
class Mending {
 public:
  explicit Mending(const std::vector<v1::SourceStatus>& sources) : list_(sources) {
    for (const v1::SourceStatus& one : sources) ids_.insert_or_assign(one.source_id(), one.name());
  }

  /// Whether the article has another source now.
  bool mend(v1::ArticleRecord& article) {
    const v1::Source before = article.source();
    std::optional<v1::Source> now;
    if (ids_.contains(before.id())) {
      if (auto named = list_.named(before.id())) now = std::move(*named);
    } else {
      const auto& address =
          article.canonical_url().empty() ? article.url() : article.canonical_url();
      if (const auto parsed = url::parse(address)) now = list_.of(*parsed);
      // A source that is made of the URL says no more than the one that is there.
      if (now && !ids_.contains(now->id())) now.reset();
    }
    if (!now || now->SerializeAsString() == before.SerializeAsString()) return false;
    ++changes_[{before.id(), now->id()}];
    *article.mutable_source() = std::move(*now);
    return true;
  }

  const std::map<std::pair<std::string, std::string>, std::uint64_t>& changes() const {
    return changes_;
  }

 private:
  indexer::api::SourceList list_;
  std::map<std::string, std::string> ids_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> changes_;  // from, to
};

}  // namespace

int run_reindex_sources(const config::Settings& settings, bool progress, std::ostream& out,
                        std::ostream& err) {
  const auto sources = listed_sources(settings);
  if (!sources) return cannot_reindex(err, sources.error());
  const std::filesystem::path dir = settings.text("data_dir");
  std::optional<process::DataDir> held;
  if (settings.text("log.engine") != "kafka") {
    auto locked = process::DataDir::lock(dir);
    if (!locked) return cannot_reindex(err, locked.error());
    held.emplace(std::move(*locked));
  }
  SystemClock clock;
  const auto log = service::open_log(settings, dir, clock);
  if (!log) return cannot_reindex(err, log.error());
  Mending mending(*sources);
  const auto counts = extractor::service::rewrite(
      **log, [&](v1::ArticleRecord& article) { return mending.mend(article); },
      [&](const extractor::service::RewriteCounts& so_far) {
        if (progress)
          err << '\r' << so_far.articles << " articles, " << so_far.changed << " changed";
      });
  if (!counts) return cannot_reindex(err, counts.error());
  if (progress) err << '\n';
  for (const auto& [names, articles] : mending.changes())
    out << Json::object({{"from", names.first}, {"to", names.second}, {"articles", articles}})
               .dump()
        << '\n';
  out << Json::object({{"articles", counts->articles},
                       {"changed", counts->changed},
                       {"unreadable", counts->unreadable}})
             .dump()
      << '\n';
  return counts->unreadable == 0 ? process::kExitOk : process::kExitSomeFailed;
}

}  // namespace vigie::cli
