#include "platform/result/result.h"

#include <cstdio>
#include <cstdlib>

namespace vigie::internal {

void invariant_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace vigie::internal
