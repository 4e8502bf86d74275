#include <algorithm>
#include <charconv>

#include "indexer/api/handlers.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::api {
namespace {

// a subscription of the greatest query and channels is smaller
constexpr std::size_t kMaxObjectBytes = 1 << 20;

int status_of(const Error& error) {
  const std::string& code = error.code;
  if (code == "not_found") return 404;
  if (code == "conflict" || code == "not_replayable") return 409;
  if (code == "too_large") return 413;
  if (code == "bad_subscription" || code == "unsupported_channel" || code == "bad_channel_url" ||
      code == "bad_secret")
    return 422;
  if (code == "unsupported_media_type") return 415;
  if (error.disposition == Disposition::kQuarantine) return 400;
  return error.disposition == Disposition::kRetry ? 503 : 500;
}

}  // namespace

http::Response problem_of(const Error& error) {
  std::string detail = error.detail;
  if (!error.where.empty() && error.disposition == Disposition::kQuarantine)
    detail = error.where + ": " + detail;
  return http::Response::problem(status_of(error), error.code.text(), detail);
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

tl::unexpected<Error> bad_parameter(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_parameter", std::move(detail));
}

Result<std::int64_t> number_parameter(const http::Request& request, std::string_view name,
                                      std::int64_t fallback, std::int64_t least,
                                      std::int64_t most) {
  const auto given = request.parameter(name);
  if (!given || given->empty()) return fallback;
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (problem != std::errc() || end != given->data() + given->size() || value < least ||
      value > most) {
    return bad_parameter(std::string(name) + " must be a number from " + std::to_string(least) +
                         " to " + std::to_string(most));
  }
  return value;
}

std::optional<query::Query> query_parameter(const http::Request& request, query::Use use,
                                            std::optional<http::Response>& refused) {
  const std::string text = request.parameter("q").value_or("");
  std::size_t offset = 0;
  auto parsed = query::parse(text, use, {}, &offset);
  if (parsed) return std::move(*parsed);
  refused = bad_query_problem(text, parsed.error(), offset);
  return std::nullopt;
}

Result<Json> object_body(const http::Request& request) {
  if (request.body.size() > kMaxObjectBytes)
    return failure(Disposition::kQuarantine, "too_large", "the body may have at most 1 MiB");
  VIGIE_ASSIGN(Json body, parse_json(request.body));
  if (!body.is_object()) return bad_parameter("the body must be a JSON object");
  return body;
}

}  // namespace vigie::indexer::api
