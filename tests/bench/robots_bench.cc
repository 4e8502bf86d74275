// libs: crawler/robots
// robots.txt: MB/s of reading one and deciding once, by processor time; a file of 12,000 rules and
// a small one as most sites have. Beside it the bare search for the ends of the lines.
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>

#include "crawler/robots/robots.h"

namespace {

using vigie::crawler::robots::Robots;

constexpr double kSeconds = 1.0;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string large() {
  std::string out = "User-agent: *\n";
  for (int i = 0; i < 12'000; ++i)
    out += (i % 7 == 0 ? "Allow: /section-" : "Disallow: /private/area-") + std::to_string(i) +
           (i % 5 == 0 ? "/*?sort=\n" : "/\n");
  return out;
}

constexpr const char* kSmall =
    "# robots.txt of a newspaper\nUser-agent: *\nDisallow: /search\nDisallow: /cgi-bin/\n"
    "Allow: /cgi-bin/rss\nCrawl-delay: 1\n\nUser-agent: BadBot\nDisallow: /\n\n"
    "Sitemap: https://www.newspaper.example/sitemap.xml\n";

std::size_t bare_lines(const std::string& text) {
  std::size_t lines = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while ((at = static_cast<const char*>(
              std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) != nullptr) {
    ++lines;
    ++at;
  }
  return lines;
}

template <class Work>
double megabytes_per_s(std::size_t bytes, const Work& work) {
  std::size_t rounds = 0;
  const double begin = cpu_seconds();
  double took = 0;
  while ((took = cpu_seconds() - begin) < kSeconds) {
    for (int i = 0; i < 10; ++i) work();
    rounds += 10;
  }
  return static_cast<double>(bytes) * static_cast<double>(rounds) / took / 1e6;
}

}  // namespace

int main() {
  std::size_t sum = 0;
  for (const auto& [name, text] : {std::pair<const char*, std::string>{"large", large()},
                                   std::pair<const char*, std::string>{"small", kSmall}}) {
    const double ours = megabytes_per_s(text.size(), [&] {
      const Robots rules = Robots::parse(text);
      sum += rules.verdict_for("vigie", "/2026/11/28/story.html").allowed ? 1U : 0U;
    });
    const double bare = megabytes_per_s(text.size(), [&] { sum += bare_lines(text); });
    std::printf("robots.%s_mb_per_s %.0f (%zu bytes; bare ends of lines %.0f)\n", name, ours,
                text.size(), bare);
  }
  std::printf("robots.checksum %zu\n", sum);
  return 0;
}
