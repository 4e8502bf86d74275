// libs: proto records platform/process platform/text protobuf
// ops/spec/records.md has the topics of proto/log_topics.h and the fields of the records.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "proto/article.pb.h"
#include "proto/audit.pb.h"
#include "proto/collection.pb.h"
#include "proto/condition.pb.h"
#include "proto/control.pb.h"
#include "proto/delivery.pb.h"
#include "proto/digest.pb.h"
#include "proto/frontier.pb.h"
#include "proto/key.pb.h"
#include "proto/log_topics.h"
#include "proto/match.pb.h"
#include "proto/page.pb.h"
#include "proto/quarantine.pb.h"
#include "proto/saved_search.pb.h"
#include "proto/session.pb.h"
#include "proto/source.pb.h"
#include "proto/source_edit.pb.h"
#include "proto/spike.pb.h"
#include "proto/status.pb.h"
#include "proto/story.pb.h"
#include "proto/subscription.pb.h"
#include "tests/spec/spec_page.h"

namespace vigie::v1 {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

/// What indexers ask each other is no record.
constexpr std::string_view kNoRecord = "proto/peer.proto";

std::vector<const FileDescriptor*> files() {
  return {PageRecord::descriptor()->file(),         Source::descriptor()->file(),
          ArticleRecord::descriptor()->file(),      StoryRecord::descriptor()->file(),
          SubscriptionRecord::descriptor()->file(), MatchRecord::descriptor()->file(),
          DeliveryRecord::descriptor()->file(),     UrlState::descriptor()->file(),
          StatusRecord::descriptor()->file(),       ControlRecord::descriptor()->file(),
          QuarantineRecord::descriptor()->file(),   SessionRecord::descriptor()->file(),
          KeyRecord::descriptor()->file(),          AuditRecord::descriptor()->file(),
          CollectionRecord::descriptor()->file(),   Digest::descriptor()->file(),
          SourceEdit::descriptor()->file(),         Spike::descriptor()->file(),
          SavedSearch::descriptor()->file(),        ConditionRecord::descriptor()->file()};
}

std::string type_of(const FieldDescriptor& field) {
  const std::string repeated = field.is_repeated() ? "repeated " : "";
  if (field.type() == FieldDescriptor::TYPE_MESSAGE)
    return repeated + std::string(field.message_type()->name());
  if (field.type() == FieldDescriptor::TYPE_ENUM)
    return repeated + std::string(field.enum_type()->name());
  return repeated + std::string(field.type_name());
}

/// Name of a message or enumeration → its line: number, name and type of each field or value.
std::map<std::string, std::string> defined() {
  std::map<std::string, std::string> out;
  for (const FileDescriptor* file : files()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      std::string line;
      for (int f = 0; f < file->message_type(i)->field_count(); ++f) {
        const FieldDescriptor& field = *file->message_type(i)->field(f);
        line += (line.empty() ? "" : " · ") + std::to_string(field.number()) + " `" +
                std::string(field.name()) + "` " + type_of(field);
      }
      out.emplace(file->message_type(i)->name(), line);
    }
    for (int i = 0; i < file->enum_type_count(); ++i) {
      const EnumDescriptor& type = *file->enum_type(i);
      std::string line;
      for (int v = 0; v < type.value_count(); ++v)
        line += (line.empty() ? "" : " · ") + std::to_string(type.value(v)->number()) + " `" +
                std::string(type.value(v)->name()) + "`";
      out.emplace(type.name(), line);
    }
  }
  return out;
}

/// The same as the page has it: "- **Name**: 1 `field` type · …".
std::map<std::string, std::string> on_the_page() {
  std::map<std::string, std::string> out;
  for (const std::string& line : spec::lines_of("records.md")) {
    const std::size_t end = line.find("**: ");
    const bool fields = end != std::string::npos && line.size() > end + 4 && line[end + 4] >= '0' &&
                        line[end + 4] <= '9';
    if (line.starts_with("- **") && fields)
      EXPECT_TRUE(out.emplace(line.substr(4, end - 4), line.substr(end + 4)).second) << line;
  }
  return out;
}

TEST(RecordsPage, HasEveryFieldByNumberNameAndType) {
  const std::map<std::string, std::string> expected = defined();
  std::map<std::string, std::string> found = on_the_page();
  for (const auto& [name, line] : expected) EXPECT_EQ(found[name], line) << name;
  for (const auto& [name, line] : found)
    EXPECT_TRUE(expected.contains(name)) << name << " is on the page and in no .proto";
}

TEST(RecordsPage, SpeaksOfEveryFileOfRecords) {
  std::set<std::string> expected;
  for (const FileDescriptor* file : files()) expected.insert(std::string(file->name()));
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("proto")) {
    const std::string path = entry.path().string();
    if (path.ends_with(".proto") && path != kNoRecord) found.insert(path);
  }
  EXPECT_EQ(found, expected);
}

TEST(RecordsPage, HasTheTopicsOfTheLog) {
  // name, partitions, compacted, kept, largest record, …
  std::vector<std::vector<std::string>> expected;
  for (const proto::TopicSpec& topic : proto::kTopics) {
    const std::string days = std::to_string(topic.retention_ms / proto::kDayMs) + " days";
    expected.push_back({"`" + std::string(topic.short_name) + "`",
                        topic.single_partition ? "1" : "`log.partitions`",
                        topic.compacted ? "yes" : "no", topic.retention_ms < 0 ? "for ever" : days,
                        std::to_string(topic.max_record_bytes)});
  }
  std::vector<std::vector<std::string>> found = spec::table_of("records.md", "Topic");
  const auto sections = spec::sections_of("records.md");
  for (std::vector<std::string>& row : found) {
    ASSERT_EQ(row.size(), 9U) << row.front();
    EXPECT_TRUE(sections.contains(row[0].substr(1, row[0].size() - 2))) << row[0];
    row.resize(5);
  }
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace vigie::v1
