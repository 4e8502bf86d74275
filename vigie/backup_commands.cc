#include "vigie/backup_commands.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iomanip>
#include <optional>
#include <ostream>
#include <sstream>
#include <system_error>

#include "platform/backup/backup.h"
#include "platform/backup/freezer.h"
#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "platform/process/process.h"
#include "platform/service/service.h"
#include "vigie/api_client.h"

namespace vigie::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kTellEvery{500};

int cannot(std::ostream& err, const char* command, const Error& error) {
  err << "vigie " << command << ": " << error.to_string() << '\n';
  return process::kExitCannotStart;
}

std::string megabytes(std::uint64_t bytes) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / 1e6 << " MB";
  return out.str();
}

/// One line that is written over, where a person looks.
class Teller {
 public:
  Teller(bool shown, std::ostream& err) : shown_(shown), err_(err) {}
  ~Teller() {
    if (told_) err_ << '\n';
  }
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  backup::OnProgress on_progress() {
    if (!shown_) return {};
    return [this](const backup::Progress& progress) { tell(progress); };
  }

 private:
  void tell(const backup::Progress& progress) {
    const auto now = clock_.since_boot();
    const bool last = progress.files_done == progress.files;
    if (!last && told_ && now - told_at_ < kTellEvery) return;
    told_ = true;
    told_at_ = now;
    err_ << '\r' << progress.files_done << " of " << progress.files << " files, "
         << megabytes(progress.bytes_done) << " of " << megabytes(progress.bytes) << "   "
         << std::flush;
  }

  const bool shown_;
  std::ostream& err_;
  SystemClock clock_;
  bool told_ = false;
  std::chrono::milliseconds told_at_{0};
};

/// The stores at rest: a frozen copy of the process that holds the directory, or the directory,
/// locked. What it holds goes with it.
class Source {
 public:
  static Result<std::unique_ptr<Source>> open(const config::Settings& settings) {
    const fs::path data_dir = settings.text("data_dir");
    auto source = std::unique_ptr<Source>(new Source());
    std::error_code error;
    if (!fs::exists(service::log_dir(data_dir), error)) {
      return failure(Disposition::kStop, "no_data",
                     "there is no embedded log of vigie here; name the data directory with --data "
                     "DIR",
                     data_dir.string());
    }
    if (process::holder_address(data_dir).empty()) {
      VIGIE_ASSIGN(source->held_, process::DataDir::lock(data_dir));
      source->dir_ = data_dir;
      return source;
    }
    // one command at a time: it would take the other's copy away
    VIGIE_ASSIGN(source->held_, process::DataDir::lock(data_dir / backup::kBackupFolder));
    VIGIE_ASSIGN(source->api_, connect(settings, {}, InProcess::kLog));
    http::Request freeze;
    freeze.method = "POST";
    freeze.path = "/v1/backup";
    VIGIE_ASSIGN(const Json frozen,
                 json_response(source->api_->call(std::move(freeze)), source->api_->where()));
    source->frozen_ms_ = frozen["ms"].as_integer();
    source->dir_ = data_dir / backup::kBackupFolder / backup::kFrozenFolder;
    if (!fs::exists(source->dir_, error)) {
      return failure(Disposition::kStop, "no_data",
                     "the process froze its stores at " + frozen["dir"].as_string() +
                         ", which is not the data directory seen here; run the command where "
                         "vigie runs, with the same --data",
                     source->dir_.string());
    }
    return source;
  }
  ~Source() {
    if (!api_) return;
    http::Request thaw;
    thaw.method = "DELETE";
    thaw.path = "/v1/backup";
    static_cast<void>(api_->call(std::move(thaw)).has_value());  // else the next one does
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  const fs::path& dir() const { return dir_; }
  std::optional<std::int64_t> frozen_ms() const { return frozen_ms_; }

 private:
  Source() = default;
  std::optional<process::DataDir> held_;
  std::unique_ptr<Api> api_;
  fs::path dir_;
  std::optional<std::int64_t> frozen_ms_;
};

int verify(const BackupArguments& arguments, std::ostream& out, std::ostream& err) {
  const auto backups = backup::list_backups(arguments.dir);
  if (!backups) return cannot(err, "backup", backups.error());
  int code = process::kExitOk;
  for (const fs::path& each : *backups) {
    Teller teller(arguments.progress, err);
    auto verified = backup::verify_backup(each, VIGIE_VERSION, teller.on_progress());
    if (!verified) {
      if (verified.error().code != ErrorCode("corrupt"))
        return cannot(err, "backup", verified.error());
      verified = backup::Verified{0, 0, {verified.error().detail}};
    }
    Json damaged = Json::array();
    for (const std::string& what : verified->damaged) {
      err << "vigie backup: " << each.string() << ": " << what << '\n';
      damaged.push(what);
      code = process::kExitSomeFailed;
    }
    out << Json::object({{"backup", each.filename().string()},
                         {"files", verified->files},
                         {"bytes", verified->bytes},
                         {"damaged", std::move(damaged)}})
               .dump()
        << '\n';
  }
  return code;
}

}  // namespace

void add_backup_options(CLI::App& backup, BackupArguments& arguments) {
  backup.add_option("DIR", arguments.dir, "Folder of the backups; made if it is not there")
      ->required();
  backup.add_option("--keep", arguments.keep, "So many stay, the oldest are removed (0: all stay)")
      ->type_name("N")
      ->capture_default_str();
  backup.add_flag("--verify", arguments.verify,
                  "Make none: read every file of those in DIR (or of DIR) again");
  backup.footer(
      "A backup is whole or not there. It holds the key of the webhooks' secrets: keep it like the "
      "data itself. Exit code 1: a backup is damaged.");
}

void add_restore_options(CLI::App& restore, RestoreArguments& arguments) {
  restore.add_option("FROM", arguments.from, "A backup, or a folder of them: the newest")
      ->required();
  restore.footer(
      "Then start `vigie up` on it. What came after the backup is crawled, or can be ingested, "
      "again.");
}

int run_backup(const config::Settings& settings, const BackupArguments& arguments,
               std::ostream& out, std::ostream& err) {
  if (arguments.verify) return verify(arguments, out, err);
  if (settings.text("log.engine") == "kafka") {
    return cannot(err, "backup",
                  {"bad_setting", Disposition::kStop,
                   "the log is on Kafka, whose brokers keep and copy it; the index is made again "
                   "from it, or taken from indexer.checkpoint_dir",
                   "log.engine"});
  }
  SystemClock clock;
  const auto begun = clock.since_boot();
  auto source = Source::open(settings);
  if (!source) return cannot(err, "backup", source.error());
  auto made = [&] {
    Teller teller(arguments.progress, err);
    return backup::make_backup((*source)->dir(),
                               {.to = arguments.dir,
                                .version = VIGIE_VERSION,
                                .keep = arguments.keep,
                                .on_progress = teller.on_progress()},
                               clock);
  }();
  if (!made) return cannot(err, "backup", made.error());
  Json removed = Json::array();
  for (std::string& name : made->removed) removed.push(std::move(name));
  const auto frozen_ms = (*source)->frozen_ms();
  out << Json::object({{"backup", (fs::path(arguments.dir) / made->name).string()},
                       {"files", made->files},
                       {"bytes", made->bytes},
                       {"written_bytes", made->written_bytes},
                       {"frozen_ms", frozen_ms ? Json(*frozen_ms) : Json()},
                       {"ms", static_cast<std::int64_t>((clock.since_boot() - begun).count())},
                       {"removed", std::move(removed)}})
             .dump()
      << '\n';
  return process::kExitOk;
}

int run_restore(const config::Settings& settings, const RestoreArguments& arguments,
                std::ostream& out, std::ostream& err) {
  const auto backups = backup::list_backups(arguments.from);
  if (!backups) return cannot(err, "restore", backups.error());
  const fs::path data_dir = settings.text("data_dir");
  Teller teller(arguments.progress, err);
  const auto restored =
      backup::restore_backup(backups->back(), data_dir, VIGIE_VERSION, teller.on_progress());
  if (!restored) return cannot(err, "restore", restored.error());
  out << Json::object({{"backup", backups->back().string()},
                       {"data_dir", data_dir.string()},
                       {"made_by", restored->vigie},
                       {"files", static_cast<std::int64_t>(restored->files.size())},
                       {"bytes", restored->bytes()}})
             .dump()
      << '\n';
  return process::kExitOk;
}

}  // namespace vigie::cli
