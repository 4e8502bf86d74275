#include "platform/text/numbers.h"

#include <algorithm>
#include <vector>

#include "platform/text/digits.h"
#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

// a longer one is no number that anybody looks for
constexpr std::size_t kMaxGroups = 12;

/// Separators of numbers in one spelling: '.', ',', '\'' or ' ' (of no width to break at); 0: none.
char separator_of(char32_t c) {
  switch (c) {
    case '.':
    case 0x066B: return '.';
    case ',':
    case 0x066C: return ',';
    case '\'':
    case 0x2019: return '\'';
    case 0x00A0:
    case 0x2009:
    case 0x202F: return ' ';
    default: return 0;
  }
}

struct Group {
  char before = 0;     // separator; 0 for the first
  std::string digits;  // ASCII
  std::size_t end = 0;
};

std::vector<Group> groups_at(std::string_view utf8, std::size_t at) {
  std::vector<Group> out(1);
  while (at < utf8.size()) {
    std::size_t next = at;
    const char32_t c = next_code_point(utf8, next);
    if (const int digit = digit_value(c); digit >= 0) {
      out.back().digits += static_cast<char>('0' + digit);
      out.back().end = at = next;
      continue;
    }
    const char separator = separator_of(c);
    if (separator == 0 || next >= utf8.size() || out.size() == kMaxGroups) break;
    std::size_t behind = next;
    if (digit_value(next_code_point(utf8, behind)) < 0) break;
    out.push_back({separator, {}, next});
    at = next;
  }
  return out;
}

/// How many of the groups are one integer whose thousands are parted; 0: none.
std::size_t thousands(const std::vector<Group>& groups, bool spaced) {
  const Group& first = groups[0];
  if (groups.size() < 2 || first.digits.size() > 3 || first.digits[0] == '0') return 0;
  const char separator = groups[1].before;
  if (!spaced && (separator == ' ' || separator == '\'')) return 0;
  std::size_t count = 1;
  while (count < groups.size() && groups[count].before == separator) ++count;
  const auto all_of = [&](std::size_t from, std::size_t to, std::size_t digits) {
    return std::all_of(groups.begin() + static_cast<std::ptrdiff_t>(from),
                       groups.begin() + static_cast<std::ptrdiff_t>(to),
                       [&](const Group& group) { return group.digits.size() == digits; });
  };
  if (all_of(1, count, 3)) return count;
  // Lakhs and crores: 1,00,000.
  const bool indian = separator == ',' && count > 2 && first.digits.size() < 3 &&
                      all_of(1, count - 1, 2) && groups[count - 1].digits.size() == 3;
  return indian ? count : 0;
}

struct Shape {
  std::size_t groups = 1;     // that belong to the number
  std::size_t thousands = 0;  // of these, parted thousands
  bool verbatim = false;      // neither integer nor decimal: a date, a version
};

/// Longest number at the beginning of the groups.
Shape shape_of(const std::vector<Group>& groups, bool spaced) {
  const std::size_t parted = thousands(groups, spaced);
  const auto is_mark = [&](std::size_t i) {
    return i < groups.size() && (groups[i].before == '.' || groups[i].before == ',');
  };
  if (parted > 0) {
    const bool decimals = is_mark(parted) && !is_mark(parted + 1);
    return {parted + (decimals ? 1U : 0U), parted, false};
  }
  if (!is_mark(1)) return {};
  if (groups[1].before == '.') {
    std::size_t count = 1;
    while (count < groups.size() && groups[count].before == '.') ++count;
    return {count, 0, count > 2};
  }
  if (is_mark(2) || groups[1].digits.size() > 2) return {};  // a list of numbers
  return {2, 0, false};
}

}  // namespace

std::size_t number_end(std::string_view utf8, std::size_t at, bool spaced) {
  const std::vector<Group> groups = groups_at(utf8, at);
  const Shape shape = shape_of(groups, spaced);
  const bool in_list =
      at > 1 && utf8[at - 1] == ',' && digit_value(static_cast<unsigned char>(utf8[at - 2])) >= 0;
  if (in_list && shape.groups == 2 && groups[1].before == ',') return groups[0].end;
  return groups[shape.groups - 1].end;
}

std::string plain_number(std::string_view number) {
  const std::vector<Group> groups = groups_at(number, 0);
  const Shape shape = shape_of(groups, true);
  std::string out = groups[0].digits;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (i >= shape.thousands) out += shape.verbatim || i < shape.groups ? '.' : groups[i].before;
    out += groups[i].digits;
  }
  return out;
}

}  // namespace vigie::text
