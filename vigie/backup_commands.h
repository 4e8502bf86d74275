#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

#include "platform/config/settings.h"

namespace CLI {
class App;
}

namespace vigie::cli {

struct BackupArguments {
  std::string dir;        // the folder of backups
  std::size_t keep = 0;   // 0: all
  bool verify = false;    // read what is there again, make none
  bool progress = false;  // on `err`
};
/// The options of `vigie backup`, but for those that commands share, and what it says of itself.
void add_backup_options(CLI::App& backup, BackupArguments& arguments);
/// Copies the data directory into a new backup: of a running process, which freezes its stores for
/// the while, or of nobody's. One line at the end. With `verify` one line a backup. 0 · 1 where a
/// backup is damaged (a line on `err` each) · 3.
int run_backup(const config::Settings& settings, const BackupArguments& arguments,
               std::ostream& out, std::ostream& err);

struct RestoreArguments {
  std::string from;  // a backup, or a folder of them: the newest
  bool progress = false;
};
/// As add_backup_options, of `vigie restore`.
void add_restore_options(CLI::App& restore, RestoreArguments& arguments);
/// Copies a backup to data_dir, which must not hold anything. 0 · 3.
int run_restore(const config::Settings& settings, const RestoreArguments& arguments,
                std::ostream& out, std::ostream& err);

}  // namespace vigie::cli
