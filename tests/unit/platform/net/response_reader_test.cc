#include "platform/net/response_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace vigie::net {
namespace {

using State = ResponseReader::State;

struct Read {
  std::vector<std::string> header;
  std::string body;
  State state = State::kMore;
};

Read read(std::string_view bytes, std::size_t step) {
  Read out;
  ResponseReader reader(
      [&](std::string_view line) {
        out.header.emplace_back(line);
        return true;
      },
      [&](std::string_view data) {
        out.body += data;
        return true;
      });
  for (std::size_t at = 0; at < bytes.size() && out.state == State::kMore; at += step)
    out.state = reader.take(bytes.substr(at, step));
  if (out.state == State::kMore) out.state = reader.closed();
  return out;
}

struct Case {
  const char* what;
  std::string bytes;
  std::vector<std::string> header;  // the status line left out
  std::string body;
  State state = State::kDone;
};

std::vector<Case> odd_responses() {
  return {
      {"a line without a colon",
       "HTTP/1.1 200 OK\r\nX-XSS=1;\r\nA: b\r\n\r\nbody",
       {"X-XSS=1;", "A: b"},
       "body"},
      {"a first line that continues nothing",
       "HTTP/1.1 200 OK\r\n folded\r\nA: b\r\n\r\nbody",
       {" folded", "A: b"},
       "body"},
      {"a folded line", "HTTP/1.1 200 OK\r\nA: b\r\n\t c\r\n\r\nbody", {"A: b c"}, "body"},
      {"a length that is none",
       "HTTP/1.1 200 OK\nContent-Length: -1\n\nbody",
       {"Content-Length: -1"},
       "body"},
      {"a length in words",
       "HTTP/1.1 200 OK\nContent-Length: 4 bytes\n\nbody",
       {"Content-Length: 4 bytes"},
       "body"},
      {"more than its length",
       "HTTP/1.0 200 OK\nContent-Length: 4\n\nbody and more",
       {"Content-Length: 4"},
       "body"},
      {"a transfer coding that nobody knows",
       "HTTP/1.1 200 OK\nTransfer-Encoding: utf-8\n\nbody",
       {"Transfer-Encoding: utf-8"},
       "body"},
  };
}

std::vector<Case> chunked_and_cut_responses() {
  return {
      {"chunks with extensions and trailers",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2 ;x=y\r\nbo\r\n 02\r\ndy\r\n0\r\nT: "
       "1\r\n\r\n",
       {"Transfer-Encoding: Chunked"},
       "body"},
      {"chunks without the last line",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n",
       {"Transfer-Encoding: chunked"},
       "body"},
      {"blank lines before the status", "\r\n\r\nHTTP/1.1 200 OK\r\n\r\nbody", {}, "body"},
      {"another way to write the status", "HTTP 200 fine\r\n\r\nbody", {}, "body"},
      {"a response of a stream", "ICY 200 OK\r\n\r\nbody", {}, "body"},
      {"early hints before",
       "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nbody",
       {"Link: x", "", "HTTP/1.1 200"},
       "body"},
      {"no body by its status", "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", {"ETag: x"}, ""},
      {"a body that breaks off",
       "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody",
       {"Content-Length: 9"},
       "body",
       State::kCut},
      {"a chunk that breaks off",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nbody",
       {"Transfer-Encoding: chunked"},
       "body",
       State::kCut},
      {"a chunk size that is none",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\nzz\r\n",
       {"Transfer-Encoding: chunked"},
       "body",
       State::kCut},
  };
}

TEST(ResponseReader, ReadsWhatABrowserReads) {
  std::vector<Case> cases = odd_responses();
  for (Case& more : chunked_and_cut_responses()) cases.push_back(std::move(more));
  for (const Case& one : cases) {
    for (const std::size_t step : {1U, 3U, 10'000U}) {
      const Read got = read(one.bytes, step);
      std::vector<std::string> wanted = one.header;
      wanted.insert(wanted.begin(), got.header.empty() ? "" : got.header.front());
      wanted.emplace_back("");
      EXPECT_EQ(got.header, wanted) << one.what;
      EXPECT_EQ(got.body, one.body) << one.what;
      EXPECT_EQ(got.state, one.state) << one.what;
    }
  }
}

TEST(ResponseReader, RefusesWhatIsNoHttp) {
  for (const std::string& bytes :
       {std::string("<html>a response of 1991</html>\n"), std::string("\x16\x03\x01\x02\n"),
        std::string("HTTP/1.1 OK\r\n\r\n"), std::string("HTTP/1.1 2x0 OK\r\n\r\n"), std::string(),
        std::string("\r\n\r\n"), std::string(300'000, 'H')})
    EXPECT_EQ(read(bytes, 1000).state, State::kNoHttp) << bytes.substr(0, 30);
}

TEST(ResponseReader, StopsWhereASinkWantsNoMore) {
  ResponseReader reader([](std::string_view) { return true; },
                        [](std::string_view) { return false; });
  EXPECT_EQ(reader.take("HTTP/1.1 200 OK\r\n\r\nbody"), State::kEnough);
}

}  // namespace
}  // namespace vigie::net
