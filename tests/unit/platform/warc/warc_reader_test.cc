#include "platform/warc/warc_reader.h"

#include <gtest/gtest.h>

#include "platform/warc/gzip.h"

namespace vigie::warc {
namespace {

std::string record(const std::string& type, const std::string& url, const std::string& block) {
  return "WARC/1.0\r\nWARC-Type: " + type + "\r\nWARC-Target-URI: " + url +
         "\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nContent-Length: " + std::to_string(block.size()) +
         "\r\n\r\n" + block + "\r\n\r\n";
}

std::string answer(const std::string& headers, const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + headers + "\r\n" + body;
}

/// Reads all pages; errors count as "error".
std::vector<std::string> bodies(std::string bytes, const WarcLimits& limits = {}) {
  std::size_t at = 0;
  WarcReader reader(
      [&](char* buffer, std::size_t capacity) -> Result<std::size_t> {
        const std::size_t count = std::min({capacity, bytes.size() - at, std::size_t{1000}});
        bytes.copy(buffer, count, at);
        at += count;
        return count;
      },
      "test.warc", limits);
  std::vector<std::string> out;
  for (int i = 0; i < 1000; ++i) {
    const auto page = reader.next();
    if (!page) {
      out.push_back(page.error().code);
    } else if (!*page) {
      return out;
    } else {
      out.push_back((*page)->body());
    }
  }
  out.push_back("never ends");
  return out;
}

const std::string kOne = record("response", "http://x.example/1", answer("", "<p>one</p>"));
const std::string kTwo = record(
    "response", "<http://x.example/2>",
    answer("Transfer-Encoding: chunked\r\n", "4\r\n<p>t\r\n5;x=y\r\nwo</p\r\n1\r\n>\r\n0\r\n\r\n"));
using Texts = std::vector<std::string>;

TEST(WarcReader, ReadsResponsesAndPassesOverTheRest) {
  const std::string file = record("warcinfo", "", "software: x") +
                           record("request", "http://x.example/1", "GET / HTTP/1.1\r\n\r\n") +
                           kOne + kTwo +
                           record("response", "http://x.example/i",
                                  "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nPNG") +
                           record("response", "http://x.example/404",
                                  "HTTP/1.1 404 No\r\nContent-Type: text/html\r\n\r\nno");
  EXPECT_EQ(bodies(file), (Texts{"<p>one</p>", "<p>two</p>"}));
  EXPECT_EQ(bodies(gzip(kOne) + gzip(kTwo)), (Texts{"<p>one</p>", "<p>two</p>"}))
      << "each record its own member";
  EXPECT_EQ(bodies(gzip(kOne + kTwo)), (Texts{"<p>one</p>", "<p>two</p>"})) << "one member for all";
}

TEST(WarcReader, UndoesContentEncodingAndAcceptsHeadersThatLie) {
  EXPECT_EQ(bodies(record("response", "http://x.example/",
                          answer("Content-Encoding: gzip\r\n", gzip("<p>z</p>")))),
            Texts{"<p>z</p>"});
  EXPECT_EQ(bodies(record("response", "http://x.example/",
                          answer("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
                                 "<p>plain</p>"))),
            Texts{"<p>plain</p>"});
}

TEST(WarcReader, GoesOnBehindWhatIsBroken) {
  EXPECT_EQ(bodies(kOne + "garbage\r\nmore garbage\r\n" + kTwo),
            (Texts{"<p>one</p>", "bad_warc", "<p>two</p>"}));
  EXPECT_EQ(bodies("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: x\r\n\r\n" + kTwo),
            (Texts{"bad_warc", "<p>two</p>"}));
  EXPECT_EQ(bodies(record("response", "nonsense", answer("", "x")) + kTwo),
            (Texts{"bad_warc", "<p>two</p>"}));
  const std::string cut = gzip(kOne) + gzip(kTwo);
  EXPECT_EQ(bodies(cut.substr(0, cut.size() - 40)).front(), "<p>one</p>");
  EXPECT_EQ(bodies(""), Texts{});
}

TEST(WarcReader, SaysThatTheFileEndsWithinARecord) {
  const std::string whole =
      kOne + record("response", "http://x.example/2", answer("", "<p>second</p>"));
  // "cond</p>" and the line breaks behind it are missing
  const std::string cut = whole.substr(0, whole.size() - 12);
  EXPECT_EQ(bodies(cut), (Texts{"<p>one</p>", "<p>se", "bad_warc"}))
      << "what there is of the page, then what is wrong with it";
  const std::string request = record("request", "http://x.example/", "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(bodies(gzip(kOne) + gzip(request.substr(0, request.size() - 10))),
            (Texts{"<p>one</p>", "bad_warc"}))
      << "also where the record is no page";
  const auto reader = WarcReader::of_bytes(cut, "test.warc");
  EXPECT_EQ((*reader->next())->truncation(), v1::TRUNCATION_NONE);
  EXPECT_EQ((*reader->next())->truncation(), v1::TRUNCATION_DISCONNECT);
  const auto told = reader->next();
  ASSERT_FALSE(told.has_value());
  EXPECT_EQ(told.error().where, "test.warc:" + std::to_string(kOne.size()));
  EXPECT_EQ(told.error().detail, "the file ends 8 bytes before the end of this record");
  EXPECT_FALSE((*reader->next()).has_value());
}

// WARC/1.1, 5.4: as exact as the date is known.
TEST(WarcReader, ReadsDatesOfAnyExactness) {
  const auto fetched = [](const std::string& date) {
    std::string text =
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://x.example/\r\nWARC-Date: " +
        date + "\r\nContent-Length: " + std::to_string(answer("", "x").size()) + "\r\n\r\n" +
        answer("", "x");
    const auto page = WarcReader::of_bytes(text, "test.warc")->next();
    return page && *page ? (*page)->fetched_at_unix_ms() : -1;
  };
  EXPECT_EQ(fetched("2026-01-02T03:04:05Z"), 1'767'323'045'000);
  EXPECT_EQ(fetched("2026-01-02T03:04:05.123456Z"), 1'767'323'045'000);
  EXPECT_EQ(fetched("2026-01-02"), 1'767'312'000'000);
  EXPECT_EQ(fetched("2026"), 1'767'225'600'000);
  for (const char* none :
       {"", "x", "2026-13-01T00:00:00Z", "2026-02-30", "20-06-01", "2026-01-02T25:00:00Z"})
    EXPECT_EQ(fetched(none), 0) << none;
}

TEST(WarcReader, CutsAGzipBomb) {
  WarcLimits limits;
  limits.body_bytes = 1000;
  const auto out =
      bodies(record("response", "http://x.example/",
                    answer("Content-Encoding: gzip\r\n", gzip(std::string(50'000'000, 'a')))),
             limits);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].size(), 1000U);
}

TEST(WarcReader, KeepsThatABodyWasCut) {
  const std::string text =
      "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://x.example/\r\nWARC-Truncated: "
      "disconnect\r\nContent-Length: " +
      std::to_string(answer("", "x").size()) + "\r\n\r\n" + answer("", "x");
  const auto page = WarcReader::of_bytes(text, "test.warc")->next();
  ASSERT_TRUE(page && *page);
  EXPECT_EQ((*page)->truncation(), v1::TRUNCATION_DISCONNECT);
}

}  // namespace
}  // namespace vigie::warc
