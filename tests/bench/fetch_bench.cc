// libs: crawler/service platform/config platform/log platform/metrics platform/net platform/process
// Fetching: pages of 50 kB of 200 loopback sites until they lie in the embedded log, by wall and by
// processor time of the whole process (crawler, client, log); beside it `curl --parallel` of the
// same URLs, and Scrapy where --python names an interpreter that has it. Ratios count.
// fetch_bench [--pages N] [--python PYTHON]
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "crawler/service/crawler.h"
#include "platform/config/settings.h"
#include "platform/log/embedded_log.h"
#include "platform/net/http_client.h"

namespace {

using namespace vigie;

constexpr int kSites = 200;
constexpr std::size_t kPageBytes = 50'000;
constexpr std::int32_t kPartitions = 12;
constexpr std::chrono::minutes kMost{5};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double cpu_of(const rusage& usage) {
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

std::string host_of(int site) { return "127.30.1." + std::to_string(site + 1); }

std::string body_of(const std::string& host, const std::string& path, int port, int pages) {
  const std::string base = "http://" + host + ":" + std::to_string(port);
  if (path == "/feed.xml") {
    std::string out =
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>" + host + "</title>";
    for (int i = 0; i < pages; ++i)
      out += "<item><title>Story " + std::to_string(i) + "</title><link>" + base + "/story/" +
             std::to_string(i) + ".html</link></item>";
    return out + "</channel></rss>";
  }
  static const std::string filler = [] {
    std::string out;
    for (int i = 0; out.size() < kPageBytes; ++i)
      out += "<p>Paragraph " + std::to_string(i * 7919 % 1000) +
             " tells of ministers, makers of chips and those who buy them, at some length.</p>\n";
    return out;
  }();
  std::string out = "<!doctype html><html><head><title>Story " + path + " of " + host +
                    "</title></head><body><article><p>What happened at " + host + path +
                    " has happened nowhere else so far, and this says so in one sentence.</p>\n";
  out.append(filler, 0, kPageBytes - std::min(kPageBytes, out.size()));
  return out;
}

bool write_all(int socket, const std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = send(socket, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (wrote <= 0) return false;
    done += static_cast<std::size_t>(wrote);
  }
  return true;
}

std::string between(const std::string& text, const std::string& before, char after) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + before.size();
  return text.substr(begin, text.find(after, begin) - begin);
}

/// Serves one connection until it ends.
void serve(int socket, int port, int pages) {
  std::string read_bytes;
  char buffer[8192];
  while (true) {
    const std::size_t end = read_bytes.find("\r\n\r\n");
    if (end == std::string::npos) {
      const ssize_t got = recv(socket, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      read_bytes.append(buffer, static_cast<std::size_t>(got));
      continue;
    }
    const std::string path = between(read_bytes, "GET ", ' ');
    std::string host = between(read_bytes, "Host: ", '\r');
    host = host.substr(0, host.find(':'));
    read_bytes.erase(0, end + 4);
    const bool known = path != "/robots.txt";
    const std::string body = known ? body_of(host, path, port, pages) : std::string();
    const std::string head =
        std::string(known ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 404 Not Found\r\n") +
        "Content-Type: " +
        (path == "/feed.xml" ? "application/rss+xml" : "text/html; charset=utf-8") +
        "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    if (!write_all(socket, head + body)) break;
  }
  close(socket);
}

/// A process that serves all sites. Out: its id.
pid_t start_server(int listener, int port, int pages) {
  const pid_t child = fork();
  if (child != 0) return child;
  while (true) {
    const int socket = accept(listener, nullptr, nullptr);
    if (socket < 0) continue;
    const int yes = 1;
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    std::thread(serve, socket, port, pages).detach();
  }
}

int listen_on_any(int& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  socklen_t size = sizeof address;
  if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, 1024) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return -1;
  port = ntohs(address.sin_port);
  return listener;
}

std::int64_t pages_in(log::Log& log) {
  std::int64_t out = 0;
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    const auto offsets = log.offsets({proto::Topic::kPages, p});
    if (offsets) out += offsets->end;
  }
  return out;
}

struct Figures {
  double seconds = 0;
  double cpu = 0;
};

void print(const char* name, int pages, const Figures& figures) {
  std::printf("fetch.%s_pages_per_s %.0f wall, %.0f per CPU-s\n", name,
              static_cast<double>(pages) / figures.seconds,
              static_cast<double>(pages) / figures.cpu);
  std::fflush(stdout);
}

Result<config::Settings> settings_of(const std::filesystem::path& dir, int port) {
  std::ofstream sources(dir / "sources.yaml");
  sources << "sources:\n";
  for (int site = 0; site < kSites; ++site) {
    const std::string base = "http://" + host_of(site) + ":" + std::to_string(port);
    sources << "  - name: Site " << site << "\n    homepage: " << base << "\n    feeds: [" << base
            << "/feed.xml]\n    country: FR\n    language: en\n    kind: trade\n"
            << "    affiliation: independent\n";
  }
  sources.close();
  config::Sources from;
  from.sets = {"data_dir=" + (dir / "data").string(),
               "sources.files=[" + (dir / "sources.yaml").string() + "]",
               "fetch.allow_networks=[127.0.0.0/8]",
               "fetch.min_gap_ms=0",
               "fetch.ip_gap_ms=0",
               "fetch.feed_floor_s=3600",
               "fetch.user_agent_contact=bench@example.org"};
  return config::load(config::Program::kUp, from);
}

/// From the first page in the log to the last.
Result<Figures> crawl(const std::filesystem::path& dir, int port, int pages) {
  VIGIE_ASSIGN(const config::Settings settings, settings_of(dir, port));
  SystemClock clock;
  SystemRandom random;
  const std::unique_ptr<metrics::Registry> metrics = metrics::make_registry();
  log::EmbeddedOptions options;
  options.dir = dir / "log";
  options.partitions = kPartitions;
  VIGIE_ASSIGN(const std::unique_ptr<log::Log> log, log::open_embedded(options, clock));
  std::unique_ptr<crawler::service::Crawler> crawler;
  VIGIE_ASSIGN(net::CurlOptions client, crawler::service::curl_options(settings));
  std::unique_ptr<net::HttpClient> web = net::make_curl_client(std::move(client));
  VIGIE_ASSIGN(crawler, crawler::service::Crawler::make(settings, {.log = *log,
                                                                   .http = *web,
                                                                   .clock = clock,
                                                                   .random = random,
                                                                   .metrics = *metrics,
                                                                   .instance = "bench"}));
  Result<void> ran;
  std::jthread thread([&](const std::stop_token& stop) { ran = crawler->run(stop); });
  const auto until = std::chrono::steady_clock::now() + kMost;
  const auto wait_for = [&](std::int64_t wanted) {
    while (pages_in(*log) < wanted && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return pages_in(*log);
  };
  const std::int64_t first = wait_for(1);
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const auto begin = std::chrono::steady_clock::now();
  const std::int64_t last = wait_for(pages);
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  thread.request_stop();
  thread.join();
  web.reset();
  VIGIE_TRY(std::move(ran));
  if (last < pages)
    return failure(Disposition::kStop, "io", std::to_string(last) + " pages came in time");
  // As many as were counted, so that what came before the first look is in neither figure.
  const double part = static_cast<double>(pages) / static_cast<double>(last - first);
  return Figures{seconds * part, (cpu_of(after) - cpu_of(before)) * part};
}

/// Runs a program to its end.
std::optional<Figures> run_program(const std::vector<std::string>& words) {
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    const int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child) return std::nullopt;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return Figures{std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
                 cpu_of(usage)};
}

void run_curl(const std::filesystem::path& dir, int port, int pages) {
  std::ofstream config(dir / "curl.txt");
  for (int i = 0; i < pages; ++i)
    config << "url = \"http://" << host_of(i % kSites) << ":" << port << "/story/" << i / kSites
           << ".html\"\noutput = \"/dev/null\"\n";
  config.close();
  const auto figures = run_program({"curl", "--silent", "--no-progress-meter", "--parallel",
                                    "--parallel-max", "200", "--config", dir / "curl.txt"});
  if (figures) print("curl_parallel", pages, *figures);
}

/// As a crawl of news is written in Scrapy: its feeds, robots.txt obeyed, bodies into one file.
constexpr const char* kSpider = R"py(
import sys
import scrapy
from scrapy.crawler import CrawlerProcess

port, sites, out = sys.argv[1], int(sys.argv[2]), open(sys.argv[3], "wb")

class News(scrapy.Spider):
    name = "news"
    start_urls = [f"http://127.30.1.{i + 1}:{port}/feed.xml" for i in range(sites)]
    def parse(self, response):
        for link in response.xpath("//item/link/text()").getall():
            yield scrapy.Request(link, callback=self.page)
    def page(self, response):
        out.write(response.body)

process = CrawlerProcess(settings={
    "ROBOTSTXT_OBEY": True, "CONCURRENT_REQUESTS": 256, "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "DOWNLOAD_DELAY": 0, "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False})
process.crawl(News)
process.start()
)py";

void run_scrapy(const std::filesystem::path& dir, const std::string& python, int port, int pages) {
  std::ofstream(dir / "spider.py") << kSpider;
  const auto figures = run_program(
      {python, dir / "spider.py", std::to_string(port), std::to_string(kSites), dir / "bodies"});
  if (figures) print("scrapy", pages, *figures);
  else std::printf("fetch.scrapy did not run\n");
}

int run(const std::filesystem::path& dir, int pages, const std::string& python) {
  int port = 0;
  const int listener = listen_on_any(port);
  if (listener < 0) return 1;
  pages -= pages % kSites;
  const pid_t server = start_server(listener, port, pages / kSites);
  close(listener);
  run_curl(dir, port, pages);
  const auto ours = crawl(dir, port, pages);
  if (ours) print("vigie", pages, *ours);
  else std::fprintf(stderr, "%s\n", ours.error().to_string().c_str());
  if (!python.empty()) run_scrapy(dir, python, port, pages);
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
  return ours ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  int pages = 10'000;
  std::string python;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (argv[i] == std::string("--pages")) pages = std::max(kSites, std::atoi(argv[i + 1]));
    if (argv[i] == std::string("--python")) python = argv[i + 1];
  }
  const std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("vigie_fetch_bench_" + std::to_string(getpid()));
  std::filesystem::create_directories(dir);
  const int status = run(dir, pages, python);
  std::filesystem::remove_all(dir);
  return status;
}
