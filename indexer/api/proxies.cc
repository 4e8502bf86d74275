#include "indexer/api/proxies.h"

#include <algorithm>

#include "platform/config/settings.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "platform/text/visible.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxHops = 32;  // of X-Forwarded-For
constexpr std::string_view kEverybody = "*";

tl::unexpected<Error> bad_setting(std::string detail, std::string_view setting) {
  return failure(Disposition::kStop, "bad_setting", std::move(detail), std::string(setting));
}

std::vector<std::string_view> items(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view item = text::trim(list.substr(0, comma));
    if (!item.empty()) out.push_back(item);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return out;
}

/// "192.0.2.1:4711", "[2001:db8::1]:4711", "2001:db8::1" → the address.
std::string_view without_port(std::string_view hop) {
  if (hop.starts_with('[')) return hop.substr(1, std::min(hop.find(']'), hop.size()) - 1);
  const std::size_t colon = hop.find(':');
  const bool is_v4 = colon != std::string_view::npos && hop.find(':', colon + 1) == hop.npos;
  return is_v4 ? hop.substr(0, colon) : hop;
}

bool is_address(std::string_view text) {
  static const std::vector<net::Network> kAll{net::Network{}, net::Network{.v6 = true}};
  return net::is_within(text, kAll);
}

Result<std::pair<std::string, keys::Role>> read_role(const std::string& entry) {
  const std::size_t equals = entry.rfind('=');
  const auto role = equals == std::string::npos
                        ? std::nullopt
                        : keys::role_of(text::trim(std::string_view(entry).substr(equals + 1)));
  const std::string group(text::trim(std::string_view(entry).substr(0, equals)));
  if (!role || group.empty() || *role > keys::Role::kAdmin)
    return bad_setting(
        "an entry is GROUP=ROLE with the role reader, analyst, operator or admin: " + entry,
        "api.proxy_roles");
  return std::pair{group, *role};
}

}  // namespace

Result<Proxies> Proxies::open(const config::Settings& settings) {
  Proxies out;
  for (const std::string& network : settings.list("api.trusted_proxies")) {
    VIGIE_ASSIGN(const net::Network parsed, net::parse_network(network));
    out.trusted_.push_back(parsed);
  }
  out.user_header_ = text::ascii::lower(settings.text("api.proxy_user_header"));
  out.groups_header_ = text::ascii::lower(settings.text("api.proxy_groups_header"));
  for (const std::string& entry : settings.list("api.proxy_roles")) {
    VIGIE_ASSIGN(auto role, read_role(entry));
    out.roles_.push_back(std::move(role));
  }
  if (out.user_header_.empty()) return out;
  if (out.trusted_.empty())
    return bad_setting("name the proxies whose header counts by api.trusted_proxies",
                       "api.proxy_user_header");
  if (settings.text("api.keys_file").empty())
    return bad_setting("people whom a proxy names come beside keys; set api.keys_file",
                       "api.proxy_user_header");
  if (out.roles_.empty())
    return bad_setting(
        "without roles nobody whom the proxy names may do anything; *=reader lets "
        "everybody read",
        "api.proxy_roles");
  return out;
}

std::string Proxies::client_of(const http::Request& request) const {
  const std::string forwarded = request.header("x-forwarded-for");
  const std::vector<std::string_view> hops = items(forwarded);
  std::string client = request.peer;
  std::size_t seen = 0;
  for (auto hop = hops.rbegin(); hop != hops.rend() && ++seen <= kMaxHops; ++hop) {
    const std::string_view address = without_port(*hop);
    if (!is_address(address)) break;  // what stands before it was made up, or by whom nobody knows
    client = std::string(address);
    if (!trusts(address)) break;
  }
  return client;
}

bool Proxies::names_somebody(const http::Request& request) const {
  if (!user_header_.empty() && request.headers.contains(user_header_)) return true;
  return !groups_header_.empty() && request.headers.contains(groups_header_);
}

std::optional<Proxies::Person> Proxies::person(const http::Request& request) const {
  if (user_header_.empty()) return std::nullopt;
  const std::string given = request.header(user_header_);
  const std::string name(text::trim(given));
  // A header that came twice is one with a comma: the client's own beside the proxy's.
  if (name.empty() || name.size() > kMaxNameBytes || text::visible_line(name) != name ||
      name.find(',') != std::string::npos)
    return std::nullopt;
  Person out{"user:" + name, std::nullopt};
  const std::string groups = groups_header_.empty() ? "" : request.header(groups_header_);
  const std::vector<std::string_view> member = items(groups);
  for (const auto& [group, role] : roles_) {
    const bool in = group == kEverybody || std::ranges::find(member, group) != member.end();
    if (in && (!out.role || role > *out.role)) out.role = role;
  }
  return out;
}

}  // namespace vigie::indexer::api
