#include "indexer/briefs/story.h"

namespace vigie::indexer::briefs {
namespace {

/// A line of text that CommonMark (0.31.2 §2.4) and GitHub's tables and strikes show as it is.
std::string plain(std::string_view line) {
  constexpr std::string_view kAnywhere = "\\`*_[]<>&~|!$#";
  constexpr std::string_view kAtTheStart = "+-=:.)";
  std::string out;
  bool may_begin_a_block = true;  // nothing but digits so far, as in "1." and "1)"
  for (const char c : line) {
    const bool marks = kAnywhere.find(c) != std::string_view::npos ||
                       (may_begin_a_block && kAtTheStart.find(c) != std::string_view::npos);
    if (marks) out += '\\';
    if (c < '0' || c > '9') may_begin_a_block = false;
    out += c;
  }
  return out;
}

/// For <URL>: without what would end it.
std::string target(std::string_view url) {
  std::string out;
  for (const char c : url) {
    if (c == '<') out += "%3C";
    else if (c == '>') out += "%3E";
    else if (c == '\\') out += "%5C";
    else if (c == '`') out += "%60";
    else if (static_cast<unsigned char>(c) > 0x20) out += c;
  }
  return out;
}

std::string story_markdown(const Story& story, std::size_t number) {
  std::string out = "## " + std::to_string(number) + "\\. " + plain(story.title) + "\n\n";
  out += plain(story.source) + "  \n" + plain(story.times) + "\n\n";
  for (const std::string& line : story.note) out += plain(line) + "\n\n";
  if (!story.quotation.empty()) out += "> “" + plain(story.quotation) + "”\n\n";
  if (!story.url.empty()) out += "<" + target(story.url) + ">  \n";
  out += "Archive hash `" + story.hash + "`";
  if (!story.place.empty()) out += ", " + story.place;
  return out + "\n\n";
}

}  // namespace

std::string markdown(const Told& brief) {
  std::string out = "# " + plain(brief.title) + "\n\n";
  for (const std::string& line : brief.summary) out += plain(line) + "\n\n";
  std::size_t number = 0;
  for (const Story& story : brief.stories) out += story_markdown(story, ++number);
  return out + "---\n\n" + plain(brief.foot) + "\n";
}

}  // namespace vigie::indexer::briefs
