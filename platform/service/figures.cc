#include "platform/service/figures.h"

#include <algorithm>
#include <string>
#include <utility>

#include "platform/logging/logging.h"
#include "platform/process/process.h"
#include "platform/storage/figures.h"

namespace vigie::service {
namespace {

constexpr std::pair<logging::Level, std::string_view> kLevels[] = {
    {logging::Level::kDebug, "debug"},
    {logging::Level::kInfo, "info"},
    {logging::Level::kWarning, "warning"},
    {logging::Level::kError, "error"}};

/// A counter that somebody else keeps.
void set_to(metrics::Counter& counter, std::uint64_t value) {
  counter.add(std::max(0.0, static_cast<double>(value) - counter.value()));
}

void refresh_stores(const StoreMetrics& metrics) {
  for (const auto& [store, figures] : storage::figures()) {
    set_to(metrics.stalls.of(store, "slowed"), figures.slowed);
    set_to(metrics.stalls.of(store, "stopped"), figures.stopped);
    set_to(metrics.errors.of(store), figures.background_errors);
    metrics.compaction_bytes.of(store).set(static_cast<double>(figures.pending_compaction_bytes));
  }
}

}  // namespace

Figures::Figures(metrics::Registry& registry, std::string_view program,
                 std::filesystem::path data_dir, Clock& clock)
    : data_dir_(std::move(data_dir)), metrics_(registry) {
  metrics_.build_info.of(program, VIGIE_VERSION).set(1);
  metrics_.start_time.set(static_cast<double>(clock.now_unix_ms()) / 1000);
  refresh(false);
}

void Figures::refresh(bool ready) {
  metrics_.cpu_seconds.add(std::max(0.0, process::cpu_seconds() - metrics_.cpu_seconds.value()));
  metrics_.resident_bytes.set(static_cast<double>(process::resident_bytes()));
  metrics_.open_files.set(static_cast<double>(process::open_files()));
  metrics_.max_fds.set(static_cast<double>(process::max_open_files()));
  for (const auto& [level, name] : kLevels) {
    set_to(metrics_.log_lines.of(name), logging::lines_written(level));
  }
  metrics_.data_free_bytes.set(static_cast<double>(process::disk_free_bytes(data_dir_)));
  metrics_.data_size_bytes.set(static_cast<double>(process::disk_size_bytes(data_dir_)));
  metrics_.ready.set(ready ? 1 : 0);
  refresh_stores(metrics_.stores);
}

void Figures::stopped_by(const Error& error) {
  metrics_.ready.set(0);
  if (error.code == "log_gap") metrics_.log_gap.set(1);
}

}  // namespace vigie::service
