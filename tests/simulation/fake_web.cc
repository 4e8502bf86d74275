#include "tests/simulation/fake_web.h"

#include <algorithm>
#include <array>

#include "proto/identity.h"

namespace vigie::simulation {
namespace {

constexpr std::array<const char*, 64> kWords{
    "export",    "licence", "wafer",   "minister", "cluster",    "harbour",  "reactor",
    "treaty",    "senate",  "factory", "embargo",  "laboratory", "foundry",  "tariff",
    "satellite", "census",  "railway", "border",   "cabinet",    "council",  "quarry",
    "voltage",   "cooling", "tunnel",  "archive",  "fishery",    "glacier",  "monsoon",
    "orchard",   "parish",  "pension", "pipeline", "plaza",      "quota",    "refuge",
    "reserve",   "rivalry", "rotor",   "ruling",   "salmon",     "sawmill",  "sculptor",
    "shipyard",  "signal",  "silicon", "stadium",  "summit",     "surplus",  "tanker",
    "textile",   "theatre", "timber",  "transit",  "trustee",    "turbine",  "vaccine",
    "vineyard",  "walkout", "warrant", "weaver",   "wetland",    "workshop", "yearbook",
    "zoning"};

// while faults strike, and after
constexpr milliseconds kLeastDown{15'000};
constexpr milliseconds kMostDown{90'000};

std::string site_host(std::size_t site) {
  return std::string(1, static_cast<char>('a' + site)) + "-news.example";
}
/// The first site keeps its feed on a host of its own, in the same registrable domain.
std::string feed_host(std::size_t site) {
  return site == 0 ? "feeds." + site_host(site) : site_host(site);
}

std::string rfc822(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> out{};
  std::strftime(out.data(), out.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return out.data();
}

std::string iso(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> out{};
  std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return out.data();
}

tl::unexpected<Error> no_response(ErrorCode code) {
  return failure(Disposition::kRetry, code, "simulated");
}

/// host and path of an http URL
std::pair<std::string, std::string> split(const std::string& url) {
  const std::size_t begin = url.find("://") + 3;
  const std::size_t slash = url.find('/', begin);
  return {url.substr(begin, slash - begin), slash == std::string::npos ? "/" : url.substr(slash)};
}

std::string domain_of(const std::string& host) {
  const std::size_t last = host.rfind('.');
  const std::size_t before = host.rfind('.', last - 1);
  return before == std::string::npos ? host : host.substr(before + 1);
}

}  // namespace

class FakeClient final : public net::HttpClient {
 public:
  FakeClient(FakeWeb& web, Process& process) : web_(web), process_(process) {}
  void start(net::HttpRequest request, Done done) override {
    World& world = web_.world_;
    if (world.unwinding()) return;
    world.touch();
    const auto [host, path] = split(request.url);
    const bool webhook = request.method == "POST";
    const std::uint64_t exchange = webhook ? 0 : web_.begin(process_, host);
    milliseconds took = world.between(milliseconds(5), milliseconds(120));
    if (web_.failing_ && world.one_in(25))
      took += world.between(milliseconds(1'000), milliseconds(8'000));
    // The server's own end, whatever becomes of who asked; then the response, to that life of the
    // process.
    auto answered = std::make_shared<Result<net::HttpResponse>>(net::HttpResponse{});
    world.at(world.now() + took, [&web = web_, request = std::move(request), host = host,
                                  path = path, exchange, webhook, answered, took] {
      *answered = web.answer(request, host, path);
      if (*answered) {
        (*answered)->time = took;
        (*answered)->peer = "203.0.113." + std::to_string(host[0]);
      }
      if (!webhook) web.end(exchange);
    });
    world.at(process_, world.now() + took + milliseconds(1),
             [answered, done = std::move(done)] { done(std::move(*answered)); });
    world.touch();
  }

 private:
  FakeWeb& web_;
  Process& process_;
};

class FakeResolver final : public crawler::politeness::Resolver {
 public:
  FakeResolver(World& world, Process& process) : world_(world), process_(process) {}
  void resolve(const std::string& host, Done done) override {
    if (world_.unwinding()) return;
    world_.at(process_, world_.now() + world_.between(milliseconds(1), milliseconds(40)),
              [host, done = std::move(done)] { done({"203.0.113." + std::to_string(host[0])}); });
  }

 private:
  World& world_;
  Process& process_;
};

FakeWeb::FakeWeb(World& world, Options options)
    : world_(world), options_(options), back_at_(world.between(kLeastDown, kMostDown)) {
  write_articles();
}

/// A house that prints a text again says that it is the same: under three headlines that have
/// nothing in common it would be what the house repeats (platform/fingerprint/copy_search.h).
void FakeWeb::name_as_before(Article& copy) const {
  for (const Article& one : articles_) {
    if (one.site == copy.site && one.original == copy.original)
      copy.title = one.title + ", once more";
  }
}

void FakeWeb::write_articles() {
  const auto sentence = [&](std::size_t words) {
    std::string out;
    for (std::size_t i = 0; i < words; ++i)
      out += (i == 0 ? "The " : " ") + std::string(kWords[world_.chance(kWords.size())]);
    return out + ". ";
  };
  milliseconds time = world_.now();
  for (std::size_t n = 0; n < kArticles; ++n) {
    Article article;
    article.number = article.original = n;
    article.site = world_.chance(kSites);
    if (n >= 3) time += world_.between(milliseconds(500), milliseconds(6'000));
    article.published = time;
    const bool copy = n >= 2 && world_.one_in(3);
    if (copy) {
      const std::size_t of = articles_[world_.chance(n)].original;
      if (articles_[of].fate == Article::Fate::kIndexed) {
        article.original = of;
        article.site = (articles_[of].site + 1 + world_.chance(kSites - 1)) % kSites;
      }
    }
    const bool copies = article.original != n;
    article.title = "Story " + std::to_string(n) + " about the " +
                    kWords[world_.chance(kWords.size())] + " and the " +
                    kWords[world_.chance(kWords.size())];
    if (copies) {
      article.text = articles_[article.original].text;
      name_as_before(article);
    } else {
      article.text = "A semiconductor story, number " + std::to_string(n) + ". ";
      for (int i = 0; i < 6; ++i) article.text += sentence(14);
    }
    if (!copies && world_.one_in(4)) {
      article.edited = article.text + sentence(12);
      article.edited_at =
          article.published + world_.between(milliseconds(1'000), milliseconds(30'000));
    }
    const std::string site = "http://" + site_host(article.site);
    const std::string path = "/" + std::to_string(n) + ".html";
    article.url = article.address = site + "/a" + path;
    if (!copies) {
      switch (world_.chance(12)) {
        case 0:
          article.fate = Article::Fate::kRefused;
          article.url = article.address = site + "/private" + path;
          break;
        case 1: article.fate = Article::Fate::kGone; break;
        case 2: article.fate = Article::Fate::kPoison; break;
        case 3: article.url = site + "/r" + path; break;
        case 4: article.shy = 1 + world_.chance(6); break;
        default: break;
      }
    }
    by_path_[split(article.url).first + split(article.url).second] = n;
    by_path_[split(article.address).first + split(article.address).second] = n;
    articles_.push_back(std::move(article));
  }
  last_publication_ = time;
}

std::string FakeWeb::sources_yaml() const {
  std::string out = "sources:\n";
  for (std::size_t site = 0; site < kSites; ++site) {
    out += "  - name: Site " + std::to_string(site) + "\n    homepage: http://" + site_host(site) +
           "/\n    feeds: [\"http://" + feed_host(site) +
           "/feed.rss\"]\n    country: FR\n    language: en\n    kind: newspaper\n    affiliation: "
           "independent\n";
  }
  return out;
}

std::string FakeWeb::feed(std::size_t site) const {
  std::string items;
  for (const Article& article : articles_) {
    if (article.site != site || article.published > world_.now()) continue;
    items = "<item><title>" + article.title + "</title><link>" + article.url + "</link><pubDate>" +
            rfc822(World::kEpochUnixMs + article.published.count()) + "</pubDate></item>" + items;
  }
  return "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Site</title>" + items +
         "</channel></rss>";
}

std::string FakeWeb::page(const Article& article) const {
  if (article.fate == Article::Fate::kPoison) return "<html><body></body></html>";
  const std::string& text =
      !article.edited.empty() && world_.now() >= article.edited_at ? article.edited : article.text;
  std::string body;
  std::size_t from = 0;
  for (std::size_t at = text.find(". "); at != std::string::npos; at = text.find(". ", from)) {
    body += "<p>" + text.substr(from, at + 1 - from) + "</p>";
    from = at + 2;
  }
  return "<html lang=\"en\"><head><title>" + article.title +
         "</title><meta property=\"article:published_time\" content=\"" +
         iso(World::kEpochUnixMs + article.published.count()) + "\"></head><body><article><h1>" +
         article.title + "</h1>" + body + "</article></body></html>";
}

std::uint64_t FakeWeb::begin(const Process& process, const std::string& host) {
  ++requests_;
  const std::string domain = domain_of(host);
  for (const std::string& name : std::set<std::string>{host, domain}) {
    Line& line = lines_[name];
    const milliseconds gap = world_.now() - line.ended;
    if (line.open > 0) {
      violations_.push_back("two requests at once to " + name + " at " +
                            std::to_string(world_.now().count()) + " by " + process.name);
    } else if (gap < options_.min_gap) {
      violations_.push_back("a gap of " + std::to_string(gap.count()) + " ms to " + name + " at " +
                            std::to_string(world_.now().count()) + " by " + process.name);
    }
    ++line.open;
  }
  open_[next_exchange_] = {&process, host, domain};
  return next_exchange_++;
}

void FakeWeb::end(std::uint64_t exchange) {
  const auto found = open_.find(exchange);
  if (found == open_.end()) return;  // hung up
  for (const std::string& name : std::set<std::string>{found->second.host, found->second.domain}) {
    Line& line = lines_[name];
    --line.open;
    line.ended = world_.now();
  }
  open_.erase(found);
}

void FakeWeb::hang_up(const Process& process) {
  for (auto at = open_.begin(); at != open_.end();) {
    const auto here = at++;
    if (here->second.process == &process) end(here->first);
  }
}

net::HttpResponse FakeWeb::receive(const net::HttpRequest& request, const std::string& path) {
  Delivery delivery;
  delivery.subscription_path = path;
  delivery.body = request.body;
  for (const auto& [name, value] : request.headers) {
    if (name == "webhook-id") delivery.id = value;
  }
  net::HttpResponse response;
  response.status = failing_ && world_.one_in(6) ? 500 : 204;
  if (path == kGonePath && taken_before_it_went_ >= kTakenBeforeGone) {
    response.status = 410;
    said_gone_ = true;
  }
  if (is_down(path)) {
    response.status = world_.one_in(2) ? 503 : 404;
    ++untaken_;
  }
  if (path == kGonePath && response.status == 204) ++taken_before_it_went_;
  delivery.accepted = response.status == 204;
  delivery.at = world_.now();
  deliveries_.push_back(std::move(delivery));
  return response;
}

Result<net::HttpResponse> FakeWeb::answer(const net::HttpRequest& request, const std::string& host,
                                          const std::string& path) {
  net::HttpResponse response;
  if (request.method == "POST") response = receive(request, path);
  const auto named = by_path_.find(host + path);
  // a webhook whose response is lost has been taken
  if (failing_ && world_.one_in(40))
    return no_response(world_.one_in(2) ? ErrorCode("reset") : ErrorCode("timeout_total"));
  if (request.method == "POST") return response;
  response.status = 200;
  if (failing_ && world_.one_in(40)) {
    response.status = world_.one_in(3) ? 429 : 503;
    response.headers = {{"retry-after", std::to_string(1 + world_.chance(4))}};
    return response;
  }
  if (path == "/robots.txt") {
    response.headers = {{"content-type", "text/plain"}};
    response.body = "User-agent: *\nDisallow: /private/\n";
    return response;
  }
  if (path == "/feed.rss") return answer_feed(request, host);
  if (named == by_path_.end() || articles_[named->second].published > world_.now()) {
    response.status = 404;
    return response;
  }
  return answer_article(articles_[named->second], "http://" + host + path);
}

net::HttpResponse FakeWeb::answer_feed(const net::HttpRequest& request, const std::string& host) {
  net::HttpResponse response;
  response.status = 200;
  response.headers = {{"content-type", "application/rss+xml"}};
  for (std::size_t site = 0; site < kSites; ++site) {
    if (feed_host(site) == host) response.body = feed(site);
  }
  const std::string etag =
      '"' + proto::base32(proto::to_bytes(proto::digest128(response.body))) + '"';
  response.headers.emplace_back("etag", etag);
  for (const auto& [name, value] : request.headers) {
    if ((name == "If-None-Match" || name == "if-none-match") && value == etag) {
      response.status = 304;
      response.body.clear();
    }
  }
  response.body_bytes = response.body.size();
  return response;
}

net::HttpResponse FakeWeb::answer_article(const Article& article, const std::string& url) {
  net::HttpResponse response;
  if (article.fate == Article::Fate::kRefused) {
    violations_.push_back("robots.txt refuses " + article.url + ", and it was asked for");
  }
  if (article.fate == Article::Fate::kGone) {
    response.status = 410;
    return response;
  }
  if (article.shy > asked_[article.url]) {
    ++asked_[article.url];
    response.status = 404;
    return response;
  }
  if (article.url != article.address && url == article.url) {
    response.status = 302;
    response.headers = {{"location", article.address}};
    return response;
  }
  response.status = 200;
  response.headers = {{"content-type", "text/html; charset=utf-8"}};
  response.body = page(article);
  response.body_bytes = response.body.size();
  return response;
}

std::unique_ptr<net::HttpClient> FakeWeb::client(Process& process) {
  return std::make_unique<FakeClient>(*this, process);
}
std::unique_ptr<crawler::politeness::Resolver> FakeWeb::resolver(Process& process) {
  return std::make_unique<FakeResolver>(world_, process);
}

}  // namespace vigie::simulation
