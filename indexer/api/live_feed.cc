#include "indexer/api/live_feed.h"

#include <algorithm>
#include <list>
#include <utility>

#include "indexer/api/live_mailbox.h"
#include "indexer/api/live_reading.h"
#include "indexer/api/metrics.h"
#include "indexer/api/stream_position.h"
#include "indexer/query/budget.h"
#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "platform/log/log.h"
#include "platform/logging/logging.h"
#include "platform/process/thread.h"

namespace vigie::indexer::api {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHeartbeat{15'000};  // proxies drop what is silent for longer
constexpr milliseconds kLookEvery{1'000};
constexpr milliseconds kMeasureEvery{10'000};  // on Kafka a question to the brokers a partition
/// A turn tells each stream at most once; so many turns a second are enough.
constexpr milliseconds kTurnTime{100};
/// What is written to a stream costs the kernel the same for one event as for ten. Where a turn
/// tells so many that more than this would be written in a second, it lasts longer, and each stream
/// is told more at once.
constexpr std::size_t kWritesASecond = 2'000;
constexpr milliseconds kLongestTurn{1'000};
constexpr milliseconds kWaitForStreams{200};
constexpr milliseconds kAfterFailure{1'000};
constexpr std::size_t kRecordsOfATurn = 200;
/// Readings that catch up at once; streams that come meanwhile wait for the next one.
constexpr std::size_t kMostCatchingUp = 4;

milliseconds turn_time_of(std::size_t streams_told) {
  const milliseconds fair(static_cast<std::int64_t>(streams_told * 1'000 / kWritesASecond));
  return std::clamp(fair, kTurnTime, kLongestTurn);
}

/// The server's side of a mailbox.
class EventStream final : public http::BodyStream {
 public:
  explicit EventStream(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}
  ~EventStream() override { mailbox_->leave(); }
  std::optional<std::string> take() override { return mailbox_->take(); }
  void on_ready(std::function<void()> wake) override { mailbox_->on_ready(std::move(wake)); }

 private:
  const std::shared_ptr<Mailbox> mailbox_;
};

/// Where a stream begins, and why not where it asked to.
struct Beginning {
  StreamPosition position;
  std::string restart;  // empty: where it asked to
};

}  // namespace

struct LiveFeed::Impl {
  Impl(Seams seams_, const Limits& limits_)
      : seams(seams_),
        limits(limits_),
        metrics(seams.metrics),
        use(std::make_shared<LiveUse>(limits)) {}

  Result<Beginning> beginning(const std::string& last_event_id) const;
  void admit();
  Result<void> begin_live();
  void catch_up();
  void look_after();
  void fail(const Error& error);
  std::vector<std::shared_ptr<Mailbox>> take_incoming();
  bool has_incoming();

  const Seams seams;
  const Limits limits;
  StreamMetrics metrics;
  const std::shared_ptr<LiveUse> use;

  std::mutex mutex;
  std::condition_variable_any came;
  std::vector<std::shared_ptr<Mailbox>> incoming;

  // of the thread of turn()
  std::unique_ptr<LiveReading> live;
  std::list<LiveReading> catching_up;
  std::vector<std::shared_ptr<Mailbox>> behind;  // wait for a reading
  milliseconds look_at{0};
  milliseconds measure_at{0};
  LiveReading::Read read_last;  // in the last turn
};

LiveFeed::LiveFeed(Seams seams, const Limits& limits)
    : impl_(std::make_unique<Impl>(seams, limits)) {}
LiveFeed::~LiveFeed() = default;

Result<Beginning> LiveFeed::Impl::beginning(const std::string& last_event_id) const {
  Beginning out;
  VIGIE_ASSIGN(out.position, end_of_log(seams.log));
  if (last_event_id.empty()) return out;
  auto asked = StreamPosition::read(last_event_id, out.position);
  // An error would be the last word to an EventSource: it gives up after any 4xx.
  if (!asked) {
    out.restart = "Last-Event-ID is of another log; the stream goes on from now";
  } else if (asked->records_to(out.position) > limits.missed_records) {
    out.restart =
        "Since Last-Event-ID more was missed than a stream tells again; it goes on from "
        "now, and a search finds the rest";
  } else {
    out.position = StreamPosition::earlier(std::move(*asked), out.position);
  }
  return out;
}

Result<std::unique_ptr<http::BodyStream>> LiveFeed::open(Wish wish) {
  VIGIE_ASSIGN(Beginning beginning, impl_->beginning(wish.last_event_id));
  const std::size_t clauses = query::costly_clauses(wish.query);
  VIGIE_TRY(impl_->use->take(wish.caller, clauses));
  wish.query.budget = nullptr;  // of the request, which ends
  auto mailbox =
      std::make_shared<Mailbox>(std::move(wish), beginning.position, impl_->use, clauses);
  const std::string id = beginning.position.to_text();
  std::string greeting = "retry: 2000\n: vigie\n\n";
  if (!beginning.restart.empty())
    greeting += event_text("restart", id, Json::object({{"reason", beginning.restart}}).dump());
  mailbox->set_put_at(impl_->seams.clock.since_boot());
  mailbox->put(std::make_shared<const std::string>(std::move(greeting)), id);
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->incoming.push_back(mailbox);
  }
  impl_->came.notify_one();
  return std::unique_ptr<http::BodyStream>(std::make_unique<EventStream>(std::move(mailbox)));
}

std::vector<std::shared_ptr<Mailbox>> LiveFeed::Impl::take_incoming() {
  const std::lock_guard lock(mutex);
  return std::exchange(incoming, {});
}

bool LiveFeed::Impl::has_incoming() {
  const std::lock_guard lock(mutex);
  return !incoming.empty();
}

Result<void> LiveFeed::Impl::begin_live() {
  VIGIE_ASSIGN(StreamPosition end, end_of_log(seams.log));
  auto reading = std::make_unique<LiveReading>(seams, metrics);
  VIGIE_TRY(reading->begin(std::move(end)));
  live = std::move(reading);
  return {};
}

/// Streams that came join the live reading, or one that catches up with it.
void LiveFeed::Impl::admit() {
  for (auto& stream : take_incoming()) {
    if (stream->is_left()) continue;
    if (stream->from().has_reached(live->position())) {
      live->add(std::move(stream));
    } else {
      behind.push_back(std::move(stream));
    }
  }
  if (behind.empty() || catching_up.size() >= kMostCatchingUp) return;
  StreamPosition first = behind.front()->from();
  for (const auto& stream : behind)
    first = StreamPosition::earlier(std::move(first), stream->from());
  LiveReading& reading = catching_up.emplace_back(seams, metrics);
  if (auto begun = reading.begin(std::move(first)); !begun) {
    catching_up.pop_back();
    return fail(begun.error());
  }
  for (auto& stream : std::exchange(behind, {})) reading.add(std::move(stream));
}

/// Each reading a step; one that has met the live reading hands its streams over.
void LiveFeed::Impl::catch_up() {
  for (auto reading = catching_up.begin(); reading != catching_up.end();) {
    if (!reading->position().has_reached(live->position())) {
      const auto read = reading->read(kRecordsOfATurn, milliseconds(0));
      if (!read) return fail(read.error());
      read_last.records += read->records;
      read_last.streams += read->streams;
    }
    if (reading->has_streams() && !reading->position().has_reached(live->position())) {
      ++reading;
      continue;
    }
    for (auto& stream : reading->take_streams()) {
      stream->reached(reading->position());  // it may be beyond the live one in some partition
      live->add(std::move(stream));
    }
    reading = catching_up.erase(reading);
  }
}

void LiveFeed::Impl::look_after() {
  const auto now = seams.clock.since_boot();
  if (now < look_at) return;
  look_at = now + kLookEvery;
  std::size_t open = behind.size();
  const auto look = [&](LiveReading& reading) {
    reading.look_after(now - kHeartbeat);
    open += reading.streams();
  };
  if (live) look(*live);
  for (LiveReading& reading : catching_up) look(reading);
  std::erase_if(behind, [](const auto& stream) { return stream->is_left(); });
  metrics.open.set(static_cast<double>(open));
  if (!live || now < measure_at) return;
  measure_at = now + kMeasureEvery;
  if (const auto end = end_of_log(seams.log))
    metrics.behind.set(static_cast<double>(live->position().records_to(*end)));
}

/// The log does not answer, or has lost what was not read: clients come back with their ids, and
/// are told then.
void LiveFeed::Impl::fail(const Error& error) {
  logging::warn("live streams end: the log cannot be read", {{"reason", error.to_string()}});
  std::vector<std::shared_ptr<Mailbox>> all = std::exchange(behind, {});
  const auto take = [&all](LiveReading& reading) {
    for (auto& stream : reading.take_streams()) all.push_back(std::move(stream));
  };
  if (live) take(*live);
  for (LiveReading& reading : catching_up) take(reading);
  for (auto& stream : take_incoming()) all.push_back(std::move(stream));
  for (const auto& stream : all) {
    metrics.ended.of("log").add();
    stream->end({});
    stream->wake();
  }
  live.reset();
  catching_up.clear();
}

void LiveFeed::turn(milliseconds most) {
  Impl& impl = *impl_;
  impl.read_last = {};
  impl.look_after();
  if (impl.live == nullptr) {
    if (!impl.has_incoming()) return;
    if (auto begun = impl.begin_live(); !begun) return impl.fail(begun.error());
  }
  impl.admit();
  if (impl.live == nullptr) return;
  const auto read =
      impl.live->read(kRecordsOfATurn, impl.catching_up.empty() ? most : milliseconds(0));
  if (!read) return impl.fail(read.error());
  impl.read_last = *read;
  impl.catch_up();
  if (impl.live == nullptr || impl.live->has_streams() || !impl.catching_up.empty() ||
      !impl.behind.empty())
    return;
  impl.live.reset();  // nobody listens
}

Result<void> LiveFeed::run(std::stop_token stop) {
  process::yield_to_others();
  Impl& impl = *impl_;
  Clock& clock = impl.seams.clock;
  while (!stop.stop_requested()) {
    if (impl.live == nullptr) {
      std::unique_lock lock(impl.mutex);
      impl.came.wait_for(lock, stop, kWaitForStreams, [&impl] { return !impl.incoming.empty(); });
    }
    const auto begin = clock.since_boot();
    const bool had_streams = impl.live != nullptr;
    turn(kTurnTime);
    if (had_streams && impl.live == nullptr && impl.has_incoming())
      clock.sleep_for(kAfterFailure, stop);
    const auto took = clock.since_boot() - begin;
    // Behind the log, or beside streams that are, every moment counts.
    const bool is_busy = impl.read_last.records >= kRecordsOfATurn || !impl.catching_up.empty();
    const auto turn_time = turn_time_of(impl.read_last.streams);
    if (impl.read_last.records > 0 && !is_busy && took < turn_time)
      clock.sleep_for(turn_time - took, stop);
  }
  return {};
}

}  // namespace vigie::indexer::api
