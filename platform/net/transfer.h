#pragma once

#include <curl/curl.h>
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "platform/clock/machine_time.h"
#include "platform/net/content_decoder.h"
#include "platform/net/http_client.h"
#include "platform/net/response_reader.h"

namespace vigie::net {

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// One exchange on libcurl: its options, its callbacks, its limits, and at the end what came of it.
/// Owned and touched by the client's thread alone once it is started. `options` must outlive it.
class Transfer {
 public:
  Transfer(HttpRequest request, HttpClient::Done done, const CurlOptions& options);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Checks the request and makes the handle. From `malformed_origins` the response is read by
  /// hand: libcurl makes the connection alone, judged and secured as ever. Errors: kQuarantine
  /// bad_url, address_refused.
  Result<void> prepare(const std::unordered_set<std::string>& malformed_origins);
  bool by_hand() const { return by_hand_; }
  /// Whether a GET without a body, which can be read by hand.
  bool can_be_read_by_hand() const { return request_.method == "GET" && request_.body.empty(); }

  CURL* easy() const { return easy_.get(); }
  /// scheme://host:port, known after prepare().
  const std::string& origin() const { return origin_; }
  void started(MachineTime now) { started_at_ = slow_since_ = window_start_ = now; }
  /// True once fewer than 64 bytes a second have moved for the whole stall clock.
  bool is_stalled(MachineTime now);
  /// The connection is there: the request is written, and pump() reads.
  void connected_by_hand();
  /// Sends and receives what can be without waiting. Nothing: it goes on.
  std::optional<CURLcode> pump(MachineTime now);
  /// What pump() waits for.
  curl_waitfd wait_for() const;
  /// Calls back, with what `code` means for this transfer. Exactly once. True: the response is no
  /// HTTP as libcurl reads it.
  bool finish(CURLcode code);
  void finish_stalled();
  void fail(Error error);

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_request_ready(void* self, char* peer, char* local, int peer_port, int local_port);

  Result<void> set_headers();
  Result<void> choose_proxy(std::string_view scheme, std::string_view host);
  void set_method();
  void set_limits();
  bool take_header(std::string_view line);
  bool take_body(std::string_view data);
  bool take_decoded(std::string_view data);
  std::string header_values(std::string_view name) const;
  std::string written_request() const;
  CURLcode receive();
  bool may_open(const sockaddr& address);
  void give_response(HttpTruncation truncation);
  Error error_of(CURLcode code) const;
  Error make_error(Disposition disposition, ErrorCode code, std::string detail) const;

  HttpRequest request_;
  HttpClient::Done done_;
  const CurlOptions& options_;
  std::unique_ptr<CURL, FreeEasy> easy_;
  std::unique_ptr<curl_slist, FreeList> header_list_;
  std::string origin_;
  std::string fetched_url_;
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  bool headers_done_ = false;
  bool too_many_headers_ = false;
  bool cut_by_length_ = false;
  bool too_many_codings_ = false;
  std::unique_ptr<ContentDecoder> decoder_;
  bool by_hand_ = false;
  std::unique_ptr<ResponseReader> reader_;  // by hand
  std::string to_send_;
  std::uint64_t received_ = 0;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  bool connected_ = false;
  bool some_address_allowed_ = false;
  std::string refused_address_;
  MachineTime started_at_{};
  MachineTime slow_since_{};
  MachineTime window_start_{};
  std::uint64_t window_bytes_ = 0;
};

}  // namespace vigie::net
