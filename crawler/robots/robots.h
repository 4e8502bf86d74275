#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vigie::crawler::robots {

/// Bytes of a robots.txt that are read; RFC 9309 §2.5 asks for at least this much. What follows is
/// ignored, the line that is cut too.
inline constexpr std::size_t kRobotsBytes = 500 * 1024;
/// Longest line that is read; Google's parser stops at eight times the longest URL of browsers, and
/// so do we.
inline constexpr std::size_t kRobotsLineBytes = 2083 * 8;

/// What robots.txt says of one URL for one crawler.
struct RobotsVerdict {
  bool allowed = true;
  // "Disallow: /private/" as written; empty where no rule matched
  std::string rule;
  std::uint32_t line = 0;               // of that rule, from 1; 0 where no rule matched
  std::optional<double> crawl_delay_s;  // of the groups that apply; not capped
  bool search_refused = false;          // Content-Signal: search=no of the groups that apply
};

/// The rules of one robots.txt. Immutable, thread-safe.
/// Source: RFC 9309; Crawl-delay and Sitemap, which it leaves to others, as the field reads them;
/// Content-Signal (contentsignals.org).
class Robots {
 public:
  /// Total: any bytes give rules. Groups of the same agent are merged (§2.2.1); other records never
  /// break a group (§2.2.4).
  static Robots parse(std::string_view bytes);
  /// Rules that allow or refuse everything, for responses 4xx and for no response (§2.3.1.3,
  /// §2.3.1.4).
  static Robots allow_all();
  static Robots refuse_all();

  /// In: `agent`, a product token or a whole User-Agent (its token is what stands before the first
  /// character that no token may have);
  ///     `path`, path and query of the URL, beginning with '/'.
  /// Out: the longest matching rule decides, Allow before Disallow where they are equally long
  /// (§2.2.2); /robots.txt itself is always allowed.
  RobotsVerdict verdict_for(std::string_view agent, std::string_view path) const;

  const std::vector<std::string>& sitemaps() const { return sitemaps_; }

 private:
  /// A part of texts_.
  struct Span {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
  };
  struct Rule {
    bool allow = false;
    bool anchored = false;  // ended in '$'
    Span pattern = {};      // normalised, '*' as written, without the final '$'
    Span written = {};      // "Disallow: /private/"
    std::uint32_t line = 0;

    std::size_t length() const { return pattern.size + (anchored ? 1U : 0U); }  // for "longest"
  };
  /// Rules that were written under one run of user-agent lines; kept once however many agents they
  /// are for.
  struct Block {
    std::vector<Rule> rules;
  };
  /// What is said of one agent, all over the file.
  struct Group {
    std::vector<std::size_t> blocks;
    std::optional<double> crawl_delay_s;
    bool search_refused = false;
  };
  friend class RobotsBuilder;

  const Group* find(std::string_view agent) const;
  std::string_view text(Span span) const {
    return std::string_view(texts_).substr(span.at, span.size);
  }
  std::string texts_;  // of all rules: a string of its own for each would be most of the work
  std::vector<Block> blocks_;
  std::unordered_map<std::string, Group> groups_;  // by token, lower case; "*" for all others
  std::vector<std::string> sitemaps_;
};

/// The product token of a User-Agent or of a user-agent line, lower case; "" where it begins with
/// none.
std::string robots_product_token(std::string_view agent);

}  // namespace vigie::crawler::robots
