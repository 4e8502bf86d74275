#include "platform/secrets/key_file.h"

#include <algorithm>

#include "platform/process/process.h"
#include "platform/text/utf8.h"

namespace vigie::secrets {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

using std::filesystem::perms;
constexpr perms kOthers = perms::others_read | perms::others_write;

}  // namespace

Result<std::vector<KeyLine>> read_key_file(const std::filesystem::path& path,
                                           std::string_view setting) {
  std::error_code unknown;
  const perms mode = std::filesystem::status(path, unknown).permissions();
  if (!unknown && (mode & kOthers) != perms::none)
    return failure(Disposition::kStop, "bad_keys_file",
                   "every account of this machine can read or write the keys; make the file "
                   "private: chmod o-rwx " +
                       path.string(),
                   path.string());
  const auto content = process::read_file(path, kMaxFileBytes);
  if (!content)
    return failure(Disposition::kStop, "bad_keys_file",
                   std::string(setting) + " cannot be read: " + content.error().detail,
                   path.string());
  std::vector<KeyLine> keys;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < content->size();) {
    const std::size_t end = std::min(content->find('\n', begin), content->size());
    const std::string_view line = text::trim(std::string_view(*content).substr(begin, end - begin));
    begin = end + 1;
    ++number;
    if (!line.empty() && line.front() != '#')
      keys.push_back({std::string(line), path.string() + ":" + std::to_string(number)});
  }
  if (keys.empty())
    return failure(Disposition::kStop, "bad_keys_file",
                   std::string(setting) + " holds no key; make one with `vigie keys FILE`",
                   path.string());
  return keys;
}

}  // namespace vigie::secrets
