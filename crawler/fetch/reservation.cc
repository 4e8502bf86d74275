#include "crawler/fetch/reservation.h"

#include <algorithm>
#include <string>

#include "platform/text/ascii.h"

namespace vigie::crawler::fetch {
namespace {

constexpr std::size_t kHeadBytes = 64 << 10;
constexpr std::string_view kName = "tdm-reservation";

/// The value of an attribute within one tag, lower case; "" where it is not there.
std::string attribute(std::string_view tag, std::string_view name) {
  std::size_t at = 0;
  while ((at = tag.find(name, at)) != std::string_view::npos) {
    const bool begins = at > 0 && text::ascii::is_space(tag[at - 1]);
    at += name.size();
    std::string_view rest = text::ascii::trim(tag.substr(at));
    if (!begins || rest.empty() || rest.front() != '=') continue;
    rest = text::ascii::trim(rest.substr(1));
    if (rest.empty()) return {};
    const char quote = rest.front();
    if (quote != '"' && quote != '\'')
      return std::string(rest.substr(0, rest.find_first_of(" \t\r\n\f/>")));
    rest.remove_prefix(1);
    return std::string(text::ascii::trim(rest.substr(0, rest.find(quote))));
  }
  return {};
}

}  // namespace

bool reserves_mining(const net::HttpResponse& response, std::string_view page) {
  if (text::ascii::trim(response.header(std::string(kName))) == "1") return true;
  const std::string head = text::ascii::lower(page.substr(0, kHeadBytes));
  std::size_t at = 0;
  while ((at = head.find("<meta", at)) != std::string::npos) {
    const std::size_t end = std::min(head.find('>', at), head.size());
    const std::string_view tag = std::string_view(head).substr(at, end - at);
    if (attribute(tag, "name") == kName && attribute(tag, "content") == "1") return true;
    at = end;
  }
  return false;
}

}  // namespace vigie::crawler::fetch
