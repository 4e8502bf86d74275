#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "platform/result/result.h"

namespace vigie::warc {

/// What is wrong with an archive, and where.
struct WarcProblem {
  std::uint64_t offset = 0;  // of the record, in the file as it is stored
  std::string what;          // a sentence for people
};

/// What a WARC file holds, every byte of it read.
struct VerifiedWarc {
  std::uint64_t records = 0;  // whole ones
  std::map<std::string, std::uint64_t> by_type;
  std::uint64_t digests = 0;     // that were computed again and are right
  std::uint64_t unverified = 0;  // digests by another algorithm than SHA-256
  bool cut = false;              // it ends within a record
  std::vector<WarcProblem> problems;
  std::uint64_t more_problems = 0;  // beyond kMaxProblems
};

/// Problems that are told of one file.
inline constexpr std::size_t kMaxProblems = 100;
/// Block of a record that is read; a larger one is a problem.
inline constexpr std::uint64_t kMaxBlockBytes = 128ULL << 20;

/// Reads a WARC file (plain, or gzip by record) to its end: each record has its mandatory fields
/// (ISO 28500 §5), as many bytes as it says, a block and a payload that are what its digests say,
/// and is a gzip member of its own. A revisit refers to a URL. Ids are there once.
/// Errors: kStop not_found, io.
Result<VerifiedWarc> verify_warc(const std::filesystem::path& file);

}  // namespace vigie::warc
