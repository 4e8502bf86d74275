#include "indexer/api/source_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "platform/status/quiet.h"

namespace vigie::indexer::api {
namespace {

constexpr std::array kReasons = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"dns", "its name cannot be resolved: the host does not exist, or this machine has no DNS"},
    {"connect", "nothing accepts connections at its address"},
    {"tls", "no secure connection can be made: its certificate is not valid for this name"},
    {"timeout_connect", "its host does not accept the connection in time"},
    {"timeout_stall", "its host stops sending in the middle"},
    {"timeout_total", "its host takes too long to answer"},
    {"reset", "its host breaks the connection off"},
    {"protocol", "what its host sends is no HTTP"},
    {"too_many_headers", "its response has more headers than are read"},
    {"address_refused", "it is in a private network, which is not asked (fetch.allow_networks)"},
    {"bad_url", "its URL cannot be read"},
    {"http_401", "its host asks for a password"},
    {"http_402", "its host asks for payment"},
    {"http_403", "its host refuses programs such as this one"},
    {"http_404", "there is nothing at this URL (404); it may have moved"},
    {"http_410", "it was taken away for good (410)"},
    {"http_451", "it is withheld for legal reasons (451)"},
    {"http_429", "its host says that it was asked too often; it is asked more rarely"},
    {"http_503", "its host is overloaded at the moment (503)"},
    {"http_denied", "its host refuses programs such as this one"},
    {"http_4xx", "its host refuses the request"},
    {"http_5xx", "its host fails inside"},
    {"robots_disallowed", "robots.txt of its host does not allow it"},
    {"not_feed", "it answers with something that is no feed, such as a page"},
    {"not_sitemap", "it answers with something that is no sitemap"},
    {"bad_xml", "it answers with something that cannot be read as XML"},
    {"bad_json", "it answers with something that cannot be read as JSON"},
    {"empty_feed", "it answers with nothing"},
    {"empty_body", "it answers with nothing"},
    {"not_html", "it answers with something that is no page"},
    {"body_cut", "its response ended before its end"},
    {"too_large", "its response is larger than is read"},
    {"redirect_loop", "its redirects go in a circle"},
    {"too_many_redirects", "it redirects too often"},
    {"redirect_without_location", "it redirects without saying where"},
    {"redirect_bad_url", "it redirects to something that is no address"},
    {"redirect_not_http", "it redirects to something that is not of the web"},
    {"source_removed", "its source is listed no longer"},
    {"nothing_listed", "it names no feed, and no link on it looks like an article"},
});

/// "5 minutes", "3 hours", "2 days".
std::string length_of(double seconds) {
  const auto say = [](double count, const char* unit) {
    const auto whole = static_cast<std::int64_t>(std::max(1.0, count + 0.5));
    return std::to_string(whole) + " " + unit + (whole == 1 ? "" : "s");
  };
  if (seconds < 90) return say(seconds, "second");
  if (seconds < 90 * 60) return say(seconds / 60, "minute");
  if (seconds < 36 * 3600) return say(seconds / 3600, "hour");
  return say(seconds / 86'400, "day");
}

std::string ago(std::int64_t then_unix_ms, std::int64_t now_unix_ms) {
  return length_of(static_cast<double>(std::max<std::int64_t>(0, now_unix_ms - then_unix_ms)) /
                   1000) +
         " ago";
}

std::string most_frequent(const v1::SourceStatus& source) {
  const auto most =
      std::max_element(source.errors().begin(), source.errors().end(),
                       [](const auto& a, const auto& b) { return a.count() < b.count(); });
  return most == source.errors().end() ? std::string() : words_of_reason(most->reason());
}

std::string rhythm(const v1::SourceStatus& source) {
  if (source.expected_interval_s() <= 0) return {};
  return " It usually has something new every " + length_of(source.expected_interval_s()) + ".";
}

std::string last_article(const v1::SourceStatus& source, std::int64_t now_unix_ms) {
  if (source.last_article_unix_ms() == 0) return "No article of it was found since the start.";
  return "Its last article was found " + ago(source.last_article_unix_ms(), now_unix_ms) + ".";
}

}  // namespace

std::string words_of_reason(std::string_view reason) {
  const auto known = std::ranges::find(kReasons, reason, &decltype(kReasons)::value_type::first);
  if (known != kReasons.end()) return std::string(known->second);
  if (reason.starts_with("robots_"))
    return "robots.txt of its host cannot be had (" + std::string(reason.substr(7)) +
           "), so nothing of it is fetched";
  if (reason.starts_with("http_"))
    return "its host answers with status " + std::string(reason.substr(5));
  std::string out(reason);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string sentence_of(const v1::SourceStatus& source, bool paused, std::int64_t now_unix_ms) {
  if (source.state() == "refused") return "It is not polled. " + source.note();
  if (paused || source.state() == "paused")
    return "It is paused: nothing of it is fetched until it is resumed.";
  if (source.state() == "waiting" || source.state().empty())
    return "It was not asked yet; that happens within a minute where a crawler runs.";
  if (source.state() == "blocked")
    return "Its host asked to be left alone for a while, which is obeyed. " +
           last_article(source, now_unix_ms);
  if (source.state() == "failing") {
    const std::string why = most_frequent(source);
    return "No URL of it could be read when it was last tried" +
           (why.empty() ? std::string() : ": " + why) + ". It is tried again by itself.";
  }
  if (source.state() == "flooding")
    return "It lists more than may be fetched: as many pages of its site as may wait do, or as "
           "many new ones were listed within the hour as may be; what it lists beyond is left out. "
           "Other sites are not slowed by it. " +
           last_article(source, now_unix_ms);
  if (source.state() == "quiet" || status::gone_quiet(source, now_unix_ms))
    return "It answers, and has had nothing new for longer than usual. " +
           last_article(source, now_unix_ms) + rhythm(source);
  if (source.robots() == "disallowed")
    return "Its lists are read, and robots.txt keeps its pages from being fetched. " +
           last_article(source, now_unix_ms);
  return "It works. " + last_article(source, now_unix_ms) + rhythm(source);
}

}  // namespace vigie::indexer::api
