#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "extractor/commands/page_file.h"
#include "platform/json/json.h"
#include "platform/logging/logging.h"
#include "platform/process/process.h"
#include "platform/text/base64.h"
#include "platform/text/utf8.h"
#include "platform/warc/warc_reader.h"
#include "vigie/data_commands.h"

namespace vigie::cli {
namespace {

/// One call carries so much: large enough that waiting costs little, small enough that memory stays
/// bounded and progress is seen.
constexpr std::size_t kBatchPages = 64;
constexpr std::size_t kBatchBytes = 16ULL << 20;
/// A page is read to here; the extractor cuts at extract.max_page_bytes, and says so.
constexpr std::size_t kPageBytes = 64ULL << 20;
/// A manifest line holds a URL and a path; far more is no manifest, and must not fill the
/// memory.
constexpr std::size_t kLineBytes = 1ULL << 20;
constexpr std::size_t kShownBytes = 2'000;  // of a message

struct Totals {
  std::int64_t read = 0;
  std::int64_t ingested = 0;
  std::int64_t duplicates = 0;
  std::int64_t quarantined = 0;
  bool failed = false;
};

/// Collects pages, sends them, adds up the responses.
class Sender {
 public:
  Sender(Api& api, const IngestArguments& arguments, std::ostream& err)
      : api_(api), arguments_(arguments), err_(err) {}

  Result<void> add(const Json& line) {
    body_ += line.dump();
    body_ += '\n';
    ++pages_;
    if (pages_ >= kBatchPages || body_.size() >= kBatchBytes) return send();
    return {};
  }

  Result<void> send() {
    if (pages_ == 0) return {};
    http::Request request;
    request.method = "POST";
    request.path = "/v1/ingest";
    request.query = {{"wait", "1"}};
    if (arguments_.alerts) request.query.emplace_back("alerts", "1");
    request.headers["content-type"] = "application/jsonl";
    request.body = std::move(body_);
    body_.clear();
    pages_ = 0;
    VIGIE_ASSIGN(const Json response, json_response(api_.call(std::move(request)), api_.where()));
    totals_.read += response["read"].as_integer();
    totals_.ingested += response["ingested"].as_integer();
    totals_.duplicates += response["duplicates"].as_integer();
    totals_.quarantined += response["quarantined"].as_integer();
    for (const Json& problem : response["problems"].as_array()) {
      const std::string line = problem["id"].as_string() + ": " + problem["detail"].as_string() +
                               " (" + problem["reason"].as_string() + ")";
      err_ << "vigie ingest: " << logging::escape_for_terminal(line, kShownBytes) << '\n';
    }
    if (arguments_.progress) {
      err_ << "\r" << totals_.read << " pages read, " << totals_.ingested << " searchable, "
           << totals_.duplicates << " duplicates, " << totals_.quarantined << " quarantined"
           << std::flush;
    }
    return {};
  }

  void bad_item(const std::string& where, const std::string& what) {
    if (arguments_.progress) err_ << '\n';
    err_ << "vigie ingest: " << logging::escape_for_terminal(where + ": " + what, kShownBytes)
         << '\n';
    ++totals_.read;
    totals_.failed = true;
  }
  const Totals& totals() const { return totals_; }

 private:
  Api& api_;
  const IngestArguments& arguments_;
  std::ostream& err_;
  std::string body_;
  std::size_t pages_ = 0;
  Totals totals_;
};

void set_page_bytes(Json& line, const std::string& bytes) {
  if (text::is_valid_utf8(bytes)) line.set("html", bytes);
  else line.set("html_base64", text::base64_encode(bytes));
}

/// False at the end. What a line has beyond kLineBytes is read and left out, and `too_long` set.
bool next_line(std::istream& in, std::string& line, bool& too_long) {
  line.clear();
  too_long = false;
  std::streambuf& buffer = *in.rdbuf();
  constexpr int kEnd = std::char_traits<char>::eof();
  int c = buffer.sbumpc();
  if (c == kEnd) return false;
  for (; c != kEnd && c != '\n'; c = buffer.sbumpc()) {
    if (line.size() < kLineBytes) line += static_cast<char>(c);
    else too_long = true;
  }
  return true;
}

Result<void> send_manifest(Sender& sender, std::istream& in, const std::string& name,
                           const std::filesystem::path& root) {
  std::string text;
  bool too_long = false;
  for (std::int64_t number = 1; next_line(in, text, too_long); ++number) {
    if (text::trim(text).empty()) continue;
    const std::string where = name + ":" + std::to_string(number);
    if (too_long) {
      sender.bad_item(where, "the line is longer than " + std::to_string(kLineBytes) + " bytes");
      continue;
    }
    auto entry = parse_json(text);
    if (!entry || !entry->is_object()) {
      sender.bad_item(where, entry ? "a manifest line must be an object with url and html"
                                   : entry.error().to_string());
      continue;
    }
    const std::string& url = (*entry)["url"].as_string();
    const std::string& html = (*entry)["html"].as_string();
    if (url.empty() || html.empty()) {
      sender.bad_item(where,
                      "a manifest line needs \"url\" and \"html\" (a path relative to --root)");
      continue;
    }
    auto bytes = extractor::commands::read_page_file((root / html).string(), kPageBytes);
    if (!bytes) {
      sender.bad_item(where, bytes.error().to_string());
      continue;
    }
    Json line = Json::object({{"id", (*entry)["id"]}, {"url", url}});
    if ((*entry)["source"].is_string()) line.set("source", (*entry)["source"]);
    set_page_bytes(line, *bytes);
    VIGIE_TRY(sender.add(line));
  }
  return {};
}

Result<void> send_warc(Sender& sender, const std::string& file) {
  auto reader = warc::WarcReader::open(file);
  if (!reader) {
    sender.bad_item(file, reader.error().to_string());
    return {};
  }
  for (;;) {
    auto page = (*reader)->next();
    if (!page) {
      sender.bad_item(file, page.error().to_string());
      if (page.error().disposition != Disposition::kQuarantine) return {};
      continue;
    }
    if (!page->has_value()) return {};
    const v1::PageRecord& record = **page;
    Json line = Json::object({{"id", record.archive_ref()},
                              {"url", record.final_url()},
                              {"origin", "replay"},
                              {"fetched_at_unix_ms", record.fetched_at_unix_ms()}});
    for (const v1::Header& header : record.headers()) {
      if (header.name() == "content-type") line.set("content_type", header.value());
    }
    if (record.truncation() != v1::TRUNCATION_NONE) line.set("truncated", true);
    set_page_bytes(line, record.body());
    VIGIE_TRY(sender.add(line));
  }
}

bool is_warc(const std::string& file) {
  const std::string lower = text::ascii_lower(file);
  return lower.ends_with(".warc") || lower.ends_with(".warc.gz");
}

}  // namespace

int run_ingest(Api& api, const IngestArguments& arguments, std::ostream& out, std::ostream& err) {
  Sender sender(api, arguments, err);
  Result<void> sent;
  for (const std::string& file : arguments.files) {
    if (file == "-") {
      sent =
          send_manifest(sender, std::cin, "<stdin>", arguments.root.empty() ? "." : arguments.root);
    } else if (is_warc(file)) {
      sent = send_warc(sender, file);
    } else {
      std::ifstream in(file, std::ios::binary);
      if (!in) {
        sender.bad_item(file, "cannot be read; check the path");
        continue;
      }
      sent = send_manifest(sender, in, file,
                           arguments.root.empty() ? std::filesystem::path(file).parent_path()
                                                  : std::filesystem::path(arguments.root));
    }
    if (!sent) break;
  }
  if (sent) sent = sender.send();
  if (arguments.progress) err << '\n';
  if (!sent) {
    err << "vigie ingest: " << sent.error().to_string() << '\n';
    return sent.error().disposition == Disposition::kStop ? process::kExitCannotStart
                                                          : process::kExitSomeFailed;
  }
  const Totals& totals = sender.totals();
  out << Json::object({{"read", totals.read},
                       {"ingested", totals.ingested},
                       {"duplicates", totals.duplicates},
                       {"quarantined", totals.quarantined}})
             .dump()
      << '\n';
  return totals.failed || totals.quarantined > 0 ? process::kExitSomeFailed : process::kExitOk;
}

}  // namespace vigie::cli
