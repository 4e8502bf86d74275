#include "indexer/mcp/api_reader.h"

namespace vigie::indexer::mcp {

Result<Json> ApiReader::get(std::string path, Query query) {
  http::Request request;
  request.path = std::move(path);
  request.query = std::move(query);
  request.caller = like_.caller;  // whose requests are counted
  request.gone = like_.gone;
  request.may_take_long = like_.may_take_long;
  VIGIE_ASSIGN(const http::Response response, ask_(std::move(request)));
  if (response.is_later) {
    put_off_ = true;
    return failure(Disposition::kRetry, "takes_long", "the response takes long");
  }
  auto body = parse_json(response.body);
  if (response.status >= 400) {
    std::string detail = body ? (*body)["detail"].as_string() : std::string();
    if (detail.empty()) detail = "The API answered with status " + std::to_string(response.status);
    const std::string code = body ? (*body)["code"].as_string() : std::string();
    return failure(Disposition::kQuarantine,
                   code.empty() ? ErrorCode("bad_status") : ErrorCode::from_text(code),
                   std::move(detail));
  }
  if (!body) return failure(Disposition::kQuarantine, "bad_answer", "The API answered no JSON.");
  return std::move(*body);
}

}  // namespace vigie::indexer::mcp
