#include "extractor/commands/extract_command.h"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "extractor/commands/page_file.h"
#include "extractor/dom/document.h"
#include "extractor/extract.h"
#include "extractor/isolation/worker.h"
#include "platform/json/json.h"
#include "platform/logging/logging.h"
#include "platform/process/process.h"
#include "platform/text/base64.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "proto/identity.h"

namespace vigie::extractor {
namespace {

constexpr std::size_t kMaxManifestLine = 64ULL << 20;  // bytes; gold lines carry whole texts
constexpr std::size_t kQueuedPerJob = 4;               // pages waiting or done and not yet printed, for each job
constexpr std::size_t kProgressEvery = 50;             // pages between two counts on a terminal
constexpr int kMostJobs = 256;

// One page to extract, or an input that failed before it became one.
struct Task {
  Json id;          // the manifest's, text or number as written there; else null
  std::string url;  // empty: the page's own address, else its path
  std::string path;
  std::optional<std::string> body;  // already read
  std::string where;                // for messages: file or MANIFEST:LINE
  std::string problem;              // not empty: the input is no page
};

struct Outcome {
  std::string line;     // for stdout, with its line feed; empty where it failed
  std::string problem;  // for stderr, without line feed
};

Json article_json(const v1::ArticleRecord& article, const Task& task) {
  Json out = Json::object();
  out.set("id", task.id.is_null() ? Json(article.article_id()) : task.id);
  out.set("url", task.url);
  out.set("canonical_url", article.canonical_url());
  out.set("title", article.title());
  Json authors = Json::array();
  for (const std::string& author : article.authors()) authors.push(author);
  out.set("authors", std::move(authors));
  out.set("date", article.has_published() ? Json(article.published().text()) : Json());
  out.set("modified", article.has_modified() ? Json(article.modified().text()) : Json());
  out.set("site", article.site_name());
  out.set("lang", article.language());
  out.set("text", article.text());
  out.set("image", article.image().url().empty() ? Json() : Json(article.image().url()));
  Json tags = Json::array();
  for (const std::string& tag : article.publisher_tags()) tags.push(tag);
  out.set("tags", std::move(tags));
  out.set("fingerprint", text::base64_encode(article.fingerprint()));
  out.set("description", article.description());
  out.set("section", article.section());
  out.set("script", article.script());
  out.set("declared_lang", article.declared_language());
  out.set("charset", article.charset());
  out.set("replaced_bytes", article.replaced_bytes());
  out.set("paywall", article.paywall());
  out.set("truncated", article.truncation() != v1::TRUNCATION_NONE);
  out.set("text_only_fallback", article.text_only_fallback());
  return out;
}

std::string article_text(const v1::ArticleRecord& article) {
  const auto safe = [](std::string_view text) { return logging::escape_for_terminal(text, 1000); };
  std::string out = safe(article.title()) + "\n";
  std::string byline;
  for (const std::string& author : article.authors()) byline += (byline.empty() ? "" : ", ") + safe(author);
  if (article.has_published()) byline += (byline.empty() ? "" : " · ") + safe(article.published().text());
  if (!article.site_name().empty()) byline += (byline.empty() ? "" : " · ") + safe(article.site_name());
  if (!byline.empty()) out += byline + "\n";
  out += safe(article.canonical_url()) + "\n\n";
  std::string_view rest = article.text();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    out += logging::escape_for_terminal(rest.substr(0, end), rest.size()) + "\n";
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return out + "\n";
}

// A page on disk has no URL; its path stands in for one, so that links and the identity have something to stand on.
std::string url_of_file(const std::string& path) {
  std::string out = "http://localhost/";
  for (const char c : path == "-" ? std::string("stdin") : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '_' || c == '-';
    out += plain ? c : '-';
  }
  return out;
}

// The address that a page gives as its own: rel=canonical, else og:url; empty where it gives none that a crawler could fetch.
std::string own_address(std::string_view page) {
  const dom::Document document = dom::parse(page);
  const auto address_of = [](const dom::SourceTag& tag, std::string_view attribute) {
    const Result<std::string> normalised = url::normalise(dom::decoded(dom::find_attribute(tag.attributes, attribute).value_or(std::string_view{}), true));
    return normalised ? *normalised : std::string{};
  };
  for (const dom::SourceTag& link : document.links) {
    if (text::ascii_lower(dom::find_attribute(link.attributes, "rel").value_or(std::string_view{})) != "canonical") continue;
    if (std::string address = address_of(link, "href"); !address.empty()) return address;
  }
  for (const dom::SourceTag& meta : document.metas) {
    if (text::ascii_lower(dom::find_attribute(meta.attributes, "property").value_or(std::string_view{})) != "og:url") continue;
    if (std::string address = address_of(meta, "content"); !address.empty()) return address;
  }
  return {};
}

class Extraction {
 public:
  Extraction(const ExtractArguments& arguments, std::ostream& out, std::ostream& err) : arguments_(arguments), out_(out), err_(err) {
    const int jobs = std::min(std::max(arguments.jobs, 1), kMostJobs);
    capacity_ = static_cast<std::size_t>(jobs) * kQueuedPerJob;
    for (int i = 0; i < jobs; ++i) workers_.emplace_back([this] { work(); });
  }

  void add(Task task) {
    std::unique_lock lock(mutex_);
    while (given_ - printed_ >= capacity_) {
      print_ready(lock);
      if (given_ - printed_ < capacity_) break;
      changed_.wait(lock);
    }
    tasks_.emplace_back(given_++, std::move(task));
    changed_.notify_all();
  }

  // Waits for the rest. True if every page gave an article.
  bool finish() {
    {
      std::unique_lock lock(mutex_);
      while (printed_ < given_) {
        print_ready(lock);
        if (printed_ < given_) changed_.wait(lock);
      }
      ended_ = true;
      changed_.notify_all();
    }
    workers_.clear();
    if (arguments_.progress && printed_ >= kProgressEvery) err_ << '\r' << printed_ << " pages\n";
    out_.flush();
    return !failed_;
  }

 private:
  void work() {
    ExtractLimits limits;
    limits.page_bytes = arguments_.max_page_bytes;
    isolation::WorkerOptions worker;
    worker.command = arguments_.worker_command;
    worker.extract = limits;
    const std::unique_ptr<isolation::Parser> parser = worker.command.empty() ? isolation::make_direct(limits) : isolation::make_supervised(std::move(worker));
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ended_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const std::size_t number = tasks_.front().first;
      Task task = std::move(tasks_.front().second);
      tasks_.pop_front();
      lock.unlock();
      Outcome outcome = run(std::move(task), *parser);
      lock.lock();
      done_.emplace(number, std::move(outcome));
      changed_.notify_all();
    }
  }

  void print_ready(std::unique_lock<std::mutex>& lock) {
    for (auto next = done_.find(printed_); next != done_.end(); next = done_.find(printed_)) {
      const Outcome outcome = std::move(next->second);
      done_.erase(next);
      lock.unlock();
      if (!outcome.problem.empty()) {
        err_ << logging::escape_for_terminal(outcome.problem, 2000) << '\n';
        failed_ = true;
      } else {
        out_ << outcome.line;
      }
      lock.lock();
      ++printed_;
      if (arguments_.progress && printed_ % kProgressEvery == 0) err_ << '\r' << printed_ << " pages" << std::flush;
    }
  }

  Outcome run(Task task, isolation::Parser& parser) const {
    if (!task.problem.empty()) return {{}, task.where + ": " + task.problem};
    v1::PageRecord page;
    if (task.body) {
      page.set_body(*task.body);
    } else {
      Result<std::string> body = commands::read_page_file(task.path, arguments_.max_page_bytes);
      if (!body) return {{}, task.where + ": " + body.error().to_string()};
      page.set_body(std::move(*body));
    }
    if (task.url.empty()) task.url = own_address(page.body());
    if (task.url.empty()) task.url = url_of_file(task.where);
    // Collections name pages as they like; one that no crawler could have fetched is read all the same, under a URL of this machine.
    const Result<std::string> normalised = url::normalise(task.url);
    const std::string address = normalised ? *normalised : url_of_file(task.url);
    page.set_url(address);
    page.set_final_url(address);
    page.set_page_key(proto::page_key(address));
    page.set_origin(v1::ORIGIN_INGEST);
    page.set_http_status(200);
    page.set_ingest_id(task.id.is_string() ? task.id.as_string() : task.id.is_null() ? std::string() : task.id.dump());
    const Result<v1::ArticleRecord> article = isolation::parse_one(parser, page.SerializeAsString());
    if (!article) return {{}, task.where + ": " + article.error().detail + " (" + article.error().code + ")"};
    if (arguments_.text) return {article_text(*article), {}};
    return {article_json(*article, task).dump() + "\n", {}};
  }

  const ExtractArguments& arguments_;
  std::ostream& out_;
  std::ostream& err_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<std::size_t, Task>> tasks_;
  std::map<std::size_t, Outcome> done_;
  std::size_t capacity_ = 0;
  std::size_t given_ = 0;
  std::size_t printed_ = 0;
  bool ended_ = false;
  bool failed_ = false;
  std::vector<std::jthread> workers_;
};

// One line, without its line feed; false at the end. A line that is too long is read to its end and `too_long` set.
bool read_line(std::istream& in, std::string& line, bool& too_long) {
  line.clear();
  too_long = false;
  std::streambuf* buffer = in.rdbuf();
  int c = buffer->sbumpc();
  if (c == std::char_traits<char>::eof()) return false;
  for (; c != std::char_traits<char>::eof() && c != '\n'; c = buffer->sbumpc()) {
    if (line.size() < kMaxManifestLine) {
      line += static_cast<char>(c);
    } else {
      too_long = true;
    }
  }
  return true;
}

Task task_of_line(const std::string& line, const std::filesystem::path& root, const std::string& where) {
  Task task;
  task.where = where;
  const Result<Json> parsed = parse_json(line);
  if (!parsed) {
    task.problem = "The line is no JSON object: " + parsed.error().detail + " (" + parsed.error().code + ")";
    return task;
  }
  const Json& id = (*parsed)["id"];
  if (id.is_number() || !id.as_string().empty()) task.id = id;
  task.url = (*parsed)["url"].as_string();
  const std::string& html = (*parsed)["html"].as_string();
  if (!parsed->is_object() || html.empty() || task.url.empty()) {
    task.problem = "The line lacks \"url\" or \"html\", as a text that is not empty (bad_record)";
    return task;
  }
  task.path = (root / html).string();
  return task;
}

}  // namespace

int run_extract(const ExtractArguments& arguments, std::istream& in, std::ostream& out, std::ostream& err) {
  if (arguments.files.empty() == arguments.manifest.empty()) {
    err << "vigie extract: give either FILE… or --manifest MANIFEST.jsonl\n";
    return process::kExitUsage;
  }
  std::ifstream file;
  std::istream* manifest = arguments.manifest == "-" ? &in : &file;
  if (!arguments.manifest.empty() && arguments.manifest != "-") {
    file.open(arguments.manifest, std::ios::binary);
    if (!file || std::filesystem::is_directory(arguments.manifest)) {
      err << "vigie extract: the manifest " << logging::escape_for_terminal(arguments.manifest) << " cannot be read; check the path\n";
      return process::kExitCannotStart;
    }
  }
  Extraction extraction(arguments, out, err);
  for (const std::string& path : arguments.files) {
    Task task;
    task.where = path;
    task.path = path;
    task.url = arguments.url;
    if (path == "-") task.body = commands::read_page_stream(in, arguments.max_page_bytes);
    extraction.add(std::move(task));
  }
  if (!arguments.manifest.empty()) {
    const std::filesystem::path root =
        arguments.root.empty() ? std::filesystem::path(arguments.manifest == "-" ? "." : arguments.manifest).parent_path() : std::filesystem::path(arguments.root);
    std::string line;
    bool too_long = false;
    for (std::size_t number = 1; read_line(*manifest, line, too_long); ++number) {
      const std::string where = (arguments.manifest == "-" ? "stdin" : arguments.manifest) + ":" + std::to_string(number);
      if (too_long) {
        Task task;
        task.where = where;
        task.problem = "The line is longer than 64 MiB (bad_record)";
        extraction.add(std::move(task));
      } else if (!text::trim(line).empty()) {
        extraction.add(task_of_line(line, root, where));
      }
    }
  }
  return extraction.finish() ? process::kExitOk : process::kExitSomeFailed;
}

}  // namespace vigie::extractor
