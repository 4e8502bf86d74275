#include <unistd.h>

#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/platform/log/log_cases.h"

namespace vigie::log {
namespace {

class Embedded final : public EngineUnderTest {
 public:
  Embedded()
      : dir_(std::filesystem::temp_directory_path() /
             ("vigie_log_cases_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(dir_);
  }
  ~Embedded() override { std::filesystem::remove_all(dir_); }
  Result<std::unique_ptr<Log>> open(std::size_t queue_bytes) override {
    EmbeddedOptions options;
    options.dir = dir_;
    options.partitions = kCasePartitions;
    if (queue_bytes > 0) options.queue_bytes = queue_bytes;
    return open_embedded(options, clock_);
  }

 private:
  std::filesystem::path dir_;
  FakeClock clock_;
};

INSTANTIATE_TEST_SUITE_P(Embedded, LogCases,
                         testing::Values([]() -> std::unique_ptr<EngineUnderTest> {
                           return std::make_unique<Embedded>();
                         }));

}  // namespace
}  // namespace vigie::log
