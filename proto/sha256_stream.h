#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace vigie::proto {

/// SHA-256 (FIPS 180-4) of what comes in pieces. One thread.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void add(std::string_view bytes);
  /// 64 lower-case hexadecimal digits; once, as the last call.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vigie::proto
