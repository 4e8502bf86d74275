#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "indexer/conditions/observer.h"
#include "proto/condition.pb.h"

/// The course that a condition takes: wrong, for long enough, right again, for long enough. Pure.
namespace vigie::indexer::conditions {

/// For how long something must be so before it is told; nothing flaps faster than these.
struct Holds {
  std::int64_t failing_ms = 60 * 60'000;  // a source that fails
  std::int64_t others_ms = 5 * 60'000;    // everything else, and every end
};

/// What is seen of a condition now.
enum class Seen : std::uint8_t { kWrong, kRight, kUnknown };

/// The next record of a condition; nothing where it stays as it is. `known`: its newest record, or
/// null. `finding`: what is seen of it, with its names where that is kWrong. A beginning and an end
/// come out with `told` false: the caller tells them, and sets it. A clock that is set back makes
/// a hold longer by as much.
std::optional<v1::ConditionRecord> next(const v1::ConditionRecord* known, const Finding& finding,
                                        Seen seen, std::int64_t now_unix_ms, const Holds& holds);

/// Whether its beginning or end is still to be told.
bool is_untold(const v1::ConditionRecord& record);
/// Whether it is wrong, and that was told.
bool is_on(const v1::ConditionRecord& record);

/// Whether of two records of a condition this one is in force: the later phase of the later
/// episode, else the greater revision. An owner that slept may have told of a phase that the others
/// do not know: then it has begun, or ended.
bool supersedes(const v1::ConditionRecord& one, const v1::ConditionRecord& other);

/// Keys of ConditionRecord in `status` begin so.
inline constexpr std::string_view kKeyPrefix = "condition/";
/// "quiet/le-monde": the key in `status` behind kKeyPrefix.
std::string key_of(const v1::ConditionRecord& record);

}  // namespace vigie::indexer::conditions
