#include "indexer/segments/postings.h"

#include <gtest/gtest.h>

#include <random>

#include "indexer/segments/coding.h"
#include "indexer/segments/columns.h"

namespace vigie::indexer::segments {
namespace {

struct List {
  Postings postings;
  std::vector<Positions> positions;
  std::vector<PostingWriter::Chunk> chunks;
};

List random_list(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 chance(seed);
  List out;
  PostingWriter writer;
  std::uint32_t document = static_cast<std::uint32_t>(chance() % 3);
  for (std::size_t i = 0; i < count; ++i) {
    Positions positions;
    for (auto& field : positions) {
      std::uint32_t at = 0;
      for (std::uint64_t j = chance() % 4; j > 0; --j)
        field.push_back(at += 1 + static_cast<std::uint32_t>(chance() % 200));
    }
    const Frequencies frequencies{static_cast<std::uint32_t>(positions[0].size()),
                                  static_cast<std::uint32_t>(positions[1].size())};
    std::string bytes;
    append_positions(bytes, positions);
    writer.add(document, frequencies, bytes);
    out.postings.documents.push_back(document);
    out.postings.frequencies.push_back(frequencies);
    out.positions.push_back(positions);
    document += 1 + static_cast<std::uint32_t>(chance() % 5);
  }
  out.chunks = writer.finish();
  return out;
}

Result<void> open(PostingReader& reader, const std::vector<PostingWriter::Chunk>& chunks) {
  return reader.open(
      chunks[0].postings,
      [&chunks](std::uint32_t i) -> Result<std::string> { return chunks.at(i).postings; },
      [&chunks](std::uint32_t i) -> Result<std::string> { return chunks.at(i).positions; });
}

TEST(Postings, ComeBackWholeAndInPart) {
  for (std::size_t count : {1, 127, 128, 129, 1'000, 16'384, 16'385, 40'000}) {
    const List list = random_list(count, count);
    EXPECT_EQ(list.chunks.size(), (count + kChunkPostings - 1) / kChunkPostings);
    PostingReader reader;
    ASSERT_TRUE(open(reader, list.chunks));
    EXPECT_EQ(reader.document_frequency(), count);
    Postings all;
    ASSERT_TRUE(reader.read(nullptr, all));
    EXPECT_EQ(all.documents, list.postings.documents);
    EXPECT_EQ(all.frequencies, list.postings.frequencies);
    std::mt19937_64 chance(count);
    std::vector<std::uint32_t> among;
    std::vector<std::uint32_t> expected;
    std::vector<Positions> expected_positions;
    for (std::uint32_t document = 0, next = 0; document < list.postings.documents.back() + 5;
         ++document) {
      const bool there = next < count && list.postings.documents[next] == document;
      if (chance() % 50 == 0) {
        among.push_back(document);
        expected_positions.push_back(there ? list.positions[next] : Positions());
        if (there) expected.push_back(document);
      }
      if (there) ++next;
    }
    Postings part;
    ASSERT_TRUE(reader.read(&among, part));
    EXPECT_EQ(part.documents, expected);
    std::vector<Positions> positions(among.size());
    ASSERT_TRUE(reader.read_positions(among, positions));
    EXPECT_EQ(positions, expected_positions);
  }
}

TEST(Postings, DamagedBytesAreCorruptAndNeverACrash) {
  const List list = random_list(300, 1);
  std::mt19937_64 chance(2);
  int refused = 0;
  for (int round = 0; round < 3'000; ++round) {
    auto chunks = list.chunks;
    std::string& bytes = chance() % 2 == 0 ? chunks[0].postings : chunks[0].positions;
    if (chance() % 4 == 0) {
      bytes.resize(chance() % bytes.size());
    } else {
      bytes[chance() % bytes.size()] = static_cast<char>(chance());
    }
    PostingReader reader;
    const auto opened = open(reader, chunks);
    Postings all;
    std::vector<Positions> positions(list.postings.documents.size());
    for (const auto& result :
         {opened, opened ? reader.read(nullptr, all) : opened,
          opened ? reader.read_positions(list.postings.documents, positions) : opened}) {
      if (result) continue;
      EXPECT_EQ(result.error().code, ErrorCode("corrupt"));
      EXPECT_EQ(result.error().disposition, Disposition::kStop);
      ++refused;
      break;
    }
  }
  EXPECT_GT(refused, 1'000);
}

TEST(Columns, ComeBackAndRefuseDamage) {
  Columns columns;
  columns.add(-5, 3, 400, "article-one");
  columns.add_none();
  columns.add(1'767'225'600'000, 0, 0, "b");
  const std::string bytes = columns.encode();
  const auto back = Columns::decode(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->time_unix_ms, columns.time_unix_ms);
  EXPECT_EQ(back->article_id(0), "article-one");
  EXPECT_EQ(back->article_id(1), "");
  FacetColumn facet;
  facet.add({"x", "y"});
  facet.add({});
  facet.add({"y", ""});
  const auto facet_back = FacetColumn::decode(facet.encode(), 3);
  ASSERT_TRUE(facet_back);
  EXPECT_EQ(facet_back->numbers, (std::vector<std::uint32_t>{0, 1, 1}));
  EXPECT_EQ(facet_back->begin, (std::vector<std::uint32_t>{0, 2, 2, 3}));
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(Columns::decode(std::string_view(bytes).substr(0, cut)));
  EXPECT_FALSE(FacetColumn::decode(facet.encode(), 4));
}

}  // namespace
}  // namespace vigie::indexer::segments
