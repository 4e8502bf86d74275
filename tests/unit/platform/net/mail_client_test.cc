#include "platform/net/mail_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <thread>

namespace vigie::net {
namespace {

/// Speaks as much SMTP as a client of one mail needs (RFC 5321); replies by command are the test's.
class MailServer {
 public:
  explicit MailServer(std::map<std::string, std::string> replies = {})
      : replies_(std::move(replies)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    inet_pton(AF_INET, "127.0.0.1", &here.sin_addr);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    socklen_t size = sizeof here;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size);
    port_ = ntohs(here.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~MailServer() {
    stopping_ = true;
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }
  std::string heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  void run() {
    while (!stopping_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) continue;
      ++connections_;
      serve(socket);
      ::close(socket);
    }
  }

  void serve(int socket) {
    say(socket, reply("", "220 here"));
    std::string seen;
    bool data = false;
    while (!stopping_) {
      const std::size_t end = seen.find("\r\n");
      if (end == std::string::npos) {
        pollfd readable{socket, POLLIN, 0};
        if (::poll(&readable, 1, 20) <= 0) continue;
        char bytes[4096];
        const ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
        if (got <= 0) return;
        seen.append(bytes, static_cast<std::size_t>(got));
        continue;
      }
      const std::string line = seen.substr(0, end);
      seen.erase(0, end + 2);
      {
        const std::lock_guard lock(mutex_);
        heard_ += line + "\n";
      }
      if (data && line != ".") continue;
      const std::string verb = data ? "." : line.substr(0, line.find(' '));
      data = false;
      if (verb == "QUIT") return;
      const std::string said = reply(verb, verb == "DATA" ? "354 go on" : "250 2.0.0 well");
      if (said == "hang up") return;
      data = verb == "DATA" && said.starts_with("354");
      say(socket, said);
    }
  }

  std::string reply(const std::string& verb, const std::string& usual) const {
    const auto found = replies_.find(verb);
    return found == replies_.end() ? usual : found->second;
  }

  static void say(int socket, const std::string& line) {
    const std::string text = line + "\r\n";
    ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
  }

  const std::map<std::string, std::string> replies_;
  int listener_;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::string heard_;
  std::thread thread_;
};

MailOptions options_for(const std::string& url) {
  MailOptions options;
  options.url = url;
  options.hello = "example.org";
  options.require_tls = false;
  options.connections = 1;
  options.total = std::chrono::seconds(10);
  return options;
}

Result<MailResponse> send(MailClient& client) {
  std::promise<Result<MailResponse>> promise;
  client.start({"alerts@example.org", "ana@example.org", "Subject: x\r\n\r\nline\r\n.dot\r\n"},
               [&](Result<MailResponse> response) { promise.set_value(std::move(response)); });
  return promise.get_future().get();
}

TEST(MailClient, SendsMailsOverOneConnection) {
  MailServer server;
  const auto client = make_mail_client(options_for(server.url()));
  for (int i = 0; i < 2; ++i) {
    const auto response = send(*client);
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 250);
  }
  EXPECT_EQ(server.connections(), 1);
  const std::string heard = server.heard();
  EXPECT_NE(heard.find("EHLO example.org\n"), std::string::npos) << heard;
  EXPECT_NE(heard.find("MAIL FROM:<alerts@example.org>"), std::string::npos) << heard;
  EXPECT_NE(heard.find("RCPT TO:<ana@example.org>"), std::string::npos) << heard;
  EXPECT_NE(heard.find("\nline\n..dot\n.\n"), std::string::npos) << "RFC 5321 §4.5.2: " << heard;
}

TEST(MailClient, TellsWhatTheServerSaidAndOfWhat) {
  struct Case {
    std::string verb;
    std::string reply;
    int status;
    std::string stage;
  };
  for (const Case& one :
       {Case{"RCPT", "550 5.1.1 no such user", 550, "RCPT"},
        Case{"MAIL", "451 4.3.0 later", 451, "MAIL"}, Case{"DATA", "554 5.7.1 no", 554, "DATA"},
        Case{".", "552 5.3.4 too large", 552, "."}}) {
    MailServer server(std::map<std::string, std::string>{{one.verb, one.reply}});
    const auto client = make_mail_client(options_for(server.url()));
    const auto response = send(*client);
    ASSERT_TRUE(response.has_value()) << one.verb << ": " << response.error().to_string();
    EXPECT_EQ(response->status, one.status) << one.verb;
    EXPECT_EQ(response->text, one.reply);
    EXPECT_EQ(response->stage, one.stage) << one.verb;
  }
}

TEST(MailClient, SendsNothingInClearWhereTlsIsAskedFor) {
  MailServer server;
  MailOptions options = options_for(server.url());
  options.require_tls = true;
  const auto response = send(*make_mail_client(options));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ErrorCode("tls"));
  EXPECT_EQ(server.heard().find("MAIL"), std::string::npos) << server.heard();
}

TEST(MailClient, AServerThatIsNotThereIsAskedOnceInAWhile) {
  std::string gone;
  {
    MailServer server;
    gone = server.url();
  }
  const auto client = make_mail_client(options_for(gone));
  const auto first = send(*client);
  ASSERT_FALSE(first.has_value());
  EXPECT_EQ(first.error().code, ErrorCode("connect"));
  EXPECT_EQ(first.error().disposition, Disposition::kRetry);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(send(*client).error().code, ErrorCode("connect"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST(MailClient, CallsBackWhenItGoes) {
  auto client = make_mail_client(options_for("smtp://127.0.0.1:9"));
  std::atomic<int> calls{0};
  for (int i = 0; i < 20; ++i)
    client->start({"a@example.org", "b@example.org", "x\r\n"},
                  [&](const Result<MailResponse>& response) {
                    EXPECT_FALSE(response.has_value());
                    ++calls;
                  });
  client.reset();
  EXPECT_EQ(calls, 20);
}

}  // namespace
}  // namespace vigie::net
