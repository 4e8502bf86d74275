#include "indexer/service/checkpoints.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <system_error>

#include "platform/logging/logging.h"

namespace vigie::indexer::service {
namespace {

namespace fs = std::filesystem;

// of each partition and process: the newest may be the one that a restore finds damaged
constexpr std::size_t kKept = 2;
constexpr std::string_view kUnfinished = ".part-";  // begins a name while it is written

tl::unexpected<Error> io(const std::string& what, const std::error_code& error,
                         const fs::path& where) {
  return failure(Disposition::kStop, "io", what + ": " + error.message(), where.string());
}

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end == text.data() + text.size() || *end != '-' || value < 0)
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return value;
}

std::optional<Checkpoints::Entry> read_name(const fs::path& path) {
  const std::string name = path.filename().string();
  std::string_view rest = name;
  const auto offset = take_number(rest);
  const auto made = offset ? take_number(rest) : std::nullopt;
  if (!made || rest.empty()) return std::nullopt;
  return Checkpoints::Entry{path, *offset, *made, std::string(rest)};
}

}  // namespace

std::string partition_folder(std::int32_t partition) {
  char name[16];
  std::snprintf(name, sizeof name, "%03d", static_cast<int>(partition));
  return name;
}

fs::path Checkpoints::folder(std::int32_t partition) const {
  return dir_ / partition_folder(partition);
}

std::vector<Checkpoints::Entry> Checkpoints::list(std::int32_t partition) const {
  std::vector<Entry> out;
  if (!enabled()) return out;
  std::error_code error;
  for (fs::directory_iterator entry(folder(partition), error), end; !error && entry != end;
       entry.increment(error)) {
    if (auto read = read_name(entry->path())) out.push_back(std::move(*read));
  }
  std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) {
    return a.offset != b.offset ? a.offset > b.offset : a.made_at_unix_ms > b.made_at_unix_ms;
  });
  return out;
}

std::optional<Checkpoints::Entry> Checkpoints::newest_within(std::int32_t partition,
                                                             std::int64_t begin,
                                                             std::int64_t end) const {
  for (Entry& entry : list(partition)) {
    if (entry.offset >= begin && entry.offset <= end) return std::move(entry);
  }
  return std::nullopt;
}

Result<void> Checkpoints::make(std::int32_t partition, std::int64_t offset,
                               std::int64_t now_unix_ms,
                               const std::function<Result<void>(const fs::path& to)>& write) const {
  std::error_code error;
  fs::create_directories(folder(partition), error);
  if (error) return io("the folder of checkpoints cannot be made", error, folder(partition));
  const fs::path unfinished = folder(partition) / (std::string(kUnfinished) + instance_);
  fs::remove_all(unfinished, error);
  VIGIE_TRY(write(unfinished));
  const fs::path place = folder(partition) / (std::to_string(offset) + "-" +
                                              std::to_string(now_unix_ms) + "-" + instance_);
  fs::rename(unfinished, place, error);
  if (error) return io("a checkpoint cannot be named", error, place);
  std::size_t own = 0;
  for (const Entry& entry : list(partition)) {
    if (entry.instance == instance_ && ++own > kKept) fs::remove_all(entry.dir, error);
  }
  return {};
}

Result<void> Checkpoints::restore(const Entry& entry, const fs::path& to) {
  std::error_code error;
  const fs::path unfinished =
      to.parent_path() / (std::string(kUnfinished) + to.filename().string());
  fs::remove_all(unfinished, error);
  fs::create_directories(to.parent_path(), error);
  fs::copy(entry.dir, unfinished, fs::copy_options::recursive, error);
  if (error) return io("a checkpoint cannot be copied", error, entry.dir);
  fs::rename(unfinished, to, error);
  if (error) return io("a restored shard cannot be put in its place", error, to);
  logging::info(
      "shard restored from a checkpoint",
      {{"checkpoint", entry.dir.string()}, {"offset", static_cast<long long>(entry.offset)}});
  return {};
}

}  // namespace vigie::indexer::service
