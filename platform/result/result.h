#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "platform/result/error_code.h"

namespace vigie {

/// What the caller has to do with a failure.
enum class Disposition {
  kRetry,       // the world may be better later
  kQuarantine,  // this input will never do; set it aside with its reason and go on
  kStop,        // going on would lose or corrupt something; end the process with a clear message
};

/// A failure as a value.
struct Error {
  ErrorCode code;  // for metrics, quarantine and programs
  Disposition disposition = Disposition::kQuarantine;
  std::string detail;  // one sentence for people: what happened and what to do
  std::string where;   // FILE:LINE:COL, URL, topic/partition/offset; may be empty

  /// "where: detail (code)".
  std::string to_string() const {
    std::string out;
    if (!where.empty()) out += where + ": ";
    out += detail.empty() ? std::string(code) : detail + " (" + std::string(code) + ")";
    return out;
  }
};

/// A value or an Error; a dropped one does not compile.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

template <>
class [[nodiscard]] Result<void> : public tl::expected<void, Error> {
 public:
  using tl::expected<void, Error>::expected;
};

inline tl::unexpected<Error> failure(Disposition disposition, ErrorCode code, std::string detail,
                                     std::string where = {}) {
  return tl::make_unexpected(Error{code, disposition, std::move(detail), std::move(where)});
}
inline tl::unexpected<Error> failure(Error error) { return tl::make_unexpected(std::move(error)); }

namespace internal {
[[noreturn]] void invariant_failed(const char* condition, const char* file, int line);
}

/// A broken invariant of ours: prints and aborts, in release builds too. Never for untrusted input.
#define VIGIE_INVARIANT(condition)    \
  ((condition) ? static_cast<void>(0) \
               : ::vigie::internal::invariant_failed(#condition, __FILE__, __LINE__))

/// Returns the error of a Result expression from the enclosing function.
#define VIGIE_TRY(expression)                                       \
  do {                                                              \
    if (auto vigie_try_result = (expression); !vigie_try_result)    \
      return ::vigie::failure(std::move(vigie_try_result.error())); \
  } while (false)

#define VIGIE_CONCAT_(a, b) a##b
#define VIGIE_CONCAT(a, b) VIGIE_CONCAT_(a, b)

/// VIGIE_ASSIGN(auto value, expression): the value, or returns the error.
#define VIGIE_ASSIGN(declaration, expression)                                          \
  auto VIGIE_CONCAT(vigie_result_, __LINE__) = (expression);                           \
  if (!VIGIE_CONCAT(vigie_result_, __LINE__))                                          \
    return ::vigie::failure(std::move(VIGIE_CONCAT(vigie_result_, __LINE__).error())); \
  declaration = std::move(*VIGIE_CONCAT(vigie_result_, __LINE__))

}  // namespace vigie
