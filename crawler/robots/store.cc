#include "crawler/robots/store.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "proto/identity.h"

namespace vigie::crawler::robots {
namespace {

/// Line one of each file: this, the origin, the time in Unix milliseconds, "rules" or "none", and
/// the bytes of the body that follows.
constexpr std::string_view kMagic = "vigie-robots-1";
/// Longest first line: an origin is a scheme, a host of at most 255 bytes and a port.
constexpr std::size_t kMaxHeadBytes = 512;
constexpr std::string_view kUnfinished = ".unfinished";

template <class Number>
bool read_number(const std::string& text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

struct Head {
  std::string origin;
  std::int64_t fetched_unix_ms = 0;
  bool none = false;
  std::size_t body_bytes = 0;
};

std::optional<Head> read_head(std::istream& in) {
  std::string line(kMaxHeadBytes, '\0');
  in.getline(line.data(), static_cast<std::streamsize>(line.size()));
  if (!in) return std::nullopt;
  line.resize(std::char_traits<char>::length(line.c_str()));
  std::istringstream words(line);
  std::string magic, time, kind, bytes, more;
  Head head;
  if (!(words >> magic >> head.origin >> time >> kind >> bytes) || (words >> more) ||
      magic != kMagic || (kind != "rules" && kind != "none"))
    return std::nullopt;
  head.none = kind == "none";
  if (!read_number(time, head.fetched_unix_ms) || !read_number(bytes, head.body_bytes) ||
      head.body_bytes > kRobotsBytes + 1)
    return std::nullopt;
  return head;
}

}  // namespace

RobotsStore::RobotsStore(std::filesystem::path dir) : dir_(std::move(dir)) {}

std::filesystem::path RobotsStore::file_of(std::string_view origin) const {
  return dir_ / proto::base32(proto::to_bytes(proto::digest128("robots\n" + std::string(origin))));
}

Result<void> RobotsStore::save(std::string_view origin, std::int64_t fetched_unix_ms, bool none,
                               std::string_view body) {
  std::error_code error;
  std::filesystem::create_directories(dir_, error);
  const std::filesystem::path file = file_of(origin);
  const std::filesystem::path unfinished = file.string() + std::string(kUnfinished);
  body = none ? std::string_view() : body.substr(0, kRobotsBytes + 1);
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  out << kMagic << ' ' << origin << ' ' << fetched_unix_ms << ' ' << (none ? "none" : "rules")
      << ' ' << body.size() << '\n'
      << body;
  out.close();
  if (out) std::filesystem::rename(unfinished, file, error);
  if (!out || error)
    return failure(Disposition::kRetry, "io", "robots.txt cannot be kept on disk; is it full?",
                   file.string());
  return {};
}

std::optional<RobotsStore::Stored> RobotsStore::load(std::string_view origin,
                                                     std::int64_t now_unix_ms) const {
  std::ifstream in(file_of(origin), std::ios::binary);
  if (!in) return std::nullopt;
  const std::optional<Head> head = read_head(in);
  if (!head || head->origin != origin || head->fetched_unix_ms > now_unix_ms ||
      now_unix_ms - head->fetched_unix_ms >= kMaxAge.count())
    return std::nullopt;
  std::string body(head->body_bytes, '\0');
  in.read(body.data(), static_cast<std::streamsize>(body.size()));
  if (static_cast<std::size_t>(in.gcount()) != body.size()) return std::nullopt;
  return Stored{head->none ? Robots::allow_all() : Robots::parse(body), head->fetched_unix_ms};
}

std::size_t RobotsStore::prune(std::int64_t now_unix_ms, std::size_t most_files,
                               std::uintmax_t most_bytes) {
  struct File {
    std::int64_t fetched_unix_ms;
    std::uintmax_t bytes;
    std::filesystem::path path;
  };
  std::vector<File> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(dir_, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    std::ifstream in(at->path(), std::ios::binary);
    const std::optional<Head> head =
        at->path().extension() == kUnfinished ? std::nullopt : read_head(in);
    if (!head || head->fetched_unix_ms > now_unix_ms ||
        now_unix_ms - head->fetched_unix_ms >= kMaxAge.count()) {
      std::filesystem::remove(at->path(), ignored);
    } else {
      files.push_back({head->fetched_unix_ms, at->file_size(ignored), at->path()});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.fetched_unix_ms > b.fetched_unix_ms; });
  std::uintmax_t bytes = 0;
  std::size_t kept = 0;
  for (const File& file : files) {
    bytes += file.bytes;
    if (kept < most_files && bytes <= most_bytes) {
      ++kept;
    } else {
      std::filesystem::remove(file.path, error);
    }
  }
  return kept;
}

}  // namespace vigie::crawler::robots
