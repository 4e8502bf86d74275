// libs: platform/log
// The embedded log: records sent and made durable a second, and the time of one durable append;
// beside it the bare cost of an fsync on the same disk.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/log/embedded_log.h"

namespace {

using vigie::log::NewRecord;
using vigie::proto::Topic;
using Seconds = std::chrono::duration<double>;

constexpr int kRecords = 200'000;
constexpr int kAppends = 200;
constexpr std::size_t kValueBytes = 200;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return Seconds(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double fsync_seconds(const std::filesystem::path& dir) {
  const int file = open((dir / "fsync").c_str(), O_CREAT | O_WRONLY, 0600);
  std::vector<double> seconds;
  const std::string block(4096, 'x');
  for (int i = 0; i < kAppends && file >= 0; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    if (write(file, block.data(), block.size()) < 0 || fsync(file) != 0) break;
    seconds.push_back(seconds_since(begin));
  }
  close(file);
  return seconds.empty() ? 0 : median(seconds);
}

}  // namespace

int main() {
  const std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("vigie_log_bench_" + std::to_string(getpid()));
  vigie::SystemClock clock;
  vigie::log::EmbeddedOptions options;
  options.dir = dir;
  int status = 1;
  if (auto log = vigie::log::open_embedded(options, clock)) {
    const auto producer = (*log)->producer();
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kRecords; ++i) {
      if (!producer->send(
              {Topic::kArticles, "key" + std::to_string(i), std::string(kValueBytes, 'v')}))
        return 1;
    }
    if (!producer->flush()) return 1;
    std::printf("log.send_records_per_s %.0f\n", kRecords / seconds_since(begin));

    begin = std::chrono::steady_clock::now();
    std::size_t read = 0;
    if (!vigie::log::read_to_end(**log, Topic::kArticles,
                                 [&](const vigie::log::Record&) -> vigie::Result<void> {
                                   ++read;
                                   return {};
                                 })) {
      return 1;
    }
    std::printf("log.read_records_per_s %.0f\n", static_cast<double>(read) / seconds_since(begin));

    std::vector<double> seconds;
    for (int i = 0; i < kAppends; ++i) {
      begin = std::chrono::steady_clock::now();
      if (!vigie::log::append(**log, {{Topic::kArticles, "key", std::string(kValueBytes, 'v')}}))
        return 1;
      seconds.push_back(seconds_since(begin));
    }
    std::printf("log.durable_append_ms_p50 %.3f\n", median(seconds) * 1000);
    std::printf("log.bare_fsync_ms_p50 %.3f\n", fsync_seconds(dir) * 1000);
    status = 0;
  }
  std::filesystem::remove_all(dir);
  return status;
}
