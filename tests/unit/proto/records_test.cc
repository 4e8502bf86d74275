// Old readers read new records and the reverse (ops/spec/records.md, "What may change"), and pass
// on what they do not know.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "proto/article.pb.h"
#include "proto/control.pb.h"
#include "proto/delivery.pb.h"
#include "proto/frontier.pb.h"
#include "proto/match.pb.h"
#include "proto/page.pb.h"
#include "proto/quarantine.pb.h"
#include "proto/status.pb.h"
#include "proto/story.pb.h"
#include "proto/subscription.pb.h"

namespace vigie::v1 {
namespace {

/// A field that this version does not know: number 15000, length-delimited, as a later version
/// would write it.
std::string from_the_future(std::string_view value) {
  return std::string("\xC2\xA9\x07", 3) + static_cast<char>(value.size()) + std::string(value);
}

template <class Record>
class Records : public testing::Test {};
using All = testing::Types<ArticleRecord, PageRecord, FingerprintRecord, StoryRecord,
                           SubscriptionRecord, MatchRecord, StatusRecord, QuarantineRecord>;
TYPED_TEST_SUITE(Records, All);

TYPED_TEST(Records, KeepWhatALaterVersionAdded) {
  TypeParam record;
  ASSERT_TRUE(record.ParseFromString(from_the_future("later")));
  EXPECT_EQ(record.GetReflection()->GetUnknownFields(record).field_count(), 1);
  EXPECT_EQ(record.GetReflection()->GetUnknownFields(record).field(0).number(), 15000);
  EXPECT_EQ(record.SerializeAsString(), from_the_future("later"));
  TypeParam copy = record;
  EXPECT_EQ(copy.SerializeAsString(), from_the_future("later"));
}

TYPED_TEST(Records, ReadAnEmptyRecordOfAnEarlierVersion) {
  TypeParam record;
  ASSERT_TRUE(record.ParseFromString(""));
  EXPECT_EQ(record.SerializeAsString(), "");
}

TYPED_TEST(Records, RefuseBytesThatAreNoRecord) {
  TypeParam record;
  EXPECT_FALSE(
      record.ParseFromString("\x0A\x7F"
                             "cut"));
  EXPECT_FALSE(record.ParseFromString("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));
}

// proto3 with implicit presence: an absent field is its default. A field that must be told apart
// from it is `optional`.
TYPED_TEST(Records, HaveNoRequiredFieldsAndNoNumberTwice) {
  const auto* descriptor = TypeParam::descriptor();
  EXPECT_EQ(descriptor->file()->syntax(), google::protobuf::FileDescriptor::SYNTAX_PROTO3);
  std::set<int> numbers;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    EXPECT_FALSE(descriptor->field(i)->is_required());
    EXPECT_TRUE(numbers.insert(descriptor->field(i)->number()).second);
  }
}

TEST(ArticleRecord, KeepsUnknownFieldsOfNestedMessagesToo) {
  ArticleRecord article;
  article.set_article_id("id");
  std::string bytes = article.SerializeAsString();
  Source source;
  source.set_id("reuters");
  const std::string nested = source.SerializeAsString() + from_the_future("x");
  bytes += "\x32";  // field 6, source
  bytes += static_cast<char>(nested.size());
  bytes += nested;
  ArticleRecord read;
  ASSERT_TRUE(read.ParseFromString(bytes));
  EXPECT_EQ(read.source().id(), "reuters");
  read.set_article_id("changed");
  EXPECT_NE(read.SerializeAsString().find(from_the_future("x")), std::string::npos);
}

TEST(PageRecord, KeepsAnOriginThatALaterVersionNamed) {
  PageRecord read;
  ASSERT_TRUE(read.ParseFromString("\x28\x63"));  // field 5, origin = 99
  EXPECT_EQ(static_cast<int>(read.origin()), 99);
  EXPECT_EQ(read.SerializeAsString(), "\x28\x63");
}

// The bytes of the first version, written out: what is in a log today must be read for ever.
TEST(StoryRecord, ReadsTheBytesOfTheFirstVersion) {
  const std::string bytes = std::string(
                                "\x0A\x01"
                                "a"
                                "\x12\x01"
                                "s"
                                "\x19",
                                7) +
                            std::string("\x00\x00\x00\x00\x00\x00\xE0\x3F", 8) +
                            std::string("\x20\x2A", 2);
  StoryRecord story;
  ASSERT_TRUE(story.ParseFromString(bytes));
  EXPECT_EQ(story.article_id(), "a");
  EXPECT_EQ(story.story_id(), "s");
  EXPECT_EQ(story.similarity(), 0.5);
  EXPECT_EQ(story.decided_at_offset(), 42);
  EXPECT_EQ(story.SerializeAsString(), bytes);
}

}  // namespace
}  // namespace vigie::v1
