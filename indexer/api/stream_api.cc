#include "indexer/api/stream_api.h"

#include <algorithm>
#include <charconv>

#include "indexer/api/problems.h"
#include "indexer/api/query_parameter.h"
#include "indexer/api/subscription_api.h"
#include "indexer/api/views.h"
#include "indexer/matching/matcher.h"
#include "indexer/search/index.h"
#include "indexer/subscriptions/store.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"

namespace vigie::indexer::api {
namespace {

constexpr std::chrono::milliseconds kHeartbeat{15'000};  // proxies drop what is silent for longer
constexpr std::size_t kRecordsOfAPiece = 100;
constexpr std::size_t kSnippetBytes = 280;

/// Where a stream stands: the next offset of every partition of `articles`, then of `matches`. As
/// text: "A1.2.3M4.5" in base 36.
struct Positions {
  std::vector<std::int64_t> articles;
  std::vector<std::int64_t> matches;
  bool elsewhere = false;  // the id that was given is of another log: these are of now

  std::string to_text() const {
    std::string out;
    const auto write = [&](char letter, const std::vector<std::int64_t>& offsets) {
      out += letter;
      for (std::size_t i = 0; i < offsets.size(); ++i) {
        char digits[16];
        const auto end = std::to_chars(digits, digits + sizeof digits, offsets[i], 36).ptr;
        if (i > 0) out += '.';
        out.append(digits, end);
      }
    };
    write('A', articles);
    write('M', matches);
    return out;
  }

  /// False if the text is not one of ours for so many partitions.
  static bool read(std::string_view text, char letter, std::vector<std::int64_t>& offsets) {
    std::size_t at = text.find(letter);
    if (at == std::string_view::npos) return false;
    const char* next = text.data() + at + 1;
    // Not beyond this list: 'M' is a digit of base 36 to from_chars, which takes capitals too.
    const char* end = text.data() + std::min(text.find_first_of("AM", at + 1), text.size());
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      if (i > 0 && (next == end || *next++ != '.')) return false;
      const auto [stop, problem] = std::from_chars(next, end, offsets[i], 36);
      if (problem != std::errc() || offsets[i] < 0) return false;
      next = stop;
    }
    return next == end;
  }
};

/// Tails `articles` and `matches`.
class EventStream final : public http::BodyStream {
 public:
  EventStream(search::Index& index, Clock& clock, query::Query query, std::string subscription,
              Positions positions, std::unique_ptr<log::Reader> reader)
      : index_(index),
        clock_(clock),
        query_(std::move(query)),
        everything_(query_.root().kind == query::Node::Kind::kAll),
        subscription_(std::move(subscription)),
        positions_(std::move(positions)),
        reader_(std::move(reader)),
        last_sent_(clock.since_boot()) {}

  std::optional<std::string> next(std::chrono::milliseconds timeout,
                                  const std::stop_token& stop) override {
    if (stop.stop_requested()) return std::nullopt;
    std::string out;
    if (!greeted_) {
      greeted_ = true;
      const Json reason = Json::object(
          {{"reason", "Last-Event-ID is of another log; the stream goes on from now"}});
      return "retry: 2000\n: vigie\n\n" +
             (positions_.elsewhere ? event("restart", reason) : std::string());
    }
    auto batches = reader_->poll(kRecordsOfAPiece, timeout);
    if (!batches) return std::nullopt;  // the client comes back with the last id, and is told then
    for (const auto& batch : *batches) {
      const bool articles = batch.from.topic == proto::Topic::kArticles;
      std::int64_t& position =
          (articles ? positions_.articles
                    : positions_.matches)[static_cast<std::size_t>(batch.from.partition)];
      for (const log::Record& record : batch.records) {
        position = record.offset + 1;
        if (record.value)
          out += articles ? article_event(*record.value) : alert_event(*record.value);
      }
      position = batch.next_offset;
    }
    const auto now = clock_.since_boot();
    if (out.empty() && now - last_sent_ >= kHeartbeat) out = ": still here\n\n";
    if (!out.empty()) last_sent_ = now;
    return out;
  }

 private:
  std::string event(std::string_view name, const Json& data) const {
    return "event: " + std::string(name) + "\nid: " + positions_.to_text() +
           "\ndata: " + data.dump() + "\n\n";
  }

  std::string article_event(const std::string& value) const {
    v1::ArticleRecord article;
    if (!article.ParseFromString(value)) return {};
    const matching::Document document(article);
    if (!everything_ && !matching::matches(query_, document, clock_.now_unix_ms())) return {};
    return event("article",
                 hit_json(matching::summarize(
                     article, matching::snippet(query_, document, kSnippetBytes).text, {})));
  }

  std::string alert_event(const std::string& value) const {
    v1::MatchRecord match;
    if (!match.ParseFromString(value)) return {};
    if (!subscription_.empty() && match.subscription_id() != subscription_) return {};
    if (!everything_) {
      const auto view = index_.article(match.article().article_id());
      if (!view || !*view) return {};
      const matching::Document document((*view)->article);
      if (!matching::matches(query_, document, clock_.now_unix_ms(), (*view)->story_id,
                             (*view)->event_id))
        return {};
    }
    return event("alert", match_json(match));
  }

  search::Index& index_;
  Clock& clock_;
  query::Query query_;
  bool everything_;
  std::string subscription_;
  Positions positions_;
  std::unique_ptr<log::Reader> reader_;
  std::chrono::milliseconds last_sent_;
  bool greeted_ = false;
};

Result<std::vector<std::int64_t>> ends_of(log::Log& log, proto::Topic topic) {
  VIGIE_ASSIGN(const std::int32_t partitions, log.partitions(topic));
  std::vector<std::int64_t> out;
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    VIGIE_ASSIGN(const log::OffsetRange range, log.offsets({topic, partition}));
    out.push_back(range.end);
  }
  return out;
}

/// What lies behind the log's beginning is gone: the stream goes on from there.
Result<void> assign_all(log::Log& log, log::Reader& reader, proto::Topic topic,
                        std::vector<std::int64_t>& offsets) {
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const log::TopicPartition partition{topic, static_cast<std::int32_t>(i)};
    VIGIE_ASSIGN(const log::OffsetRange range, log.offsets(partition));
    offsets[i] = std::clamp(offsets[i], range.begin, range.end);
    VIGIE_TRY(reader.assign(partition, offsets[i]));
  }
  return {};
}

Result<Positions> starting_positions(log::Log& log, const std::string& last_event_id) {
  Positions positions;
  VIGIE_ASSIGN(positions.articles, ends_of(log, proto::Topic::kArticles));
  VIGIE_ASSIGN(positions.matches, ends_of(log, proto::Topic::kMatches));
  if (last_event_id.empty()) return positions;
  Positions asked = positions;
  if (Positions::read(last_event_id, 'A', asked.articles) &&
      Positions::read(last_event_id, 'M', asked.matches))
    return asked;
  // An error would be the last word to an EventSource: it gives up after any 4xx.
  positions.elsewhere = true;
  return positions;
}

}  // namespace

Routes StreamApi::routes() {
  return {route("GET", "/v1/stream", "stream", this, &StreamApi::stream)};
}

/// One that another process made a moment ago is known, too.
bool StreamApi::knows(const std::string& subscription) {
  if (store_.find(subscription)) return true;
  return store_.catch_up({}) && store_.find(subscription);
}

http::Response StreamApi::stream(const Call& call) {
  std::optional<http::Response> refused;
  auto parsed = query_parameter(call, names_, refused);
  if (!parsed) return std::move(*refused);
  const std::string subscription = call.text("subscription");
  if (!subscription.empty() && !knows(subscription)) return no_subscription(subscription);
  // EventSource cannot set the header for its first request, so that a page may give the id as a
  // parameter.
  const std::string header = call.request.header("last-event-id");
  auto positions = starting_positions(log_, header.empty() ? call.text("last_event_id") : header);
  if (!positions) return problem_of(positions.error());
  auto reader = log_.reader();
  for (const auto& [topic, offsets] : {std::pair(proto::Topic::kArticles, &positions->articles),
                                       std::pair(proto::Topic::kMatches, &positions->matches)}) {
    if (auto assigned = assign_all(log_, *reader, topic, *offsets); !assigned)
      return problem_of(assigned.error());
  }
  http::Response response;
  response.headers = {{"Content-Type", "text/event-stream; charset=utf-8"},
                      {"Cache-Control", "no-store"},
                      {"X-Accel-Buffering", "no"}};
  response.stream = std::make_unique<EventStream>(index_, clock_, std::move(*parsed), subscription,
                                                  std::move(*positions), std::move(reader));
  return response;
}

}  // namespace vigie::indexer::api
