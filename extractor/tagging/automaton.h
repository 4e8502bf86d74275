#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

struct hs_database;

namespace vigie::extractor::tagging {

/// All literals of the packs as one Vectorscan database. Immutable; scan() from any thread, each
/// with its own scratch.
class Automaton {
 public:
  struct Hit {
    std::uint32_t literal = 0;  // its place in the list given to compile()
    std::uint32_t begin = 0;    // bytes of the text
  };

  /// In: literals, not empty, each once. Errors: kStop automaton.
  static Result<std::unique_ptr<Automaton>> compile(std::vector<std::string> literals);
  ~Automaton();
  Automaton(const Automaton&) = delete;
  Automaton& operator=(const Automaton&) = delete;

  /// Every occurrence of every literal, in order of its end. The text is under 4 GiB.
  void scan(std::string_view text, std::vector<Hit>& hits) const;
  const std::vector<std::string>& literals() const { return literals_; }

 private:
  Automaton() = default;
  std::vector<std::string> literals_;
  hs_database* database_ = nullptr;
};

}  // namespace vigie::extractor::tagging
