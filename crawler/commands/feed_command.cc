#include <iostream>
#include <iterator>

#include "crawler/commands/commands.h"
#include "crawler/feeds/feed.h"
#include "platform/json/json.h"
#include "platform/logging/logging.h"
#include "platform/process/process.h"

namespace vigie::crawler::commands {
namespace {

Json list_of(const std::vector<std::string>& values) {
  Json out = Json::array();
  for (const std::string& value : values) out.push(value);
  return out;
}

Json date_of(const std::optional<dates::LooseDate>& date) {
  return date ? Json(date->text) : Json();
}
Json text_of(const std::string& text) { return text.empty() ? Json() : Json(text); }

}  // namespace

int run_feed(const FeedCommand& command, std::ostream& out, std::ostream& err) {
  Result<std::string> bytes = std::string();
  if (command.file == "-") {
    bytes = std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  } else {
    bytes = process::read_file(command.file);
  }
  if (!bytes) {
    err << bytes.error().to_string() << "\n";
    return process::kExitSomeFailed;
  }
  const auto feed = feeds::parse_feed(*bytes, {}, command.base_url);
  if (!feed) {
    err << logging::escape_for_terminal(command.file) << ": "
        << logging::escape_for_terminal(feed.error().detail) << " (" << feed.error().code << ")\n";
    return process::kExitSomeFailed;
  }
  Json head = Json::object({{"format", feed->format},
                            {"version", text_of(feed->version)},
                            {"title", text_of(feed->title)},
                            {"url", text_of(feed->url)},
                            {"description", text_of(feed->description)},
                            {"language", text_of(feed->language)},
                            {"updated", date_of(feed->updated)},
                            {"authors", list_of(feed->authors)},
                            {"categories", list_of(feed->categories)},
                            {"hub", text_of(feed->hub)},
                            {"malformed", feed->malformed},
                            {"entries_cut", feed->entries_cut},
                            {"entries", feed->entries.size()}});
  out << Json::object({{"feed", std::move(head)}}).dump() << "\n";
  for (const feeds::FeedEntry& entry : feed->entries) {
    out << Json::object({{"id", text_of(entry.id)},
                         {"url", text_of(entry.url)},
                         {"title", entry.title},
                         {"published", date_of(entry.published)},
                         {"updated", date_of(entry.updated)},
                         {"authors", list_of(entry.authors)},
                         {"summary", entry.summary},
                         {"categories", list_of(entry.categories)},
                         {"language", text_of(entry.language)}})
               .dump()
        << "\n";
  }
  return process::kExitOk;
}

}  // namespace vigie::crawler::commands
