#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::translation {

/// The metrics of the translator, each said once (platform/metrics/spec.h).
struct TranslationMetrics {
  explicit TranslationMetrics(metrics::Registry& registry);

  metrics::CounterFamily texts;  // outcome
  metrics::Gauge& waiting;
  metrics::Gauge& cached_bytes;
  metrics::Histogram& seconds;
};

}  // namespace vigie::indexer::translation
