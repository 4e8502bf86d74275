// Source files and what people said of sources, taken together.
#include "crawler/sources/merge.h"

#include <gtest/gtest.h>

namespace vigie::crawler::sources {
namespace {

SourceEntry file(const std::string& id, std::vector<std::string> feeds) {
  SourceEntry entry;
  entry.source.set_id(id);
  entry.source.set_name("File " + id);
  entry.source.set_homepage("http://" + id + ".example/");
  entry.source.set_country("FR");
  entry.feeds = std::move(feeds);
  entry.where = "sources.yaml:1:1";
  return entry;
}

v1::SourceEdit edit(const std::string& id, std::vector<std::string> feeds, std::int64_t created,
                    std::vector<std::string> fields = {}) {
  v1::SourceEdit out;
  out.set_id(id);
  out.set_revision(7);
  out.set_own(fields.empty());
  out.mutable_source()->set_name("People " + id);
  out.mutable_source()->set_country("DE");
  *out.mutable_feeds() = {feeds.begin(), feeds.end()};
  *out.mutable_fields() = {fields.begin(), fields.end()};
  out.set_created_at_unix_ms(created);
  out.set_poll_every_s(600);
  return out;
}

SourceList list(std::vector<SourceEntry> entries) {
  SourceList out;
  out.sources = std::move(entries);
  return out;
}

Edits edits(std::vector<v1::SourceEdit> all) {
  Edits out;
  for (v1::SourceEdit& one : all) out[one.id()] = std::move(one);
  return out;
}

/// One line a source: "id name country feeds… [own] [refused] [note]".
std::vector<std::string> told(const SourceList& merged) {
  std::vector<std::string> out;
  for (const SourceEntry& entry : merged.sources) {
    std::string line = entry.source.id() + " " + entry.source.name() + " " + entry.source.country();
    for (const std::string& feed : entry.feeds) line += " " + feed;
    if (entry.own) line += " own";
    if (entry.refused) line += " refused";
    if (!entry.note.empty()) line += " note";
    out.push_back(std::move(line));
  }
  return out;
}

struct Case {
  const char* what;
  SourceList files;
  Edits edits;
  std::vector<std::string> expected;
};

TEST(Merge, ConflictsAreResolvedAsItIsSaid) {
  const std::vector<Case> cases{
      {"nothing said", list({file("a", {"f1"})}), {}, {"a File a FR f1"}},
      {"people's own come behind, the oldest first",
       list({file("a", {"f1"})}),
       edits({edit("b", {"f3"}, 20), edit("c", {"f2"}, 10)}),
       {"a File a FR f1", "c People c DE f2 own", "b People b DE f3 own"}},
      {"a file goes before people under one id",
       list({file("a", {"f1"})}),
       edits({edit("a", {"f2"}, 1)}),
       {"a File a FR f1 note"}},
      {"only the named fields are changed",
       list({file("a", {"f1"})}),
       edits({edit("a", {"f9"}, 1, {"country"})}),
       {"a File a DE f1"}},
      {"addresses of a file's source are changed",
       list({file("a", {"f1"})}),
       edits({edit("a", {"f9"}, 1, {"feeds", "name"})}),
       {"a People a FR f9"}},
      {"a file's source keeps its addresses where none would be left",
       list({file("a", {"f1"})}),
       edits({edit("a", {}, 1, {"feeds"})}),
       {"a File a FR f1 note"}},
      {"an address of a file's later source is not taken by a change of an earlier one",
       list({file("a", {"f1"}), file("b", {"f2"})}),
       edits({edit("a", {"f2", "f3"}, 1, {"feeds"})}),
       {"a File a FR f3 note", "b File b FR f2"}},
      {"an address that a file gives up may be taken",
       list({file("a", {"f1"}), file("b", {"f2"})}),
       edits({edit("a", {"f2"}, 1, {"feeds"}), edit("b", {"f4"}, 2, {"feeds"})}),
       {"a File a FR f2", "b File b FR f4"}},
      {"people's own lose what others have, the later to the older",
       list({file("a", {"f1"})}),
       edits({edit("b", {"f1", "f2"}, 1), edit("c", {"f2", "f3"}, 2)}),
       {"a File a FR f1", "b People b DE f2 own note", "c People c DE f3 own note"}},
      {"without an address it is told of and not polled",
       list({file("a", {"f1"})}),
       edits({edit("b", {"f1"}, 1)}),
       {"a File a FR f1", "b People b DE own refused note"}},
      {"a change of a source that is nowhere waits",
       list({file("a", {"f1"})}),
       edits({edit("z", {"f9"}, 1, {"feeds"})}),
       {"a File a FR f1"}},
      {"an address that stands twice is polled once",
       list({}),
       edits({edit("b", {"f1", "f1"}, 1)}),
       {"b People b DE f1 own"}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    EXPECT_EQ(told(merge(one.files, one.edits)), one.expected);
  }
}

TEST(Merge, TellsWhichRevisionIsInForce) {
  const SourceList merged =
      merge(list({file("a", {"f1"}), file("c", {"f2"})}),
            edits({edit("a", {}, 1, {"poll_every_s"}), edit("b", {"f3"}, 1)}));
  ASSERT_EQ(merged.sources.size(), 3U);
  EXPECT_EQ(merged.sources[0].edit_revision, 7U);
  EXPECT_EQ(merged.sources[0].poll_every_s, 600U);
  EXPECT_EQ(merged.sources[1].edit_revision, 0U);
  EXPECT_EQ(merged.sources[1].poll_every_s, 0U);
  EXPECT_EQ(merged.sources[2].edit_revision, 7U);
}

}  // namespace
}  // namespace vigie::crawler::sources
