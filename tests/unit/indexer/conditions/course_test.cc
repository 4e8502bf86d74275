#include "indexer/conditions/course.h"

#include <gtest/gtest.h>

#include <vector>

#include "indexer/conditions/note.h"

namespace vigie::indexer::conditions {
namespace {

constexpr std::int64_t kStart = 1'780'000'000'000;
constexpr std::int64_t kMinute = 60'000;

/// Looks once a minute, as what `seen` says: w wrong, r right, ? unknown. A letter a minute:
/// P pending, B begun, E ending, O over and told, . nothing new.
std::string course(const std::string& seen, Kind kind, v1::ConditionRecord* last = nullptr) {
  std::string out;
  std::optional<v1::ConditionRecord> known;
  const Finding finding{kind, "le-monde", "Le Monde", "It is so.", true};
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const Seen as = seen[i] == 'w' ? Seen::kWrong : seen[i] == 'r' ? Seen::kRight : Seen::kUnknown;
    const auto changed = next(known ? &*known : nullptr, finding, as,
                              kStart + static_cast<std::int64_t>(i) * kMinute, Holds());
    if (!changed) {
      out += '.';
      continue;
    }
    EXPECT_EQ(changed->revision(), known ? known->revision() + 1 : 1);
    const bool tells = is_untold(*changed);
    switch (changed->state()) {
      case v1::CONDITION_STATE_PENDING: out += 'P'; break;
      case v1::CONDITION_STATE_ON: out += tells ? 'B' : 'b'; break;
      case v1::CONDITION_STATE_ENDING: out += 'E'; break;
      default: out += tells ? 'O' : 'o';
    }
    known = changed;
    if (tells) known->set_told(true);
  }
  if (last != nullptr && known) *last = *known;
  return out;
}

TEST(Course, IsToldOnceWhenItBeginsAndOnceWhenItEnds) {
  v1::ConditionRecord last;
  EXPECT_EQ(course("rwwwwwwwwwrrrrrrrr", Kind::kQuiet, &last), ".P....B...E....O..");
  EXPECT_EQ(last.episode(), 1U);
  EXPECT_EQ(last.since_unix_ms(), kStart + kMinute);
  EXPECT_EQ(last.begun_unix_ms(), kStart + 6 * kMinute);
  EXPECT_EQ(last.ended_unix_ms(), kStart + 15 * kMinute);
}

TEST(Course, WhatFlapsIsToldAtMostOnce) {
  EXPECT_EQ(course("wwwrwwwrwwwr", Kind::kQuiet), "P..oP..oP..o") << "never long enough";
  EXPECT_EQ(course("wwwwwwrrwwrrww", Kind::kDisk), "P....BE.b.E.b.") << "begun once, never ended";
}

TEST(Course, WhatIsNotKnownChangesNothing) {
  EXPECT_EQ(course("w????w", Kind::kLag), "P....B");
  EXPECT_EQ(course("wwwwww????????rrrrrr", Kind::kLag), "P....B........E....O");
}

TEST(Course, ASourceThatFailsIsGivenAnHour) {
  const std::string an_hour(60, 'w');
  EXPECT_EQ(course(an_hour, Kind::kFailing), "P" + std::string(59, '.'));
  EXPECT_EQ(course(an_hour + "w", Kind::kFailing), "P" + std::string(59, '.') + "B");
}

TEST(Course, EachEpisodeHasItsNumber) {
  v1::ConditionRecord last;
  EXPECT_EQ(course("wwwwwwrrrrrrwwwwwwrrrrrr", Kind::kLag, &last), "P....BE....OP....BE....O");
  EXPECT_EQ(last.episode(), 2U);
}

TEST(Note, IsTheSameWhoeverWritesItAndAnotherForEachPhaseAndEpisode) {
  v1::SubscriptionRecord subscription;
  subscription.set_id("s1");
  v1::ConditionRecord on;
  ASSERT_EQ(course("wwwwww", Kind::kQuiet, &on), "P....B");
  v1::ConditionRecord over;
  course("wwwwwwrrrrrr", Kind::kQuiet, &over);
  v1::ConditionRecord again;
  course("wwwwwwrrrrrrwwwwww", Kind::kQuiet, &again);
  const auto begun = match_of(on, subscription, "https://vigie.example/");
  on.set_revision(77);
  EXPECT_EQ(begun.SerializeAsString(),
            match_of(on, subscription, "https://vigie.example").SerializeAsString());
  EXPECT_EQ(begun.article().title(), "Le Monde has gone quiet");
  EXPECT_EQ(begun.article().url(), "https://vigie.example/s/le-monde");
  const auto ended = match_of(over, subscription, "");
  EXPECT_EQ(ended.article().title(), "Over: Le Monde has gone quiet");
  EXPECT_EQ(ended.article().url(), "");
  EXPECT_NE(begun.match_id(), ended.match_id());
  EXPECT_NE(begun.match_id(), match_of(again, subscription, "").match_id());
  subscription.set_id("s2");
  EXPECT_NE(begun.match_id(), match_of(on, subscription, "").match_id());
  const auto note = note_of(begun);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->kind + note->phase + note->subject, "quietbegunle-monde");
  EXPECT_EQ(note_of(ended)->phase, "ended");
  EXPECT_FALSE(note_of(v1::MatchRecord()));
}

}  // namespace
}  // namespace vigie::indexer::conditions
