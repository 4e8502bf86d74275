#pragma once

namespace vigie::extractor::isolation {

/// How a worker ends by itself.
inline constexpr int kExitOk = 0;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNoSandbox = 86;    // the kernel refuses what locks it in
inline constexpr int kExitOutOfMemory = 87;  // an allocation failed under RLIMIT_DATA

}  // namespace vigie::extractor::isolation
