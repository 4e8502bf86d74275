#include "crawler/archive/cdxj.h"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <system_error>
#include <vector>

#include "platform/json/json.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::crawler::archive {
namespace {

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = text.find(at);
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::string joined(const std::vector<std::string>& parts, char with) {
  std::string out;
  for (const std::string& part : parts)
    out += (&part == &parts.front() ? std::string() : std::string(1, with)) + part;
  return out;
}

std::string turned_host(std::string host) {
  if (host.rfind("www.", 0) == 0) host.erase(0, 4);
  if (host.empty() || host.front() == '[' ||
      host.find_first_not_of("0123456789.") == std::string::npos)
    return host;
  std::vector<std::string> labels = split(host, '.');
  std::reverse(labels.begin(), labels.end());
  return joined(labels, ',');
}

}  // namespace

std::string surt(std::string_view url) {
  const auto parsed = url::parse(url);
  if (!parsed || !parsed->host) return std::string(url);
  std::string out = turned_host(*parsed->host);
  if (parsed->port) out += ":" + std::to_string(*parsed->port);
  out += ")" + text::ascii_lower(parsed->path);
  if (parsed->query && !parsed->query->empty()) {
    std::vector<std::string> fields = split(text::ascii_lower(*parsed->query), '&');
    std::sort(fields.begin(), fields.end());
    out += "?" + joined(fields, '&');
  }
  return out;
}

std::string cdxj_line(const Capture& capture) {
  const std::time_t seconds = static_cast<std::time_t>(capture.fetched_unix_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char time[32];
  const std::size_t size = std::strftime(time, sizeof time, "%Y%m%d%H%M%S", &parts);
  Json told = Json::object({{"url", capture.url}, {"mime", capture.mime}});
  if (capture.status != 0) told.set("status", std::to_string(capture.status));
  told.set("digest", capture.digest);
  told.set("length", std::to_string(capture.length));
  told.set("offset", std::to_string(capture.offset));
  told.set("filename", capture.file);
  return surt(capture.url) + " " + std::string(time, size) + " " + told.dump() + "\n";
}

Result<void> sort_cdxj(const std::filesystem::path& unsorted, const std::filesystem::path& sorted) {
  std::vector<std::string> lines;
  {
    std::ifstream in(unsorted, std::ios::binary);
    std::string line;
    while (std::getline(in, line)) {
      if (!in.eof()) lines.push_back(std::move(line));  // the last line of a cut file has no break
    }
  }
  std::sort(lines.begin(), lines.end());
  const std::filesystem::path unfinished = sorted.string() + ".unfinished";
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  for (const std::string& line : lines) out << line << '\n';
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(unfinished, sorted, error);
  if (!out || error)
    return failure(Disposition::kRetry, "io",
                   "the index of an archive file cannot be written; is the disk full?",
                   sorted.string());
  std::filesystem::remove(unsorted, error);
  return {};
}

}  // namespace vigie::crawler::archive
