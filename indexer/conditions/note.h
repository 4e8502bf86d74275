#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/condition.pb.h"
#include "proto/match.pb.h"
#include "proto/subscription.pb.h"

/// What a subscription is told of a condition, as a match. Pure.
namespace vigie::indexer::conditions {

/// The match that tells a subscription of the beginning or the end of the episode that `condition`
/// is in. Its id is a function of subscription, condition, episode and phase, so that whoever
/// writes it again writes the same. In place of an article it has the condition: `article_id` is
/// "condition-" and 26 characters, `title` says what is so, `snippet` the detail, `source` the
/// subject, `url` the page where more stands ("" where `pages_url` is), and the one evidence
/// "begun" or "ended" with the clause system:KIND.
v1::MatchRecord match_of(const v1::ConditionRecord& condition,
                         const v1::SubscriptionRecord& subscription, std::string_view pages_url);

/// Whether what stands in place of an article is a condition.
bool is_condition(const v1::ArticleSummary& article);

/// What match_of wrote, for programs.
struct Note {
  std::string kind;
  std::string phase;  // "begun", "ended"
  std::string subject;
  std::string name;
  std::string detail;
  std::int64_t since_unix_ms = 0;
  std::int64_t at_unix_ms = 0;  // when it began, or ended
};
/// Nothing where the match is of an article.
std::optional<Note> note_of(const v1::MatchRecord& match);

/// "Le Monde has gone quiet". At most 300 bytes.
std::string title_of(const v1::ConditionRecord& condition);
/// Path of the page where more of it stands: "/s/le-monde".
std::string page_of(const v1::ConditionRecord& condition);

}  // namespace vigie::indexer::conditions
