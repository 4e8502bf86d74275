// One thread does all input and output of requests, so that nothing of a session needs a lock;
// handlers run in pools; another thread writes all streams.
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

#include "platform/http/fair_pool.h"
#include "platform/http/http.h"
#include "platform/http/session.h"
#include "platform/http/stream_session.h"
#include "platform/http/wire.h"
#include "platform/logging/logging.h"
#include "platform/process/thread.h"

namespace vigie::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr auto kDrainTime = 3s;       // for responses under way when the server ends
constexpr auto kAcceptPause = 100ms;  // after "too many open files"
/// One address has at most one in so many of all connections: others get in whatever it does.
constexpr std::size_t kShareOfOneAddress = 2;
/// To read a larger body alone takes longer than others should wait.
constexpr std::size_t kMaxShortBody = 64 << 10;
constexpr auto kStuckLook = 1s;  // streams whose clients take nothing are looked for so often

class BeastServer final : public Server, public SessionOwner {
 public:
  BeastServer(const ServerOptions& options, std::shared_ptr<const Router> router,
              const Clock& clock)
      : options_(options),
        router_(std::move(router)),
        clock_(clock),
        acceptor_(io_),
        accept_again_(io_),
        stuck_look_(streams_io_),
        pool_(options.threads, options.patient_threads) {
    for (const Lane& lane : options_.lanes) lanes_.emplace_back(lane.threads, lane.patient_threads);
  }
  ~BeastServer() override;

  Result<void> open();
  std::string address() const override { return address_; }

  const ServerOptions& options() const override { return options_; }
  const Clock& clock() const override { return clock_; }
  bool is_stopping() const override { return stopping_; }
  Router::Admission admit(Request& request) const override;
  void run_handler(Request request, std::shared_ptr<Session> session) override;
  void start_stream(int socket, std::string head, std::unique_ptr<BodyStream> body,
                    bool chunked) override;
  bool has_room_for_stream() override { return stream_count_ < options_.max_streams; }
  void forget(const std::shared_ptr<Session>& session) override;
  bool add_body_bytes(std::int64_t change) override;
  std::string& scratch() override { return scratch_; }

 private:
  void accept();
  /// Closes a connection that nobody is owed a response on; false: there is none.
  bool make_room();
  /// Sees to it that one more connection of an address is no more than it may have: closes one that
  /// waits for its client. False: none does.
  bool make_room_of(const std::string& network);
  FairPool& pool_of(const std::string& path);
  void accepted(error_code error, tcp::socket socket);
  FairPool::Outcome handle(const std::shared_ptr<Request>& asked,
                           const std::shared_ptr<Session>& session, FairPool::Turn turn);
  // on the thread of the streams
  void look_for_stuck_streams();
  void finish_streams();
  void tell_drained(bool& drained);

  const ServerOptions options_;
  // shared: the caller may keep it to answer without a socket
  const std::shared_ptr<const Router> router_;
  const Clock& clock_;
  asio::io_context io_{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{
      io_.get_executor()};
  tcp::acceptor acceptor_;
  asio::steady_timer accept_again_;
  std::string address_;
  // shared: each waiting operation of asio keeps its session
  std::set<std::shared_ptr<Session>> sessions_;
  bool accepting_ = false;
  bool making_room_ = false;
  bool stopping_ = false;
  asio::io_context streams_io_{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> streams_work_{
      streams_io_.get_executor()};
  asio::steady_timer stuck_look_;
  // shared: each waiting operation of asio keeps its stream
  std::set<std::shared_ptr<StreamSession>> streams_;
  std::atomic<std::size_t> stream_count_{0};
  bool streams_end_ = false;
  std::stop_source stop_;
  std::mutex drained_mutex_;
  std::condition_variable drained_;
  bool sessions_drained_ = false;
  bool streams_drained_ = false;
  std::int64_t body_bytes_ = 0;
  std::string scratch_;
  FairPool pool_;
  std::list<FairPool> lanes_;  // as options_.lanes
  std::thread io_thread_;
  std::thread streams_thread_;
};

tl::unexpected<Error> bind_error(std::string_view what, const std::string& listen) {
  return failure(Disposition::kStop, "bind",
                 "cannot listen here: " + std::string(what) +
                     "; set http.listen to HOST:PORT with a free port (port 0 picks one)",
                 listen);
}

Result<void> BeastServer::open() {
  const std::string& listen = options_.listen;
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon + 1 == listen.size())
    return bind_error("there is no port", listen);
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const char* end = listen.data() + listen.size();
  if (const auto parsed = std::from_chars(listen.data() + colon + 1, end, port);
      parsed.ec != std::errc() || parsed.ptr != end) {
    return bind_error("the port is no number up to 65535", listen);
  }
  error_code error;
  tcp::resolver resolver(io_);
  const auto found = resolver.resolve(host.empty() ? "0.0.0.0" : host, std::to_string(port), error);
  if (error || found.empty()) return bind_error("the host is not known", listen);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return bind_error(error.message(), listen);
  const tcp::endpoint bound = acceptor_.local_endpoint(error);
  const std::string bound_host = bound.address().to_string();
  address_ = (bound.address().is_v6() ? "[" + bound_host + "]" : bound_host) + ":" +
             std::to_string(bound.port());
  accept();
  io_thread_ = std::thread([this] { io_.run(); });
  look_for_stuck_streams();
  streams_thread_ = std::thread([this] {
    process::yield_to_others();  // thousands may have something to be told at once
    streams_io_.run();
  });
  return {};
}

Router::Admission BeastServer::admit(Request& request) const {
  if (std::ranges::find(options_.without, request.path) == options_.without.end())
    return router_->admit(request);
  return {Response::problem(404, "not_found", "Another endpoint of this process answers this."), 0};
}

void BeastServer::accept() {
  if (accepting_ || stopping_) return;
  // Where all connections wait for their responses nobody is accepted: the kernel's queue holds new
  // clients until one ends.
  if (sessions_.size() >= options_.max_connections && !make_room()) return;
  accepting_ = true;
  acceptor_.async_accept(
      io_, [this](error_code error, tcp::socket socket) { accepted(error, std::move(socket)); });
}

void BeastServer::accepted(error_code error, tcp::socket socket) {
  accepting_ = false;
  if (stopping_) return;
  if (error) {
    accept_again_.expires_after(kAcceptPause);
    accept_again_.async_wait([this](error_code stopped) {
      if (!stopped) accept();
    });
    return;
  }
  auto session = std::make_shared<Session>(*this, std::move(socket));
  if (!make_room_of(session->network())) {
    session->close();
    return accept();
  }
  sessions_.insert(session);
  session->start();
  accept();
}

void BeastServer::forget(const std::shared_ptr<Session>& session) {
  sessions_.erase(session);
  if (stopping_ && sessions_.empty()) tell_drained(sessions_drained_);
  if (!making_room_) accept();
}

bool BeastServer::add_body_bytes(std::int64_t change) {
  body_bytes_ += change;
  return change < 0 || body_bytes_ <= static_cast<std::int64_t>(options_.max_bodies_bytes);
}

bool BeastServer::make_room() {
  std::map<std::string_view, std::size_t> connections;  // by network
  for (const auto& session : sessions_) ++connections[session->network()];
  // Strangers go before callers who showed a key; then the address that holds most goes first; of
  // its connections the one that has waited longest.
  const auto rank = [&](const Session& session) {
    return std::tuple(!session.is_known(), connections[session.network()],
                      -session.waiting_since().time_since_epoch());
  };
  std::shared_ptr<Session> out;
  for (const auto& session : sessions_) {
    if (session->is_waiting() && (out == nullptr || rank(*session) > rank(*out))) out = session;
  }
  if (out == nullptr) return false;
  making_room_ = true;  // the caller accepts
  out->close();
  making_room_ = false;
  return true;
}

bool BeastServer::make_room_of(const std::string& network) {
  std::size_t connections = 0;
  std::shared_ptr<Session> out;
  for (const auto& session : sessions_) {
    if (session->network() != network) continue;
    ++connections;
    if (!session->is_waiting()) continue;
    const auto rank = [](const Session& one) {
      return std::tuple(!one.is_known(), -one.waiting_since().time_since_epoch());
    };
    if (out == nullptr || rank(*session) > rank(*out)) out = session;
  }
  if (connections < std::max<std::size_t>(1, options_.max_connections / kShareOfOneAddress))
    return true;
  if (out == nullptr) return false;
  making_room_ = true;  // the caller accepts
  out->close();
  making_room_ = false;
  return true;
}

FairPool& BeastServer::pool_of(const std::string& path) {
  auto pool = lanes_.begin();
  for (const Lane& lane : options_.lanes) {
    for (const std::string& prefix : lane.prefixes) {
      if (path.starts_with(prefix)) return *pool;
    }
    ++pool;
  }
  return pool_;
}

void BeastServer::run_handler(Request request, std::shared_ptr<Session> session) {
  // The queue is bounded by max_connections: a connection has one request under way.
  FairPool& pool = pool_of(request.path);
  // One key serves many machines, and behind one address there may be many keys.
  const std::string owner = request.peer + ' ' + request.caller;
  const bool is_long = request.body.size() > kMaxShortBody;
  auto asked = std::make_shared<Request>(std::move(request));
  pool.post(
      owner,
      [this, asked = std::move(asked), session = std::move(session)](FairPool::Turn turn) mutable {
        return handle(asked, session, turn);
      },
      is_long);
}

FairPool::Outcome BeastServer::handle(const std::shared_ptr<Request>& asked,
                                      const std::shared_ptr<Session>& session,
                                      FairPool::Turn turn) {
  asked->may_take_long = turn.is_patient;
  const std::string accept_encoding = asked->header("accept-encoding");
  Response response =
      stop_.stop_requested()
          ? Response::problem(503, "stopping", "The server is ending; come back later.")
          : router_->handle(asked->may_take_long ? std::move(*asked) : *asked);
  if (response.is_later) {
    VIGIE_INVARIANT(!asked->may_take_long);
    return FairPool::Outcome::kLater;
  }
  // Here, where others do not wait for it.
  compress_if_accepted(accept_encoding, response);
  // Who was sent here and got nothing, as where too many ask, would try the same again.
  const bool in_vain = turn.is_patient && response.status >= 400;
  asio::post(io_, [session, response = std::move(response)]() mutable {
    session->answer(std::move(response));
  });
  return in_vain ? FairPool::Outcome::kLong : FairPool::Outcome::kDone;
}

void BeastServer::start_stream(int socket, std::string head, std::unique_ptr<BodyStream> body,
                               bool chunked) {
  ++stream_count_;
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size);
  tcp::socket moved(streams_io_, own.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), socket);
  asio::post(streams_io_, [this, moved = std::move(moved), head = std::move(head),
                           body = std::move(body), chunked]() mutable {
    auto stream =
        std::make_shared<StreamSession>(std::move(moved), std::move(body), chunked,
                                        [this](const std::shared_ptr<StreamSession>& ended) {
                                          streams_.erase(ended);
                                          --stream_count_;
                                          if (streams_end_ && streams_.empty())
                                            tell_drained(streams_drained_);
                                        });
    streams_.insert(stream);
    stream->start(std::move(head));
    if (streams_end_) stream->finish();
  });
}

void BeastServer::look_for_stuck_streams() {
  stuck_look_.expires_after(kStuckLook);
  stuck_look_.async_wait([this](error_code stopped) {
    if (stopped) return;
    const auto streams = streams_;  // one that ends leaves the set
    const MachineTime since = machine_now() - options_.write_timeout;
    for (const auto& stream : streams) stream->close_if_stuck_since(since);
    look_for_stuck_streams();
  });
}

void BeastServer::finish_streams() {
  streams_end_ = true;
  stuck_look_.cancel();
  const auto streams = streams_;  // one that ends leaves the set
  for (const auto& stream : streams) stream->finish();
  if (streams_.empty()) tell_drained(streams_drained_);
}

void BeastServer::tell_drained(bool& drained) {
  const std::lock_guard lock(drained_mutex_);
  drained = true;
  drained_.notify_all();
}

BeastServer::~BeastServer() {
  stop_.request_stop();
  if (io_thread_.joinable()) {
    asio::post(io_, [this] {
      stopping_ = true;
      error_code ignored;
      acceptor_.close(ignored);
      accept_again_.cancel();
      const auto sessions = sessions_;  // a session that ends leaves the set
      for (const auto& session : sessions) session->stop();
      if (sessions_.empty()) tell_drained(sessions_drained_);
    });
    for (FairPool& lane : lanes_) lane.join();
    pool_.join();  // handlers under way end; waiting ones answer 503
    asio::post(streams_io_, [this] { finish_streams(); });
    {
      std::unique_lock lock(drained_mutex_);
      drained_.wait_for(lock, kDrainTime, [this] { return sessions_drained_ && streams_drained_; });
    }
    work_.reset();
    io_.stop();
    io_thread_.join();
    streams_work_.reset();
    streams_io_.stop();
    streams_thread_.join();
    // Here, not wherever the last one who knows of a stream lets it go.
    const auto streams = streams_;
    for (const auto& stream : streams) stream->close();
  }
}

}  // namespace

Result<std::unique_ptr<Server>> serve(const ServerOptions& options,
                                      std::shared_ptr<const Router> router, const Clock& clock) {
  VIGIE_INVARIANT(router != nullptr);
  auto server = std::make_unique<BeastServer>(options, std::move(router), clock);
  VIGIE_TRY(server->open());
  return server;
}

}  // namespace vigie::http
