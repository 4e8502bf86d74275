// libcurl's easy interface on a few threads: the operator's one server takes mails one after the
// other over connections that stay.
#include "platform/net/mail_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "platform/clock/machine_time.h"

namespace vigie::net {
namespace {

constexpr std::size_t kReplyBytes = 512;  // RFC 5321 §4.5.3.1.5

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::string verb_of(std::string_view line) {
  return std::string(line.substr(0, line.find_first_of(" \r\n")));
}

/// One mail on a handle that is used again for the next.
class Exchange {
 public:
  Exchange(const MailRequest& request, const MailOptions& options, std::stop_token stop)
      : request_(request), options_(options), stop_(std::move(stop)), rest_(request.data) {}

  Result<MailResponse> run(CURL* easy) {
    set_server(easy);
    recipients_.reset(curl_slist_append(nullptr, ("<" + request_.to + ">").c_str()));
    sender_ = "<" + request_.from + ">";
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, sender_.c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients_.get());
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Exchange::on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, this);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);  // the debug function alone hears it
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &Exchange::on_debug);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, this);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &Exchange::on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, this);
    const CURLcode code = curl_easy_perform(easy);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return outcome(code, static_cast<int>(status));
  }

 private:
  void set_server(CURL* easy) {
    std::string url = options_.url;
    if (!options_.hello.empty()) url += "/" + options_.hello;
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     static_cast<long>(options_.require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    if (!options_.username.empty()) {
      curl_easy_setopt(easy, CURLOPT_USERNAME, options_.username.c_str());
      curl_easy_setopt(easy, CURLOPT_PASSWORD, options_.password.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect.count()));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.total.count()));
  }

  static std::size_t on_read(char* out, std::size_t size, std::size_t count, void* self) {
    std::string_view& rest = static_cast<Exchange*>(self)->rest_;
    const std::size_t bytes = std::min(size * count, rest.size());
    std::memcpy(out, rest.data(), bytes);
    rest.remove_prefix(bytes);
    return bytes;
  }

  /// Keeps the command that was sent last and the reply to it. What AUTH sends behind its first
  /// line is a secret and no verb: it is kept nowhere.
  static int on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* self) {
    Exchange& exchange = *static_cast<Exchange*>(self);
    const std::string_view text(data, size);
    if (type == CURLINFO_HEADER_OUT) {
      const std::string verb = verb_of(text);
      for (const char* known : {"EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"})
        if (verb == known) exchange.stage_ = verb;
      exchange.quits_ = verb == "QUIT";  // what comes then is no reply to the mail
    } else if (type == CURLINFO_DATA_OUT) {
      exchange.stage_ = ".";
    } else if (type == CURLINFO_HEADER_IN && !exchange.quits_) {
      std::string_view line = text.substr(0, kReplyBytes);
      line = line.substr(0, line.find_first_of("\r\n"));
      if (line.size() >= 3) exchange.reply_ = line;
    }
    return 0;
  }

  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Exchange*>(self)->stop_.stop_requested() ? 1 : 0;
  }

  Result<MailResponse> outcome(CURLcode code, int status) const {
    if (code == CURLE_OK || (status >= 400 && status < 600 && code != CURLE_LOGIN_DENIED))
      return MailResponse{status, reply_, stage_};
    return failure(Disposition::kRetry, error_code(code),
                   std::string(curl_easy_strerror(code)) + (reply_.empty() ? "" : ": " + reply_));
  }

  static ErrorCode error_code(CURLcode code) {
    switch (code) {
      case CURLE_COULDNT_RESOLVE_HOST: return "dns";
      case CURLE_COULDNT_CONNECT: return "connect";
      case CURLE_OPERATION_TIMEDOUT: return "timeout_total";
      case CURLE_LOGIN_DENIED: return "wrong_credentials";
      case CURLE_ABORTED_BY_CALLBACK: return "stopped";
      case CURLE_USE_SSL_FAILED:
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE: return "tls";
      case CURLE_SEND_ERROR:
      case CURLE_RECV_ERROR:
      case CURLE_GOT_NOTHING: return "reset";
      default: return "protocol";
    }
  }

  const MailRequest& request_;
  const MailOptions& options_;
  std::stop_token stop_;
  std::string_view rest_;
  std::string sender_;
  std::unique_ptr<curl_slist, FreeList> recipients_;
  std::string stage_;
  std::string reply_;
  bool quits_ = false;
};

class CurlMailClient final : public MailClient {
 public:
  explicit CurlMailClient(MailOptions options) : options_(std::move(options)) {
    static const CURLcode kDone = curl_global_init(CURL_GLOBAL_DEFAULT);
    VIGIE_INVARIANT(kDone == CURLE_OK);
    for (std::size_t i = 0; i < options_.connections; ++i)
      threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }

  ~CurlMailClient() override {
    for (std::jthread& thread : threads_) thread.request_stop();
    arrived_.notify_all();
    threads_.clear();
    for (Letter& letter : letters_)
      letter.done(failure(Disposition::kRetry, "stopped", "the mail client is being stopped"));
  }

  void start(MailRequest request, Done done) override {
    {
      const std::lock_guard lock(mutex_);
      if (letters_.size() < kMostWaiting) {
        letters_.push_back({std::move(request), std::move(done)});
        arrived_.notify_one();
        return;
      }
    }
    done(failure(Disposition::kRetry, "busy", "too many mails wait for the mail server"));
  }

 private:
  struct Letter {
    MailRequest request;
    Done done;
  };

  void work(const std::stop_token& stop) {
    const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
    VIGIE_INVARIANT(easy != nullptr);
    while (true) {
      std::optional<Letter> letter;
      std::optional<Error> resting;
      {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, stop, [&] { return !letters_.empty(); });
        if (stop.stop_requested()) return;
        letter = std::move(letters_.front());
        letters_.pop_front();
        if (unreachable_ && machine_now() < rests_until_) resting = unreachable_;
      }
      if (resting) {
        letter->done(tl::unexpected<Error>(std::move(*resting)));
        continue;
      }
      curl_easy_reset(easy.get());  // connections stay
      Exchange exchange(letter->request, options_, stop);
      Result<MailResponse> response = exchange.run(easy.get());
      note(response);
      letter->done(std::move(response));
    }
  }

  /// Only what concerns the server as such lets the others rest.
  void note(const Result<MailResponse>& response) {
    const std::lock_guard lock(mutex_);
    if (response || response.error().code == ErrorCode("stopped") ||
        response.error().code == ErrorCode("reset")) {
      unreachable_.reset();
      return;
    }
    unreachable_ = response.error();
    rests_until_ = machine_now() + options_.rest;
  }

  const MailOptions options_;
  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::deque<Letter> letters_;
  std::optional<Error> unreachable_;
  MachineTime rests_until_{};
  std::vector<std::jthread> threads_;
};

}  // namespace

std::unique_ptr<MailClient> make_mail_client(MailOptions options) {
  return std::make_unique<CurlMailClient>(std::move(options));
}

}  // namespace vigie::net
