#include "platform/yaml/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstdlib>
#include <map>
#include <sstream>

namespace vigie {
namespace {

/// Aliases may multiply a text; what they make may not grow beyond this many nodes.
constexpr std::size_t kMaxNodes = 2'000'000;
constexpr std::size_t kMaxDepth = 64;

struct Refused {
  std::string what;
  int line;
  int column;
};

/// Builds our tree from the events of the parser, without recursion.
class Builder final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(node(Yaml::Kind::kNull, mark), anchor, mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{"an alias names an anchor that is not complete yet", mark.line + 1, mark.column + 1};
    count(found->second.second, mark);
    place(found->second.first, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    Yaml out = node(Yaml::Kind::kScalar, mark);
    out.scalar = value;
    out.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    leaf(std::move(out), anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override { open(Yaml::Kind::kSequence, mark, anchor); }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override { open(Yaml::Kind::kMap, mark, anchor); }
  void OnMapEnd() override { close(); }

  Yaml root;

 private:
  struct Open {
    Yaml value;
    YAML::anchor_t anchor;
    std::size_t begin;  // nodes counted before it
    bool has_key = false;
    Yaml key;
  };

  Yaml node(Yaml::Kind kind, const YAML::Mark& mark) {
    count(1, mark);
    Yaml out;
    out.kind = kind;
    out.line = mark.line + 1;
    out.column = mark.column + 1;
    return out;
  }
  void count(std::size_t nodes, const YAML::Mark& mark) {
    nodes_ += nodes;
    if (nodes_ > kMaxNodes) throw Refused{"the document is too large", mark.line + 1, mark.column + 1};
  }
  void open(Yaml::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= kMaxDepth) throw Refused{"is nested too deeply", mark.line + 1, mark.column + 1};
    const std::size_t begin = nodes_;
    open_.push_back({node(kind, mark), anchor, begin, false, {}});
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != YAML::NullAnchor) anchors_[done.anchor] = {done.value, nodes_ - done.begin};
    YAML::Mark mark;
    mark.line = done.value.line - 1;
    mark.column = done.value.column - 1;
    place(std::move(done.value), mark);
  }
  void leaf(Yaml value, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {value, 1};
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
      if (!value.is_scalar()) throw Refused{"a key must be a plain word", mark.line + 1, mark.column + 1};
      if (const Yaml* earlier = parent.value.find(value.scalar)) {
        throw Refused{"the key '" + value.scalar + "' stands here a second time; the first is in line " + std::to_string(earlier->line), mark.line + 1, mark.column + 1};
      }
      parent.key = std::move(value);
      parent.has_key = true;
      return;
    }
    parent.value.entries.push_back({parent.key.scalar, parent.key.line, parent.key.column, std::move(value)});
    parent.has_key = false;
  }

  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::pair<Yaml, std::size_t>> anchors_;
  std::size_t nodes_ = 0;
};

Json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const bool number_like = text.find_first_not_of("0123456789+-.eExXoOabcdefABCDEF") == std::string::npos && text.find_first_of("0123456789") != std::string::npos;
  if (!number_like) return text;
  char* end = nullptr;
  errno = 0;
  const bool hex = text.starts_with("0x");
  const bool octal = text.starts_with("0o");
  const long long integer = std::strtoll(text.c_str() + (hex || octal ? 2 : 0), &end, hex ? 16 : octal ? 8 : 10);
  if (errno == 0 && *end == '\0' && end != text.c_str()) return integer;
  if (hex || octal) return text;
  if (text.find_first_not_of("0123456789+-.eE") != std::string::npos) return text;
  const double number = std::strtod(text.c_str(), &end);
  if (*end == '\0') return number;
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
      case Kind::kScalar: done = value.quoted ? Json(value.scalar) : plain_scalar(value.scalar); return true;
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
      if (map) frame.json.mutable_object().emplace_back(frame.yaml->entries[frame.next - 1].key, std::move(done));
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
    return failure(Disposition::kQuarantine, "bad_yaml", what, std::string(file) + ":" + std::to_string(line) + ":" + std::to_string(column));
  };
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    Builder builder;
    parser.HandleNextDocument(builder);
    return std::move(builder.root);
  } catch (const Refused& error) {
    return refused(error.what, error.line, error.column);
  } catch (const YAML::Exception& error) {
    return refused("is no YAML: " + error.msg, error.mark.line + 1, error.mark.column + 1);
  }
}

}  // namespace vigie
