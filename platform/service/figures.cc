#include "platform/service/figures.h"

#include <algorithm>
#include <string>

#include "platform/process/process.h"

namespace vigie::service {

Figures::Figures(metrics::Registry& registry, std::string_view program,
                 std::filesystem::path data_dir, Clock& clock)
    : data_dir_(std::move(data_dir)),
      cpu_(registry.counter("vigie_process_cpu_seconds_total",
                            "Processor time used, user and system.")),
      resident_(registry.gauge("vigie_process_resident_bytes", "Memory in use.")),
      files_(registry.gauge("vigie_process_open_files", "Open files and sockets.")),
      disk_free_(registry.gauge("vigie_data_free_bytes",
                                "Free space of the file system that holds data_dir.")),
      disk_size_(
          registry.gauge("vigie_data_size_bytes", "Size of the file system that holds data_dir.")),
      ready_(registry.gauge("vigie_ready", "1 while /readyz answers 200.")),
      gap_(registry.gauge("vigie_log_gap",
                          "1 where the log no longer holds what this process had not read, or "
                          "never held what it had; the process ends.")) {
  registry
      .gauge("vigie_build_info", "Always 1; the labels say what runs.",
             {{"program", std::string(program)}, {"version", VIGIE_VERSION}})
      .set(1);
  registry.gauge("vigie_process_start_time_seconds", "When this process started, Unix time.")
      .set(static_cast<double>(clock.now_unix_ms()) / 1000);
  refresh(false);
}

void Figures::refresh(bool ready) {
  cpu_.add(std::max(0.0, process::cpu_seconds() - cpu_.value()));
  resident_.set(static_cast<double>(process::resident_bytes()));
  files_.set(static_cast<double>(process::open_files()));
  disk_free_.set(static_cast<double>(process::disk_free_bytes(data_dir_)));
  disk_size_.set(static_cast<double>(process::disk_size_bytes(data_dir_)));
  ready_.set(ready ? 1 : 0);
}

void Figures::stopped_by(const Error& error) {
  ready_.set(0);
  if (error.code == "log_gap") gap_.set(1);
}

}  // namespace vigie::service
