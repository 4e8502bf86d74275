#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "platform/json/json.h"

namespace vigie::cli {

/// One object for people: its first member is the headline, the others follow as "name: value"
/// below it; a list of plain values stands in one line, an object of a list gets a line of its own,
/// its lists deeper below it. Ends with a line break. Control characters are escaped; nothing is
/// left out but null, "" and empty lists.
std::string text_of(const Json& object);

/// Takes what a command writes as JSON lines and passes it on as text for people (--format text). A
/// line that is no object passes as it is. What is left without a line break passes when this goes.
/// One thread.
class TextLines {
 public:
  /// `out` must outlive this.
  explicit TextLines(std::ostream& out);
  ~TextLines();
  TextLines(const TextLines&) = delete;
  TextLines& operator=(const TextLines&) = delete;
  /// Where the command writes.
  std::ostream& stream();

 private:
  class Buffer;
  std::unique_ptr<Buffer> buffer_;
  std::unique_ptr<std::ostream> stream_;
};

}  // namespace vigie::cli
