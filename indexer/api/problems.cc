#include "indexer/api/problems.h"

#include "platform/text/utf8.h"

namespace vigie::indexer::api {
namespace {

int status_of(const Error& error) {
  const auto* known = std::ranges::find(kCodeStatuses, error.code, &CodeStatus::code);
  if (known != std::end(kCodeStatuses) && known->status < 500) return known->status;
  switch (error.disposition) {
    case Disposition::kQuarantine: return 400;
    case Disposition::kRetry: return 503;
    case Disposition::kStop: break;
  }
  return 500;
}

}  // namespace

http::Response problem(ProblemCode code, std::string_view detail) {
  return http::Response::problem(code.status(), code.code().text(), detail);
}

http::Response problem_of(const Error& error) {
  if (error.code == ErrorCode("takes_long")) return http::Response::later();
  std::string detail = error.detail;
  if (!error.where.empty() && error.disposition == Disposition::kQuarantine)
    detail = error.where + ": " + detail;
  http::Response response = http::Response::problem(status_of(error), error.code.text(), detail);
  if (error.code == ErrorCode("busy")) response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Response bad_query_problem(std::string_view text, const Error& error, std::size_t offset) {
  http::Response response = problem_of(error);
  offset = std::min(offset, text.size());
  if (auto body = parse_json(response.body)) {
    const bool valid = text::is_valid_utf8(text);
    body->set("position", valid ? text::count_code_points(text.substr(0, offset)) : offset);
    body->set("offset", offset);
    response.body = body->dump();
  }
  return response;
}

tl::unexpected<Error> refuse(ProblemCode code, std::string detail) {
  return failure(Disposition::kQuarantine, code.code(), std::move(detail));
}

}  // namespace vigie::indexer::api
