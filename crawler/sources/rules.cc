#include "crawler/sources/rules.h"

#include <algorithm>

#include "platform/json/json.h"
#include "platform/text/utf8.h"

namespace vigie::crawler::sources {
namespace {

bool is_header_text(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

SourceRules read_rules(const Yaml& node,
                       const std::function<void(int line, int column, std::string)>& problem) {
  SourceRules out;
  if (!node.is_map()) {
    problem(node.line, node.column,
            "`rules` is a map of gap_s, depth, cookies, user_agent and reservations");
    return out;
  }
  for (const Yaml::Entry& member : node.entries) {
    const Json value = member.value.to_json();
    const auto wrong = [&](const std::string& what) {
      problem(member.value.line, member.value.column, "`" + member.key + "` must be " + what);
    };
    if (member.key == "gap_s") {
      if (!value.is_number() || value.as_double() < 0 || value.as_double() > kMaxGapS)
        wrong("a number of seconds, at most 120");
      else out.gap_s = value.as_double();
    } else if (member.key == "depth") {
      if (!value.is_integer() || value.as_integer() < 1 || value.as_integer() > kMaxDepth)
        wrong("a whole number from 1 to 10");
      else out.depth = static_cast<std::uint32_t>(value.as_integer());
    } else if (member.key == "cookies") {
      if (!value.is_bool()) wrong("true or false");
      else out.cookies = value.as_bool();
    } else if (member.key == "user_agent") {
      const std::string text = value.is_string() ? text::collapse_spaces(value.as_string()) : "";
      if (text.empty() || text.size() > kMaxUserAgentBytes || !is_header_text(text))
        wrong("a text of visible ASCII, at most 256 bytes");
      else out.user_agent = text;
    } else if (member.key == "reservations") {
      const std::string text = value.is_string() ? value.as_string() : "";
      if (text != "obey" && text != "ignore") wrong("obey or ignore");
      else out.obey_reservations = text == "obey";
    } else {
      problem(member.line, member.column,
              "unknown key `" + text::ellipsize(member.key, 60) +
                  "`; known are: gap_s depth cookies user_agent reservations");
    }
  }
  return out;
}

}  // namespace vigie::crawler::sources
