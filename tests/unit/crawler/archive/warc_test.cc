#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "crawler/archive/gzip.h"
#include "crawler/archive/warc_reader.h"
#include "crawler/archive/warc_writer.h"
#include "crawler/fetch/page.h"

namespace vigie::crawler {
namespace {

std::string record(const std::string& type, const std::string& url, const std::string& block) {
  return "WARC/1.0\r\nWARC-Type: " + type + "\r\nWARC-Target-URI: " + url + "\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nContent-Length: " + std::to_string(block.size()) + "\r\n\r\n" + block + "\r\n\r\n";
}

std::string answer(const std::string& headers, const std::string& body) { return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + headers + "\r\n" + body; }

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
const std::string kTwo = record("response", "<http://x.example/2>", answer("Transfer-Encoding: chunked\r\n", "4\r\n<p>t\r\n5;x=y\r\nwo</p\r\n1\r\n>\r\n0\r\n\r\n"));
using Texts = std::vector<std::string>;

TEST(WarcReader, ReadsResponsesAndPassesOverTheRest) {
  const std::string file = record("warcinfo", "", "software: x") + record("request", "http://x.example/1", "GET / HTTP/1.1\r\n\r\n") + kOne + kTwo +
                           record("response", "http://x.example/i", "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nPNG") + record("response", "http://x.example/404", "HTTP/1.1 404 No\r\nContent-Type: text/html\r\n\r\nno");
  EXPECT_EQ(bodies(file), (Texts{"<p>one</p>", "<p>two</p>"}));
  EXPECT_EQ(bodies(gzip(kOne) + gzip(kTwo)), (Texts{"<p>one</p>", "<p>two</p>"})) << "each record its own member";
  EXPECT_EQ(bodies(gzip(kOne + kTwo)), (Texts{"<p>one</p>", "<p>two</p>"})) << "one member for all";
}

TEST(WarcReader, UndoesContentEncodingAndAcceptsHeadersThatLie) {
  EXPECT_EQ(bodies(record("response", "http://x.example/", answer("Content-Encoding: gzip\r\n", gzip("<p>z</p>")))), Texts{"<p>z</p>"});
  EXPECT_EQ(bodies(record("response", "http://x.example/", answer("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "<p>plain</p>"))), Texts{"<p>plain</p>"});
}

TEST(WarcReader, GoesOnBehindWhatIsBroken) {
  EXPECT_EQ(bodies(kOne + "garbage\r\nmore garbage\r\n" + kTwo), (Texts{"<p>one</p>", "bad_warc", "<p>two</p>"}));
  EXPECT_EQ(bodies("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: x\r\n\r\n" + kTwo), (Texts{"bad_warc", "<p>two</p>"}));
  EXPECT_EQ(bodies(record("response", "nonsense", answer("", "x")) + kTwo), (Texts{"bad_warc", "<p>two</p>"}));
  const std::string cut = gzip(kOne) + gzip(kTwo);
  EXPECT_EQ(bodies(cut.substr(0, cut.size() - 40)).front(), "<p>one</p>");
  EXPECT_EQ(bodies(""), Texts{});
}

TEST(WarcReader, CutsAGzipBomb) {
  WarcLimits limits;
  limits.body_bytes = 1000;
  const auto out = bodies(record("response", "http://x.example/", answer("Content-Encoding: gzip\r\n", gzip(std::string(50'000'000, 'a')))), limits);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].size(), 1000U);
}

TEST(WarcWriter, WritesWhatTheReaderReads) {
  const auto dir = std::filesystem::temp_directory_path() / ("vigie-warc-test-" + std::to_string(getpid()));
  FakeClock clock;
  {
    WarcWriter writer(dir, clock);
    net::HttpAnswer http;
    http.status = 200;
    http.headers = {{"content-type", "text/html"}, {"content-encoding", "br"}, {"x-evil", "a\r\nb: c"}};
    http.body = "<p>page</p>";
    PageContext context;
    context.url = context.final_url = "http://x.example/page";
    context.fetched_at_unix_ms = clock.now_unix_ms();
    const auto page = make_page(context, http);
    ASSERT_TRUE(page);
    const auto reference = writer.write(*page, http);
    ASSERT_TRUE(reference) << reference.error().to_string();
    const std::string file = reference->substr(0, reference->find(':'));
    auto reader = WarcReader::open(dir / file);
    ASSERT_TRUE(reader);
    const auto read = (*reader)->next();
    ASSERT_TRUE(read && *read);
    EXPECT_EQ((*read)->body(), "<p>page</p>");
    EXPECT_EQ((*read)->final_url(), "http://x.example/page");
    EXPECT_EQ((*read)->page_key(), page->page_key());
    EXPECT_EQ((*read)->origin(), v1::ORIGIN_REPLAY);
    EXPECT_FALSE((*read)->raise_alerts());
    EXPECT_EQ((*read)->fetched_at_unix_ms(), clock.now_unix_ms());
  }
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace vigie::crawler
