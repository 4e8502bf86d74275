#include "platform/metrics/reload.h"

namespace vigie::metrics {

Reloads::Reloads(Registry& registry)
    : success_(registry,
               {"vigie_reload_success",
                "1 where the files of this kind were good when they were last read; 0: what was "
                "read before stays in force",
                "what"}),
      success_time_(registry,
                    {"vigie_reload_success_timestamp_seconds",
                     "When files of this kind were last read and good, Unix time", "what"}) {}

void Reloads::note(std::string_view what, bool good, std::int64_t now_unix_ms) const {
  success_.of(what).set(good ? 1 : 0);
  if (good) success_time_.of(what).set(static_cast<double>(now_unix_ms) / 1000);
}

}  // namespace vigie::metrics
