#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "platform/result/result.h"

/// Our HTTP server, and the plain request and response that handlers see (so that a command can
/// call them without a socket).
namespace vigie::http {

struct Request {
  std::string method = "GET";
  std::string path = "/";                                   // percent-decoded, no query
  std::vector<std::pair<std::string, std::string>> query;   // decoded, in order
  std::map<std::string, std::string, std::less<>> headers;  // lower-case names
  std::string body;
  std::string peer;  // address text; "" for in-process calls
  bool peer_is_loopback = true;
  std::string caller;       // whom a guard recognised; "" for a stranger
  std::string caller_role;  // what the caller may do, in the guard's words; "" for a stranger
  std::string route;        // pattern of its route, for guards; set by the router
  std::stop_token gone;     // stopped once nobody waits for the response any more
  /// False where other callers may wait for this one: a handler that finds that its response takes
  /// long returns Response::later(), and is called again, on a thread that yields to others, with
  /// true.
  bool may_take_long = true;
  bool admitted = false;              // the guards have seen it
  std::vector<std::string> captures;  // of the route's {name} parts, decoded

  std::optional<std::string> parameter(std::string_view name) const;  // the first of that name
  std::string header(std::string_view name) const;                    // "" if absent
};

/// A body that comes in pieces (Server-Sent Events). The server asks for a piece when it has
/// written the one before, and when it is woken: no thread waits for one.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  /// The next piece, at once: "" if there is none yet; nullopt at the end. Called by one thread of
  /// the server at a time; must be quick.
  virtual std::optional<std::string> take() = 0;
  /// `wake` is to be called, from any thread, whenever take() may have something new to say. It may
  /// be called at any time, also after this stream is gone. Called once, before take().
  virtual void on_ready(std::function<void()> wake) = 0;
  /// Whether what was taken may end here: else the connection closes without the body's end.
  virtual bool is_whole() const { return true; }
};

class FiniteBody;

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::unique_ptr<BodyStream> stream;  // instead of body
  std::shared_ptr<FiniteBody> finite;  // instead of body
  bool is_later = false;               // no response yet, see later()

  /// For a request that may not take long and would: it is handled once more, from its beginning,
  /// where it may. So far nothing may have been changed.
  static Response later();

  static Response json(const Json& value, int status = 200);
  /// RFC 9457: application/problem+json with type, title, status, detail and a stable `code`. Kept
  /// out of caches and of the pages of other sites.
  static Response problem(int status, std::string_view code, std::string_view detail);
  static Response text(std::string body, std::string_view content_type, int status = 200);
};

using Handler = std::function<Response(const Request&)>;

/// Method and path pattern ("/v1/articles/{id}"; "{rest*}" takes the remaining path) → handler.
/// Built before serving, then read-only.
class Router {
 public:
  /// `body_bytes` is the largest body that the route takes; those that take none still allow a
  /// client that sends "{}" with every call.
  void add(std::string method, std::string pattern, Handler handler, std::size_t body_bytes = 0);
  /// Runs once for each request to a route, before its body is read. It sees no body and no
  /// captures, and may fill in `caller`. A returned response answers instead. Any thread.
  using Check = std::function<std::optional<Response>(Request&)>;
  void guard(Check check);
  /// Runs before the route is looked for, also where there is none: a returned response answers
  /// instead. Any thread.
  void first(Check check);
  /// Runs on every response, also on refusals, and may add headers to it. Any thread.
  using Finish = std::function<void(const Request&, Response&)>;
  void last(Finish finish);

  /// What a server learns from the header of a request before it takes the body.
  struct Admission {
    std::optional<Response> refused;  // no route, or a guard says no
    std::size_t body_bytes = 0;       // of its route
  };
  /// Sets `caller` and `admitted` of the request. Any thread.
  Admission admit(Request& request) const;
  /// Told of each response: the pattern of its route ("other": none), its status, and how long the
  /// handler took. Called on the thread of the handler.
  using Observer =
      std::function<void(const std::string& route, int status, std::chrono::duration<double> took)>;
  /// `clock` must outlive the router.
  void observe(Observer observer, const Clock& clock);
  /// 404 and 405 (with Allow) as problem details; HEAD by GET; an exception of a handler becomes
  /// 500 and a log line.
  Response handle(Request request) const;
  /// The pattern that a path falls under, for metrics labels; "other" if none.
  std::string route_of(const std::string& method, const std::string& path) const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> parts;
    Handler handler;
    std::size_t body_bytes;
  };
  /// The route of a request and its captures, or why there is none.
  struct Choice {
    const Route* route = nullptr;
    std::vector<std::string> captures;
    std::vector<std::string> allowed;  // methods of the path, where only those are others
  };
  Choice choose(const std::string& method, const std::string& path) const;
  Response answer(Request& request, std::string& route_pattern) const;
  Response routed(Request& request, std::string& route_pattern) const;
  std::optional<Response> run_guards(Request& request, const Route& route) const;
  std::optional<Response> run_first(Request& request) const;
  static Response no_route(const Choice& choice);

  std::vector<Route> routes_;
  std::vector<Check> guards_;
  Check first_;
  Finish last_;
  Observer observer_;
  const Clock* clock_ = nullptr;  // set with the observer
};

/// Threads of their own for paths that begin with one of `prefixes`. A handler that waits for
/// another server, whose handlers wait for this one, must not wait for ever; a probe must be
/// answered while everything else is busy; and who asks for what takes long by its nature keeps
/// their standing elsewhere.
struct Lane {
  std::vector<std::string> prefixes;
  int threads = 1;          // 0: all that is asked there takes long
  int patient_threads = 0;  // see ServerOptions
};

struct ServerOptions {
  std::string listen = "127.0.0.1:8080";      // HOST:PORT; port 0 picks one
  std::size_t max_body_bytes = 256ULL << 20;  // whatever a route says
  /// Of all bodies that are being read or handled; beyond it 503.
  std::size_t max_bodies_bytes = 512ULL << 20;
  std::size_t max_header_bytes = 64ULL << 10;
  std::size_t max_connections = 1024;
  /// Paths that another server answers: 404 here, however the router knows them.
  std::vector<std::string> without;
  std::size_t max_streams = 256;  // bodies that come in pieces; not counted as connections
  int threads = 8;                // that run handlers of paths outside every lane
  /// Threads beside those, which yield to all others: for callers whose requests took long lately,
  /// and for what turned out to take long (Response::later()).
  int patient_threads = 4;
  std::vector<Lane> lanes;
  std::chrono::milliseconds header_timeout{10'000};
  /// How long a body may stand still at its beginning; after that it must have come at
  /// `body_bytes_per_second` on average.
  std::chrono::milliseconds body_grace{10'000};
  std::size_t body_bytes_per_second = 1024;
  std::chrono::milliseconds write_timeout{60'000};  // for each 256 KiB of a response
  std::chrono::milliseconds idle_timeout{60'000};
};

/// HTTP/1.1 server. Adds X-Content-Type-Options: nosniff and refuses request content-encodings.
class Server {
 public:
  virtual ~Server() = default;              // stops accepting, ends streams, waits for handlers
  virtual std::string address() const = 0;  // "HOST:PORT" as bound
};

/// `clock` tells the Date of responses and must outlive the server. Errors: kStop bind (endpoint in
/// use …) with what to do.
Result<std::unique_ptr<Server>> serve(const ServerOptions& options,
                                      std::shared_ptr<const Router> router, const Clock& clock);

/// Percent-decoding of a path or query part ('+' is a space in queries only).
std::string percent_decode(std::string_view text, bool plus_is_space);
std::string percent_encode(std::string_view text);  // everything but RFC 3986 unreserved

}  // namespace vigie::http
