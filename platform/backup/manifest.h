#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/result/result.h"

namespace vigie::backup {

/// How backups are laid out; another number is refused.
inline constexpr int kFormat = 1;
/// A backup is a folder NAME (its time in UTC, 20261130T101500.123Z) with these; while it is
/// written its name begins with kUnfinished.
inline constexpr const char* kManifest = "manifest.json";
inline constexpr const char* kManifestDigest = "manifest.sha256";  // of the manifest, hexadecimal
inline constexpr const char* kData = "data";                       // the files, as in data_dir
inline constexpr const char* kUnfinished = ".part-";

struct FileEntry {
  std::string path;  // below data/
  std::uint64_t bytes = 0;
  std::string sha256;  // hexadecimal
  // of the file that was copied, Unix ns: one with the same path, size and time is the same
  std::int64_t modified_ns = 0;
};

struct Manifest {
  int format = kFormat;
  std::string vigie;  // version that made it
  std::int64_t made_at_unix_ms = 0;
  std::vector<FileEntry> files;  // by path

  std::uint64_t bytes() const;
};

/// Writes manifest and digest, synced. Errors: kStop io.
Result<void> write_manifest(const std::filesystem::path& backup, const Manifest& manifest);
/// Errors: kStop corrupt (damaged, or names a path outside of it), schema (another format, or made
/// by a version after `version`), io, not_found (no backup).
Result<Manifest> read_manifest(const std::filesystem::path& backup, const std::string& version);

}  // namespace vigie::backup
