#include "crawler/robots/robots.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "platform/text/ascii.h"

namespace vigie::crawler::robots {
namespace {

/// Sitemap lines that are kept: a spam cluster once listed 2.5 thousand million.
constexpr std::size_t kMaxSitemaps = 1000;
constexpr std::size_t kMaxNumberBytes = 32;
/// Crawl-delay lines that are read; each is noted for every agent before it.
constexpr std::size_t kMaxCrawlDelays = 1000;

using text::ascii::hex_value;
using text::ascii::lower;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\f' || c == '\v'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_token_character(char c) { return text::ascii::is_alphanumeric(c) || c == '_' || c == '-'; }

bool is_unreserved(unsigned char c) {
  return text::ascii::is_alphanumeric(static_cast<char>(c)) || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

void append_escaped(std::string& out, unsigned char byte) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

/// What stands for itself in a comparable form.
constexpr bool is_plain(unsigned char byte) {
  return byte > 0x20 && byte < 0x80 && byte != '%' && byte != '$';
}

/// Whether a pattern is its own comparable form, as most are.
bool is_plain(std::string_view pattern) {
  return std::all_of(pattern.begin(), pattern.end(),
                     [](char c) { return is_plain(static_cast<unsigned char>(c)); });
}

/// The comparable form of §2.2.2: octets beyond ASCII escaped, unreserved characters unescaped, hex
/// in capitals.
/// `*` and `$` are escaped in paths, where they mean themselves; in patterns a `*` stays and means
/// any octets.
std::string comparable(std::string_view text, bool pattern) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      const auto value =
          static_cast<unsigned char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      if (is_unreserved(value)) {
        out += static_cast<char>(value);
      } else {
        append_escaped(out, value);
      }
      i += 2;
    } else if (byte >= 0x80 || byte <= 0x20 || byte == '$' || (byte == '*' && !pattern)) {
      append_escaped(out, byte);
    } else {
      out += static_cast<char>(byte);
    }
  }
  return out;
}

/// Whether the pattern matches a beginning of the path (all of it where anchored). The pieces
/// between stars are found from left to right, each as early as it can be, which is enough: time is
/// the length of the path times the longest piece.
bool matches(std::string_view pattern, bool anchored, std::string_view path) {
  std::size_t at = 0;
  std::size_t from = 0;
  bool first = true;
  while (true) {
    const std::size_t star = pattern.find('*', from);
    const bool last = star == std::string_view::npos;
    const std::string_view piece =
        pattern.substr(from, last ? std::string_view::npos : star - from);
    if (last && anchored) {
      if (first) return path == piece;
      return path.size() >= at + piece.size() && path.substr(path.size() - piece.size()) == piece;
    }
    if (first) {
      if (path.substr(0, piece.size()) != piece) return false;
      at = piece.size();
    } else {
      const std::size_t found = path.find(piece, at);
      if (found == std::string_view::npos) return false;
      at = found + piece.size();
    }
    if (last) return true;
    first = false;
    from = star + 1;
  }
}

enum class Key { kUserAgent, kAllow, kDisallow, kCrawlDelay, kSitemap, kContentSignal, kOther };

/// Spellings that webmasters really use are taken for what they mean, as Google's parser does.
Key key_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Key>, 15> kNames{
      {{"user-agent", Key::kUserAgent},
       {"useragent", Key::kUserAgent},
       {"user agent", Key::kUserAgent},
       {"allow", Key::kAllow},
       {"disallow", Key::kDisallow},
       {"dissallow", Key::kDisallow},
       {"dissalow", Key::kDisallow},
       {"disalow", Key::kDisallow},
       {"diasllow", Key::kDisallow},
       {"disallaw", Key::kDisallow},
       {"crawl-delay", Key::kCrawlDelay},
       {"crawldelay", Key::kCrawlDelay},
       {"sitemap", Key::kSitemap},
       {"site-map", Key::kSitemap},
       {"content-signal", Key::kContentSignal}}};
  for (const auto& [spelling, key] : kNames) {
    if (name.size() == spelling.size() &&
        std::equal(name.begin(), name.end(), spelling.begin(),
                   [](char a, char b) { return text::ascii::to_lower(a) == b; }))
      return key;
  }
  return Key::kOther;
}

}  // namespace

std::string robots_product_token(std::string_view agent) {
  agent = trim(agent);
  std::size_t end = 0;
  while (end < agent.size() && is_token_character(agent[end])) ++end;
  return lower(agent.substr(0, end));
}

/// Reads lines into groups.
class RobotsBuilder {
 public:
  void line(std::string_view text, std::uint32_t number) {
    text = trim(text.substr(0, text.find('#')));
    std::size_t colon = text.find(':');
    std::string_view name;
    std::string_view value;
    if (colon != std::string_view::npos) {
      name = trim(text.substr(0, colon));
      value = trim(text.substr(colon + 1));
    } else {
      // "Disallow /private": two words and no colon.
      const std::size_t gap = text.find_first_of(" \t");
      if (gap == std::string_view::npos) return;
      name = text.substr(0, gap);
      value = trim(text.substr(gap));
      if (value.find_first_of(" \t") != std::string_view::npos) return;
    }
    record(key_of(name), name, value, number);
  }

  Robots take() { return std::move(robots_); }

 private:
  void record(Key key, std::string_view name, std::string_view value, std::uint32_t number) {
    switch (key) {
      case Key::kUserAgent: user_agent(value); break;
      case Key::kAllow:
      case Key::kDisallow: rule(key == Key::kAllow, name, value, number); break;
      case Key::kCrawlDelay: crawl_delay(value); break;
      case Key::kSitemap:
        if (!value.empty() && robots_.sitemaps_.size() < kMaxSitemaps)
          robots_.sitemaps_.emplace_back(value);
        break;
      case Key::kContentSignal: content_signal(value); break;
      case Key::kOther: break;
    }
  }

  /// "search=no, ai-train=no"; an index that is searched is the one use of ours that it knows.
  void content_signal(std::string_view value) {
    while (!value.empty()) {
      const std::size_t end = std::min(value.find(','), value.size());
      const std::string signal = lower(trim(value.substr(0, end)));
      value.remove_prefix(std::min(end + 1, value.size()));
      const std::size_t equals = signal.find('=');
      if (equals == std::string::npos ||
          trim(std::string_view(signal).substr(0, equals)) != "search")
        continue;
      const bool refused = trim(std::string_view(signal).substr(equals + 1)) == "no";
      for (const std::string& agent : agents_) robots_.groups_[agent].search_refused = refused;
    }
  }

  void user_agent(std::string_view value) {
    if (block_open_) {
      agents_.clear();
      block_open_ = false;
    }
    const bool everyone =
        !value.empty() && value.front() == '*' && (value.size() == 1 || is_space(value[1]));
    const std::string agent = everyone ? "*" : robots_product_token(value);
    // A name that is no token stands for nobody; its rules must not fall to the agents of the block
    // before.
    if (agent.empty()) return;
    robots_.groups_.try_emplace(agent);
    agents_.push_back(agent);
  }

  void rule(bool allow, std::string_view name, std::string_view value, std::uint32_t number) {
    open_block();
    // An empty path matches nothing; a path begins with '/', or with '*' as many write it.
    if (agents_.empty() || value.empty() || (value.front() != '/' && value.front() != '*')) return;
    Robots::Rule rule;
    rule.allow = allow;
    rule.line = number;
    std::string& texts = robots_.texts_;
    const std::size_t begin = texts.size();
    texts.append(name).append(": ");
    const std::size_t value_at = texts.size();
    texts.append(value);
    rule.written = span(begin, texts.size());
    rule.anchored = value.back() == '$';
    if (rule.anchored) value.remove_suffix(1);
    if (is_plain(value)) {
      rule.pattern = span(value_at, value_at + value.size());
    } else {
      const std::size_t pattern_at = texts.size();
      texts += comparable(value, true);
      rule.pattern = span(pattern_at, texts.size());
    }
    robots_.blocks_.back().rules.push_back(rule);
  }

  /// A file of kRobotsBytes makes texts of some megabytes at most.
  static Robots::Span span(std::size_t begin, std::size_t end) {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin)};
  }

  void open_block() {
    if (block_open_) return;
    block_open_ = true;
    robots_.blocks_.emplace_back();
    for (const std::string& agent : agents_) {
      auto& blocks = robots_.groups_[agent].blocks;
      if (blocks.empty() || blocks.back() != robots_.blocks_.size() - 1)
        blocks.push_back(robots_.blocks_.size() - 1);
    }
  }

  /// A value that begins with a number is that number, whatever unit stands behind: slower is
  /// polite, unread is not. A comma is a decimal one.
  void crawl_delay(std::string_view value) {
    std::string number(value.substr(0, kMaxNumberBytes));
    std::replace(number.begin(), number.end(), ',', '.');
    if (number.starts_with('+')) number.erase(0, 1);
    double seconds = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), seconds);
    if (read.ec != std::errc() || !(seconds >= 0) || seconds > 1e9) return;
    if (++delays_ > kMaxCrawlDelays) return;
    for (const std::string& agent : agents_) {
      auto& delay = robots_.groups_[agent].crawl_delay_s;
      delay = std::max(delay.value_or(0), seconds);
    }
  }

  Robots robots_;
  std::vector<std::string> agents_;  // of the block being read
  bool block_open_ = false;          // a rule was read since the last user-agent line
  std::size_t delays_ = 0;
};

namespace {

/// Where one character is next: each byte is looked at once, however often it is asked.
class Next {
 public:
  Next(std::string_view bytes, char wanted) : bytes_(bytes), wanted_(wanted) {}
  std::size_t from(std::size_t at) {
    if (!known_ || (at_ < at && at_ != std::string_view::npos)) at_ = bytes_.find(wanted_, at);
    known_ = true;
    return at_;
  }

 private:
  std::string_view bytes_;
  char wanted_;
  bool known_ = false;
  std::size_t at_ = 0;
};

}  // namespace

Robots Robots::parse(std::string_view bytes) {
  bool cut = false;
  if (bytes.size() > kRobotsBytes) {
    bytes = bytes.substr(0, kRobotsBytes);
    cut = true;
  }
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") bytes.remove_prefix(3);
  RobotsBuilder builder;
  Next newline(bytes, '\n');
  Next carriage(bytes, '\r');
  std::uint32_t number = 0;
  for (std::size_t begin = 0; begin < bytes.size();) {
    const std::size_t end = std::min(newline.from(begin), carriage.from(begin));
    if (end == std::string_view::npos && cut) break;
    ++number;
    builder.line(bytes.substr(begin, std::min(end - begin, kRobotsLineBytes)), number);
    if (end == std::string_view::npos) break;
    const bool both = bytes[end] == '\r' && end + 1 < bytes.size() && bytes[end + 1] == '\n';
    begin = end + (both ? 2 : 1);
  }
  return builder.take();
}

Robots Robots::allow_all() { return {}; }

Robots Robots::refuse_all() {
  Robots robots;
  robots.texts_ = "Disallow: /";
  robots.blocks_.push_back(Block{{Rule{false, false, {10, 1}, {0, 11}, 0}}});
  robots.groups_["*"] = Group{{0}, {}, false};
  return robots;
}

const Robots::Group* Robots::find(std::string_view agent) const {
  const std::string token = robots_product_token(agent);
  auto found = token.empty() ? groups_.end() : groups_.find(token);
  if (found == groups_.end()) found = groups_.find("*");
  return found == groups_.end() ? nullptr : &found->second;
}

RobotsVerdict Robots::verdict_for(std::string_view agent, std::string_view path) const {
  RobotsVerdict verdict;
  const Group* group = find(agent);
  if (group == nullptr) return verdict;
  verdict.crawl_delay_s = group->crawl_delay_s;
  verdict.search_refused = group->search_refused;
  const std::string comparable_path =
      comparable(path.empty() ? std::string_view("/") : path, false);
  if (comparable_path == "/robots.txt") return verdict;
  const Rule* best = nullptr;
  for (const std::size_t block : group->blocks) {
    for (const Rule& rule : blocks_[block].rules) {
      if (best != nullptr && (rule.length() < best->length() ||
                              (rule.length() == best->length() && (best->allow || !rule.allow))))
        continue;
      if (matches(text(rule.pattern), rule.anchored, comparable_path)) best = &rule;
    }
  }
  if (best == nullptr) return verdict;
  verdict.allowed = best->allow;
  verdict.rule = text(best->written);
  verdict.line = best->line;
  return verdict;
}

}  // namespace vigie::crawler::robots
