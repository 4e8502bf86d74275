// libs: indexer/shard indexer/matching indexer/query
// Our side of the comparison with other engines; peers.py runs both. See README.md.
//   peers_bench make DOCUMENTS COLLECTION QUERIES       writes the collection and the queries
//   peers_bench ask COLLECTION FOLDER QUERIES [head]  indexes where the folder has nothing, then
//   asks
//     every query once for each line of its input, as that says. typed: words as people type them,
//     with their stems; forms: each as a phrase of one word, as the others see it. head: the newest
//     documents stay in the live head, which is sealed otherwise.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "indexer/query/query.h"
#include "indexer/shard/shard.h"
#include "platform/metrics/metrics.h"
#include "tests/bench/peers/collection.h"

namespace {

using vigie::bench::PeerCollection;
using vigie::indexer::Facet;
using vigie::indexer::Find;
using vigie::indexer::Shard;
using vigie::indexer::Sort;

constexpr std::size_t kBatch = 500;
constexpr int kQueries = 100;  // of a kind
constexpr std::int64_t kDayMs = 86'400'000;

double cpu_us(clockid_t clock) {
  timespec at{};
  clock_gettime(clock, &at);
  return static_cast<double>(at.tv_sec) * 1e6 + static_cast<double>(at.tv_nsec) / 1e3;
}

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> out(1);
  for (char c : text) {
    if (c == by) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

/// Words as they stand in articles: names and words of languages by share, frequent and rare.
class QueryMaker {
 public:
  void write(std::ofstream& out, std::int64_t end) {
    const std::pair<const char*, int> kinds[] = {
        {"term", 1},      {"or2", 2},       {"or3", 3},      {"and2", 2},       {"phrase2", 2},
        {"filter", 1},    {"newest50", 1},  {"range50", 1},  {"count_and2", 2}, {"count_or2", 2},
        {"days_term", 1}, {"days_and2", 2}, {"days_or2", 2}, {"topics_or2", 2}};
    for (const char* kind : {"newest50_all", "days_all"}) out << kind << "\t\ten\ttopic-1\t0\t0\n";
    for (const auto& [kind, words] : kinds) {
      for (int i = 0; i < kQueries; ++i) {
        const std::size_t language = chance_() % 3 == 0 ? chance_() % 20 : chance_() % 4;
        const bool phrase = std::string(kind) == "phrase2";
        out << kind << '\t';
        for (int word = 0; word < words; ++word)
          out << (word > 0 ? " " : "") << one_of(language, phrase);
        const std::int64_t from = end - static_cast<std::int64_t>(2 + chance_() % 20) * kDayMs;
        out << '\t' << PeerCollection::kLanguages[language] << "\ttopic-" << chance_() % 20 << '\t'
            << from << '\t' << from + 2 * kDayMs << '\n';
      }
    }
  }

 private:
  std::string one_of(std::size_t language, bool frequent) {
    if (frequent) return PeerCollection::word(language, chance_() % 60);
    switch (chance_() % 4) {
      case 0: return PeerCollection::name(chance_() % 600);
      case 1: return PeerCollection::word(language, chance_() % 300);
      case 2: return PeerCollection::word(language, 300 + chance_() % 3'000);
      default: return PeerCollection::word(language, 3'000 + chance_() % 20'000);
    }
  }
  std::mt19937_64 chance_{2};
};

int make(std::size_t documents, const char* collection, const char* queries) {
  std::ofstream out(collection);
  PeerCollection news(1);
  std::int64_t end = 0;
  for (std::size_t i = 0; i < documents; ++i) {
    const PeerCollection::Article one = news.next();
    end = std::max(end, one.time_unix_ms);
    out << one.time_unix_ms << '\t' << one.language << '\t' << one.topics[0] << ' ' << one.topics[1]
        << ' ' << one.topics[2] << '\t' << one.id << '\t' << one.title << '\t' << one.text << '\n';
  }
  std::ofstream asked(queries);
  QueryMaker().write(asked, end);
  return out && asked ? 0 : 1;
}

vigie::v1::ArticleRecord article_of(const std::string& line) {
  const auto part = split(line, '\t');
  vigie::v1::ArticleRecord out;
  out.set_article_id(part[3]);
  out.set_version_id(part[3]);
  out.set_url("https://example.org/" + part[3]);
  out.set_canonical_url(out.url());
  out.set_language(part[1]);
  out.set_title(part[4]);
  out.set_text(part[5]);
  out.mutable_source()->set_id("source");
  out.mutable_source()->set_name("Source");
  for (const std::string& id : split(part[2], ' ')) {
    bool known = false;
    for (const auto& topic : out.topics()) known = known || topic.id() == id;
    if (known) continue;
    auto* topic = out.add_topics();
    topic->set_id(id);
    topic->set_level(vigie::v1::TAG_LEVEL_ABOUT);
  }
  out.set_discovered_at_unix_ms(std::stoll(part[0]));
  out.set_fetched_at_unix_ms(out.discovered_at_unix_ms());
  return out;
}

/// As when nothing comes any more.
bool settle(Shard& shard) {
  for (;;) {
    const auto more = shard.maintain();
    if (!more || !*more) return more.has_value();
  }
}

bool fill(Shard& shard, const std::string& collection) {
  std::ifstream file(collection);
  std::vector<vigie::indexer::LoggedArticle> batch;
  std::string line;
  double cpu = 0;
  double longest = 0;
  std::int64_t count = 0;
  const auto flush = [&] {
    const double before = cpu_us(CLOCK_PROCESS_CPUTIME_ID);
    if (!shard.apply(batch, count, {})) return false;
    const double wall = cpu_us(CLOCK_MONOTONIC);
    if (!shard.maintain()) return false;
    longest = std::max(longest, cpu_us(CLOCK_MONOTONIC) - wall);
    cpu += cpu_us(CLOCK_PROCESS_CPUTIME_ID) - before;
    batch.clear();
    return true;
  };
  while (std::getline(file, line)) {
    auto article = article_of(line);
    batch.push_back({count++, 0, article.SerializeAsString(), std::move(article)});
    if (batch.size() == kBatch && !flush()) return false;
  }
  if (!flush()) return false;
  const double before = cpu_us(CLOCK_PROCESS_CPUTIME_ID);
  if (!settle(shard)) return false;
  cpu += cpu_us(CLOCK_PROCESS_CPUTIME_ID) - before;
  std::printf("built\t%.0f\t%.1f\n", static_cast<double>(count) / (cpu / 1e6),
              static_cast<double>(shard.disk_bytes()) / 1e6);
  std::printf("longest_maintain_ms\t%.0f\n", longest / 1e3);
  return true;
}

struct Question {
  std::string kind;
  std::array<vigie::indexer::query::Query, 2> query;  // typed, forms
};

std::string text_of(const std::vector<std::string>& part, bool forms) {
  const std::string& kind = part[0];
  if (kind == "phrase2") return '"' + part[1] + '"';
  const bool all = kind.find("and2") != std::string::npos;
  std::string out;
  for (const std::string& word : split(part[1], ' ')) {
    if (word.empty()) continue;
    if (!out.empty()) out += all ? " " : " OR ";
    out += forms ? '"' + word + '"' : word;
  }
  if (kind == "filter") out += " lang:" + part[2] + " topic:" + part[3];
  return out;
}

std::int64_t ask(const Shard& shard, const std::string& kind,
                 const vigie::indexer::query::Query& query) {
  if (kind.starts_with("days")) {
    const auto bins = shard.timeline(query, kDayMs, 0, std::nullopt);
    std::int64_t sum = 0;
    for (const auto& bin : bins.value()) sum += static_cast<std::int64_t>(bin.count);
    return sum;
  }
  if (kind.starts_with("topics")) {
    const auto facets = shard.facets(query, {Facet::kTopic}, 0);
    std::int64_t sum = 0;
    for (const auto& one : facets.value()[0].second) sum += static_cast<std::int64_t>(one.count);
    return sum;
  }
  Find find;
  find.query = &query;
  find.sort = Sort::kRelevance;
  find.limit = kind.starts_with("count") ? 0 : 10;
  if (kind.starts_with("newest") || kind == "range50") {
    find.sort = Sort::kNewest;
    find.limit = 50;
  }
  return static_cast<std::int64_t>(shard.find(find).value().total);
}

/// The language has days alone.
void add_range(const std::vector<std::string>& part, vigie::indexer::query::Query& query) {
  using vigie::indexer::query::Filter;
  using vigie::indexer::query::Node;
  const std::pair<Filter, std::size_t> edges[] = {{Filter::kAfter, 4}, {Filter::kBefore, 5}};
  Node all;
  all.kind = Node::Kind::kAnd;
  all.children.push_back(static_cast<std::uint32_t>(query.nodes.size() - 1));
  for (const auto& [filter, place] : edges) {
    Node edge;
    edge.kind = Node::Kind::kFilter;
    edge.filter = filter;
    edge.value_ms = std::stoll(part[place]);
    all.children.push_back(static_cast<std::uint32_t>(query.nodes.size()));
    query.nodes.push_back(std::move(edge));
  }
  query.nodes.push_back(std::move(all));
}

bool read(const char* file, std::vector<Question>& out) {
  std::ifstream queries(file);
  std::string line;
  while (std::getline(queries, line)) {
    const auto part = split(line, '\t');
    Question question{part[0], {}};
    for (const bool forms : {false, true}) {
      auto query = vigie::indexer::query::parse(text_of(part, forms));
      if (!query) return false;
      if (part[0] == "range50") add_range(part, *query);
      question.query[forms ? 1 : 0] = std::move(*query);
    }
    out.push_back(std::move(question));
  }
  return true;
}

int ask_all(const char* collection, const char* folder, const char* file, bool head) {
  vigie::SystemClock clock;
  const auto registry = vigie::metrics::make_registry();
  vigie::indexer::ShardOptions options;
  options.dir = folder;
  options.seal_age = head ? std::chrono::hours(24) : std::chrono::hours(0);
  auto shard = Shard::open(options, clock, *registry);
  std::vector<Question> questions;
  if (!shard || !read(file, questions)) return 1;
  if ((*shard)->documents() == 0 && !fill(**shard, collection)) return 1;
  if (!settle(**shard)) return 1;
  std::printf("ready\n");
  std::fflush(stdout);
  std::string line;
  while (std::getline(std::cin, line)) {
    const std::size_t how = line == "forms" ? 1 : 0;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const double begin = cpu_us(CLOCK_THREAD_CPUTIME_ID);
      const std::int64_t hits = ask(**shard, questions[i].kind, questions[i].query[how]);
      std::printf("%s\t%zu\t%lld\t%.2f\n", questions[i].kind.c_str(), i,
                  static_cast<long long>(hits), cpu_us(CLOCK_THREAD_CPUTIME_ID) - begin);
    }
    std::printf("done\n");
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "make" && argc == 5)
    return make(std::strtoul(argv[2], nullptr, 10), argv[3], argv[4]);
  if (what == "ask" && argc >= 5) return ask_all(argv[2], argv[3], argv[4], argc > 5);
  std::fprintf(stderr, "see the top of peers_bench.cc\n");
  return 2;
}
