#include "platform/json/salvage.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie {
namespace {

constexpr std::size_t kMostName = 100;      // bytes of a member's name
constexpr std::size_t kMostBareWord = 200;  // bytes of a value without quotation marks
constexpr std::size_t kMostMarkup = 60;     // bytes of a tag between values
constexpr std::size_t kMostNested = 10'000;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f'; }
using text::ascii::is_digit;
using text::ascii::is_letter;
bool is_name_character(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '@' || c == '$' || c == '-' || c == ':' ||
         c == '.';
}

// A kind of quotation mark: marks of one family close each other.
enum class Family { kNone, kDouble, kSingle, kCurlyDouble, kCurlySingle, kBackquote };

struct Mark {
  Family family = Family::kNone;
  std::size_t bytes = 0;
};

// The quotation mark that stands at `at`, if one does.
Mark mark_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  switch (text[at]) {
    case '"': return {Family::kDouble, 1};
    case '\'': return {Family::kSingle, 1};
    case '`': return {Family::kBackquote, 1};
    case '\xE2': break;
    default: return {};
  }
  const std::string_view three = text.substr(at, 3);
  for (const std::string_view mark : {"“", "”", "„", "‟", "″"}) {
    if (three == mark) return {Family::kCurlyDouble, 3};
  }
  for (const std::string_view mark : {"‘", "’", "‚", "‛", "′"}) {
    if (three == mark) return {Family::kCurlySingle, 3};
  }
  return {};
}

bool closes(Family open, Family mark) {
  if (mark == open) return true;
  if (open == Family::kCurlyDouble) return mark == Family::kDouble;
  return open == Family::kCurlySingle && mark == Family::kSingle;
}

std::optional<unsigned> code_unit_at(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return std::nullopt;
  unsigned unit = 0;
  const auto read = std::from_chars(text.data() + at, text.data() + at + 4, unit, 16);
  if (read.ec != std::errc() || read.ptr != text.data() + at + 4) return std::nullopt;
  return unit;
}

// Reads the escape at `at` (a backslash) and returns what is behind it.
std::size_t read_escape(std::string_view text, std::size_t at, std::string& out) {
  if (at + 1 >= text.size()) return text.size();
  const char next = text[at + 1];
  switch (next) {
    case 'n': out += '\n'; return at + 2;
    case 't': out += '\t'; return at + 2;
    case 'r':
    case 'b':
    case 'f': out += ' '; return at + 2;
    case 'u': break;
    default:
      if (static_cast<unsigned char>(next) >= 0x20) out += next;
      return at + 2;
  }
  const auto unit = code_unit_at(text, at + 2);
  if (!unit) {
    out += 'u';
    return at + 2;
  }
  const bool high = *unit >= 0xD800 && *unit <= 0xDBFF;
  const auto second =
      high && text.substr(at + 6, 2) == "\\u" ? code_unit_at(text, at + 8) : std::nullopt;
  if (second && *second >= 0xDC00 && *second <= 0xDFFF) {
    text::append_utf8(out, 0x10000 + ((*unit - 0xD800) << 10U) + (*second - 0xDC00));
    return at + 12;
  }
  text::append_utf8(out, *unit >= 0xD800 && *unit <= 0xDFFF ? 0xFFFD : *unit);
  return at + 6;
}

class Salvager {
 public:
  Salvager(std::string_view text, const SalvageLimits& limits)
      : text_(text.substr(0, limits.max_bytes)), limits_(limits) {}

  std::vector<Json> run() {
    while (roots_.size() < limits_.max_roots && values_ < limits_.max_values) {
      if (open_.empty()) {
        // Whatever stands between two roots is passed over.
        at_ = text_.find_first_of("{[", at_);
        if (at_ == std::string_view::npos) break;
      } else {
        skip_between();
        if (at_ >= text_.size()) break;
      }
      step();
    }
    while (!open_.empty()) close();
    roots_.resize(std::min(roots_.size(), limits_.max_roots));
    return std::move(roots_);
  }

 private:
  struct Open {
    Json value;
    std::string name;       // of the member that is read, in an object
    bool has_name = false;  // a value is expected
  };

  bool in_object() const { return !open_.empty() && open_.back().value.is_object(); }
  bool wants_name() const { return in_object() && !open_.back().has_name; }

  // White space, commas, colons, comments and markup between values.
  void skip_between() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const std::string_view rest = text_.substr(at_);
      if (is_space(c) || c == ',' || c == ';' || c == ':' || c == '=') {
        // A comma in place of a value: the member has none.
        if (c == ',' && in_object()) open_.back().has_name = false;
        ++at_;
      } else if (rest.starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (rest.starts_with("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else if (rest.starts_with("]]>")) {
        at_ += 3;
      } else if (c == '<') {
        const std::size_t end = rest.substr(0, kMostMarkup).find('>');
        at_ += end == std::string_view::npos ? 1 : end + 1;
      } else if (rest.starts_with("\xC2\xA0") || rest.starts_with("\xEF\xBB\xBF")) {
        at_ += c == '\xC2' ? 2 : 3;
      } else {
        return;
      }
    }
  }

  void step() {
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      open_container(c);
    } else if (c == '}' || c == ']') {
      ++at_;
      close_nearest(c == '}');
    } else if (mark_at(text_, at_).family != Family::kNone) {
      read_quoted();
    } else {
      read_bare();
    }
  }

  void open_container(char c) {
    ++at_;
    // Where a name is due, what opens is no member of this object: the object was not closed.
    while (wants_name()) close();
    if (open_.size() >= kMostNested) {
      at_ = text_.size();
      return;
    }
    open_.push_back({c == '{' ? Json::object() : Json::array(), {}, false});
  }

  // Closes down to the nearest container of the kind; none: the bracket means nothing.
  void close_nearest(bool object) {
    std::size_t depth = open_.size();
    while (depth > 0 && open_[depth - 1].value.is_object() != object) --depth;
    if (depth == 0) return;
    while (open_.size() >= depth) close();
  }

  void close() {
    Json value = std::move(open_.back().value);
    open_.pop_back();
    if (value.is_object()) keep_last_of_each_name(value.mutable_object());
    if (open_.size() < limits_.max_depth) place(std::move(value));
    else if (in_object()) open_.back().has_name = false;
  }

  void place(Json value) {
    ++values_;
    if (open_.empty()) {
      roots_.push_back(std::move(value));
      return;
    }
    Open& top = open_.back();
    if (top.value.is_array()) {
      top.value.mutable_array().push_back(std::move(value));
    } else if (top.has_name) {
      top.value.mutable_object().emplace_back(std::move(top.name), std::move(value));
      top.name.clear();
      top.has_name = false;
    }
  }

  static void keep_last_of_each_name(Json::Object& object) {
    std::vector<std::size_t> order(object.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return object[a].first < object[b].first;
    });
    std::vector<bool> drop(object.size(), false);
    for (std::size_t i = 0; i + 1 < order.size(); ++i)
      drop[order[i]] = object[order[i]].first == object[order[i + 1]].first;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < object.size(); ++i) {
      if (drop[i]) continue;
      if (kept != i) object[kept] = std::move(object[i]);
      ++kept;
    }
    object.resize(kept);
  }

  // ---- texts

  void read_quoted() {
    const Mark mark = mark_at(text_, at_);
    const std::size_t begin = at_ + mark.bytes;
    const bool name = wants_name();
    std::string value;
    std::size_t end = begin;
    bool whole = false;
    while (end < text_.size() && !whole) {
      const char c = text_[end];
      if (c == '\\') {
        end = read_escape(text_, end, value);
        continue;
      }
      const Mark here = mark_at(text_, end);
      if (name && value.size() > kMostName) break;
      if (here.family != Family::kNone && closes(mark.family, here.family) &&
          (name ? ends_name(end + here.bytes) : ends_value(end + here.bytes))) {
        end += here.bytes;
        whole = true;
        break;
      }
      // A name where the text goes on: its own end was forgotten.
      if (!name && here.family == mark.family && begins_member(end, value)) {
        value = without_comma(value);
        whole = true;
        break;
      }
      value += c;
      ++end;
    }
    if (name && !whole) {  // no name: what is no name is passed over
      at_ = begin;
      return;
    }
    at_ = end;
    if (!whole) {
      if (in_object()) open_.back().has_name = false;
      return;
    }
    take_text(text::to_valid_utf8(value), name);
  }

  void take_text(std::string value, bool name) {
    if (name) {
      open_.back().name = std::move(value);
      open_.back().has_name = true;
    } else {
      place(Json(std::move(value)));
    }
  }

  std::size_t behind_space(std::size_t at) const {
    while (at < text_.size() && is_space(text_[at])) ++at;
    return at;
  }

  // Behind a name stands a colon; where it was forgotten, a value.
  bool ends_name(std::size_t at) const {
    at = behind_space(at);
    if (at >= text_.size()) return false;
    const char c = text_[at];
    return c == ':' || c == '=' || c == '{' || c == '[' || c == '}' || c == ',' ||
           mark_at(text_, at).family != Family::kNone;
  }

  // A name in quotation marks with a colon behind it.
  bool is_name_at(std::size_t at) const {
    const Mark mark = mark_at(text_, at);
    std::size_t end = at + mark.bytes;
    if (mark.family == Family::kNone) return is_bare_name_at(at);
    while (end < text_.size() && end - at < kMostName &&
           (is_name_character(text_[end]) || (static_cast<unsigned char>(text_[end]) >= 0x80 &&
                                              mark_at(text_, end).family == Family::kNone)))
      ++end;
    if (end >= text_.size()) return true;  // cut off within the name
    const Mark last = mark_at(text_, end);
    if (end == at + mark.bytes || last.family == Family::kNone || !closes(mark.family, last.family))
      return false;
    end = behind_space(end + last.bytes);
    return end < text_.size() && text_[end] == ':';
  }

  // The same for any short text: what stands behind a comma in an object.
  bool is_any_name_at(std::size_t at) const {
    const Mark mark = mark_at(text_, at);
    if (mark.family == Family::kNone) return is_bare_name_at(at);
    const std::size_t begin = at + mark.bytes;
    for (std::size_t end = begin; end < text_.size() && end - begin <= kMostName; ++end) {
      if (text_[end] == '\\') {
        ++end;
        continue;
      }
      const Mark here = mark_at(text_, end);
      if (here.family == Family::kNone || !closes(mark.family, here.family)) continue;
      end = behind_space(end + here.bytes);
      return end < text_.size() && text_[end] == ':';
    }
    return is_name_at(at);
  }

  bool is_bare_name_at(std::size_t at) const {
    std::size_t end = at;
    while (end < text_.size() && end - at < kMostName && is_name_character(text_[end]) &&
           text_[end] != ':')
      ++end;
    if (end == at || is_digit(text_[at])) return false;
    end = behind_space(end);
    return end < text_.size() && text_[end] == ':';
  }

  // Whether what stands behind a quotation mark is what stands behind a value.
  bool ends_value(std::size_t at) const {
    at = behind_space(at);
    if (at >= text_.size()) return true;
    const char c = text_[at];
    if (c == ',') {
      at = behind_space(at + 1);
      if (at >= text_.size()) return true;
      if (std::string_view("}],<").find(text_[at]) != std::string_view::npos) return true;
      if (in_object()) return is_any_name_at(at) || text_[at] == '{' || text_.substr(at, 2) == "//";
      return text_[at] == '{' || text_[at] == '[' || mark_at(text_, at).family != Family::kNone ||
             is_digit(text_[at]);
    }
    if (c == '}' || c == ']') {
      while (at < text_.size() && (text_[at] == '}' || text_[at] == ']' || is_space(text_[at])))
        ++at;
      return at >= text_.size() ||
             std::string_view(",;{[<)").find(text_[at]) != std::string_view::npos ||
             mark_at(text_, at).family != Family::kNone;
    }
    if (c == '<' || text_.substr(at, 2) == "/*" || text_.substr(at, 2) == "//") return true;
    // a missing comma
    return in_object() ? is_name_at(at) && mark_at(text_, at).family != Family::kNone
                       : mark_at(text_, at).family != Family::kNone;
  }

  // Whether the next member begins at the quotation mark `at`, within a text that was not closed:
  // behind a comma or a line break.
  bool begins_member(std::size_t at, std::string_view value) const {
    if (!in_object()) return false;
    std::size_t last = value.size();
    while (last > 0 && value[last - 1] == ' ') --last;
    return last > 0 && (value[last - 1] == ',' || value[last - 1] == '\n') && is_name_at(at);
  }

  static std::string without_comma(std::string_view value) {
    while (!value.empty() && (is_space(value.back()) || value.back() == ','))
      value.remove_suffix(1);
    return std::string(value);
  }

  // ---- values without quotation marks

  void read_bare() {
    std::size_t end = at_;
    while (end < text_.size() && end - at_ < kMostBareWord &&
           std::string_view(",{}[]\n\r\"<").find(text_[end]) == std::string_view::npos &&
           !(wants_name() && (text_[end] == ':' || text_[end] == '=')))
      ++end;
    std::string_view word = text::trim(text_.substr(at_, end - at_));
    // what was cut off may be half of a number
    const bool cut = end >= text_.size();
    at_ = std::max(end, at_ + 1);
    if (cut || word.empty() || open_.empty()) return;
    if (wants_name()) {
      const bool fits = std::all_of(word.begin(), word.end(), is_name_character);
      if (fits && end < text_.size() && (text_[end] == ':' || text_[end] == '='))
        take_text(std::string(word), true);
      return;
    }
    place(value_of(word));
  }

  static Json value_of(std::string_view word) {
    const std::string lower = text::ascii_lower(word);
    if (lower == "true") return Json(true);
    if (lower == "false") return Json(false);
    if (lower == "null" || lower == "none" || lower == "undefined" || lower == "nan") return Json();
    std::int64_t integer = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), integer);
    if (read.ec == std::errc() && read.ptr == word.data() + word.size())
      return Json(static_cast<long long>(integer));
    double number = 0;
    const auto exact = std::from_chars(word.data(), word.data() + word.size(), number);
    if (exact.ec == std::errc() && exact.ptr == word.data() + word.size()) return Json(number);
    return Json(text::to_valid_utf8(word));
  }

  std::string_view text_;
  const SalvageLimits& limits_;
  std::vector<Open> open_;
  std::vector<Json> roots_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
};

// JSON within a text of another program: {\"name\":\"value\"}.
std::string without_backslashes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out += text[at++];
    } else if (at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\' ||
                                        text[at + 1] == '/' || text[at + 1] == '\'')) {
      out += text[at + 1];
      at += 2;
    } else if (text.substr(at, 2) == "\\n" || text.substr(at, 2) == "\\t" ||
               text.substr(at, 2) == "\\r") {
      out += ' ';
      at += 2;
    } else {
      out += text[at++];
    }
  }
  return out;
}

bool is_within_backslashes(std::string_view text) {
  const std::size_t open = text.find_first_of("{[");
  if (open == std::string_view::npos) return false;
  const std::size_t next = text.find_first_not_of("{[ \n\r\t", open);
  return next != std::string_view::npos && text[next] == '\\';
}

}  // namespace

std::vector<Json> salvage_json(std::string_view text, const SalvageLimits& limits) {
  text = text.substr(0, limits.max_bytes);
  std::string unescaped;
  if (is_within_backslashes(text)) {
    unescaped = without_backslashes(text);
    text = unescaped;
  }
  return Salvager(text, limits).run();
}

}  // namespace vigie
