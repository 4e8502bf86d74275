#include "platform/net/transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "platform/text/ascii.h"
#include "platform/url/url.h"

namespace vigie::net {
namespace {

using std::chrono::milliseconds;

/// The rate below which a connection counts as stalled, in bytes a second; the limits' comment
/// promises it.
constexpr std::int64_t kStallBytesPerSecond = 64;
constexpr milliseconds kStallWindow{1000};
/// A connection is not kept longer, so that a changed address or certificate is noticed.
constexpr long kMaxConnectionLifeSeconds = 600;
/// Room for what is usual, without a great allocation for each small response.
constexpr std::size_t kFirstBodyBytes = 16 * 1024;
/// What one coding of several in a row may give beyond the limit of the body.
constexpr std::size_t kRoomBetweenCodings = 1ULL << 20;
/// Read by hand at once, and so often in one turn.
constexpr std::size_t kReceiveBytes = 16 * 1024;
constexpr int kReceivesAtOnce = 32;

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return text::ascii::is_alphanumeric(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// The status of "HTTP/1.1 200 OK" or "HTTP/2 200 ", 0 if it is none.
int status_of(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (!line.starts_with("HTTP/") || space == std::string_view::npos || line.size() < space + 4)
    return 0;
  int status = 0;
  for (const char c : line.substr(space + 1, 3)) {
    if (c < '0' || c > '9') return 0;
    status = status * 10 + (c - '0');
  }
  return status;
}

/// The bytes of an address written in a URL, empty for a name.
std::vector<std::byte> literal_address(std::string_view host) {
  std::string text(host);
  const bool v6 = text.starts_with('[') && text.ends_with(']');
  if (v6) text = text.substr(1, text.size() - 2);
  std::vector<std::byte> bytes(v6 ? 16 : 4);
  if (inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) != 1) bytes.clear();
  return bytes;
}

const char* environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Transfer::Transfer(HttpRequest request, HttpClient::Done done, const CurlOptions& options)
    : request_(std::move(request)), done_(std::move(done)), options_(options) {}

Error Transfer::make_error(Disposition disposition, ErrorCode code, std::string detail) const {
  return Error{code, disposition, std::move(detail), request_.url.substr(0, 512)};
}

Result<void> Transfer::prepare(const std::unordered_set<std::string>& malformed_origins) {
  const auto url = url::parse(request_.url);
  if (!url || !url->is_http() || !is_token(request_.method)) {
    return failure(make_error(Disposition::kQuarantine, "bad_url",
                              "only http and https URLs can be fetched; correct the URL"));
  }
  if (is_blocked_port(url->effective_port())) {
    return failure(make_error(Disposition::kQuarantine, "address_refused",
                              "port " + std::to_string(url->effective_port()) +
                                  " belongs to another service than the web; use another"));
  }
  origin_ = url->origin_key();
  by_hand_ = can_be_read_by_hand() && malformed_origins.count(origin_) != 0;
  url::Url sent = *url;
  sent.fragment.reset();
  sent.username.clear();
  sent.password.clear();
  fetched_url_ = sent.href();

  easy_.reset(curl_easy_init());
  VIGIE_INVARIANT(easy_ != nullptr);
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_URL, fetched_url_.c_str());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);  // what was judged is what is asked for
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   static_cast<long>(by_hand_ ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
  if (by_hand_) {
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
  }
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // With a CApath, libcurl reads the whole CA bundle again for every connection: 24 ms each.
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, kMaxConnectionLifeSeconds);
  if (!options_.keep_alive) {
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  }
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &Transfer::on_request_ready);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  set_limits();
  set_method();
  VIGIE_TRY(choose_proxy(sent.scheme, sent.host.value_or("")));
  return set_headers();
}

void Transfer::set_limits() {
  // 0 would mean: no limit
  const auto at_least_one = [](milliseconds time) {
    return static_cast<long>(std::max<std::int64_t>(1, time.count()));
  };
  curl_easy_setopt(easy_.get(), CURLOPT_CONNECTTIMEOUT_MS, at_least_one(request_.limits.connect));
  curl_easy_setopt(easy_.get(), CURLOPT_TIMEOUT_MS, at_least_one(request_.limits.total));
  // A name server that does not answer would otherwise hold up every transfer: curl joins the
  // thread that still asks it.
  curl_easy_setopt(easy_.get(), CURLOPT_QUICK_EXIT, 1L);
}

void Transfer::set_method() {
  CURL* easy = easy_.get();
  if (request_.method == "GET" && request_.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    return;
  }
  if (request_.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.method == "POST" || !request_.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.c_str());
  }
  if (request_.method != "POST")
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

/// A proxy only where the operator set http_proxy or https_proxy. Behind one the true peer is out
/// of our sight, so that an address written in the URL is judged here; one that is allowed but not
/// global is never asked of the proxy.
Result<void> Transfer::choose_proxy(std::string_view scheme, std::string_view host) {
  std::string proxy = environment(scheme == "https" ? "https_proxy" : "http_proxy");
  const std::vector<std::byte> literal = literal_address(host);
  if (!literal.empty()) {
    VIGIE_ASSIGN(const bool allowed, may_contact(literal, options_.allow_networks));
    VIGIE_ASSIGN(const bool global, is_global_unicast(literal));
    if (!allowed) {
      return failure(make_error(
          Disposition::kQuarantine, "address_refused",
          "the address " + to_string(literal) +
              " is not public; add its network to the allowed networks if you want to reach it"));
    }
    if (!global) proxy.clear();
  }
  if (host == "localhost" || host.ends_with(".localhost")) proxy.clear();
  // "" also keeps libcurl from looking at ALL_PROXY
  curl_easy_setopt(easy_.get(), CURLOPT_PROXY, proxy.c_str());
  curl_easy_setopt(easy_.get(), CURLOPT_NOPROXY, environment("no_proxy"));
  return {};
}

Result<void> Transfer::set_headers() {
  bool has_content_type = false;
  const auto append = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(header_list_.get(), line.c_str());
    VIGIE_INVARIANT(longer != nullptr);
    static_cast<void>(header_list_.release());
    header_list_.reset(longer);
  };
  for (const auto& [name, value] : request_.headers) {
    if (!is_token(name) ||
        value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return failure(
          make_error(Disposition::kQuarantine, "bad_url",
                     "a request header holds a line break or has no proper name; correct it"));
    }
    has_content_type = has_content_type || text::ascii::lower(name) == "content-type";
    append(value.empty() ? name + ";" : name + ": " + value);
  }
  append("Expect:");  // no pause of a second before a body
  // Not by libcurl's own option: then it would decode, and refuse what browsers read.
  append(std::string("Accept-Encoding: ") + kAcceptedCodings);
  if (!has_content_type) append("Content-Type:");
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, header_list_.get());
  return {};
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Transfer*>(self)->take_header(std::string_view(data, size * count))
             ? size * count
             : 0;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Transfer*>(self)->take_body(std::string_view(data, size * count))
             ? size * count
             : 0;
}

bool Transfer::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > request_.limits.header_bytes) {
    too_many_headers_ = true;
    return false;
  }
  if (headers_done_) return true;  // trailers
  if (const int status = status_of(line); status != 0) {
    response_.status = status;  // of a 1xx response or of the proxy: a later one takes its place
    response_.headers.clear();
    return true;
  }
  line = text::ascii::trim(line);
  if (line.empty()) {
    headers_done_ = response_.status >= 200;
    return true;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  response_.headers.emplace_back(text::ascii::lower(text::ascii::trim(line.substr(0, colon))),
                                 text::ascii::trim(line.substr(colon + 1)));
  return true;
}

/// The values of all headers of a name, joined by commas.
std::string Transfer::header_values(std::string_view name) const {
  std::string out;
  for (const auto& [header, value] : response_.headers) {
    if (header == name) out += (out.empty() ? "" : ",") + value;
  }
  return out;
}

bool Transfer::take_body(std::string_view data) {
  headers_done_ = true;
  if (decoder_ == nullptr) {
    decoder_ = std::make_unique<ContentDecoder>(
        header_values("content-encoding"), request_.limits.decoded_bytes + kRoomBetweenCodings,
        [this](std::string_view decoded) { return take_decoded(decoded); });
    too_many_codings_ = decoder_->too_many();
  }
  if (too_many_codings_) return false;
  cut_by_length_ = !decoder_->take(data);
  return !cut_by_length_;
}

bool Transfer::take_decoded(std::string_view data) {
  response_.body_bytes += data.size();
  const std::size_t room = request_.limits.decoded_bytes -
                           std::min(request_.limits.decoded_bytes, response_.body.size());
  if (response_.body.empty())
    response_.body.reserve(std::min(kFirstBodyBytes, request_.limits.decoded_bytes));
  response_.body.append(data.substr(0, room));
  return data.size() <= room;
}

bool Transfer::may_open(const sockaddr& address) {
  std::span<const std::byte> bytes;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (address.sa_family == AF_INET) {
    std::memcpy(&v4, &address, sizeof v4);
    bytes = std::as_bytes(std::span(&v4.sin_addr, 1));
  } else if (address.sa_family == AF_INET6) {
    std::memcpy(&v6, &address, sizeof v6);
    bytes = std::as_bytes(std::span(&v6.sin6_addr, 1));
  } else {
    return false;
  }
  const auto allowed = may_contact(bytes, options_.allow_networks);
  if (allowed && *allowed) {
    some_address_allowed_ = true;
    return true;
  }
  refused_address_ = to_string(bytes);
  return false;
}

curl_socket_t Transfer::on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) {
  if (purpose != CURLSOCKTYPE_IPCXN || !static_cast<Transfer*>(self)->may_open(address->addr))
    return CURL_SOCKET_BAD;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int Transfer::on_request_ready(void* self, char* peer, char*, int, int) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  transfer.connected_ = true;
  transfer.response_.peer = peer == nullptr ? "" : peer;
  transfer.slow_since_ = transfer.window_start_ = machine_now();
  if (transfer.options_.on_peer)
    transfer.options_.on_peer(transfer.request_.url, transfer.response_.peer);
  return CURL_PREREQFUNC_OK;
}

bool Transfer::is_stalled(MachineTime now) {
  if (!connected_) return false;
  const auto window = std::min<milliseconds>(kStallWindow, request_.limits.stall);
  const auto elapsed = std::chrono::duration_cast<milliseconds>(now - window_start_);
  if (elapsed < window) return false;
  curl_off_t down = 0;
  curl_off_t up = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &up);
  const std::uint64_t moved =
      static_cast<std::uint64_t>(down) + static_cast<std::uint64_t>(up) + header_bytes_ + received_;
  const auto needed = static_cast<std::uint64_t>(kStallBytesPerSecond * elapsed.count() / 1000);
  if (moved - window_bytes_ >= std::max<std::uint64_t>(1, needed)) slow_since_ = now;
  window_bytes_ = moved;
  window_start_ = now;
  return now - slow_since_ >= request_.limits.stall;
}

void Transfer::fail(Error error) {
  auto done = std::move(done_);
  done(failure(std::move(error)));
}

void Transfer::give_response(HttpTruncation truncation) {
  if (decoder_ != nullptr && !cut_by_length_) {
    const bool whole = decoder_->finish();
    if (response_.body_bytes > response_.body.size()) {
      truncation = HttpTruncation::kLength;
    } else if (!whole && truncation == HttpTruncation::kNone) {
      truncation = HttpTruncation::kDisconnect;
    }
  }
  response_.truncation = truncation;
  response_.time = std::chrono::duration_cast<milliseconds>(machine_now() - started_at_);
  auto done = std::move(done_);
  done(std::move(response_));
}

void Transfer::finish_stalled() {
  if (headers_done_) return give_response(HttpTruncation::kTime);
  fail(make_error(Disposition::kRetry, "timeout_stall",
                  "the server sent nothing for " + std::to_string(request_.limits.stall.count()) +
                      " ms; it is tried again later"));
}

bool Transfer::finish(CURLcode code) {
  std::optional<HttpTruncation> truncation;
  if (cut_by_length_) {
    truncation = HttpTruncation::kLength;
  } else if (code == CURLE_OK && response_.status != 0) {
    truncation = HttpTruncation::kNone;
  } else if (headers_done_ && !too_many_headers_ && !too_many_codings_) {
    switch (code) {
      case CURLE_OPERATION_TIMEDOUT: truncation = HttpTruncation::kTime; break;
      case CURLE_PARTIAL_FILE:
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR:
      case CURLE_HTTP2_STREAM: truncation = HttpTruncation::kDisconnect; break;
      default: break;
    }
  }
  if (truncation) {
    give_response(*truncation);
    return false;
  }
  Error error = error_of(code);
  const bool no_http = error.code == "protocol" && !too_many_codings_;
  fail(std::move(error));
  return no_http;
}

std::string Transfer::written_request() const {
  const auto url = url::parse(fetched_url_);
  VIGIE_INVARIANT(url && url->host);
  std::string out =
      request_.method + " " + url->path + (url->query ? "?" + *url->query : "") + " HTTP/1.1\r\n";
  out += "Host: " + *url->host + (url->port ? ":" + std::to_string(*url->port) : "") + "\r\n";
  bool names_agent = false;
  for (const auto& [name, value] : request_.headers) {
    names_agent = names_agent || text::ascii::iequals(name, "user-agent");
    out += name + ": " + value + "\r\n";
  }
  if (!names_agent) out += "User-Agent: " + options_.user_agent + "\r\n";
  if (!request_.body.empty())
    out += "Content-Length: " + std::to_string(request_.body.size()) + "\r\n";
  return out + "Accept-Encoding: " + kAcceptedCodings + "\r\nConnection: close\r\n\r\n" +
         request_.body;
}

void Transfer::connected_by_hand() {
  char* peer = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_PRIMARY_IP, &peer);
  curl_easy_getinfo(easy_.get(), CURLINFO_ACTIVESOCKET, &socket_);
  if (!connected_) on_request_ready(this, peer, nullptr, 0, 0);
  to_send_ = written_request();
  reader_ =
      std::make_unique<ResponseReader>([this](std::string_view line) { return take_header(line); },
                                       [this](std::string_view data) { return take_body(data); });
}

curl_waitfd Transfer::wait_for() const {
  return {socket_,
          static_cast<short>(to_send_.empty() ? CURL_WAIT_POLLIN
                                              : CURL_WAIT_POLLIN | CURL_WAIT_POLLOUT),
          0};
}

std::optional<CURLcode> Transfer::pump(MachineTime now) {
  if (now - started_at_ >= request_.limits.total) return CURLE_OPERATION_TIMEDOUT;
  while (!to_send_.empty()) {
    std::size_t sent = 0;
    const CURLcode code = curl_easy_send(easy_.get(), to_send_.data(), to_send_.size(), &sent);
    if (code == CURLE_AGAIN) break;
    if (code != CURLE_OK) return code;
    to_send_.erase(0, sent);
  }
  const CURLcode code = receive();
  return code == CURLE_AGAIN ? std::optional<CURLcode>() : code;
}

/// CURLE_AGAIN: there is nothing to be read now, or enough was for one turn.
CURLcode Transfer::receive() {
  std::array<char, kReceiveBytes> bytes;
  for (int i = 0; i < kReceivesAtOnce; ++i) {
    std::size_t got = 0;
    CURLcode code = curl_easy_recv(easy_.get(), bytes.data(), bytes.size(), &got);
    if (code == CURLE_AGAIN) return code;
    const bool closed = code != CURLE_OK || got == 0;
    received_ += got;
    switch (closed ? reader_->closed() : reader_->take({bytes.data(), got})) {
      case ResponseReader::State::kMore: break;
      case ResponseReader::State::kDone: return CURLE_OK;
      case ResponseReader::State::kCut: return CURLE_PARTIAL_FILE;
      case ResponseReader::State::kEnough: return CURLE_WRITE_ERROR;
      case ResponseReader::State::kNoHttp:
        return received_ == 0 ? CURLE_GOT_NOTHING : CURLE_WEIRD_SERVER_REPLY;
    }
  }
  return CURLE_AGAIN;
}

Error Transfer::error_of(CURLcode code) const {
  const auto retry = [&](ErrorCode slug, std::string detail) {
    return make_error(
        Disposition::kRetry, slug,
        std::move(detail) + " (" + curl_easy_strerror(code) + "); it is tried again later");
  };
  if (too_many_headers_)
    return retry("too_many_headers", "the response has more headers than " +
                                         std::to_string(request_.limits.header_bytes) + " bytes");
  if (!refused_address_.empty() && !some_address_allowed_) {
    return make_error(Disposition::kQuarantine, "address_refused",
                      "the name leads to " + refused_address_ +
                          ", which is not public; add its network to the allowed networks if you "
                          "want to reach it");
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return retry("dns", "the name of the host could not be resolved");
    case CURLE_COULDNT_CONNECT: return retry("connect", "no connection could be made");
    case CURLE_OPERATION_TIMEDOUT: {
      const bool total = connected_ || machine_now() - started_at_ >= request_.limits.total;
      return total
                 ? retry("timeout_total", "the exchange took longer than " +
                                              std::to_string(request_.limits.total.count()) + " ms")
                 : retry("timeout_connect", "connecting took longer than " +
                                                std::to_string(request_.limits.connect.count()) +
                                                " ms");
    }
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ENGINE_INITFAILED: return retry("tls", "no secure connection could be made");
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
      return retry("reset", "the connection broke before the response was there");
    case CURLE_OUT_OF_MEMORY:
      return retry("too_many_headers", "a header of the response is too long");
    case CURLE_URL_MALFORMAT:
      return make_error(Disposition::kQuarantine, "bad_url",
                        "this URL cannot be fetched; correct it");
    default: return retry("protocol", "the response is no proper HTTP");
  }
}

}  // namespace vigie::net
