#include "platform/log/bad_record.h"

#include "platform/logging/logging.h"

namespace vigie::log {

void warn_bad_record(proto::Topic topic, const Record& record) {
  const std::string name(proto::spec(topic).short_name);
  const std::string place =
      std::to_string(record.partition) + " --from " + std::to_string(record.offset);
  logging::warn("a record cannot be read and is left out",
                {{"topic", name},
                 {"partition", record.partition},
                 {"offset", static_cast<long long>(record.offset)},
                 {"key", logging::escape_for_terminal(record.key)},
                 {"look", "vigie log cat " + name + " --partition " + place + " --limit 1"}});
}

}  // namespace vigie::log
