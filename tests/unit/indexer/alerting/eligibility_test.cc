#include "indexer/alerting/eligibility.h"

#include <gtest/gtest.h>

namespace vigie::indexer::alerting {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kMaxAge = 72 * kHourMs;
constexpr std::int64_t kDiscovered = 1'767'225'600'000;

v1::ArticleRecord article(v1::Origin origin, bool raise_alerts,
                          std::int64_t published_hours_before) {
  v1::ArticleRecord out;
  out.set_origin(origin);
  out.set_raise_alerts(raise_alerts);
  out.set_discovered_at_unix_ms(kDiscovered);
  out.mutable_published()->set_unix_ms(kDiscovered - published_hours_before * kHourMs);
  out.mutable_published()->set_precision(v1::DATE_PRECISION_SECOND);
  return out;
}

// ops/spec/records.md, "What may raise alerts".
TEST(MayAlert, WhatWasCrawledInTime) {
  EXPECT_TRUE(may_alert(article(v1::ORIGIN_CRAWL, true, 1), kMaxAge));
  EXPECT_TRUE(may_alert(article(v1::ORIGIN_CRAWL, true, 72), kMaxAge));
  EXPECT_FALSE(may_alert(article(v1::ORIGIN_CRAWL, true, 73), kMaxAge));
}

TEST(MayAlert, AnUnknownOrFutureDateCountsAsDiscovery) {
  v1::ArticleRecord undated = article(v1::ORIGIN_CRAWL, true, 1000);
  undated.clear_published();
  EXPECT_TRUE(may_alert(undated, kMaxAge));
  EXPECT_TRUE(may_alert(article(v1::ORIGIN_CRAWL, true, -5), kMaxAge));
}

TEST(MayAlert, IngestAndReplayOnlyWhereAskedForWhateverTheirAge) {
  EXPECT_FALSE(may_alert(article(v1::ORIGIN_INGEST, false, 1), kMaxAge));
  EXPECT_FALSE(may_alert(article(v1::ORIGIN_REPLAY, false, 1), kMaxAge));
  EXPECT_TRUE(may_alert(article(v1::ORIGIN_INGEST, true, 9000), kMaxAge));
}

}  // namespace
}  // namespace vigie::indexer::alerting
