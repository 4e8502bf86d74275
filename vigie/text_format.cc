#include "vigie/text_format.h"

#include <algorithm>
#include <streambuf>
#include <utility>
#include <vector>

#include "platform/logging/logging.h"

namespace vigie::cli {
namespace {

// of one value: a text is shown whole, a body in base64 is not
constexpr std::size_t kShownBytes = 64ULL << 10;
constexpr std::size_t kIndent = 2;

bool is_list(const Json& value) { return value.is_array() || value.is_object(); }

bool is_empty(const Json& value) {
  return value.is_null() || (value.is_string() && value.as_string().empty()) ||
         (value.is_array() && value.as_array().empty()) ||
         (value.is_object() && value.as_object().empty());
}

bool has_lists(const Json::Array& array) {
  return std::any_of(array.begin(), array.end(), is_list);
}

/// Line breaks stay, with what follows them under the first line.
std::string plain(const Json& value, std::size_t indent) {
  if (value.is_bool()) return value.as_bool() ? "yes" : "no";
  if (!value.is_string()) return value.dump();
  std::string out;
  std::string_view rest = value.as_string();
  while (true) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    out += logging::escape_for_terminal(rest.substr(0, end), kShownBytes);
    if (end == rest.size()) return out;
    rest.remove_prefix(end + 1);
    out += '\n' + std::string(rest.starts_with('\n') ? 0 : indent, ' ');
  }
}

/// What is still to be written; the next is the last of the list. The structure of the value is
/// walked without recursion.
struct Pending {
  std::string name;  // of a member; empty for an item of a list
  const Json* value;
  std::size_t indent;
};

void push_members(std::vector<Pending>& pending, const Json& object, std::size_t indent,
                  bool lists_only) {
  const Json::Object& members = object.as_object();
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (!is_empty(member->second) && (!lists_only || is_list(member->second)))
      pending.push_back({member->first, &member->second, indent});
  }
}

void write_object_of_list(std::string& out, std::vector<Pending>& pending, const Json& object,
                          std::size_t indent) {
  std::string line;
  for (const auto& [name, value] : object.as_object()) {
    if (!is_empty(value) && !is_list(value))
      line += (line.empty() ? "" : " · ") + plain(value, indent);
  }
  out += std::string(indent, ' ') + line + '\n';
  push_members(pending, object, indent + kIndent, true);
}

void write(std::string& out, std::vector<Pending>& pending, const Pending& next) {
  const Json& value = *next.value;
  if (next.name.empty()) {
    if (value.is_object()) return write_object_of_list(out, pending, value, next.indent);
    out += std::string(next.indent, ' ') +
           (value.is_array() ? value.dump() : plain(value, next.indent)) + '\n';
    return;
  }
  out += std::string(next.indent, ' ') + logging::escape_for_terminal(next.name) + ':';
  const std::size_t below = next.indent + kIndent;
  if (value.is_object()) {
    out += '\n';
    push_members(pending, value, below, false);
  } else if (value.is_array() && has_lists(value.as_array())) {
    out += '\n';
    const Json::Array& items = value.as_array();
    for (auto item = items.rbegin(); item != items.rend(); ++item)
      pending.push_back({"", &*item, below});
  } else if (value.is_array()) {
    std::string line;
    for (const Json& item : value.as_array())
      line += (line.empty() ? " " : ", ") + plain(item, below);
    out += line + '\n';
  } else {
    const std::string text = plain(value, below);
    out +=
        (text.find('\n') == std::string::npos ? " " : "\n" + std::string(below, ' ')) + text + '\n';
  }
}

}  // namespace

std::string text_of(const Json& object) {
  std::string out;
  std::vector<Pending> pending;
  const Json::Object& members = object.as_object();
  if (members.empty()) return "{}\n";
  const bool headline = !is_list(members.front().second) && !is_empty(members.front().second);
  push_members(pending, object, headline ? kIndent : 0, false);
  if (headline) {
    pending.pop_back();
    out = plain(members.front().second, kIndent) + '\n';
  }
  while (!pending.empty()) {
    const Pending next = std::move(pending.back());
    pending.pop_back();
    write(out, pending, next);
  }
  return out;
}

class TextLines::Buffer final : public std::streambuf {
 public:
  explicit Buffer(std::ostream& out) : out_(out) {}
  ~Buffer() override {
    if (!line_.empty()) pass_on();
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

 protected:
  int_type overflow(int_type c) override {
    if (!traits_type::eq_int_type(c, traits_type::eof())) take(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
  }
  std::streamsize xsputn(const char* text, std::streamsize count) override {
    for (std::streamsize i = 0; i < count; ++i) take(text[i]);
    return count;
  }
  int sync() override {
    out_.flush();
    return out_ ? 0 : -1;
  }

 private:
  void take(char c) {
    if (c != '\n') line_ += c;
    else pass_on();
  }
  void pass_on() {
    const auto value = parse_json(line_);
    if (value && value->is_object()) out_ << text_of(*value);
    else out_ << line_ << '\n';
    line_.clear();
  }

  std::ostream& out_;
  std::string line_;
};

TextLines::TextLines(std::ostream& out)
    : buffer_(std::make_unique<Buffer>(out)),
      stream_(std::make_unique<std::ostream>(buffer_.get())) {}
TextLines::~TextLines() = default;
std::ostream& TextLines::stream() { return *stream_; }

}  // namespace vigie::cli
