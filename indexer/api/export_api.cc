#include "indexer/api/export_api.h"

#include <algorithm>
#include <utility>

#include "indexer/api/file_name.h"
#include "indexer/api/problems.h"
#include "indexer/api/query_parameter.h"
#include "indexer/exporting/rows.h"
#include "indexer/search/index.h"
#include "platform/dates/dates.h"
#include "platform/http/finite_body.h"
#include "platform/logging/logging.h"
#include "platform/text/utf8.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kRowsOfAPiece = 20;  // articles that are in memory at a time

/// One of the few exports that run at a time.
class Running {
 public:
  explicit Running(std::shared_ptr<std::atomic<int>> count) : count_(std::move(count)) {
    number_ = count_->fetch_add(1) + 1;
  }
  ~Running() { count_->fetch_sub(1); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  int number() const { return number_; }

 private:
  std::shared_ptr<std::atomic<int>> count_;
  int number_ = 0;
};

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

class ExportStream final : public http::FiniteBody {
 public:
  ExportStream(search::Index& index, std::shared_ptr<const KeptExports::Export> made, Range range,
               std::unique_ptr<exporting::Rows> rows, std::unique_ptr<Running> running)
      : index_(index),
        export_(std::move(made)),
        next_(range.begin),
        end_(range.end),
        rows_(std::move(rows)),
        running_(std::move(running)) {}

  std::optional<std::string> next(const std::stop_token& stop) override {
    if (ended_ || stop.stop_requested()) return std::nullopt;
    std::string out;
    if (!begun_ && next_ == 0) out = rows_->head();
    begun_ = true;
    if (next_ < end_ && !append_rows(out, stop)) return std::nullopt;
    if (next_ >= end_) {
      ended_ = true;
      if (end_ == export_->listing.size()) out += rows_->foot();
      if (out.empty()) return std::nullopt;
    }
    return out;
  }
  bool is_whole() const override { return ended_; }

 private:
  /// False where articles cannot be read now: the export ends without its end.
  bool append_rows(std::string& out, const std::stop_token& stop) {
    const auto budget = index_.budget(stop, true);
    search::Coverage coverage;
    const std::size_t count = std::min(kRowsOfAPiece, end_ - next_);
    const Result<void> allowed = budget->check();
    const auto articles = index_.articles(export_->listing, next_, count, &coverage);
    if (!allowed || !articles || !coverage.missing.empty()) {
      logging::warn("an export broke off",
                    {{"export", export_->id},
                     {"rows_sent", static_cast<std::int64_t>(next_)},
                     {"reason", articles ? "a shard is missing, or the server is busy"
                                         : articles.error().to_string()}});
      return false;
    }
    for (const search::ArticleView& view : *articles)
      out += rows_->row(view.article, view.story_id);
    next_ += count;
    return true;
  }

  search::Index& index_;
  std::shared_ptr<const KeptExports::Export> export_;
  std::size_t next_;
  std::size_t end_;
  std::unique_ptr<exporting::Rows> rows_;
  std::unique_ptr<Running> running_;
  bool begun_ = false;
  bool ended_ = false;
};

Result<Range> range_of(const Call& call, std::size_t size) {
  const auto from = static_cast<std::size_t>(call.integer("from"));
  if (from > size)
    return bad_parameter("from is behind the last row; the export has " + std::to_string(size));
  const auto rows = static_cast<std::size_t>(call.integer("rows"));
  return Range{from, rows == 0 ? size : std::min(size, from + rows)};
}

}  // namespace

Routes ExportApi::routes() {
  return {route("GET", "/v1/export", "export", this, &ExportApi::send)};
}

Result<std::shared_ptr<const KeptExports::Export>> ExportApi::listed(const Call& call,
                                                                     const query::Query& query) {
  const std::string id = call.text("resume");
  if (id.empty()) {
    if (call.integer("from") > 0)
      return bad_parameter("from goes with resume, the id of the export that broke off");
    return made(call, query);
  }
  auto kept = kept_.find(id);
  if (kept != nullptr && kept->query == query.canonical()) return kept;
  return failure(Disposition::kQuarantine, "bad_cursor",
                 kept == nullptr ? "this export is not kept here any more; start again without "
                                   "resume"
                                 : "the export that is to go on was of another query");
}

Result<std::shared_ptr<const KeptExports::Export>> ExportApi::made(const Call& call,
                                                                   const query::Query& query) {
  const auto limit = static_cast<std::size_t>(call.integer("limit"));
  const std::size_t most = limit == 0 ? kMostRows : std::min(limit, kMostRows);
  KeptExports::Export out;
  out.now_unix_ms = clock_.now_unix_ms();
  out.query = query.canonical();
  std::uint64_t total = 0;
  search::Coverage coverage;
  VIGIE_ASSIGN(out.listing, index_.list(query, most, total, out.now_unix_ms, &coverage));
  if (coverage.partial())
    return failure(
        Disposition::kRetry,
        coverage.missing.empty() ? ErrorCode("shard_restoring") : ErrorCode("shard_missing"),
        "a part of the index is not there at the moment, and an export has every "
        "article or is none; try again in a while");
  if (limit == 0 && total > kMostRows)
    return refuse("too_expensive", "the query has " + std::to_string(total) +
                                       " articles, and an export at most " +
                                       std::to_string(kMostRows) +
                                       "; narrow it by after: and before:, or give a limit");
  std::string random;
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t bits = random_.next();
    for (int shift = 0; shift < 64; shift += 8) random += static_cast<char>(bits >> shift);
  }
  out.id = proto::base32(random);
  return kept_.keep(std::move(out));
}

http::Response ExportApi::send(const Call& call) {
  std::optional<http::Response> refused;
  dates::TimeZone zone;
  auto parsed = query_parameter(call, names_, zone, refused);
  if (!parsed) return std::move(*refused);
  const exporting::Format format = *exporting::format_named(call.text("format"));
  const bool columns = format == exporting::Format::kCsv || format == exporting::Format::kJsonLines;
  if (!columns && !call.text("fields").empty())
    return problem("bad_parameter", "fields are those of csv and jsonl; the others have their own");
  auto fields = exporting::fields_named(call.text("fields"), call.flag("text"));
  if (!fields) return problem_of(fields.error());
  auto running = std::make_unique<Running>(running_);
  if (running->number() > kMostAtATime) {
    auto busy = problem("busy",
                        "As many exports are sent as this server sends at a time; come "
                        "back in a while.");
    busy.headers.emplace_back("Retry-After", "10");
    return busy;
  }
  const auto budget = index_.budget(call.request.gone, call.request.may_take_long);
  parsed->budget = budget.get();
  const auto listing = listed(call, *parsed);
  if (!listing) return problem_of(listing.error());
  const KeptExports::Export& made = **listing;
  const auto range = range_of(call, made.listing.size());
  if (!range) return problem_of(range.error());

  http::Response response;
  response.headers = {{"Content-Type", std::string(exporting::media_type(format))},
                      {"Content-Disposition", disposition(call.text("q"), made.now_unix_ms,
                                                          exporting::file_ending(format))},
                      {"Vigie-Export", made.id},
                      {"Vigie-Rows", std::to_string(made.listing.size())},
                      {"X-Accel-Buffering", "no"}};
  exporting::About about{call.text("q"), made.id, made.now_unix_ms};
  response.finite = std::make_shared<ExportStream>(
      index_, *listing, *range,
      exporting::make_rows(format, std::move(*fields), call.flag("text"), std::move(about)),
      std::move(running));
  return response;
}

}  // namespace vigie::indexer::api
