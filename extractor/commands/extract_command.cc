#include "extractor/commands/extract_command.h"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "extractor/commands/article_output.h"
#include "extractor/commands/page_file.h"
#include "extractor/dom/document.h"
#include "extractor/explanation.h"
#include "extractor/extract.h"
#include "platform/json/json.h"
#include "platform/logging/logging.h"
#include "platform/process/process.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "proto/identity.h"

namespace vigie::extractor::commands {
namespace {

constexpr std::size_t kMaxManifestLine = 64ULL << 20;  // bytes; gold lines carry whole texts
// pages waiting or done and not yet printed, for each job
constexpr std::size_t kQueuedPerJob = 4;
constexpr std::size_t kProgressEvery = 50;  // pages between two counts on a terminal
constexpr int kMostJobs = 256;

// One page to extract, or an input that failed before it became one.
struct Task {
  Json id;          // the manifest's, text or number as written there; else null
  std::string url;  // empty: the page's own URL, else its path
  std::string path;
  std::optional<std::string> body;     // already read
  std::optional<v1::PageRecord> page;  // already a record
  bool to_fetch = false;               // `url` is to be fetched
  std::string where;                   // for messages: file or MANIFEST:LINE
  std::string problem;                 // not empty: the input is no page
};

struct Outcome {
  std::string line;     // for stdout, with its line feed; empty where it failed
  std::string problem;  // for stderr, without line feed
};

// A page on disk has no URL; its path stands in for one, so that links and the identity have
// something to stand on.
std::string url_of_file(const std::string& path) {
  std::string out = "http://localhost/";
  for (const char c : path == "-" ? std::string("stdin") : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '_' || c == '-';
    out += plain ? c : '-';
  }
  return out;
}

// The URL that a page gives as its own: rel=canonical, else og:url; empty where it gives none
// that a crawler could fetch.
std::string own_address(std::string_view page) {
  const dom::Document document = dom::parse(page);
  const auto address_of = [](const dom::SourceTag& tag, std::string_view attribute) {
    const Result<std::string> normalised = url::normalise(
        dom::decoded(dom::find_attribute(tag, attribute).value_or(std::string_view{}), true));
    return normalised ? *normalised : std::string{};
  };
  for (const dom::SourceTag& link : document.links) {
    if (text::ascii_lower(dom::find_attribute(link, "rel").value_or(std::string_view{})) !=
        "canonical")
      continue;
    if (std::string address = address_of(link, "href"); !address.empty()) return address;
  }
  for (const dom::SourceTag& meta : document.metas) {
    if (text::ascii_lower(dom::find_attribute(meta, "property").value_or(std::string_view{})) !=
        "og:url")
      continue;
    if (std::string address = address_of(meta, "content"); !address.empty()) return address;
  }
  return {};
}

class Extraction {
 public:
  Extraction(const ExtractArguments& arguments, std::ostream& out, std::ostream& err)
      : arguments_(arguments), out_(out), err_(err) {
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
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ended_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const std::size_t number = tasks_.front().first;
      Task task = std::move(tasks_.front().second);
      tasks_.pop_front();
      lock.unlock();
      Outcome outcome = run(std::move(task));
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
      if (arguments_.progress && printed_ % kProgressEvery == 0)
        err_ << '\r' << printed_ << " pages" << std::flush;
    }
  }

  Outcome run(Task task) const {
    if (!task.problem.empty()) return {{}, task.where + ": " + task.problem};
    if (!task.page) {
      Result<v1::PageRecord> read = read_page(task);
      if (!read) return {{}, task.where + ": " + read.error().to_string()};
      task.page = std::move(*read);
    }
    ExtractLimits limits;
    limits.page_bytes = arguments_.max_page_bytes;
    Explanation explanation;
    explanation.in_full = arguments_.explain;
    const Result<v1::ArticleRecord> article = extract(*task.page, limits, &explanation);
    if (!article)
      return {{},
              task.where + ": " + article.error().detail + " (" +
                  std::string(article.error().code) + ")"};
    if (!arguments_.text && !arguments_.markdown)
      return {commands::article_json(*article, task.id, task.url, explanation).dump() + "\n", {}};
    std::string out = arguments_.text ? commands::article_text(*article)
                                      : commands::article_markdown(*article, explanation);
    if (arguments_.explain) out += commands::explanation_text(explanation);
    return {std::move(out), {}};
  }

  // From a file, standard input or the web.
  Result<v1::PageRecord> read_page(Task& task) const {
    if (task.to_fetch) {
      VIGIE_ASSIGN(v1::PageRecord fetched, arguments_.fetch(task.url));
      task.url = fetched.final_url();
      return fetched;
    }
    v1::PageRecord page;
    if (task.body) {
      page.set_body(*task.body);
    } else {
      VIGIE_ASSIGN(std::string body,
                   commands::read_page_file(task.path, arguments_.max_page_bytes));
      page.set_body(std::move(body));
    }
    if (task.url.empty()) task.url = own_address(page.body());
    if (task.url.empty()) task.url = url_of_file(task.where);
    // Collections name pages as they like; one that no crawler could have fetched is read all the
    // same, under a URL of this machine.
    const Result<std::string> normalised = url::normalise(task.url);
    const std::string address = normalised ? *normalised : url_of_file(task.url);
    page.set_url(address);
    page.set_final_url(address);
    page.set_page_key(proto::page_key(address));
    page.set_origin(v1::ORIGIN_INGEST);
    page.set_http_status(200);
    page.set_ingest_id(task.id.is_string() ? task.id.as_string()
                       : task.id.is_null() ? std::string()
                                           : task.id.dump());
    return page;
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

// One line, without its line feed; false at the end. A line that is too long is read to its end and
// `too_long` set.
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

Task task_of_line(const std::string& line, const std::filesystem::path& root,
                  const std::string& where) {
  Task task;
  task.where = where;
  const Result<Json> parsed = parse_json(line);
  if (!parsed) {
    task.problem = "The line is no JSON object: " + parsed.error().detail + " (" +
                   std::string(parsed.error().code) + ")";
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

bool is_archive(std::string_view path) {
  const std::string lower = text::ascii_lower(path);
  return !is_url(path) && (lower.ends_with(".warc") || lower.ends_with(".warc.gz"));
}

// Every page of a WARC; a record that cannot be read is one failed item.
void add_archive(const ExtractArguments& arguments, const std::string& path,
                 Extraction& extraction) {
  const auto fail = [&](const Error& error) {
    Task task;
    task.where = path;
    task.problem = error.to_string();
    extraction.add(std::move(task));
  };
  Result<ExtractArguments::NextPage> next = arguments.open_archive(path);
  if (!next) return fail(next.error());
  while (true) {
    Result<std::optional<v1::PageRecord>> page = (*next)();
    if (!page) {
      fail(page.error());
      if (page.error().disposition != Disposition::kQuarantine) return;
      continue;
    }
    if (!page->has_value()) return;
    Task task;
    task.where = (*page)->archive_ref().empty() ? path : (*page)->archive_ref();
    task.url = (*page)->final_url();
    task.page = std::move(**page);
    extraction.add(std::move(task));
  }
}

}  // namespace

bool is_url(std::string_view argument) {
  return text::ascii_iequals(argument.substr(0, 7), "http://") ||
         text::ascii_iequals(argument.substr(0, 8), "https://");
}

int run_extract(const ExtractArguments& arguments, std::istream& in, std::ostream& out,
                std::ostream& err) {
  if (arguments.files.empty() == arguments.manifest.empty()) {
    err << "vigie extract: give either FILE…, URLs and WARCs among them, or --manifest "
           "MANIFEST.jsonl\n";
    return process::kExitUsage;
  }
  std::ifstream file;
  std::istream* manifest = arguments.manifest == "-" ? &in : &file;
  if (!arguments.manifest.empty() && arguments.manifest != "-") {
    file.open(arguments.manifest, std::ios::binary);
    if (!file || std::filesystem::is_directory(arguments.manifest)) {
      err << "vigie extract: the manifest " << logging::escape_for_terminal(arguments.manifest)
          << " cannot be read; check the path\n";
      return process::kExitCannotStart;
    }
  }
  Extraction extraction(arguments, out, err);
  for (const std::string& path : arguments.files) {
    if (is_archive(path) && arguments.open_archive) {
      add_archive(arguments, path, extraction);
      continue;
    }
    Task task;
    task.where = path;
    task.path = path;
    task.url = arguments.url;
    task.to_fetch = is_url(path) && arguments.fetch;
    if (task.to_fetch) task.url = path;
    if (path == "-") task.body = commands::read_page_stream(in, arguments.max_page_bytes);
    extraction.add(std::move(task));
  }
  if (!arguments.manifest.empty()) {
    const std::filesystem::path root =
        arguments.root.empty()
            ? std::filesystem::path(arguments.manifest == "-" ? "." : arguments.manifest)
                  .parent_path()
            : std::filesystem::path(arguments.root);
    std::string line;
    bool too_long = false;
    for (std::size_t number = 1; read_line(*manifest, line, too_long); ++number) {
      const std::string where =
          (arguments.manifest == "-" ? "stdin" : arguments.manifest) + ":" + std::to_string(number);
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

}  // namespace vigie::extractor::commands
