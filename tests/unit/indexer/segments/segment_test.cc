#include "indexer/segments/segment.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "indexer/segments/writer.h"

namespace vigie::indexer::segments {
namespace {

namespace fs = std::filesystem;

v1::ArticleRecord random_article(std::mt19937_64& chance, int number) {
  static constexpr const char* kEndings[] = {"", "s", "ing", "ed", "er"};
  static constexpr const char* kLanguages[] = {"en", "en", "fr", "de", "xx", ""};
  const auto words = [&](std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
      // some words are in nearly every document, most in few
      const std::uint64_t rank = chance() % (1 + chance() % 400);
      out += "w" + std::string(1 + rank % 3, static_cast<char>('a' + rank % 26)) +
             std::string(rank / 26, 'o') + kEndings[chance() % 5] + " ";
      if (chance() % 40 == 0) out += "半导体 ";
    }
    return out;
  };
  v1::ArticleRecord out;
  out.set_article_id("a" + std::to_string(number));
  out.set_language(kLanguages[chance() % 6]);
  out.set_title(words(chance() % 6));
  out.set_text(words(chance() % 60));
  out.set_discovered_at_unix_ms(1'000 + number);
  out.mutable_source()->set_id("s" + std::to_string(chance() % 4));
  return out;
}

/// A whole list, ascending by document.
struct Postings {
  std::vector<std::uint32_t> documents;
  std::vector<Frequencies> frequencies;
  std::vector<std::uint32_t> positions;
};

class SegmentTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() / ("vigie_segment_" + std::to_string(getpid()) + "_" +
                                     testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::shared_ptr<Segment> open(std::uint32_t number) const {
    auto out = Segment::open(folder_, number);
    EXPECT_TRUE(out) << (out ? "" : out.error().to_string());
    return out ? *out : nullptr;
  }

  /// Every key that a source holds.
  static std::vector<std::string> keys_of(const Source& source) {
    std::vector<std::string> out;
    for (const char kind : {kWordKey, kStemKey, kFilterKey}) {
      auto found = source.keys(std::string(1, kind), 1'000'000).value();
      out.insert(out.end(), found.begin(), found.end());
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  static Postings loose_of(const Source& source, const OpenList& list, const std::string& key) {
    Postings out;
    Unpacked part;
    std::vector<std::uint32_t> positions;
    const Columns columns = source.columns();
    for (std::uint32_t i = list.loose->parts(); i-- > 0;) {  // in any order
      list.loose->unpack(i, part);
      EXPECT_EQ(part.documents[part.count - 1], list.loose->last_of(i)) << key;
      list.loose->read_positions(i, part, positions);
      out.documents.insert(out.documents.begin(), part.documents, part.documents + part.count);
      out.positions.insert(out.positions.begin(), positions.begin(), positions.end());
      for (std::uint32_t j = part.count; j-- > 0;) {
        out.frequencies.insert(out.frequencies.begin(), part.of(j));
        const std::uint32_t document = part.documents[j];
        const double weight = weight_of(
            part.of(j), {columns.length[0][document], columns.length[1][document]}, list.average);
        EXPECT_LE(weight, list.loose->weight_of_part(i)) << key;
        EXPECT_LE(weight, list.weight) << key;
      }
    }
    return out;
  }

  /// A whole list with its positions; nothing where it is damaged.
  static std::optional<Postings> postings_of(const Source& source, const std::string& key,
                                             bool weighed = true) {
    OpenList list;
    const auto there = source.open(key, true, list);
    if (!there || !*there) return std::nullopt;
    if (list.loose) return loose_of(source, list, key);
    Postings out;
    Unpacked part;
    List::PositionReader reader;
    std::vector<std::uint32_t> positions;
    for (std::uint32_t i = 0; i < list.packed.parts(); ++i) {
      if (!list.packed.unpack_documents(i, part) || !list.packed.unpack_frequencies(i, part) ||
          (key[0] != kFilterKey && !reader.open(list.packed, i, part)))
        return std::nullopt;
      for (std::uint32_t j = 0; j < part.count; ++j) {
        const Frequencies frequencies = part.of(j);
        const Columns columns = source.columns();
        const std::uint32_t document = part.documents[j];
        if (key[0] != kFilterKey) reader.read_flat(j, positions);
        out.documents.push_back(document);
        out.frequencies.push_back(frequencies);
        out.positions.insert(out.positions.end(), positions.begin(), positions.end());
        const double weight = weight_of(
            frequencies, {columns.length[0][document], columns.length[1][document]}, list.average);
        if (!weighed) continue;
        if (i < list.packed.blocks_count) EXPECT_LE(weight, list.packed.blocks[i].weight) << key;
        EXPECT_LE(weight, list.weight) << key;
      }
    }
    return out;
  }

  /// By language name, so that numbers may differ.
  static std::map<std::string, std::pair<std::uint32_t, std::set<std::string>>> stem_of(
      const Source& source, const std::string& key) {
    std::map<std::string, std::pair<std::uint32_t, std::set<std::string>>> out;
    const Columns columns = source.columns();
    Stem found;
    EXPECT_TRUE(source.stem(key, true, found));
    for (const StemGroup& words : found.groups) {
      auto& [documents, keys] = out[(*columns.languages)[words.language]];
      documents = words.documents;
      for (const std::uint32_t term : words.terms) keys.emplace(source.key(term));
    }
    return out;
  }

  using Sums = std::map<std::uint32_t, Frequencies>;
  /// The documents of a list, without positions; false where it is damaged.
  static bool read_sums(const Segment& source, std::uint32_t term, Sums& out) {
    OpenList list;
    out.clear();
    if (!source.open(term, false, list)) return false;
    Unpacked part;
    for (std::uint32_t i = 0; i < list.packed.parts(); ++i) {
      if (!list.packed.unpack_documents(i, part) || !list.packed.unpack_frequencies(i, part))
        return false;
      for (std::uint32_t j = 0; j < part.count; ++j) out.emplace(part.documents[j], part.of(j));
    }
    return true;
  }

  /// A stem's list is what the lists of its words are together, each in the language that names it.
  static void expect_sums(const Segment& source, const std::string& key, int& own) {
    Stem stem;
    ASSERT_TRUE(source.stem(key, true, stem));
    ASSERT_TRUE(stem.list) << key;
    Sums wanted;
    const Columns columns = source.columns();
    for (const StemGroup& group : stem.groups) {
      std::set<std::uint32_t> documents;
      for (const std::uint32_t word : group.terms) {
        Sums its;
        ASSERT_TRUE(read_sums(source, word, its));
        for (const auto& [document, frequencies] : its) {
          if (columns.language[document] != group.language) continue;
          documents.insert(document);
          for (std::size_t field = 0; field < 2; ++field)
            wanted[document][field] += frequencies[field];
        }
      }
      ASSERT_EQ(documents.size(), group.documents) << key;
    }
    Sums found;
    ASSERT_TRUE(read_sums(source, *stem.list, found)) << key;
    ASSERT_EQ(found, wanted) << key;
    OpenList list;
    ASSERT_TRUE(source.open(*stem.list, false, list));
    for (const auto& [document, frequencies] : found) {
      EXPECT_LE(weight_of(frequencies, {columns.length[0][document], columns.length[1][document]},
                          list.average),
                list.weight);
    }
    own += source.key(*stem.list)[0] == kStemKey ? 1 : 0;
  }
  static void expect_sums(const Segment& source) {
    int own = 0;
    for (const std::string& key : keys_of(source)) {
      if (key[0] == kStemKey) ASSERT_NO_FATAL_FAILURE(expect_sums(source, key, own));
      if (key[0] != kWordKey) continue;
      OpenList list;
      ASSERT_TRUE(source.open(key, true, list).value());
      std::uint32_t outside = 0;
      Sums found;
      ASSERT_TRUE(read_sums(source, *source.term(key), found));
      for (const auto& one : found)
        outside += source.columns().stem_numbers[one.first] == kNoStems ? 1U : 0U;
      ASSERT_EQ(list.packed.outside, outside) << key;
    }
    EXPECT_GT(own, 0);
  }

  /// A word may still be named for a language that no document with it is in any more.
  static void expect_same_stem(const Source& source, const Source& expected,
                               const std::string& key) {
    const auto found = stem_of(source, key);
    const auto wanted = stem_of(expected, key);
    ASSERT_EQ(found.size(), wanted.size()) << key;
    for (const auto& [language, words] : wanted) {
      ASSERT_TRUE(found.contains(language)) << key;
      const auto& its = found.at(language);
      ASSERT_EQ(its.first, words.first) << key << " in " << language;
      ASSERT_TRUE(std::includes(its.second.begin(), its.second.end(), words.second.begin(),
                                words.second.end()))
          << key << " in " << language;
    }
  }

  /// All that a source says is what another says.
  static void expect_same(const Source& source, const Source& expected) {
    const Columns columns = source.columns();
    const Columns wanted = expected.columns();
    ASSERT_EQ(columns.documents(), wanted.documents());
    for (std::uint32_t i = 0; i < columns.documents(); ++i) {
      ASSERT_EQ(columns.article_id(i), wanted.article_id(i));
      ASSERT_EQ(columns.language_of(i), wanted.language_of(i));
      ASSERT_EQ(columns.time_unix_ms[i], wanted.time_unix_ms[i]);
      ASSERT_EQ(columns.length[1][i], wanted.length[1][i]);
    }
    const auto keys = keys_of(source);
    ASSERT_EQ(keys, keys_of(expected));
    for (const std::string& key : keys) {
      if (key[0] == kStemKey) {
        ASSERT_NO_FATAL_FAILURE(expect_same_stem(source, expected, key));
        continue;
      }
      const auto all = postings_of(source, key);
      const auto wanted_all = postings_of(expected, key);
      ASSERT_TRUE(all && wanted_all) << key;
      ASSERT_EQ(all->documents, wanted_all->documents) << key;
      ASSERT_EQ(all->frequencies, wanted_all->frequencies) << key;
      ASSERT_EQ(all->positions, wanted_all->positions) << key;
      ASSERT_EQ(source.document_frequency(key).value(), all->documents.size());
    }
  }

  static constexpr auto kKeep = [](std::uint32_t) { return false; };
  fs::path folder_;
};

TEST_F(SegmentTest, SealedIsWhatTheHeadWas) {
  std::mt19937_64 chance(11);
  for (int documents : {1, 127, 128, 129, 900}) {
    Head head;
    for (int i = 0; i < documents; ++i) {
      if (chance() % 10 == 0) head.add_none();
      head.add(analyse(random_article(chance, i)));
    }
    ASSERT_TRUE(seal(folder_, 1, head, kKeep));
    const auto segment = open(1);
    ASSERT_NE(segment, nullptr);
    ASSERT_NO_FATAL_FAILURE(expect_same(*segment, head)) << documents;
    if (documents > 1) ASSERT_NO_FATAL_FAILURE(expect_sums(*segment)) << documents;
  }
}

// Joined, and without what was superseded: as if only the others had come, in their places.
TEST_F(SegmentTest, MergedIsWhatOneHeadWouldHaveBeen) {
  std::mt19937_64 chance(12);
  Head whole;
  std::vector<MergeInput> inputs;
  for (std::uint32_t number = 1; number <= 4; ++number) {
    Head part;
    std::set<std::uint32_t> at_seal;
    std::set<std::uint32_t> at_merge;
    const std::uint32_t documents = 50 + 100 * number;
    for (std::uint32_t i = 0; i < documents; ++i) {
      const auto article = random_article(chance, static_cast<int>(1'000 * number + i));
      part.add(analyse(article));
      if (chance() % 12 == 0) at_seal.insert(i);
      if (chance() % 7 == 0) at_merge.insert(i);
      if (at_seal.contains(i) || at_merge.contains(i)) {
        whole.add_none();
      } else {
        whole.add(analyse(article));
      }
    }
    ASSERT_TRUE(seal(folder_, number, part,
                     [&](std::uint32_t document) { return at_seal.contains(document); }));
    inputs.push_back({open(number), [=](std::uint32_t document) {
                        return at_seal.contains(document) || at_merge.contains(document);
                      }});
  }
  ASSERT_TRUE(merge(folder_, 9, inputs));
  const auto merged = open(9);
  ASSERT_NE(merged, nullptr);
  expect_same(*merged, whole);
  expect_sums(*merged);
}

TEST_F(SegmentTest, PositionsBeyondSixteenBitsComeBack) {
  Head head;
  for (int i = 0; i < 200; ++i) {
    v1::ArticleRecord article;
    article.set_article_id(std::to_string(i));
    std::string text = "near ";
    if (i % 50 == 3) {
      for (int j = 0; j < 70'000; ++j) text += "x ";
    }
    article.set_text(text + "far");
    head.add(analyse(article));
  }
  ASSERT_TRUE(seal(folder_, 1, head, kKeep));
  const auto found = postings_of(*open(1), word_key("far"));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->positions.size(), 200U);
  EXPECT_EQ(found->positions[2], 1U);
  EXPECT_EQ(found->positions[3], 70'001U);
  EXPECT_EQ(found->positions[153], 70'001U);
}

TEST_F(SegmentTest, DamagedBytesAreCorruptAndNeverACrash) {
  std::mt19937_64 chance(13);
  Head head;
  for (int i = 0; i < 700; ++i) head.add(analyse(random_article(chance, i)));
  ASSERT_TRUE(seal(folder_, 1, head, kKeep));
  const auto keys = keys_of(head);
  const SegmentPaths good = paths_of(folder_, 1);
  const SegmentPaths bad = paths_of(folder_, 2);
  int refused = 0;
  for (int round = 0; round < 240; ++round) {
    fs::copy_file(good.index, bad.index, fs::copy_options::overwrite_existing);
    fs::copy_file(good.postings, bad.postings, fs::copy_options::overwrite_existing);
    fs::copy_file(good.positions, bad.positions, fs::copy_options::overwrite_existing);
    const fs::path& hurt = round % 4 == 0   ? bad.postings
                           : round % 4 == 1 ? bad.positions
                                            : bad.index;
    const std::uint64_t size = fs::file_size(hurt);
    if (chance() % 8 == 0) {
      fs::resize_file(hurt, chance() % size);
    } else {
      std::fstream file(hurt, std::ios::in | std::ios::out | std::ios::binary);
      for (int i = 0; i < 40; ++i) {
        file.seekp(static_cast<std::streamoff>(chance() % size));
        file.put(static_cast<char>(chance()));
      }
    }
    const auto segment = Segment::open(folder_, 2);
    bool whole = segment.has_value();
    for (std::size_t i = 0; whole && i < 60; ++i) {
      const std::string& key = keys[chance() % keys.size()];
      if (key[0] == kStemKey) {
        Stem stem;
        whole = (*segment)->stem(key, chance() % 2 == 0, stem).has_value();
        if (!whole || !stem.list) continue;
        Sums its;
        whole = read_sums(**segment, *stem.list, its);
        for (const auto& one : its) ASSERT_LT(one.first, 700U);
        continue;
      }
      const auto all = postings_of(**segment, key, false);
      whole = all.has_value();
      for (std::uint32_t document : all.value_or(Postings()).documents) ASSERT_LT(document, 700U);
    }
    if (segment) {
      const auto merged = merge(folder_, 3, {{*segment, kKeep}});
      whole = whole && merged.has_value();
      if (!merged) EXPECT_EQ(merged.error().code, ErrorCode("corrupt"));
    }
    refused += whole ? 0 : 1;
  }
  EXPECT_GT(refused, 90);
}

TEST(Facets, ComeBackAndRefuseDamage) {
  FacetColumn facet;
  facet.add({"x", "y"});
  facet.add({});
  facet.add({"y", ""});
  const auto back = FacetColumn::decode(facet.encode(), 3);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->numbers, (std::vector<std::uint32_t>{0, 1, 1}));
  EXPECT_EQ(back->begin, (std::vector<std::uint32_t>{0, 2, 2, 3}));
  const std::string bytes = facet.encode();
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(FacetColumn::decode(std::string_view(bytes).substr(0, cut), 3));
  EXPECT_FALSE(FacetColumn::decode(bytes, 4));
}

}  // namespace
}  // namespace vigie::indexer::segments
