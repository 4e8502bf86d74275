#include "indexer/api/call.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "indexer/api/problems.h"
#include "platform/text/ascii.h"

namespace vigie::indexer::api {

namespace {

constexpr int kFirstRefusal = 300;

/// What is told to one caller stays out of caches and of the pages of other sites, and is no page.
void keep_private(http::Response& response) {
  constexpr std::pair<std::string_view, std::string_view> kHeaders[] = {
      {"Cache-Control", "no-store"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"}};
  for (const auto& [name, value] : kHeaders) {
    const bool has = std::ranges::any_of(response.headers, [&, &of = name](const auto& header) {
      return text::ascii::iequals(header.first, of);
    });
    if (!has) response.headers.emplace_back(name, value);
  }
}

}  // namespace

std::string Call::text(std::string_view parameter) const {
  auto given = request.parameter(parameter);
  if (given && !given->empty()) return std::move(*given);
  const Parameter* described = operation.find(parameter);
  VIGIE_INVARIANT(described != nullptr);  // what no document names, no handler asks for
  return described->fallback;
}

std::int64_t Call::integer(std::string_view parameter) const {
  const std::string written = text(parameter);
  std::int64_t value = 0;
  const char* end = written.data() + written.size();
  const auto [stop, trouble] = std::from_chars(written.data(), end, value);
  VIGIE_INVARIANT(trouble == std::errc() && stop == end);  // check_request let it through
  return value;
}

std::string Call::member(std::string_view name) const {
  const Json& given = body[name];
  return given.is_null() ? (*operation.body_schema)["properties"][name]["default"].as_string()
                         : given.as_string();
}

http::Response answer(const Route& route, const http::Request& request, const Auditor* auditor) {
  const Operation* operation = find_operation(route.operation);
  VIGIE_INVARIANT(operation != nullptr);  // make_router sees to it
  auto body = check_request(*operation, request);
  Trail trail(auditor, request, operation->id);
  const Access::Audit audit = operation->access->audit;
  const std::string object = request.captures.empty() ? std::string() : request.captures.front();
  if (body && audit == Access::Audit::kAround) {
    if (const auto intended = trail.intend({.object = object}); !intended)
      body = failure(intended.error());
  }
  http::Response response = body ? route.handler({request, *operation, std::move(*body), trail})
                                 : problem_of(body.error());
  if (audit != Access::Audit::kNo)
    trail.finish(object, !response.is_later && response.status < kFirstRefusal);
  keep_private(response);
  return response;
}

}  // namespace vigie::indexer::api
