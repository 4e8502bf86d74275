#include "indexer/service/server_settings.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "platform/secrets/key_file.h"
#include "platform/url/url.h"

namespace vigie::indexer::service {

tl::unexpected<Error> bad_setting(std::string_view setting, std::string detail) {
  return failure(Disposition::kStop, "bad_setting", std::move(detail), std::string(setting));
}

Result<void> check_server_url(std::string_view setting, const std::string& written,
                              const ServerForm& form) {
  const auto url = url::parse(written);
  const bool fits = url && std::ranges::find(form.schemes, url->scheme) != form.schemes.end() &&
                    url->host && !url->host->empty() && url->username.empty() &&
                    url->password.empty() &&
                    (form.may_have_path || url->path.empty() || url->path == "/") && !url->query &&
                    !url->fragment;
  if (fits) return {};
  return bad_setting(setting, std::string(form.sentence));
}

Result<std::string> read_server_key(std::string_view setting, const std::string& file) {
  VIGIE_ASSIGN(const std::vector<secrets::KeyLine> lines, secrets::read_key_file(file, setting));
  return lines.front().key;
}

}  // namespace vigie::indexer::service
