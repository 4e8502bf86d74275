#pragma once

#include "platform/metrics/spec.h"

namespace vigie::extractor::service {

/// The metrics of the extractor, each said once (platform/metrics/spec.h).
struct ExtractorMetrics {
  explicit ExtractorMetrics(metrics::Registry& registry);

  metrics::CounterFamily pages;         // outcome
  metrics::CounterFamily quarantined;   // reason
  metrics::CounterFamily workers_lost;  // reason
  metrics::Counter& page_bytes;
  metrics::Counter& text_only;
  metrics::Counter& undated;
  metrics::Counter& replaced_bytes;
  metrics::Histogram& batch_seconds;
  metrics::Gauge& lag;
};

}  // namespace vigie::extractor::service
