#include "indexer/conditions/course.h"

#include <tuple>

#include "platform/text/utf8.h"

namespace vigie::indexer::conditions {
namespace {

constexpr std::size_t kNameBytes = 200;
constexpr std::size_t kDetailBytes = 500;

v1::ConditionRecord turned(const v1::ConditionRecord& before, v1::ConditionState state,
                           std::int64_t now_unix_ms) {
  v1::ConditionRecord out = before;
  out.set_state(state);
  out.set_revision(before.revision() + 1);
  out.set_changed_unix_ms(now_unix_ms);
  return out;
}

void describe(const Finding& finding, v1::ConditionRecord& record) {
  record.set_name(
      text::ellipsize(finding.name.empty() ? finding.subject : finding.name, kNameBytes));
  record.set_detail(text::ellipsize(finding.detail, kDetailBytes));
}

v1::ConditionRecord pending(const v1::ConditionRecord* known, const Finding& finding,
                            std::int64_t now_unix_ms) {
  v1::ConditionRecord before;
  if (known != nullptr) before = *known;
  before.set_kind(std::string(name_of(finding.kind)));
  before.set_subject(finding.subject);
  v1::ConditionRecord out = turned(before, v1::CONDITION_STATE_PENDING, now_unix_ms);
  describe(finding, out);
  out.set_since_unix_ms(now_unix_ms);
  out.set_told(true);  // there is nothing to tell
  return out;
}

v1::ConditionRecord begun(const v1::ConditionRecord& known, const Finding& finding,
                          std::int64_t now_unix_ms) {
  v1::ConditionRecord out = turned(known, v1::CONDITION_STATE_ON, now_unix_ms);
  describe(finding, out);
  out.set_episode(known.episode() + 1);
  out.set_begun_unix_ms(now_unix_ms);
  out.set_ended_unix_ms(0);
  out.set_told(false);
  return out;
}

v1::ConditionRecord ended(const v1::ConditionRecord& known, std::int64_t now_unix_ms) {
  v1::ConditionRecord out = turned(known, v1::CONDITION_STATE_OVER, now_unix_ms);
  out.set_ended_unix_ms(now_unix_ms);
  out.set_told(false);
  return out;
}

}  // namespace

std::optional<v1::ConditionRecord> next(const v1::ConditionRecord* known, const Finding& finding,
                                        Seen seen, std::int64_t now_unix_ms, const Holds& holds) {
  if (seen == Seen::kUnknown) {
    const bool held = known != nullptr && known->state() == v1::CONDITION_STATE_PENDING;
    if (!held || !finding.idle) return std::nullopt;
    return turned(*known, v1::CONDITION_STATE_OVER, now_unix_ms);
  }
  const bool wrong = seen == Seen::kWrong;
  const auto state = known == nullptr ? v1::CONDITION_STATE_OVER : known->state();
  switch (state) {
    case v1::CONDITION_STATE_PENDING: {
      if (!wrong) return turned(*known, v1::CONDITION_STATE_OVER, now_unix_ms);
      const std::int64_t hold = finding.kind == Kind::kFailing ? holds.failing_ms : holds.others_ms;
      if (now_unix_ms - known->since_unix_ms() < hold) return std::nullopt;
      return begun(*known, finding, now_unix_ms);
    }
    case v1::CONDITION_STATE_ON:
      if (wrong) return std::nullopt;
      return turned(*known, v1::CONDITION_STATE_ENDING, now_unix_ms);
    case v1::CONDITION_STATE_ENDING:
      if (wrong) return turned(*known, v1::CONDITION_STATE_ON, now_unix_ms);
      if (now_unix_ms - known->changed_unix_ms() < holds.others_ms) return std::nullopt;
      return ended(*known, now_unix_ms);
    default:
      if (!wrong) return std::nullopt;
      return pending(known, finding, now_unix_ms);
  }
}

bool is_untold(const v1::ConditionRecord& record) { return !record.told(); }

bool is_on(const v1::ConditionRecord& record) {
  return record.state() == v1::CONDITION_STATE_ON || record.state() == v1::CONDITION_STATE_ENDING;
}

bool supersedes(const v1::ConditionRecord& one, const v1::ConditionRecord& other) {
  const auto rank = [](const v1::ConditionRecord& record) {
    return std::tuple(record.episode(), !is_on(record), record.revision());
  };
  return rank(one) > rank(other);
}

std::string key_of(const v1::ConditionRecord& record) {
  return record.kind() + "/" + record.subject();
}

}  // namespace vigie::indexer::conditions
