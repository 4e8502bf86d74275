#include "vigie/data_commands.h"

#include <algorithm>
#include <iostream>

#include "platform/json/json.h"
#include "platform/logging/logging.h"
#include "platform/process/process.h"

namespace vigie::cli {
namespace {

/// What the API gives in one page of results.
constexpr std::size_t kPage = 100;

int failed(std::ostream& err, std::string_view command, const Error& error) {
  err << "vigie " << command << ": " << error.to_string() << '\n';
  if (error.code == "bad_query" || error.code == "bad_parameter") return process::kExitUsage;
  return error.disposition == Disposition::kStop ? process::kExitCannotStart
                                                 : process::kExitSomeFailed;
}

Result<Json> get(Api& api, std::string path,
                 std::vector<std::pair<std::string, std::string>> query = {},
                 std::string method = "GET") {
  http::Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.query = std::move(query);
  return json_response(api.call(std::move(request)), api.where());
}

std::string shown(const Json& text) { return logging::escape_for_terminal(text.as_string(), 2048); }

void print_hit(const Json& hit, std::ostream& out) {
  const std::string published = hit["published"].as_string().empty() ? hit["discovered"].as_string()
                                                                     : hit["published"].as_string();
  out << shown(hit["title"]) << "\n  " << shown(hit["source"]["name"]) << " · " << published
      << " · " << hit["language"].as_string() << "\n  " << shown(hit["url"]) << '\n';
  const std::string snippet = shown(hit["snippet"]);
  if (!snippet.empty()) out << "  " << snippet << '\n';
  std::string tags;
  for (const Json& topic : hit["topics"].as_array())
    tags += (tags.empty() ? "" : " ") + topic["id"].as_string() +
            (topic["level"].as_string() == "about" ? "!" : "");
  if (!tags.empty()) out << "  [" << tags << "]\n";
  out << '\n';
}

}  // namespace

int run_search(Api& api, const SearchArguments& arguments, std::ostream& out, std::ostream& err) {
  std::string cursor;
  std::size_t shown_hits = 0;
  Json total;
  while (shown_hits < arguments.limit) {
    std::vector<std::pair<std::string, std::string>> query = {
        {"q", arguments.query},
        {"sort", arguments.sort},
        {"limit", std::to_string(std::min(kPage, arguments.limit - shown_hits))}};
    if (!cursor.empty()) query.emplace_back("cursor", cursor);
    auto page = get(api, "/v1/search", std::move(query));
    if (!page) return failed(err, "search", page.error());
    if (total.is_null()) {
      total = (*page)["total"];
      if ((*page)["partial"].as_bool(false))
        err << "vigie search: " << api.where()
            << " has yet to open part of its index (see /readyz): there may be more hits\n";
    }
    for (const Json& hit : (*page)["hits"].as_array()) {
      if (arguments.text) print_hit(hit, out);
      else out << hit.dump() << '\n';
      ++shown_hits;
    }
    cursor = (*page)["cursor"].as_string();
    if (cursor.empty() || (*page)["hits"].as_array().empty()) break;
  }
  if (arguments.text) {
    err << shown_hits << " of " << (total["exact"].as_bool(true) ? "" : "about ")
        << total["value"].as_integer() << " articles\n";
  }
  return process::kExitOk;
}

int run_log_cat(Api& api, const LogCatArguments& arguments, std::ostream& out, std::ostream& err) {
  std::size_t left = arguments.limit == 0 ? SIZE_MAX : arguments.limit;
  std::int64_t partition = arguments.partition >= 0 ? arguments.partition : 0;
  for (;; ++partition) {
    std::int64_t from = arguments.from;
    for (;;) {
      if (left == 0) return process::kExitOk;
      http::Request request;
      request.path = "/v1/log/" + arguments.topic;
      request.query = {{"partition", std::to_string(partition)},
                       {"limit", std::to_string(std::min<std::size_t>(left, kPage))}};
      if (from >= 0) request.query.emplace_back("from", std::to_string(from));
      auto response = api.call(std::move(request));
      // there are no more partitions
      if (response && response->status == 404 && partition > 0 && arguments.partition < 0)
        return process::kExitOk;
      if (!response || response->status >= 400) {
        auto problem = json_response(std::move(response), api.where());
        return failed(err, "log cat", problem.error());
      }
      std::size_t begin = 0;
      std::size_t lines = 0;
      while (begin < response->body.size()) {
        const std::size_t end = std::min(response->body.find('\n', begin), response->body.size());
        const std::string_view line = std::string_view(response->body).substr(begin, end - begin);
        begin = end + 1;
        if (line.empty()) continue;
        out << line << '\n';
        ++lines;
        if (auto record = parse_json(line)) from = (*record)["offset"].as_integer() + 1;
      }
      if (left != SIZE_MAX) left -= std::min(left, lines);
      if (lines == 0) break;
    }
    if (arguments.partition >= 0) return process::kExitOk;
  }
}

int run_quarantine_list(Api& api, bool text, std::ostream& out, std::ostream& err) {
  std::string cursor;
  do {
    std::vector<std::pair<std::string, std::string>> query = {{"limit", std::to_string(kPage)}};
    if (!cursor.empty()) query.emplace_back("cursor", cursor);
    auto page = get(api, "/v1/quarantine", std::move(query));
    if (!page) return failed(err, "quarantine list", page.error());
    for (const Json& record : (*page)["records"].as_array()) {
      if (text)
        out << record["id"].as_string() << "  " << record["stage"].as_string() << "  "
            << record["reason"].as_string() << "  " << shown(record["url"]) << "  "
            << shown(record["detail"]) << '\n';
      else out << record.dump() << '\n';
    }
    cursor = (*page)["cursor"].as_string();
  } while (!cursor.empty());
  return process::kExitOk;
}

int run_quarantine_show(Api& api, const std::string& id, std::ostream& out, std::ostream& err) {
  auto record = get(api, "/v1/quarantine/" + id);
  if (!record) return failed(err, "quarantine show", record.error());
  out << record->dump() << '\n';
  return process::kExitOk;
}

int run_quarantine_replay(Api& api, const std::vector<std::string>& ids, std::ostream& out,
                          std::ostream& err) {
  int code = process::kExitOk;
  for (const std::string& id : ids) {
    auto response = get(api, "/v1/quarantine/" + id + "/replay", {}, "POST");
    if (!response) {
      code = failed(err, "quarantine replay", response.error());
      continue;
    }
    out << response->dump() << '\n';
  }
  return code;
}

}  // namespace vigie::cli
