#include "indexer/translation/metrics.h"

namespace vigie::indexer::translation {

TranslationMetrics::TranslationMetrics(metrics::Registry& all)
    : texts(all, {"vigie_translation_texts_total", "Texts that were asked for, by what came of it",
                  "outcome", "translated cached refused failed turned_away"}),
      waiting(metrics::gauge(
          all, {"vigie_translation_waiting_texts", "Texts that wait for the translator"})),
      cached_bytes(metrics::gauge(
          all, {"vigie_translation_cached_bytes", "Translations that are kept in memory"})),
      seconds(metrics::histogram(
          all, {"vigie_translation_seconds", "From a batch to the translator's response"})) {}

}  // namespace vigie::indexer::translation
