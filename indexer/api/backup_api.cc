#include "indexer/api/backup_api.h"

#include <filesystem>

#include "indexer/api/problems.h"
#include "platform/backup/freezer.h"
#include "platform/clock/clock.h"

namespace vigie::indexer::api {

Routes BackupApi::routes() {
  return {
      route("POST", "/v1/backup", "freeze", this, &BackupApi::freeze),
      route("DELETE", "/v1/backup", "thaw", this, &BackupApi::thaw),
  };
}

http::Response BackupApi::freeze(const Call&) {
  if (freezer_ == nullptr)
    return problem("conflict", "This process holds no stores; ask one that runs.");
  const auto begun = clock_.since_boot();
  const auto frozen = freezer_->freeze();
  if (!frozen) return problem_of(frozen.error());
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(*frozen, error);
  http::Response response = http::Response::json(
      Json::object({{"dir", (error ? *frozen : absolute).string()},
                    {"vigie", VIGIE_VERSION},
                    {"ms", static_cast<std::int64_t>((clock_.since_boot() - begun).count())}}));
  response.status = 201;
  return response;
}

http::Response BackupApi::thaw(const Call&) {
  if (freezer_ != nullptr) {
    if (const auto gone = freezer_->thaw(); !gone) return problem_of(gone.error());
  }
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace vigie::indexer::api
