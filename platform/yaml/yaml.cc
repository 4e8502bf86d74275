#include "platform/yaml/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "platform/text/utf8.h"

namespace vigie {
namespace {

/// Aliases may multiply a text; what they make may not grow beyond this many nodes (about 150 bytes
/// each) and bytes of scalars.
constexpr std::size_t kMaxNodes = 1'000'000;
constexpr std::size_t kMaxScalarBytes = 64 << 20;
/// Deeper than anything a person writes, and shallow enough for code that recurses over the tree.
constexpr std::size_t kMaxDepth = 64;

struct Refused {
  std::string what;
  int line;
  int column;
};

/// Builds our tree from the events of the parser, without recursion.
class Builder final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1)
      throw Refused{
          "a second document begins here, and only one is read; take the line '---' away or make "
          "two files",
          mark.line + 1, mark.column + 1};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    leaf(node(Yaml::Kind::kNull, mark), anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw Refused{"an alias names an anchor that is not complete yet", mark.line + 1,
                    mark.column + 1};
    count(found->second.size, mark);
    place(found->second.value, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    count({0, value.size()}, mark);
    Yaml out = node(Yaml::Kind::kScalar, mark);
    out.scalar = value;
    out.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    leaf(std::move(out), anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Yaml::Kind::kSequence, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Yaml::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override { close(); }

  Yaml root;

 private:
  struct Size {
    std::size_t nodes = 0;
    std::size_t bytes = 0;
  };
  struct Anchored {
    Yaml value;
    Size size;
  };
  struct Open {
    Yaml value;
    YAML::anchor_t anchor;
    Size before;  // what was counted before it
    bool has_key = false;
    Yaml key;
    std::unordered_map<std::string, int> lines = {};  // of the keys of a map
  };

  Yaml node(Yaml::Kind kind, const YAML::Mark& mark) {
    count({1, 0}, mark);
    Yaml out;
    out.kind = kind;
    out.line = mark.line + 1;
    out.column = mark.column + 1;
    return out;
  }
  void count(Size more, const YAML::Mark& mark) {
    size_.nodes += more.nodes;
    size_.bytes += more.bytes;
    if (size_.nodes > kMaxNodes || size_.bytes > kMaxScalarBytes)
      throw Refused{"the document is too large", mark.line + 1, mark.column + 1};
  }
  void open(Yaml::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= kMaxDepth)
      throw Refused{"is nested too deeply", mark.line + 1, mark.column + 1};
    const Size before = size_;
    open_.push_back({node(kind, mark), anchor, before, false, {}});
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    YAML::Mark mark;
    mark.line = done.value.line - 1;
    mark.column = done.value.column - 1;
    if (done.anchor != YAML::NullAnchor) {
      const Size own{size_.nodes - done.before.nodes, size_.bytes - done.before.bytes};
      count(own, mark);  // the copy that is kept for aliases
      anchors_[done.anchor] = {done.value, own};
    }
    place(std::move(done.value), mark);
  }
  void leaf(Yaml value, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (anchor != YAML::NullAnchor) {
      const Size own{1, value.scalar.size()};
      count(own, mark);
      anchors_[anchor] = {value, own};
    }
    place(std::move(value), mark);
  }
  void place(Yaml value, const YAML::Mark& mark) {
    if (open_.empty()) {
      root = std::move(value);
      return;
    }
    Open& parent = open_.back();
    if (parent.value.is_sequence()) {
      parent.value.items.push_back(std::move(value));
      return;
    }
    if (!parent.has_key) {
      if (!value.is_scalar())
        throw Refused{"a key must be a plain word", mark.line + 1, mark.column + 1};
      const auto known = parent.lines.try_emplace(value.scalar, mark.line + 1);
      if (!known.second) {
        throw Refused{"the key '" + value.scalar +
                          "' stands here a second time; the first is in line " +
                          std::to_string(known.first->second),
                      mark.line + 1, mark.column + 1};
      }
      parent.key = std::move(value);
      parent.has_key = true;
      return;
    }
    parent.value.entries.push_back(
        {parent.key.scalar, parent.key.line, parent.key.column, std::move(value)});
    parent.has_key = false;
  }

  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  Size size_;
  int documents_ = 0;
};

/// YAML 1.2 §5.1 knows no control characters but tab and line ends; yaml-cpp takes one of them
/// (U+0004) for the end of the text.
std::optional<std::size_t> control_character_in(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) return i;
  }
  return std::nullopt;
}

std::pair<int, int> line_and_column(std::string_view text, std::size_t offset) {
  int line = 1;
  std::size_t line_begin = 0;
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] != '\n') continue;
    ++line;
    line_begin = i + 1;
  }
  return {line, static_cast<int>(offset - line_begin) + 1};
}

Json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const bool number_like =
      text.find_first_not_of("0123456789+-.eExXoOabcdefABCDEF") == std::string::npos &&
      text.find_first_of("0123456789") != std::string::npos;
  if (!number_like) return text;
  char* end = nullptr;
  errno = 0;
  const bool hex = text.starts_with("0x");
  const bool octal = text.starts_with("0o");
  if ((hex || octal) &&
      (text.size() < 3 || std::isxdigit(static_cast<unsigned char>(text[2])) == 0))
    return text;
  const long long integer = std::strtoll(text.c_str() + (hex || octal ? 2 : 0), &end,
                                         hex     ? 16
                                         : octal ? 8
                                                 : 10);
  if (errno == 0 && *end == '\0' && end != text.c_str()) return integer;
  if (hex || octal) return text;
  if (text.find_first_not_of("0123456789+-.eE") != std::string::npos) return text;
  const double number = std::strtod(text.c_str(), &end);
  if (*end == '\0' && std::isfinite(number)) return number;
  return text;
}

}  // namespace

const Yaml* Yaml::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Json Yaml::to_json() const {
  struct Frame {
    const Yaml* yaml;
    Json json;
    std::size_t next = 0;
  };
  std::vector<Frame> stack;
  Json done;
  auto begin = [&](const Yaml& value) {  // true if `done` holds the value
    switch (value.kind) {
      case Kind::kNull: done = Json(); return true;
      case Kind::kScalar:
        done = value.quoted ? Json(value.scalar) : plain_scalar(value.scalar);
        return true;
      case Kind::kSequence: stack.push_back({&value, Json::array()}); return false;
      case Kind::kMap: stack.push_back({&value, Json::object()}); return false;
    }
    return true;
  };
  bool have = begin(*this);
  while (!stack.empty()) {
    Frame& frame = stack.back();
    const bool map = frame.yaml->is_map();
    if (have) {
      if (map)
        frame.json.mutable_object().emplace_back(frame.yaml->entries[frame.next - 1].key,
                                                 std::move(done));
      else frame.json.push(std::move(done));
      have = false;
    }
    if (frame.next == (map ? frame.yaml->entries.size() : frame.yaml->items.size())) {
      done = std::move(frame.json);
      stack.pop_back();
      have = true;
      continue;
    }
    const std::size_t index = frame.next++;
    have = begin(map ? frame.yaml->entries[index].value : frame.yaml->items[index]);
  }
  return done;
}

Result<Yaml> parse_yaml(std::string_view text, std::string_view file) {
  const auto refused = [&](const std::string& what, int line, int column) {
    return failure(Disposition::kQuarantine, "bad_yaml", what,
                   std::string(file) + ":" + std::to_string(line) + ":" + std::to_string(column));
  };
  if (const auto control = control_character_in(text)) {
    const auto [line, column] = line_and_column(text, *control);
    return refused("is no YAML: it holds a control character", line, column);
  }
  if (!text::is_valid_utf8(text))
    return refused("is no YAML: it is not in UTF-8; convert the file", 1, 1);
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    Builder builder;
    while (parser.HandleNextDocument(builder)) {
    }
    return std::move(builder.root);
  } catch (const Refused& error) {
    return refused(error.what, error.line, error.column);
  } catch (const YAML::Exception& error) {
    return refused("is no YAML: " + error.msg, error.mark.line + 1, error.mark.column + 1);
  } catch (const std::exception& error) {
    return refused(std::string("is no YAML: ") + error.what(), 1, 1);
  }
}

}  // namespace vigie
