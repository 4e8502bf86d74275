#include "platform/backup/manifest.h"

#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include "platform/json/json.h"
#include "platform/process/process.h"
#include "proto/sha256_stream.h"

namespace vigie::backup {
namespace {

namespace fs = std::filesystem;

std::string digest_of(std::string_view text) {
  proto::Sha256Stream digest;
  digest.add(text);
  return digest.hex();
}

tl::unexpected<Error> damaged(const fs::path& backup, const std::string& what) {
  return failure(Disposition::kStop, "corrupt", what + "; this backup is damaged: take another one",
                 backup.string());
}

/// The numbers of "1.20.3", for comparison; what is no number ends it.
std::vector<int> numbers_of(std::string_view version) {
  std::vector<int> out;
  while (!version.empty()) {
    int number = 0;
    const auto [end, problem] =
        std::from_chars(version.data(), version.data() + version.size(), number);
    if (problem != std::errc()) break;
    out.push_back(number);
    version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    if (!version.starts_with('.')) break;
    version.remove_prefix(1);
  }
  return out;
}

/// Relative, without "..": nothing that is restored lands elsewhere.
bool stays_inside(const std::string& path) {
  const fs::path parts(path);
  if (path.empty() || parts.is_absolute() || path.find('\0') != std::string::npos) return false;
  for (const fs::path& part : parts) {
    if (part == ".." || part == "." || part.empty()) return false;
  }
  return true;
}

Result<Manifest> parse(const fs::path& backup, const std::string& text) {
  const auto json = parse_json(text);
  if (!json) return damaged(backup, "its manifest is no JSON");
  Manifest out;
  out.format = static_cast<int>((*json)["format"].as_integer(-1));
  out.vigie = (*json)["vigie"].as_string();
  out.made_at_unix_ms = (*json)["made_at_unix_ms"].as_integer();
  for (const Json& each : (*json)["files"].as_array()) {
    FileEntry file;
    file.path = each["path"].as_string();
    file.bytes = static_cast<std::uint64_t>(each["bytes"].as_integer());
    file.sha256 = each["sha256"].as_string();
    file.modified_ns = each["modified_ns"].as_integer();
    if (!stays_inside(file.path))
      return damaged(backup, "its manifest names a file outside of it: " + file.path);
    out.files.push_back(std::move(file));
  }
  return out;
}

}  // namespace

std::uint64_t Manifest::bytes() const {
  std::uint64_t sum = 0;
  for (const FileEntry& file : files) sum += file.bytes;
  return sum;
}

Result<void> write_manifest(const fs::path& backup, const Manifest& manifest) {
  Json files = Json::array();
  for (const FileEntry& file : manifest.files)
    files.push(Json::object({{"path", file.path},
                             {"bytes", file.bytes},
                             {"sha256", file.sha256},
                             {"modified_ns", file.modified_ns}}));
  const std::string text = Json::object({{"format", manifest.format},
                                         {"vigie", manifest.vigie},
                                         {"made_at_unix_ms", manifest.made_at_unix_ms},
                                         {"files", std::move(files)}})
                               .pretty() +
                           "\n";
  VIGIE_TRY(process::write_file_atomically(backup / kManifest, text));
  return process::write_file_atomically(backup / kManifestDigest, digest_of(text) + "\n");
}

Result<Manifest> read_manifest(const fs::path& backup, const std::string& version) {
  std::error_code ignored;
  if (!fs::exists(backup / kManifest, ignored)) {
    return failure(Disposition::kStop, "not_found",
                   "there is no backup of vigie here (no manifest.json)", backup.string());
  }
  VIGIE_ASSIGN(const std::string text, process::read_file(backup / kManifest));
  VIGIE_ASSIGN(Manifest manifest, parse(backup, text));
  if (manifest.format != kFormat || numbers_of(manifest.vigie) > numbers_of(version)) {
    return failure(Disposition::kStop, "schema",
                   "the backup has format " + std::to_string(manifest.format) +
                       " and was made by vigie " + manifest.vigie + "; this is vigie " + version +
                       ", which reads format " + std::to_string(kFormat) +
                       " of versions up to its own: use vigie " + manifest.vigie,
                   backup.string());
  }
  VIGIE_ASSIGN(std::string told, process::read_file(backup / kManifestDigest, 1024));
  while (told.ends_with('\n')) told.pop_back();
  if (told != digest_of(text)) return damaged(backup, "its manifest is not as it was written");
  return manifest;
}

}  // namespace vigie::backup
