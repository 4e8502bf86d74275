#include "indexer/api/ingest_api.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "indexer/api/problems.h"
#include "indexer/api/source_list.h"
#include "indexer/api/topic_views.h"
#include "indexer/search/index.h"
#include "platform/clock/clock.h"
#include "platform/json/strict.h"
#include "platform/log/log.h"
#include "platform/text/ascii.h"
#include "platform/text/base64.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "platform/warc/warc_reader.h"
#include "proto/article.pb.h"
#include "proto/identity.h"
#include "proto/page.pb.h"
#include "proto/quarantine.pb.h"

namespace vigie::indexer::api {
namespace {

// of one call: what a waiting call keeps in mind
constexpr std::size_t kMaxPages = 10'000;
// no page came through for so long: something is down
constexpr std::chrono::milliseconds kNoProgress{120'000};
constexpr std::chrono::milliseconds kPoll{50};
constexpr std::size_t kMaxIdBytes = 512;

struct Problem {
  std::string id;
  std::string reason;
  std::string detail;
};

/// What one call brings.
struct Batch {
  std::vector<v1::PageRecord> pages;
  std::vector<Problem> problems;
  std::size_t read = 0;
};

/// What holds for every page of a call.
struct Intake {
  std::size_t max_bytes = 0;  // of a page
  bool alerts = false;
  std::int64_t now_unix_ms = 0;
  SourceList sources;
};

/// Fills what every page record needs. Errors: bad_url.
Result<void> complete(v1::PageRecord& page, const std::string& url_text, const Intake& intake) {
  VIGIE_ASSIGN(const url::Url parsed, url::parse(url_text));
  VIGIE_ASSIGN(const std::string normal, url::normalise(parsed));
  page.set_url(normal);
  page.set_final_url(normal);
  page.set_page_key(proto::page_key(normal));
  if (!page.has_source() || page.source().id().empty())
    *page.mutable_source() = intake.sources.of(parsed);
  if (page.discovered_at_unix_ms() == 0) page.set_discovered_at_unix_ms(intake.now_unix_ms);
  if (page.fetched_at_unix_ms() == 0) page.set_fetched_at_unix_ms(intake.now_unix_ms);
  page.set_raise_alerts(intake.alerts);
  page.set_http_status(200);
  page.set_body_bytes(page.body().size());
  if (page.body().size() > intake.max_bytes) {
    page.mutable_body()->resize(intake.max_bytes);
    page.set_truncation(v1::TRUNCATION_LENGTH);
  }
  page.set_body_sha256(proto::sha256(page.body()));
  return {};
}

Result<v1::PageRecord> page_of_line(const Json& line, const Intake& intake) {
  if (!line.is_object())
    return failure(Disposition::kQuarantine, "bad_record",
                   "a line must be a JSON object with url and html");
  v1::PageRecord page;
  if (line["html"].is_string()) {
    page.set_body(line["html"].as_string());
  } else if (line["html_base64"].is_string()) {
    auto bytes = text::base64_decode(line["html_base64"].as_string());
    if (!bytes) return failure(Disposition::kQuarantine, "bad_record", "html_base64 is not base64");
    page.set_body(std::move(*bytes));
  } else {
    return failure(Disposition::kQuarantine, "bad_record",
                   "a line needs the page itself as \"html\" (text) or \"html_base64\"");
  }
  page.set_origin(line["origin"].as_string() == "replay" ? v1::ORIGIN_REPLAY : v1::ORIGIN_INGEST);
  if (line["id"].is_string()) {
    (page.origin() == v1::ORIGIN_REPLAY ? *page.mutable_archive_ref() : *page.mutable_ingest_id()) =
        text::ellipsize(line["id"].as_string(), kMaxIdBytes);
  }
  if (line["truncated"].as_bool()) page.set_truncation(v1::TRUNCATION_DISCONNECT);
  page.set_fetched_at_unix_ms(
      std::clamp<std::int64_t>(line["fetched_at_unix_ms"].as_integer(), 0, intake.now_unix_ms));
  if (line["content_type"].is_string()) {
    v1::Header* header = page.add_headers();
    header->set_name("content-type");
    header->set_value(text::ellipsize(line["content_type"].as_string(), kMaxIdBytes));
  } else if (line["html"].is_string()) {  // text that came as JSON is UTF-8, whatever the page says
                                          // of the bytes it once was
    v1::Header* header = page.add_headers();
    header->set_name("content-type");
    header->set_value("text/html; charset=utf-8");
  }
  if (!line["url"].is_string())
    return failure(Disposition::kQuarantine, "bad_record", "a line needs the \"url\" of the page");
  if (line["source"].is_string()) {
    // Manifests of others use the word for what is no source here; then the URL tells.
    if (auto named = intake.sources.named(line["source"].as_string()))
      *page.mutable_source() = std::move(*named);
  }
  VIGIE_TRY(complete(page, line["url"].as_string(), intake));
  return page;
}

Result<Batch> read_lines(std::string_view body, const Intake& intake) {
  Batch out;
  for (std::size_t begin = 0; begin < body.size();) {
    const std::size_t end = std::min(body.find('\n', begin), body.size());
    const std::string_view line = text::trim(body.substr(begin, end - begin));
    begin = end + 1;
    if (line.empty()) continue;
    if (++out.read > kMaxPages)
      return failure(Disposition::kQuarantine, "too_large",
                     "one call takes at most " + std::to_string(kMaxPages) +
                         " pages; send the rest in another");
    auto parsed = parse_strict_json(line);
    auto page =
        parsed ? page_of_line(*parsed, intake) : Result<v1::PageRecord>(failure(parsed.error()));
    if (page) out.pages.push_back(std::move(*page));
    else
      out.problems.push_back(
          {parsed ? (*parsed)["id"].as_string() : "line " + std::to_string(out.read),
           page.error().code, page.error().detail});
  }
  return out;
}

/// What an archive held: its pages, of origin replay, and what could not be read of it.
struct WarcPages {
  std::vector<v1::PageRecord> pages;
  std::vector<Error> problems;
};

WarcPages read_warc(std::string_view bytes, std::size_t max_bytes) {
  warc::WarcLimits limits;
  limits.body_bytes = max_bytes;
  const std::unique_ptr<warc::WarcReader> reader =
      warc::WarcReader::of_bytes(bytes, "upload.warc", limits);
  WarcPages out;
  for (;;) {
    auto page = reader->next();
    if (!page) {
      const bool goes_on = page.error().disposition == Disposition::kQuarantine;
      out.problems.push_back(std::move(page.error()));
      if (!goes_on) return out;
      continue;
    }
    if (!*page) return out;
    out.pages.push_back(std::move(**page));
  }
}

/// Candidates for the article id of a page before it is extracted: its own URL, and a canonical
/// link that a quick look finds.
std::vector<std::string> likely_articles(const v1::PageRecord& page) {
  std::vector<std::string> out{proto::article_id(page.final_url())};
  constexpr std::size_t kHeadBytes = 200'000;
  const std::string_view head = std::string_view(page.body()).substr(0, kHeadBytes);
  const auto base = url::parse(page.final_url());
  for (std::size_t at = head.find("canonical"); at != std::string_view::npos;
       at = head.find("canonical", at + 1)) {
    const std::size_t open = head.rfind('<', at);
    const std::size_t close = head.find('>', at);
    if (open == std::string_view::npos || close == std::string_view::npos) continue;
    const std::string_view tag = head.substr(open, close - open);
    const std::size_t href = tag.find("href=");
    if (!text::ascii_iequals(tag.substr(0, 5), "<link") || href == std::string_view::npos ||
        href + 6 >= tag.size())
      continue;
    const char quote = tag[href + 5];
    const bool quoted = quote == '"' || quote == '\'';
    const std::string_view rest = tag.substr(href + (quoted ? 6 : 5));
    const std::string_view value =
        rest.substr(0, quoted ? rest.find(quote) : rest.find_first_of(" \t\r\n/"));
    if (!base) break;
    if (const auto canonical = url::parse(value, &*base)) {
      if (const auto normal = url::normalise(*canonical)) out.push_back(proto::article_id(*normal));
    }
    break;
  }
  return out;
}

/// Follows the pages of one call through `articles` and `quarantine` until each is searchable or
/// set aside.
class Waiter {
 public:
  Waiter(log::Log& log, search::Index& index, Clock& clock, const Batch& batch)
      : log_(log), index_(index), clock_(clock), reader_(log.reader()) {
    for (const v1::PageRecord& page : batch.pages) {
      auto& expected = expected_[page.page_key()];
      ++expected.count;
      expected.id = page.ingest_id().empty() ? page.archive_ref() : page.ingest_id();
    }
    open_ = batch.pages.size();
  }

  /// Before the pages are sent: where their articles will stand, and which articles are known
  /// already.
  Result<void> prepare(const Batch& batch) {
    for (const v1::PageRecord& page : batch.pages) {
      for (const std::string& id : likely_articles(page)) {
        VIGIE_ASSIGN(const auto known, index_.article(id));
        if (known) known_before_.insert(id);
      }
    }
    for (const proto::Topic topic : {proto::Topic::kArticles, proto::Topic::kQuarantine}) {
      VIGIE_ASSIGN(const std::int32_t partitions, log_.partitions(topic));
      for (std::int32_t partition = 0; partition < partitions; ++partition) {
        VIGIE_ASSIGN(const log::OffsetRange range, log_.offsets({topic, partition}));
        VIGIE_TRY(reader_->assign({topic, partition}, range.end));
      }
    }
    return {};
  }

  Result<void> wait() {
    auto last_progress = clock_.since_boot();
    while (open_ > 0 || !unseen_.empty()) {
      const std::size_t before = open_ + unseen_.size();
      if (open_ > 0) VIGIE_TRY(follow_log());
      else clock_.sleep_for(kPoll, {});
      VIGIE_TRY(look_for_articles());
      const auto now = clock_.since_boot();
      if (open_ + unseen_.size() != before) last_progress = now;
      if (now - last_progress > kNoProgress) {
        return failure(Disposition::kRetry, "not_searchable_yet",
                       std::to_string(open_ + unseen_.size()) +
                           " pages are in the log but were not searchable in time; GET "
                           "/v1/pipeline says what is behind");
      }
    }
    return {};
  }

  std::size_t ingested() const { return ingested_; }
  std::size_t duplicates() const { return duplicates_; }
  std::size_t quarantined() const { return quarantined_; }
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  struct Expected {
    std::size_t count = 0;
    std::string id;
  };

  Result<void> follow_log() {
    VIGIE_ASSIGN(const auto batches, reader_->poll(500, kPoll));
    for (const auto& batch : batches) {
      for (const log::Record& record : batch.records) {
        if (!record.value) continue;
        if (batch.from.topic == proto::Topic::kArticles) VIGIE_TRY(take_article(*record.value));
        else take_quarantined(*record.value);
      }
    }
    return {};
  }

  bool settle(const std::string& page_key, std::string* id) {
    const auto expected = expected_.find(page_key);
    if (expected == expected_.end() || expected->second.count == 0) return false;
    --expected->second.count;
    --open_;
    *id = expected->second.id;
    return true;
  }

  Result<void> take_article(const std::string& value) {
    v1::ArticleRecord article;
    std::string id;
    if (!article.ParseFromString(value) || !settle(article.page_key(), &id)) return {};
    const bool first = seen_.insert(article.article_id()).second;
    bool known = known_before_.contains(article.article_id());
    if (first && !known) {
      VIGIE_ASSIGN(const auto versions, index_.versions(article.article_id()));
      known = std::any_of(versions.begin(), versions.end(), [&](const StoredVersion& version) {
        return version.fetched_at_unix_ms < article.fetched_at_unix_ms();
      });
    }
    ++(first && !known ? ingested_ : duplicates_);
    if (first) unseen_.insert(article.article_id());
    return {};
  }

  void take_quarantined(const std::string& value) {
    v1::QuarantineRecord record;
    std::string id;
    if (!record.ParseFromString(value) || record.resolved() || !settle(record.key(), &id)) return;
    ++quarantined_;
    problems_.push_back({id.empty() ? record.url() : id, record.reason(), record.detail()});
  }

  Result<void> look_for_articles() {
    for (auto id = unseen_.begin(); id != unseen_.end();) {
      VIGIE_ASSIGN(const auto found, index_.article(*id));
      id = found ? unseen_.erase(id) : std::next(id);
    }
    return {};
  }

  log::Log& log_;
  search::Index& index_;
  Clock& clock_;
  std::unique_ptr<log::Reader> reader_;
  std::map<std::string, Expected> expected_;
  std::set<std::string> known_before_;
  std::set<std::string> seen_;
  std::set<std::string> unseen_;
  std::size_t open_ = 0;
  std::size_t ingested_ = 0;
  std::size_t duplicates_ = 0;
  std::size_t quarantined_ = 0;
  std::vector<Problem> problems_;
};

Json summary_json(const Batch& batch, std::size_t ingested, std::size_t duplicates,
                  std::size_t quarantined, const std::vector<Problem>& more) {
  Json problems = Json::array();
  for (const auto* list : {&batch.problems, &more}) {
    for (const Problem& problem : *list)
      problems.push(Json::object(
          {{"id", problem.id}, {"reason", problem.reason}, {"detail", problem.detail}}));
  }
  return Json::object(
      {{"read", static_cast<std::int64_t>(batch.read)},
       {"ingested", static_cast<std::int64_t>(ingested)},
       {"duplicates", static_cast<std::int64_t>(duplicates)},
       {"quarantined", static_cast<std::int64_t>(quarantined + batch.problems.size())},
       {"problems", std::move(problems)}});
}

/// A WARC is known by its first bytes too, whatever a client says of it: manifest lines begin with
/// neither.
bool is_warc(const http::Request& request) {
  return request.header("content-type").starts_with("application/warc") ||
         request.body.starts_with("WARC/") || request.body.starts_with("\x1f\x8b");
}

/// Errors: those of an archive of which nothing could be read.
Result<Batch> read_archive(std::string_view body, const Intake& intake) {
  WarcPages archive = read_warc(body, intake.max_bytes);
  if (archive.pages.empty() && !archive.problems.empty())
    return failure(std::move(archive.problems.front()));
  Batch out;
  out.read = archive.pages.size() + archive.problems.size();
  for (const Error& error : archive.problems)
    out.problems.push_back({error.where, error.code, error.detail});
  for (v1::PageRecord& page : archive.pages) {
    page.set_origin(v1::ORIGIN_REPLAY);
    const std::string url = page.final_url().empty() ? page.url() : page.final_url();
    if (auto completed = complete(page, url, intake); !completed)
      out.problems.push_back({url, completed.error().code, completed.error().detail});
    else out.pages.push_back(std::move(page));
  }
  return out;
}

Result<void> send(log::Log& log, const Batch& batch) {
  if (batch.pages.empty()) return {};
  std::vector<log::NewRecord> records;
  for (const v1::PageRecord& page : batch.pages)
    records.push_back({proto::Topic::kPages, page.page_key(), page.SerializeAsString()});
  return log::append(log, std::move(records));
}

}  // namespace

Routes IngestApi::routes() {
  return {route("POST", "/v1/ingest", "ingest", this, &IngestApi::ingest)};
}

http::Response IngestApi::ingest(const Call& call) {
  const CallerCounts::Place place(under_way_, call.request.peer + ' ' + call.request.caller);
  if (!place) {
    http::Response busy = problem("busy",
                                  "Two ingests of this caller, or four of all, are under way "
                                  "already; try again when one is done.");
    busy.headers.emplace_back("Retry-After", "5");
    return busy;
  }
  const bool wait = call.flag("wait");
  const auto read = is_warc(call.request) ? read_archive : read_lines;
  const auto status = status_.now();
  if (!status) return problem_of(status.error());
  const Intake intake{max_page_bytes_, call.flag("alerts"), clock_.now_unix_ms(),
                      SourceList(status->sources)};
  const auto batch = read(call.request.body, intake);
  if (!batch) return problem_of(batch.error());
  Waiter waiter(log_, index_, clock_, *batch);
  if (wait) {
    if (auto prepared = waiter.prepare(*batch); !prepared) return problem_of(prepared.error());
  }
  if (auto sent = send(log_, *batch); !sent) return problem_of(sent.error());
  if (!wait) return http::Response::json(summary_json(*batch, 0, 0, 0, {}), 202);
  if (auto waited = waiter.wait(); !waited) return problem_of(waited.error());
  return http::Response::json(summary_json(*batch, waiter.ingested(), waiter.duplicates(),
                                           waiter.quarantined(), waiter.problems()));
}

}  // namespace vigie::indexer::api
