#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "crawler/politeness/resolver.h"
#include "platform/net/http_client.h"
#include "tests/simulation/world.h"

namespace vigie::simulation {

/// What a site published: the ledger's side of the story.
struct Article {
  std::size_t number = 0;
  std::size_t site = 0;
  std::string url;      // as the feed names it
  std::string address;  // where the page is in the end, behind a redirect
  std::string title;
  std::string text;
  std::string edited;  // text after the silent edit; empty: none
  milliseconds published{0};
  milliseconds edited_at{0};
  std::size_t original = 0;  // number of the article it copies, else its own
  enum class Fate { kIndexed, kRefused, kGone, kPoison } fate = Fate::kIndexed;
  std::size_t shy = 0;  // first responses that fail
};

/// A few news sites with feeds, edits, syndicated copies, robots.txt, redirects and responses that
/// fail; and a receiver of webhooks. They judge their visitors by their own clock, which no kill
/// and no pause of a crawler stops.
class FakeWeb {
 public:
  struct Options {
    milliseconds min_gap{500};
    milliseconds ip_gap{100};
  };
  FakeWeb(World& world, Options options);

  std::string sources_yaml() const;
  const std::vector<Article>& articles() const { return articles_; }
  bool all_published() const { return world_.now() >= last_publication_; }
  static constexpr std::size_t kSites = 3;
  static constexpr std::size_t kArticles = 8;

  /// Failing answers stop.
  void heal() { failing_ = false; }

  std::unique_ptr<net::HttpClient> client(Process& process);
  std::unique_ptr<crawler::politeness::Resolver> resolver(Process& process);
  /// The process died: its connections closed.
  void hang_up(const Process& process);

  struct Delivery {
    std::string subscription_path;  // of the webhook's URL
    std::string id;                 // webhook-id
    std::string body;
    bool accepted = false;  // answered 2xx and the response was sent
    milliseconds at{0};
  };
  const std::vector<Delivery>& deliveries() const { return deliveries_; }
  /// The path of a receiver that takes one delivery, and says to the next that it is gone for good.
  static constexpr const char* kGonePath = "/gone";
  static constexpr std::size_t kTakenBeforeGone = 1;
  bool said_gone() const { return said_gone_; }
  /// The path of a receiver that takes nothing, ever, and of one that takes nothing for a while.
  static constexpr const char* kDownPath = "/down";
  static constexpr const char* kBackPath = "/back";
  /// What these two did not take.
  std::uint64_t untaken() const { return untaken_; }
  const std::vector<std::string>& violations() const { return violations_; }
  std::uint64_t requests() const { return requests_; }
  std::uint64_t overlapping_zombies() const { return zombies_; }

 private:
  friend class FakeClient;
  struct Exchange {
    const Process* process;
    std::string host;
    std::string domain;
  };
  struct Line {  // what a host, domain or address last saw
    std::size_t open = 0;
    milliseconds ended{-3'600'000};
  };
  void name_as_before(Article& copy) const;
  void write_articles();
  std::uint64_t begin(const Process& process, const std::string& host);
  void end(std::uint64_t exchange);
  Result<net::HttpResponse> answer(const net::HttpRequest& request, const std::string& host,
                                   const std::string& path);
  net::HttpResponse answer_feed(const net::HttpRequest& request, const std::string& host);
  net::HttpResponse answer_article(const Article& article, const std::string& url);
  bool is_down(const std::string& path) const {
    return path == kDownPath || (path == kBackPath && world_.now() < back_at_);
  }
  net::HttpResponse receive(const net::HttpRequest& request, const std::string& path);
  std::string feed(std::size_t site) const;
  std::string page(const Article& article) const;

  World& world_;
  Options options_;
  bool failing_ = true;
  std::vector<Article> articles_;
  milliseconds last_publication_{0};
  std::map<std::string, std::size_t> by_path_;  // host + path → article
  std::map<std::string, std::size_t> asked_;    // of shy pages
  std::map<std::uint64_t, Exchange> open_;
  std::map<std::string, Line> lines_;
  std::uint64_t next_exchange_ = 1;
  std::uint64_t requests_ = 0;
  std::uint64_t zombies_ = 0;
  std::size_t taken_before_it_went_ = 0;  // by the receiver at kGonePath
  bool said_gone_ = false;
  milliseconds back_at_;  // the receiver at kBackPath
  std::uint64_t untaken_ = 0;
  std::vector<Delivery> deliveries_;
  std::vector<std::string> violations_;
};

}  // namespace vigie::simulation
