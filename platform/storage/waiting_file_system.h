#pragma once

#include <rocksdb/env.h>

namespace vigie::storage {

/// The file system of the process, except that appending to a write-ahead log on a full disk waits
/// in place, says so every half minute, and goes on once there is room. RocksDB 7.8 does not get
/// over a write-ahead log that met a full disk: where nothing is left to flush, resuming keeps that
/// log, and the next write to it ends the process by an assertion. Thread-safe; lives as long as
/// the process.
rocksdb::Env* waiting_environment();

}  // namespace vigie::storage
