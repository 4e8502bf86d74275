// libs: crawler/frontier platform/log platform/process
// The frontier as the crawler uses it, with the log: URLs/s of listings of one site each, of which
// 45 % are known (none of the first listing of a site) and the rest are new and due now, one record
// for those of a listing appended to the embedded log, read back and followed; by tenths, of the
// wall and of processor time. Memory and disk for each URL; the time of a lease; the time to open
// after kill -9.
// frontier_bench [URLS [HOSTS]]. Beside it bare look-ups in a std::unordered_map of the same URLs.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "crawler/frontier/frontier.h"
#include "platform/log/embedded_log.h"
#include "platform/process/process.h"

namespace {

using namespace vigie;
using namespace vigie::crawler::frontier;

constexpr std::int32_t kPartitions = 12;
constexpr std::size_t kListing = 40;       // items of one listing
constexpr std::size_t kNewInListing = 22;  // of these
constexpr std::size_t kOut = 20'000;       // records that may be on their way to the log
constexpr std::size_t kLeases =
    100'000;  // at most; of one domain after the other, round after round
constexpr std::int64_t kNow = 1'750'000'000'000;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string url_of(std::size_t number, std::size_t hosts) {
  return "https://www.site" + std::to_string(number % hosts) +
         ".example/2026/11/28/technology/story-" +
         std::to_string(number * 2654435761U % 1'000'000'007U) + ".html";
}

/// As a feed names it.
v1::NewUrl discovered(std::size_t number, std::size_t hosts) {
  v1::NewUrl state;
  const std::string site = std::to_string(number % hosts);
  state.set_url(url_of(number, hosts));
  state.set_kind(v1::URL_KIND_ARTICLE);
  v1::FeedItem& item = *state.mutable_feed_item();
  item.set_feed_url("https://www.site" + site + ".example/feed.xml");
  item.set_title("Chip makers look for rules that will hold, number " + std::to_string(number));
  item.set_published("2026-11-28T08:00:00Z");
  return state;
}

/// A crawler's frontier, its log, and what has come from it.
class Crawl {
 public:
  static std::unique_ptr<Crawl> open(const std::filesystem::path& dir) {
    auto out = std::make_unique<Crawl>();
    log::EmbeddedOptions options;
    options.dir = dir / "log";
    options.partitions = kPartitions;
    auto log = log::open_embedded(options, out->clock_);
    auto frontier = Frontier::open(dir / "frontier", kPartitions);
    if (!log || !frontier) return nullptr;
    out->log_ = std::move(*log);
    out->frontier_ = std::move(*frontier);
    out->producer_ = out->log_->producer();
    out->reader_ = out->log_->reader();
    return out;
  }
  Frontier& frontier() { return *frontier_; }

  /// Reads on where the store is. Out: whether it went well.
  bool begin() {
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      const auto progress = frontier_->store().progress(p);
      if (!progress) return false;
      const std::int64_t from = *progress ? (*progress)->next_offset : 0;
      frontier_->set_next_offset(p, from);
      if (!reader_->assign({proto::Topic::kFrontier, p}, from)) return false;
    }
    return true;
  }

  /// What the crawler does before it fetches from its partitions.
  std::optional<std::size_t> activate() {
    std::size_t domains = 0;
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      const auto due = frontier_->store().due().domains(p);
      // Reads the known URLs of the partition into memory.
      if (!frontier_->store().known().of(p) || !due || !frontier_->store().arrivals(p) ||
          !frontier_->store().reservations(p))
        return std::nullopt;
      domains += due->size();
    }
    return domains;
  }

  /// Takes the URLs of a listing. Out: how many were new; nothing on an error.
  std::optional<std::size_t> discover(const std::vector<std::size_t>& numbers, std::size_t hosts) {
    std::size_t fresh = 0;
    Domains domains;
    if (numbers.empty()) return fresh;
    const Frontier::NewFrom from{"source-" + std::to_string(numbers.front() % hosts), kNow, 1};
    for (const std::size_t number : numbers) {
      v1::NewUrl url = discovered(number, hosts);
      const std::string& domain = domains.of(url.url());
      const auto seen = frontier_->seen(domain, url.url(), &url.feed_item());
      if (!seen) return std::nullopt;
      if (*seen != Frontier::Seen::kNew) continue;
      ++fresh;
      frontier_->put_new(domain, from, std::move(url));
    }
    for (Frontier::Sent& sent : frontier_->take_new())
      if (!send(std::move(sent), std::string())) return std::nullopt;
    if (!follow()) return std::nullopt;
    return fresh;
  }

  bool take(const log::Reader::Batch& batch) {
    const auto applied = frontier_->follow(batch, true, kNow);
    if (!applied) return false;
    for (const std::string& key : applied->spent)
      if (!producer_->send(frontier_->tombstone_in(batch.from.partition, key))) return false;
    return true;
  }

  bool send(v1::UrlState state) {
    const std::string url = state.url();
    return send(frontier_->put(std::move(state)), url);
  }

  /// `url` empty: a record of new URLs.
  bool send(Frontier::Sent sent, const std::string& url) {
    ++out_;
    return producer_
        ->send(std::move(sent.record),
               [this, url, number = sent.number](const Result<log::LogPosition>& at) {
                 const std::lock_guard lock(mutex_);
                 if (at) acknowledged_.push_back({url, number, *at});
               })
        .has_value();
  }

  /// Takes what has come from the log; `all`: everything that was sent.
  bool follow(bool all = false) {
    if (all && !producer_->flush()) return false;
    do {
      std::vector<Acknowledged> written;
      {
        const std::lock_guard lock(mutex_);
        written = std::exchange(acknowledged_, {});
      }
      for (const Acknowledged& one : written) {
        if (one.url.empty()) frontier_->acknowledged_new(one.number, one.at);
        else frontier_->acknowledged(one.url, one.number, one.at);
      }
      out_ -= written.size();
      const auto wait = std::chrono::milliseconds(out_ > kOut ? 5 : 0);
      const auto batches = reader_->poll(2'000, wait);
      if (!batches) return false;
      for (const log::Reader::Batch& batch : *batches)
        if (!take(batch)) return false;
    } while (out_ > kOut || (all && (out_ > 0 || frontier_->pending_count() > 0)));
    return true;
  }

 private:
  struct Acknowledged {
    std::string url;
    std::uint64_t number;
    log::LogPosition at;
  };
  SystemClock clock_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<Frontier> frontier_;
  std::unique_ptr<log::Reader> reader_;
  std::size_t out_ = 0;
  std::mutex mutex_;
  std::vector<Acknowledged> acknowledged_;
  std::unique_ptr<log::Producer> producer_;  // ends first: it calls back
};

void print_tenths(const char* unit, const std::vector<double>& rates) {
  std::printf("frontier.tenths_urls_per_%s", unit);
  for (const double rate : rates) std::printf(" %.0f", rate);
  std::printf(" (last of first %.2f)\n", rates.back() / rates.front());
}

/// What the sites publish, and what listings say of it: each names URLs of one site, of which 45 %
/// were named before. URL n is of site n modulo the sites.
class Listings {
 public:
  Listings(std::size_t urls, std::size_t hosts) : urls_(urls), hosts_(hosts), published_(hosts) {}

  /// The next one; empty where a site has nothing more.
  std::vector<std::size_t> next() {
    const std::size_t site = listings_++ % hosts_;
    std::size_t& published = published_[site];
    const std::size_t before = published;
    const std::size_t all = urls_ / hosts_ + (site < urls_ % hosts_ ? 1 : 0);
    std::vector<std::size_t> out;
    for (; out.size() < kNewInListing && published < all; ++published, ++total_)
      out.push_back(site + hosts_ * published);
    const std::size_t known = before == 0 ? 0 : (kListing - kNewInListing) * out.size();
    for (std::size_t i = 0; i * kNewInListing < known; ++i)
      out.push_back(site + hosts_ * ((listings_ + i) * 7919 % before));
    return out;
  }
  std::size_t published() const { return total_; }

 private:
  std::size_t urls_;
  std::size_t hosts_;
  std::vector<std::size_t> published_;  // by site
  std::size_t listings_ = 0;
  std::size_t total_ = 0;
};

/// Listings until `urls` are known.
bool fill(Crawl& crawl, std::size_t urls, std::size_t hosts) {
  const std::uint64_t before = process::resident_bytes();
  Listings listings(urls, hosts);
  std::vector<double> rates;
  std::vector<double> cpu_rates;
  std::size_t asked = 0;
  std::size_t fresh = 0;
  std::size_t asked_at_mark = 0;
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  auto mark = begin;
  double cpu_at_mark = cpu;
  while (listings.published() < urls) {
    const std::vector<std::size_t> numbers = listings.next();
    asked += numbers.size();
    const auto found = crawl.discover(numbers, hosts);
    if (!found) return false;
    fresh += *found;
    const std::size_t next = listings.published();
    if (next * 10 / urls <= rates.size() && next < urls) continue;
    // What is still on its way to the log belongs to the last tenth.
    if (next >= urls && !crawl.follow(true)) return false;
    rates.push_back(static_cast<double>(asked - asked_at_mark) / seconds_since(mark));
    cpu_rates.push_back(static_cast<double>(asked - asked_at_mark) / (cpu_seconds() - cpu_at_mark));
    cpu_at_mark = cpu_seconds();
    asked_at_mark = asked;
    mark = std::chrono::steady_clock::now();
  }
  const double seconds = seconds_since(begin);
  std::printf("frontier.urls %zu of %zu hosts\n", fresh, hosts);
  std::printf(
      "frontier.discover_urls_per_s %.0f wall, %.0f per CPU-s (%.0f %% known; log included)\n",
      static_cast<double>(asked) / seconds, static_cast<double>(asked) / (cpu_seconds() - cpu),
      100.0 * static_cast<double>(asked - fresh) / static_cast<double>(asked));
  print_tenths("s", rates);
  print_tenths("cpu_s", cpu_rates);
  std::printf("frontier.ram_bytes_per_url %.1f (all of the process: log, write buffers, caches)\n",
              static_cast<double>(process::resident_bytes() - before) / static_cast<double>(fresh));
  std::printf(
      "frontier.known_bytes_per_url %.1f (the resident set alone)\n",
      static_cast<double>(crawl.frontier().store().known().bytes()) / static_cast<double>(fresh));
  std::printf(
      "frontier.disk_bytes_per_url %.0f (without the log)\n",
      static_cast<double>(crawl.frontier().store().disk_bytes()) / static_cast<double>(fresh));
  return true;
}

/// Takes the next URL of one domain after the other, and finishes it.
bool lease(Crawl& crawl, std::size_t urls, std::size_t hosts) {
  std::vector<double> took;
  Frontier& frontier = crawl.frontier();
  const auto skip = [&](std::string_view url) { return frontier.pending(url); };
  const auto may_take = [](const v1::UrlState&) { return DueRows::Verdict::kTake; };
  const std::size_t most = std::min(kLeases, urls / 2);
  for (std::size_t i = 0; i < most; ++i) {
    const std::string domain = "site" + std::to_string(i * 7919 % hosts) + ".example";
    bool last_was_poll = false;
    const auto begin = std::chrono::steady_clock::now();
    auto taken = frontier.store().due().take(frontier.partition_of(domain), domain, kNow + 1,
                                             last_was_poll, skip, may_take);
    took.push_back(seconds_since(begin) * 1000);
    if (!taken || !taken->state) return false;
    taken->state->set_next_due_unix_ms(0);
    taken->state->set_fetches(1);
    if (!crawl.send(std::move(*taken->state)) || (i % kListing == 0 && !crawl.follow()))
      return false;
  }
  if (!crawl.follow(true)) return false;
  std::sort(took.begin(), took.end());
  std::printf("frontier.lease_ms p50 %.4f p99 %.4f max %.3f (%zu leases)\n", took[took.size() / 2],
              took[took.size() * 99 / 100], took.back(), took.size());
  return true;
}

void bare_map(std::size_t urls, std::size_t hosts) {
  const std::size_t many = std::min<std::size_t>(urls, 1'000'000);
  std::unordered_map<std::string, int> map;
  for (std::size_t i = 0; i < many; ++i) map.emplace(url_of(i, hosts), 0);
  const auto begin = std::chrono::steady_clock::now();
  std::size_t hits = 0;
  for (std::size_t i = 0; i < many; ++i) hits += map.count(url_of(i * 2, hosts));
  std::printf("bare.map_lookups_per_s %.0f (%zu of %zu hit)\n",
              static_cast<double>(many) / seconds_since(begin), hits, many);
}

bool open_again(const std::filesystem::path& dir) {
  auto begin = std::chrono::steady_clock::now();
  const auto crawl = Crawl::open(dir);
  if (crawl == nullptr) return false;
  const double databases = seconds_since(begin);
  if (!crawl->begin()) return false;
  const auto domains = crawl->activate();
  if (!domains) return false;
  std::printf("frontier.open_after_kill_s %.3f (databases %.3f; %zu domains)\n",
              seconds_since(begin), databases, *domains);
  return true;
}

/// The child fills the frontier and is killed; the parent opens what it left.
int run(const std::filesystem::path& dir, std::size_t urls, std::size_t hosts) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const auto crawl = Crawl::open(dir);
    const bool well = crawl != nullptr && crawl->begin() && fill(*crawl, urls, hosts) &&
                      lease(*crawl, urls, hosts);
    std::fflush(stdout);
    if (!well) _exit(1);
    std::raise(SIGKILL);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFSIGNALED(status)) return 1;
  if (!open_again(dir)) return 1;
  bare_map(urls, hosts);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t urls = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::size_t hosts = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2'000;
  const std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("vigie_frontier_bench_" + std::to_string(getpid()));
  const int status = run(dir, urls, hosts);
  std::filesystem::remove_all(dir);
  return status;
}
