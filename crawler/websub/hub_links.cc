#include "crawler/websub/hub_links.h"

#include <algorithm>
#include <vector>

#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::crawler::websub {
namespace {

/// Of all Link headers of a response, what is read; and links of them.
constexpr std::size_t kMaxHeaderBytes = 64 << 10;
constexpr std::size_t kMaxLinks = 256;

bool is_space(char c) { return c == ' ' || c == '\t'; }

/// Reads the value of a Link header from front to back.
class LinkReader {
 public:
  explicit LinkReader(std::string_view text) : rest_(text) {}

  /// The next link. False: there is none any more.
  bool next(std::string& target, std::string& relations) {
    target.clear();
    relations.clear();
    const std::size_t open = rest_.find('<');
    if (open == std::string_view::npos) return false;
    const std::size_t close = rest_.find('>', open);
    if (close == std::string_view::npos) return false;
    target = text::trim(rest_.substr(open + 1, close - open - 1));
    rest_.remove_prefix(close + 1);
    while (take(';')) read_parameter(relations);
    // What stands before the next comma is no parameter that can be read.
    rest_.remove_prefix(std::min(rest_.find(','), rest_.size()));
    return true;
  }

 private:
  void skip_spaces() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }
  bool take(char wanted) {
    skip_spaces();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    skip_spaces();
    return true;
  }
  std::string quoted() {
    std::string out;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      out.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
    return out;
  }
  std::string token(std::string_view ends) {
    const std::size_t length = std::min(rest_.find_first_of(ends), rest_.size());
    std::string out(text::trim(rest_.substr(0, length)));
    rest_.remove_prefix(length);
    return out;
  }
  /// RFC 8288 §3.3: of several relation types of one link the first counts.
  void read_parameter(std::string& relations) {
    const std::string name = token("=;,");
    if (!take('=')) return;
    const std::string value = take('"') ? quoted() : token(";,");
    if (relations.empty() && text::ascii::iequals(name, "rel")) relations = value;
  }

  std::string_view rest_;
};

bool has_relation(std::string_view relations, std::string_view wanted) {
  while (!relations.empty()) {
    const std::size_t end = std::min(relations.find_first_of(" \t"), relations.size());
    if (text::ascii::iequals(relations.substr(0, end), wanted)) return true;
    relations.remove_prefix(std::min(end + 1, relations.size()));
  }
  return false;
}

std::string resolved(const std::string& target, const Result<url::Url>& base) {
  const auto url = url::parse(target, base ? &*base : nullptr);
  if (!url || !url->is_http() || !url->host) return {};
  std::string out = url->href();
  return out.size() > kMaxLinkBytes ? std::string() : out;
}

}  // namespace

HubLinks links_of_headers(const net::Headers& headers, std::string_view base_url) {
  HubLinks out;
  const auto base = url::parse(base_url);
  std::size_t bytes = 0;
  std::size_t links = 0;
  for (const auto& [name, value] : headers) {
    if (name != "link") continue;
    bytes += value.size();
    if (bytes > kMaxHeaderBytes) return out;
    LinkReader reader(value);
    std::string target;
    std::string relations;
    while (++links <= kMaxLinks && reader.next(target, relations)) {
      if (out.hub.empty() && has_relation(relations, "hub")) out.hub = resolved(target, base);
      if (out.topic.empty() && has_relation(relations, "self")) out.topic = resolved(target, base);
    }
  }
  return out;
}

HubLinks links_of(const HubLinks& of_headers, const HubLinks& of_body,
                  const std::string& feed_url) {
  HubLinks out = of_headers.hub.empty() ? of_body : of_headers;
  if (out.topic.empty()) out.topic = of_body.topic.empty() ? feed_url : of_body.topic;
  if (out.topic.size() > kMaxLinkBytes || out.hub.size() > kMaxLinkBytes) out.hub.clear();
  return out;
}

}  // namespace vigie::crawler::websub
