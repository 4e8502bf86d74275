#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/json/json.h"
#include "platform/result/result.h"

namespace vigie {

/// A YAML node with its place, so that every complaint can say FILE:LINE:COL.
struct Yaml {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  struct Entry;
  Kind kind = Kind::kNull;
  std::string scalar;          // as written, without quotes
  bool quoted = false;         // then it is a string whatever it looks like
  std::vector<Yaml> items;     // sequence
  std::vector<Entry> entries;  // map, in order; keys are unique
  int line = 0;                // from 1
  int column = 0;              // from 1

  const Yaml* find(std::string_view key) const;
  /// As YAML 1.2's core schema reads it: null, bool, integer, double, else string.
  Json to_json() const;
  bool is_map() const { return kind == Kind::kMap; }
  bool is_sequence() const { return kind == Kind::kSequence; }
  bool is_scalar() const { return kind == Kind::kScalar; }
};

struct Yaml::Entry {
  std::string key;
  int line = 0;
  int column = 0;
  Yaml value;
};

/// Parses one document. Aliases are expanded up to a bound; duplicate keys are errors.
/// Errors: kQuarantine bad_yaml, `where` = FILE:LINE:COL with `file` as given.
Result<Yaml> parse_yaml(std::string_view text, std::string_view file);

}  // namespace vigie
