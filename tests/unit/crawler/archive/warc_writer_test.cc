#include "crawler/archive/warc_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "crawler/archive/cdxj.h"
#include "platform/page/page.h"
#include "platform/warc/gzip.h"
#include "platform/warc/warc_reader.h"
#include "proto/identity.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::crawler::archive {
namespace {

using Texts = std::vector<std::string>;

class WarcWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(dir_);
    request_.url = "http://x.example/page?b=1&a=2";
    request_.headers = {{"Accept", "text/html"}, {"If-None-Match", "\"v\"\r\nX-Evil: 1"}};
    response_.status = 200;
    response_.headers = {{"content-type", "text/html; charset=utf-8"},
                         {"content-encoding", "br"},
                         {"x-evil", "a\r\nb: c"}};
    response_.body = "<p>page</p>";
    response_.peer = "192.0.2.1";
    response_.time = std::chrono::milliseconds(321);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  WarcExchange exchange() const {
    return {request_.url,
            request_,
            response_,
            clock_.now_unix_ms(),
            clock_.now_unix_ms() - 5000,
            "http://x.example/short",
            "http://x.example/feed.xml",
            "example"};
  }
  std::string plain(const std::string& file, std::size_t offset = 0,
                    std::size_t length = std::string::npos) const {
    std::ifstream in(dir_ / file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto out = warc::gunzip(bytes.substr(offset, length), 1 << 20);
    EXPECT_TRUE(out);
    return out ? *out : "";
  }
  std::vector<std::string> lines(const std::string& file) const {
    std::ifstream in(dir_ / file);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }

  std::filesystem::path dir_ =
      std::filesystem::temp_directory_path() / ("vigie-warc-test-" + std::to_string(getpid()));
  FakeClock clock_;
  net::HttpRequest request_;
  net::HttpResponse response_;
};

// crawler/archive/README.md: WARC/1.1 with request, response, revisit, metadata.
TEST_F(WarcWriterTest, WritesResponseRequestMetadataAndRevisit) {
  WarcWriter writer(dir_, "vigie/1 (+https://desk.example)", clock_);
  const auto reference = writer.write(exchange());
  ASSERT_TRUE(reference) << reference.error().to_string();
  response_.status = 304;
  const std::string digest = proto::sha256(response_.body);
  response_.body.clear();
  ASSERT_TRUE(writer.write_revisit(exchange(), digest));
  const std::string file = reference->substr(0, reference->find(':'));
  const std::string all = plain(file);
  std::vector<std::string> types;
  for (std::size_t at = 0; (at = all.find("\r\nWARC-Type: ", at)) != std::string::npos; at += 5)
    types.push_back(all.substr(at + 13, all.find('\r', at + 2) - at - 13));
  EXPECT_EQ(types, (Texts{"warcinfo", "response", "request", "metadata", "revisit", "request"}));
  for (const char* wanted :
       {"WARC-IP-Address: 192.0.2.1\r\n",
        "\r\nGET /page?b=1&a=2 HTTP/1.1\r\nHost: x.example\r\nUser-Agent: vigie/1 "
        "(+https://desk.example)\r\nAccept: text/html\r\n",
        "via: http://x.example/feed.xml\r\n", "fetchTimeMs: 321\r\n",
        "discoveredAs: http://x.example/short\r\n",
        "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\n"}) {
    EXPECT_NE(all.find(wanted), std::string::npos) << wanted;
  }
  EXPECT_EQ(all.find("\nX-Evil:"), std::string::npos) << "a value of the web begins no header";
  EXPECT_EQ(all.find("\nb: c"), std::string::npos);
  // The reference alone finds the response.
  const std::size_t offset = std::stoul(reference->substr(reference->find(':') + 1));
  EXPECT_EQ(plain(file, offset).find("WARC/1.1\r\nWARC-Type: response\r\n"), 0U);
}

TEST_F(WarcWriterTest, WritesWhatTheReaderReads) {
  WarcWriter writer(dir_, "vigie", clock_);
  page::PageContext context;
  context.url = context.final_url = request_.url;
  context.fetched_at_unix_ms = clock_.now_unix_ms();
  const auto page = page::make_page(context, response_);
  ASSERT_TRUE(page);
  const auto reference = writer.write(exchange());
  ASSERT_TRUE(reference) << reference.error().to_string();
  ASSERT_TRUE(writer.write_revisit(exchange(), page->body_sha256()));
  auto reader = warc::WarcReader::open(dir_ / reference->substr(0, reference->find(':')));
  ASSERT_TRUE(reader);
  const auto read = (*reader)->next();
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->body(), "<p>page</p>");
  EXPECT_EQ((*read)->final_url(), page->final_url());
  EXPECT_EQ((*read)->page_key(), page->page_key());
  EXPECT_EQ((*read)->body_sha256(), page->body_sha256());
  EXPECT_EQ((*read)->origin(), v1::ORIGIN_REPLAY);
  EXPECT_FALSE((*read)->raise_alerts());
  EXPECT_EQ((*read)->fetched_at_unix_ms(), clock_.now_unix_ms());
  const auto end = (*reader)->next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end) << "a revisit is no page";
  EXPECT_EQ((*reader)->skipped(), 5U);
}

// crawler/archive/README.md: CDXJ.
TEST_F(WarcWriterTest, SortsItsIndexWhenAFileIsClosedAndAfterACrash) {
  std::string file;
  {
    WarcWriter writer(dir_, "vigie", clock_);
    for (const char* url : {"https://www.b.example/x?z=1&a=2", "https://a.example/"}) {
      request_.url = url;
      const auto reference = writer.write(exchange());
      ASSERT_TRUE(reference);
      file = reference->substr(0, reference->find(':'));
    }
    EXPECT_TRUE(std::filesystem::exists(dir_ / (file + ".cdxj-unsorted")));
  }
  EXPECT_FALSE(std::filesystem::exists(dir_ / (file + ".cdxj-unsorted")));
  const auto index = lines(file + ".cdxj");
  ASSERT_EQ(index.size(), 2U);
  EXPECT_EQ(index[0].find("example,a)/ 20260101000000 "
                          "{\"url\":\"https://a.example/\",\"mime\":\"text/"
                          "html\",\"status\":\"200\",\"digest\":\"sha256:"),
            0U)
      << index[0];
  EXPECT_EQ(index[1].find("example,b)/x?a=2&z=1 20260101000000 {"), 0U) << index[1];
  const auto number = [&](const std::string& name) {
    const std::string mark = "\"" + name + "\":\"";
    return std::stoul(index[0].substr(index[0].find(mark) + mark.size()));
  };
  const std::string record_of_line = plain(file, number("offset"), number("length"));
  EXPECT_NE(record_of_line.find("WARC-Target-URI: https://a.example/\r\n"), std::string::npos);
  EXPECT_EQ(record_of_line.substr(record_of_line.size() - 15), "<p>page</p>\r\n\r\n");

  // A crash leaves it unsorted, its last line perhaps cut; the next file that is begun puts that
  // right.
  std::ofstream(dir_ / "old.warc.gz.cdxj-unsorted") << "b\na\ncut";
  WarcWriter after(dir_, "vigie", clock_);
  ASSERT_TRUE(after.write(exchange()));
  EXPECT_EQ(lines("old.warc.gz.cdxj"), (Texts{"a", "b"}));
}

TEST(Surt, TurnsTheHostAndSortsTheQuery) {
  EXPECT_EQ(surt("https://www.news.Example.com:8443/A/b?c=2&B=1"),
            "com,example,news:8443)/a/b?b=1&c=2");
  EXPECT_EQ(surt("http://127.0.10.1:8090/"), "127.0.10.1:8090)/");
  EXPECT_EQ(surt("http://[2001:db8::1]/x"), "[2001:db8::1])/x");
  EXPECT_EQ(surt("nonsense"), "nonsense");
}

}  // namespace
}  // namespace vigie::crawler::archive
