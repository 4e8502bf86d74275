#include "vigie/key_commands.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <filesystem>
#include <ostream>

#include "indexer/keys/role.h"
#include "indexer/keys/store.h"
#include "platform/dates/dates.h"
#include "platform/process/process.h"
#include "platform/secrets/sealer.h"
#include "platform/text/visible.h"
#include "proto/identity.h"

namespace vigie::cli {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kMaxDays = 36'500;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaxFileBytes = 1 << 20;

int cannot(const std::string& why, std::ostream& err, int code = process::kExitSomeFailed) {
  err << "vigie keys: " << why << '\n';
  return code;
}

/// RFC 3339 of an end, or "" for text that is none.
std::string end_of(const std::string& text, std::int64_t now_unix_ms) {
  if (text.ends_with('d')) {
    std::int64_t days = 0;
    const char* last = text.data() + text.size() - 1;
    const auto [stop, trouble] = std::from_chars(text.data(), last, days);
    if (trouble != std::errc() || stop != last || days < 1 || days > kMaxDays) return {};
    return dates::rfc3339(now_unix_ms + days * kDayMs);
  }
  const auto instant = dates::parse_rfc3339(text.size() == 10 ? text + "T00:00:00Z" : text);
  return instant ? dates::rfc3339(*instant) : std::string();
}

Result<Json> call(Api& api, std::string method, std::string path, const Json& body = {}) {
  http::Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  if (!body.is_null()) {
    request.headers["content-type"] = "application/json";
    request.body = body.dump();
  }
  auto response = api.call(std::move(request));
  if (response && response->status == 204) return Json::object({});
  return json_response(std::move(response), api.where());
}

}  // namespace

void add_key_options(CLI::App& made, KeyArguments& arguments) {
  made.add_option("--name", arguments.name, "Whom it is for")->required()->type_name("NAME");
  made.add_option("--role", arguments.role, "What it may do")
      ->required()
      ->check(CLI::IsMember({"reader", "analyst", "operator", "admin", "peer", "metrics"}));
  made.add_option("--expires", arguments.expires,
                  "When it stops to work: 90d, or a day as 2027-01-31 (default: never)")
      ->type_name("END");
  made.add_option("--file", arguments.file,
                  "Write its digest into this file for api.keys_file instead of the log")
      ->type_name("FILE");
}

int run_keys_add(Api& api, const KeyArguments& arguments, const Clock& clock, std::ostream& out,
                 std::ostream& err) {
  Json body = Json::object({{"name", arguments.name}, {"role", arguments.role}});
  if (!arguments.expires.empty()) {
    const std::string end = end_of(arguments.expires, clock.now_unix_ms());
    if (end.empty())
      return cannot("--expires is a number of days as 90d, or a day as 2027-01-31", err,
                    process::kExitUsage);
    body.set("expires", end);
  }
  const auto made = call(api, "POST", "/v1/keys", body);
  if (!made) return cannot(made.error().to_string(), err);
  out << made->dump() << '\n';
  return process::kExitOk;
}

int run_keys_add_to_file(const KeyArguments& arguments, Random& random, std::ostream& out,
                         std::ostream& err) {
  const std::string name = text::visible_line(arguments.name);
  if (name.empty() || !indexer::keys::role_of(arguments.role) || !arguments.expires.empty())
    return cannot(
        "a key of a file has a name and a role, and no end; it ends when its line is "
        "taken out",
        err, process::kExitUsage);
  const std::string key = std::string(indexer::keys::kKeyPrefix) + "file_" +
                          proto::base32(secrets::random_bytes(random, kSecretBytes));
  std::string content;
  std::error_code unknown;
  if (std::filesystem::exists(arguments.file, unknown)) {
    auto read = process::read_file(arguments.file, kMaxFileBytes);
    if (!read) return cannot(read.error().to_string(), err, process::kExitCannotStart);
    content = std::move(*read);
    if (!content.empty() && !content.ends_with('\n')) content += '\n';
  }
  content += "sha256:" + secrets::to_hex(proto::sha256(key)) + " " + arguments.role + " " + name;
  content += '\n';
  if (auto written = process::write_file_atomically(arguments.file, content); !written)
    return cannot(written.error().to_string(), err, process::kExitCannotStart);
  out << Json::object({{"file", text::visible_line(arguments.file)},
                       {"name", name},
                       {"role", arguments.role},
                       {"key", key}})
             .dump()
      << '\n';
  return process::kExitOk;
}

int run_keys_list(Api& api, bool text, std::ostream& out, std::ostream& err) {
  const auto listed = call(api, "GET", "/v1/keys");
  if (!listed) return cannot(listed.error().to_string(), err);
  for (const Json& key : (*listed)["keys"].as_array()) {
    if (!text) {
      out << key.dump() << '\n';
      continue;
    }
    const auto shown = [&](std::string_view member, std::string_view none) {
      return key[member].is_string() ? key[member].as_string() : std::string(none);
    };
    out << shown("name", "") << "  " << shown("role", "") << "  " << shown("id", "in a file")
        << "  last used " << shown("last_used", "never or not known") << "  "
        << (key["expired"].as_bool() ? "expired " : "expires ") << shown("expires", "never")
        << '\n';
  }
  return process::kExitOk;
}

int run_keys_revoke(Api& api, const std::string& which, std::ostream& out, std::ostream& err) {
  const auto listed = call(api, "GET", "/v1/keys");
  if (!listed) return cannot(listed.error().to_string(), err);
  for (const Json& key : (*listed)["keys"].as_array()) {
    if (!key["id"].is_string() ||
        (key["id"].as_string() != which && key["name"].as_string() != which))
      continue;
    const auto gone = call(api, "DELETE", "/v1/keys/" + key["id"].as_string());
    if (!gone) return cannot(gone.error().to_string(), err);
    out << Json::object({{"revoked", key["id"]}, {"name", key["name"]}}).dump() << '\n';
    return process::kExitOk;
  }
  return cannot("no key of the log has this id or name: " + text::visible_line(which) +
                    "; those of a file end when their line is taken out",
                err);
}

}  // namespace vigie::cli
