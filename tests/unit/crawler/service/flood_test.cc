// A source that lists more than may be fetched: it is told of, and others are not slowed.
#include "crawler/frontier/frontier.h"
#include "proto/status.pb.h"
#include "tests/unit/crawler/service/crawler_fixture.h"

namespace vigie::crawler::service {
namespace {

using std::chrono::seconds;

class Flood : public CrawlerTest {
 protected:
  std::map<std::string, std::string> states() {
    std::map<std::string, std::string> out;
    for (const auto& record : read<v1::StatusRecord>(proto::Topic::kStatus)) {
      if (record.has_source()) out[record.source().source_id()] = record.source().state();
    }
    return out;
  }
  std::string feed_of(const std::string& host, int first, int count) {
    std::vector<std::pair<std::string, std::string>> items;
    for (int i = first; i < first + count; ++i)
      items.emplace_back("News " + std::to_string(i), "http://" + host + "/" + std::to_string(i));
    return rss(items);
  }
};

TEST_F(Flood, IsToldAndSlowsNoOtherSource) {
  constexpr int kFeeds = 5;
  constexpr int kItems = 4'500;
  static_assert(kFeeds * kItems > frontier::kMaxWaitingPerDomain);
  std::string feeds;
  for (int i = 0; i < kFeeds; ++i) {
    const std::string url = "http://127.0.10.1/feed" + std::to_string(i) + ".xml";
    feeds += (i == 0 ? "" : ", ") + url;
    web_.put(url, 200, feed_of("127.0.10.1", i * kItems, kItems), "text/xml");
  }
  sources("sources:\n  - name: Flood\n    homepage: http://127.0.10.1/\n    feeds: [" + feeds +
          "]\n  - name: Calm\n    homepage: http://127.0.10.2/\n    feeds: "
          "[http://127.0.10.2/feed.xml]\n");
  web_.put("http://127.0.10.2/feed.xml", 200, feed_of("127.0.10.2", 0, 5), "text/xml");
  for (int i = 0; i < 5; ++i)
    web_.put("http://127.0.10.2/" + std::to_string(i), 200, "<p>page", "text/html");
  begin();
  pass(seconds(12));
  EXPECT_EQ(states()["flood"], "flooding");
  EXPECT_EQ(states()["calm"], "ok");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(web_.count("http://127.0.10.2/" + std::to_string(i)), 1U) << "as without a flood";
  EXPECT_GT(metrics_->counter("vigie_crawler_urls_dropped_total", "", {{"reason", "domain_full"}})
                .value(),
            0);
}

}  // namespace
}  // namespace vigie::crawler::service
