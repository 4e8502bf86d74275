#include "vigie/export_command.h"

#include <algorithm>
#include <charconv>
#include <ostream>
#include <stop_token>

#include "platform/clock/clock.h"
#include "platform/http/finite_body.h"
#include "platform/process/process.h"
#include "platform/text/ascii.h"

namespace vigie::cli {
namespace {

constexpr std::size_t kRows = 500;  // of a piece
constexpr int kTries = 3;           // for each piece
constexpr std::chrono::milliseconds kWait{500};

std::string header_of(const http::Response& response, std::string_view name) {
  for (const auto& [one, value] : response.headers) {
    if (text::ascii::iequals(one, name)) return value;
  }
  return {};
}

/// A response of this process may come in pieces. False where it broke off.
bool take_body(http::Response& response, std::string& body) {
  body = std::move(response.body);
  if (response.finite == nullptr) return true;
  const std::stop_source never;
  while (auto piece = response.finite->next(never.get_token())) body += *piece;
  return response.finite->is_whole();
}

struct Piece {
  std::string body;
  std::string id;  // by which the export goes on
  std::size_t rows_in_all = 0;
};

Result<Piece> one_try(Api& api, const ExportArguments& arguments, const std::string& id,
                      std::size_t from) {
  http::Request request;
  request.path = "/v1/export";
  request.query = {{"q", arguments.query},
                   {"format", arguments.format},
                   {"fields", arguments.fields},
                   {"text", arguments.with_text ? "1" : "0"},
                   {"limit", std::to_string(arguments.limit)},
                   {"resume", id},
                   {"from", std::to_string(from)},
                   {"rows", std::to_string(kRows)}};
  auto response = api.call(std::move(request));
  if (!response || response->status >= 400)
    return failure(json_response(std::move(response), api.where()).error());
  Piece out;
  out.id = header_of(*response, "Vigie-Export");
  const std::string rows = header_of(*response, "Vigie-Rows");
  const char* end = rows.data() + rows.size();
  const auto [stop, trouble] = std::from_chars(rows.data(), end, out.rows_in_all);
  if (out.id.empty() || trouble != std::errc() || stop != end)
    return failure(Disposition::kStop, "bad_answer",
                   "the server does not export; is it of an older version?", api.where());
  if (!take_body(*response, out.body))
    return failure(Disposition::kRetry, "shard_missing", "the export broke off", api.where());
  return out;
}

Result<Piece> piece_from(Api& api, const ExportArguments& arguments, const std::string& id,
                         std::size_t from) {
  SystemClock clock;
  const std::stop_source never;
  for (int i = 1;; ++i) {
    auto piece = one_try(api, arguments, id, from);
    // Rows that were asked for again are the same: the export has its list.
    const bool again =
        !piece && !id.empty() && piece.error().disposition != Disposition::kQuarantine;
    if (!again || i == kTries) return piece;
    clock.sleep_for(kWait * i, never.get_token());
  }
}

int failed(std::ostream& err, const Error& error, std::size_t rows) {
  err << "vigie search: " << error.to_string();
  if (rows > 0) err << " (" << rows << " articles were written)";
  err << '\n';
  if (error.code == "bad_query" || error.code == "bad_parameter") return process::kExitUsage;
  return error.disposition == Disposition::kStop ? process::kExitCannotStart
                                                 : process::kExitSomeFailed;
}

}  // namespace

int run_export(Api& api, const ExportArguments& arguments, std::ostream& out, std::ostream& err) {
  std::string id;
  std::size_t from = 0;
  std::size_t rows = 0;
  do {
    const auto piece = piece_from(api, arguments, id, from);
    if (!piece) return failed(err, piece.error(), from);
    out << piece->body;
    if (!out.flush()) return failed(err, Error{"io", Disposition::kStop, "cannot write", {}}, from);
    id = piece->id;
    rows = piece->rows_in_all;
    from += kRows;
  } while (from < rows);
  err << rows << (rows == 1 ? " article\n" : " articles\n");
  return process::kExitOk;
}

}  // namespace vigie::cli
