#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "indexer/matching/matcher.h"
#include "indexer/matching/packed_query.h"
#include "proto/identity.h"
#include "tests/unit/indexer/matching/query_generator.h"

namespace vigie::indexer::matching {
namespace {

v1::ArticleRecord article(std::string title, std::string text, std::string language = "en") {
  v1::ArticleRecord out;
  out.set_article_id("a1");
  out.set_title(std::move(title));
  out.set_text(std::move(text));
  out.set_language(std::move(language));
  out.set_discovered_at_unix_ms(1'000'000'000'000);
  return out;
}

bool meets(std::string_view query, const v1::ArticleRecord& record, std::int64_t now = 0,
           std::string_view story = {}) {
  const auto parsed = query::parse(query);
  EXPECT_TRUE(parsed) << query;
  return parsed && matches(*parsed, Document(record), now, story);
}

std::vector<v1::MatchRecord> match(const Matcher& matcher, const v1::ArticleRecord& article,
                                   std::int64_t log_time) {
  return records(matcher.match(Document(article), log_time));
}

v1::SubscriptionRecord subscription(std::string id, std::string query, std::uint64_t revision = 1) {
  v1::SubscriptionRecord out;
  out.set_id(std::move(id));
  out.set_query(std::move(query));
  out.set_revision(revision);
  return out;
}

// ops/spec/http_api.md, "Query language".
TEST(Matches, FindsWordsByFormAndByStem) {
  const auto record = article("Chips", "Washington tightens its export controls.");
  EXPECT_TRUE(meets("chip", record));
  EXPECT_TRUE(meets("exports control", record));
  EXPECT_FALSE(meets("\"exports controls\"", record)) << "a phrase has no stems";
  EXPECT_TRUE(meets("\"export CONTROLS\"", record));
  EXPECT_FALSE(meets("\"controls export\"", record));
  EXPECT_TRUE(meets("wash*", record));
  EXPECT_FALSE(meets("import", record));
  EXPECT_TRUE(meets("", record));
}

TEST(Matches, FindsCompoundsInTheirInflectedForms) {
  const auto record = article("", "Les semi-conducteurs avancés, et la mise au point.", "fr");
  EXPECT_TRUE(meets("semi-conducteur", record));
  EXPECT_TRUE(meets("semi-conducteurs avancé", record));
  EXPECT_FALSE(meets("semi-avancé", record)) << "the parts must be neighbours";
  EXPECT_FALSE(meets("=semi-conducteur", record));
  EXPECT_TRUE(meets("mises-au-point", record)) << "three parts, one of them inflected";
  EXPECT_FALSE(meets("point-au-avancés", record));
}

TEST(Matches, ComparesFormAndCaseOfExactWords) {
  const auto record = article("Apple and NASA", "We use GPT-4 and C++ in l’Europe.");
  EXPECT_TRUE(meets("=Apple =NASA =GPT-4 =C++", record));
  EXPECT_FALSE(meets("=apple", record));
  EXPECT_FALSE(meets("=Nasa", record));
  EXPECT_FALSE(meets("=gpt-4", record));
  EXPECT_FALSE(meets("=C#", record));
  EXPECT_TRUE(meets("europe", record));
}

struct Meeting {
  const char* query;
  const char* text;
  bool meets;
  const char* language = "en";
};

void expect_all(std::initializer_list<Meeting> cases) {
  for (const Meeting& one : cases) {
    const auto record = article("", one.text, one.language);
    EXPECT_EQ(meets(one.query, record), one.meets) << one.query << " in " << one.text;
    if (!one.meets) continue;
    const auto parsed = query::parse(one.query);
    EXPECT_FALSE(evidence(*parsed, Document(record)).empty()) << one.query << " in " << one.text;
    EXPECT_FALSE(snippet(*parsed, Document(record)).highlights.empty()) << one.query;
  }
}

// ops/spec/http_api.md, "Query language": a plain word also finds its inflected forms.
TEST(Matches, FindsPluralsOfAcronymsAndOfNamesWithDigits) {
  expect_all({
      {"GPU", "The ministry ordered GPUs.", true},
      {"GPUs", "One GPU is enough.", true},
      {"gpus", "One GPU is enough.", true},
      {"LLMs", "An LLM writes.", true},
      {"llm", "LLMS IN COURT", true},
      {"NGO", "The NGOs protested.", true},
      {"NGOs", "Une ONG, die NGO.", true, "de"},
      {"TPU", "TPUs von Kalvorn", true, "de"},
      {"SKU", "Four SKUs were listed.", true},
      {"SKUs", "One SKU was listed.", true},
      {"MoU", "Both MoUs were signed.", true},
      {"H100", "They bought H100s.", true},
      {"h100s", "They bought one H100.", true},
      {"F-35", "Two F-35s took off.", true},
      {"F-35s", "One F-35 took off.", true},
      {"GPU", "中国购买GPUs。", true, "zh"},
      {"GPUs", "中国购买GPU。", true, "zh"},
      {"\"GPUs\"", "One GPU is enough.", false},
      {"=GPU", "The ministry ordered GPUs.", false},
      {"bu", "The bus stopped.", false},
      {"bus", "The BU stopped.", false},
      {"gp", "GPS was jammed.", false},
      {"GPS", "A GP said so.", false},
      {"new", "News of the day.", false},
      {"1990", "In the 1990s.", false},
      {"30", "A man in his 30s.", false},
      {"this", "THI is a name.", false},
  });
}

TEST(Matches, FindsWordsThatPunctuationGlues) {
  expect_all({
      {"quorvane", "A post by @Quorvane was shared.", true},
      {"quorvane", "They sold chips.Quorvane said no.", true},
      {"quorvane", "See quorvane.com today.", true},
      {"quorvane", "The file a_quorvane_b is there.", true},
      {"=Quorvane", "RT@Quorvane: hello", true},
      {"quorvane.com", "See www.quorvane.com/news today.", true},
      {"quorvane.com", "The com of Quorvane.", false},
      {"quorvane_b", "The file b_quorvane.", false},
      {"чипы", "Запрет на экспорт.Чипы дорожают.", true, "ru"},
      {"rvane", "See quorvane.com today.", false},
  });
}

TEST(Matches, FindsInitialsWithAndWithoutStops) {
  expect_all({
      {"US", "The U.S. said so.", true},
      {"U.S.", "The US said so.", true},
      {"U.S.", "They told us so.", false},
      {"I.S.", "It is so.", false},
      {"I.S.", "IS claimed it.", true},
      {"IS", "The I.S. claimed it.", true},
      {"=US", "The U.S. said so.", true},
      {"=US", "They told us so.", false},
      {"U.K.", "The UK said so.", true},
      {"UK", "The U.K.'s rule.", true},
      {"AI", "A.I. rules", true},
      {"ΗΠΑ", "Οι Η.Π.Α. είπαν", true, "el"},
      {"Η.Π.Α.", "Οι ΗΠΑ είπαν", true, "el"},
      {"\"U.S. China\"", "The U.S.-China talks", true},
      {"\"US China\"", "The U.S.-China talks", true},
      {"com", "The c.o.m. of it", true},
      {"USA", "The U.S. said so.", false},
  });
}

TEST(Matches, FindsBothScriptsOfChinese) {
  expect_all({
      {"半导体", "臺灣的半導體產業", true, "zh"},
      {"半導體", "台湾的半导体产业", true, "zh"},
      {"\"半導體 產業\"", "半导体产业", true, "zh"},
      {"出口管制", "出口管制", true, "zh"},
      {"=半導體", "半导体", false, "zh"},
      {"=半導體", "半導體", true, "zh"},
      {"半導體", "半岛体", false, "zh"},
  });
}

TEST(Matches, FindsNumbersInEverySpelling) {
  expect_all({
      {"24576", "They bought 24,576 chips.", true},
      {"24,576", "They bought 24576 chips.", true},
      {"24.576", "24 576 puces", true, "fr"},
      {"24\u202F576", "24 576 puces", true, "fr"},
      {"24 576", "24 576 puces", true, "fr"},
      {"1250000", "рынок в 1 250 000 штук", true, "ru"},
      {"250000", "рынок в 1 250 000 штук", false, "ru"},
      {"2025100", "в 2025 100 чипов", false, "ru"},
      {"24.576", "24\u202F576 puces", true, "fr"},
      {"3.5", "A deal of $3.5bn.", true},
      {"$3.5bn", "A deal of $3.5bn.", true},
      {"3,5", "A deal of $3.5 billion.", true},
      {"3.5", "Ein Geschäft von 3,5 Mrd.", true, "de"},
      {"2026", "٢٠٢٦ عام", true, "ar"},
      {"35", "A deal of 3.5 billion.", false},
      {"3", "A deal of 3.5 billion.", false},
      {"5", "A 5G network.", false},
      {"245", "They bought 24,576 chips.", false},
  });
}

TEST(Matches, FindsUnitsGluedOrNot) {
  expect_all({
      {"2nm", "A 2 nm process.", true},
      {"2nm", "A 2nm process.", true},
      {"2nm", "A 2-nm process.", true},
      {"2 nm", "A 2nm process.", true},
      {"\"2 nm\"", "A 2nm process.", true},
      {"\"2nm process\"", "A 2 nm process.", true},
      {"2nm", "Of 2 nodes one is nm.", false},
      {"2nm", "nm 2", false},
      {"nm", "A 2nm process.", true},
      {"2-nm", "A 2nm process.", true},
      {"7nm", "An N7 node of 2nm.", false},
      {"100GW", "some 100 GW of power", true},
      {"100 gigawatts", "some 100GW of power", true},
      {"100GW", "some 100 gigawatts of power", true},
      {"2nm", "a 2-nanometre process", true},
      {"RMB200m", "RMB 200m was paid", true},
      {"200", "RMB200m was paid", true},
      {"=2nm", "A 2nm process.", true},
      {"5G", "A 5 g letter.", false},
      {"3D", "3 D", false},
      {"title:2nm", "A 2nm process.", false},
  });
}

TEST(Matches, FindsPowersOfTenAsTheyAreWritten) {
  expect_all({
      {"3.5bn", "A deal of $3.5 billion.", true},
      {"3.5bn", "A deal of 3.5bn.", true},
      {"3.5 bn", "A deal of $3.5 billion.", true},
      {"3.5 billion", "A deal of $3.5bn.", true},
      {"\"3.5 billion\"", "A deal of $3.5bn.", true},
      {"$3.5-billion", "A deal of $3.5bn.", true},
      {"3.5bn", "A 3.5-billion-dollar deal.", true},
      {"3.5m", "3.5 million people", true},
      {"3.5bn", "3.5 million people", false},
      {"3.5bn", "$3.5. Billions were lost.", false},
      {"billion", "The bn of it.", false},
      {"billion", "A deal of $3.5bn.", true},
      {"3,5 Mrd", "Ein Geschäft von 3,5 Milliarden Euro.", true, "de"},
      {"3,5 Milliarden", "Ein Geschäft von 3,5 Mrd. Euro.", true, "de"},
      {"3,5 Millionen", "Ein Geschäft von 3,5 Mio. Euro.", true, "de"},
      {"3,5 milliards", "un contrat de 3,5 Md d'euros", true, "fr"},
      {"3,5 Mds", "un contrat de 3,5 milliards d'euros", true, "fr"},
      {"3,5 mln", "un accordo da 3,5 milioni di euro", true, "it"},
      {"3,5 miliardi", "un accordo da 3,5 mld di euro", true, "it"},
      {"3,5 млрд", "сделка на 3,5 миллиарда рублей", true, "ru"},
      {"3,5 миллиардов", "сделка на 3,5 млрд рублей", true, "ru"},
      {"3,5 млн", "угода на 3,5 мільйона гривень", true, "uk"},
      {"3,5 mld", "umowa na 3,5 miliarda euro", true, "pl"},
      {"3,5 milhões", "um contrato de 3,5 mi de reais", true, "pt"},
      {"3,5 milyar", "3,5 mr lira", true, "tr"},
      {"35亿", "投资35亿美元", true, "zh"},
  });
}

TEST(Matches, FindsUmlautsInEverySpelling) {
  expect_all({
      {"Müller", "Herr Mueller kam.", true, "de"},
      {"Mueller", "Herr Müller kam.", true, "de"},
      {"Muller", "Herr Müller kam.", true, "de"},
      {"Müller", "Herr Muller kam.", true, "de"},
      {"Muller", "Herr Mueller kam.", false, "de"},
      {"Strasse", "Die Straße ist frei.", true, "de"},
      {"Straße", "Die Strasse ist frei.", true, "de"},
      {"\"Herr Müller\"", "Herr Mueller kam.", true, "de"},
      {"Mül*", "Herr Muellers Haus", true, "de"},
      {"Müller-Straße", "In der Mueller-Strasse", true, "de"},
      {"Ørsted", "Oersted wins the tender.", true},
      {"Müller NEAR/2 kam", "Herr Mueller kam.", true, "de"},
      {"dos", "She does it.", false},
      {"-Müller kam", "Herr Mueller kam.", false, "de"},
  });
}

TEST(Matches, TellsProgrammingLanguagesApart) {
  expect_all({
      {"C++", "Written in C++.", true},
      {"C++", "Written in C#.", false},
      {"C++", "Vitamin C helps.", false},
      {"C#", "Written in C#, they say.", true},
      {"C#", "Written in C++.", false},
      {"C", "Written in C++.", true},
      {"\"C++ compiler\"", "A C++ compiler", true},
  });
}

TEST(Matches, LooksInTheTitleAloneWhereAsked) {
  const auto record = article("Chips", "Export rules");
  EXPECT_TRUE(meets("title:chips", record));
  EXPECT_FALSE(meets("title:export", record));
  EXPECT_TRUE(meets("title:(export OR chip)", record));
  EXPECT_FALSE(meets("\"chips export\"", record)) << "a phrase does not cross fields";
}

TEST(Matches, MeasuresNearInWordsInAnyOrderWithoutOverlap) {
  const auto record = article("", "one two three four five one");
  EXPECT_TRUE(meets("one NEAR/1 two", record));
  EXPECT_TRUE(meets("two NEAR/1 one", record));
  EXPECT_TRUE(meets("two NEAR/3 five", record));
  EXPECT_FALSE(meets("two NEAR/2 five", record));
  EXPECT_TRUE(meets("one NEAR/5 one", record));
  EXPECT_FALSE(meets("one NEAR/4 one", record)) << "a word is not near itself";
  EXPECT_TRUE(meets("\"one two\" NEAR/2 four", record));
  EXPECT_FALSE(meets("\"one two three\" NEAR/5 two", record));
  EXPECT_TRUE(meets("(six OR four) NEAR/1 (fi* OR seven)", record));
}

TEST(Matches, FindsRunsOfUnspacedScriptsAndHangul) {
  const auto chinese = article("", "美国加强半导体出口管制。", "zh");
  EXPECT_TRUE(meets("半导体", chinese));
  EXPECT_TRUE(meets("\"出口管制\"", chinese));
  EXPECT_FALSE(meets("半体", chinese));
  EXPECT_TRUE(meets("엔비디아", article("", "엔비디아가 발표했다", "ko")));
}

TEST(Matches, JudgesFilters) {
  auto record = article("", "x");
  record.mutable_source()->set_id("le-monde");
  record.mutable_source()->set_name("Le Monde");
  record.mutable_source()->set_country("FR");
  auto* topic = record.add_topics();
  topic->set_id("chips");
  topic->set_level(v1::TAG_LEVEL_MENTION);
  auto* actor = record.add_actors();
  actor->set_id("org:nvidia");
  actor->set_level(v1::TAG_LEVEL_ABOUT);
  EXPECT_TRUE(
      meets("topic:chips mention:chips -about:chips about:org:nvidia actor:org:nvidia", record));
  EXPECT_TRUE(meets("source:\"le monde\" source:le-monde country:fr lang:en-GB", record));
  EXPECT_FALSE(meets("lang:fr", record));
  const std::int64_t time = record.discovered_at_unix_ms();
  EXPECT_TRUE(meets("within:1h", record, time + 3'600'000));
  EXPECT_FALSE(meets("within:1h", record, time + 3'600'001));
  EXPECT_TRUE(meets("after:2001-09-09 before:2001-09-10", record));
  EXPECT_FALSE(meets("before:2001-09-09", record));
  EXPECT_TRUE(meets("story:abc", record, 0, "abc"));
  EXPECT_FALSE(meets("story:abc", record));
}

std::uint64_t seed() {
  const char* given = std::getenv("VIGIE_SEED");
  const std::uint64_t value =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "VIGIE_SEED=" << value << " repeats this run\n";
  return value;
}

TEST(Matcher, AgreesWithMatchesOnRandomQueriesAndArticles) {
  testing::QueryGenerator generator(seed());
  Matcher matcher;
  std::vector<std::pair<std::string, query::Query>> queries;
  for (int i = 0; i < 400; ++i) {
    const std::string text = generator.query(true);
    const std::string id = "s" + std::to_string(1000 + i);
    auto parsed = query::parse(text, query::Use::kSubscription);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().to_string();
    ASSERT_TRUE(matcher.apply(subscription(id, text)));
    queries.emplace_back(id, std::move(*parsed));
  }
  std::size_t total = 0;
  for (int i = 0; i < 300; ++i) {  // past the first lesson, so that anchors change once
    const auto record = generator.article();
    std::vector<std::string> wanted;
    const Document document(record);
    for (const auto& [id, parsed] : queries) {
      if (matches(parsed, document)) wanted.push_back(id);
    }
    std::vector<std::string> found;
    for (const auto& one : match(matcher, record, 1)) found.push_back(one.subscription_id());
    ASSERT_EQ(found, wanted) << record.DebugString();
    total += found.size();
  }
  EXPECT_GT(total, 1'000U) << "the generator must make queries and articles that meet";
}

/// A record says of a match what is said of the article and the query alone, whoever else meets it.
TEST(Matcher, RecordsSayWhatEvidenceAndSnippetSay) {
  testing::QueryGenerator generator(seed());
  Matcher matcher;
  std::map<std::string, query::Query> queries;
  for (int i = 0; i < 400; ++i) {
    const std::string text = generator.query(true);
    const std::string id = "s" + std::to_string(i);
    ASSERT_TRUE(matcher.apply(subscription(id, text, 7)));
    queries.emplace(id, query::parse(text, query::Use::kSubscription).value());
  }
  std::size_t evidences = 0;
  for (int i = 0; i < 200; ++i) {
    auto record = generator.article();
    record.set_fingerprint("print");
    const Document document(record);
    for (const auto& found : records(matcher.match(document, 42))) {
      const query::Query& query = queries.at(found.subscription_id());
      v1::MatchRecord wanted;
      wanted.set_match_id(proto::match_id(found.subscription_id(), record.article_id()));
      wanted.set_subscription_id(found.subscription_id());
      wanted.set_subscription_revision(7);
      *wanted.mutable_article() = summarize(record, snippet(query, document).text, {});
      for (v1::Evidence& entry : evidence(query, document))
        *wanted.add_evidence() = std::move(entry);
      wanted.set_fingerprint("print");
      wanted.set_matched_at_unix_ms(42);
      ASSERT_EQ(found.DebugString(), wanted.DebugString()) << query.text;
      evidences += static_cast<std::size_t>(found.evidence_size());
    }
  }
  EXPECT_GT(evidences, 1'000U);
}

/// Queries of any use: of time and story, those that only exclude, the empty one.
TEST(Matcher, MeetingAgreesWithMatchesOnQueriesOfAnyUse) {
  testing::QueryGenerator generator(seed());
  Matcher matcher;
  std::map<std::string, query::Query> queries;
  for (int i = 0; i < 400; ++i) {
    std::string text = generator.query();
    if (i % 5 == 0) text = "-(" + text + ")";
    if (i % 7 == 0) text = "(" + text + ") OR story:abc";
    if (i % 11 == 0) text = "(" + text + ") OR event:def";
    if (i == 0) text = "";
    auto parsed = query::parse(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().to_string();
    const std::string id = "q" + std::to_string(i);
    matcher.apply(id, *parsed);
    queries.emplace(id, std::move(*parsed));
  }
  for (int i = 0; i < 100; ++i) matcher.remove("q" + std::to_string(3 * i + 1));
  std::erase_if(queries, [](const auto& entry) {
    const int number = std::stoi(entry.first.substr(1));
    return number % 3 == 1 && number < 300;
  });
  std::size_t total = 0;
  for (int i = 0; i < 300; ++i) {  // past the first lesson, so that anchors change once
    const auto record = generator.article();
    const Document document(record);
    const std::string story = i % 2 == 0 ? "abc" : "";
    const std::string event = i % 3 == 0 ? "def" : "";
    std::vector<std::string> wanted;
    for (const auto& [id, parsed] : queries) {
      if (matches(parsed, document, testing::QueryGenerator::kNowUnixMs, story, event))
        wanted.push_back(id);
    }
    ASSERT_EQ(matcher.meeting(document, testing::QueryGenerator::kNowUnixMs, story, event), wanted)
        << record.DebugString();
    total += wanted.size();
  }
  EXPECT_GT(total, 10'000U);
}

TEST(Matcher, KeepsWhatEvidenceNeedsOfAQuery) {
  testing::QueryGenerator generator(seed());
  for (int i = 0; i < 400; ++i) {
    const auto query = query::parse(generator.query());
    ASSERT_TRUE(query);
    std::string packed;
    pack(*query, packed);
    const query::Query back = unpack(packed);
    EXPECT_EQ(back.text, query->text);
    EXPECT_EQ(back.canonical(), query->canonical());
    ASSERT_EQ(back.nodes.size(), query->nodes.size());
    for (std::size_t node = 0; node < back.nodes.size(); ++node) {
      EXPECT_EQ(back.nodes[node].begin, query->nodes[node].begin);
      EXPECT_EQ(back.nodes[node].end, query->nodes[node].end);
      EXPECT_EQ(back.nodes[node].value_ms, query->nodes[node].value_ms);
    }
    const auto article = generator.article();
    const Document document(article);
    const auto found = evidence(back, document);
    const auto wanted = evidence(*query, document);
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t one = 0; one < found.size(); ++one)
      EXPECT_EQ(found[one].SerializeAsString(), wanted[one].SerializeAsString());
  }
}

TEST(Matcher, ReplacesRemovesAndKeepsAsideWhatDoesNotParse) {
  Matcher matcher;
  const auto record = article("Chips", "export");
  ASSERT_TRUE(matcher.apply(subscription("s1", "chips")));
  ASSERT_TRUE(matcher.apply(subscription("s2", "export -import")));
  EXPECT_EQ(match(matcher, record, 1).size(), 2U);
  ASSERT_TRUE(matcher.apply(subscription("s1", "import", 2)));
  EXPECT_EQ(match(matcher, record, 1).size(), 1U);
  EXPECT_FALSE(matcher.apply(subscription("s2", "export AND", 2)));
  EXPECT_EQ(match(matcher, record, 1).size(), 0U);
  EXPECT_EQ(matcher.size(), 1U);
  auto gone = subscription("s1", "", 3);
  gone.set_deleted(true);
  ASSERT_TRUE(matcher.apply(gone));
  matcher.remove("unknown");
  EXPECT_EQ(matcher.size(), 0U);
}

TEST(Matcher, SurvivesManyChanges) {
  Matcher matcher;
  for (std::uint64_t revision = 1; revision <= 3'000; ++revision) {
    ASSERT_TRUE(matcher.apply(subscription("s" + std::to_string(revision % 3),
                                           "word" + std::to_string(revision), revision)));
  }
  EXPECT_EQ(matcher.size(), 3U);
  EXPECT_EQ(match(matcher, article("word2999 word3000", "word2998 word2997"), 1).size(), 3U);
}

// indexer/matching/README.md, "Must hold".
TEST(Matcher, LeavesOutSubscriptionsYoungerThanTheArticle) {
  Matcher matcher;
  auto young = subscription("s1", "chips");
  young.set_updated_at_unix_ms(100);
  ASSERT_TRUE(matcher.apply(young));
  EXPECT_TRUE(match(matcher, article("Chips", ""), 99).empty());
  EXPECT_EQ(match(matcher, article("Chips", ""), 100).size(), 1U);
}

TEST(Matcher, FillsTheMatchRecord) {
  Matcher matcher;
  ASSERT_TRUE(matcher.apply(subscription("s1", "chips (export OR import)", 7)));
  auto record = article("New chips", "A first sentence. Rules on export follow.");
  record.set_canonical_url("https://example.org/1");
  record.set_fingerprint("print");
  const auto found = match(matcher, record, 42);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].match_id(), proto::match_id("s1", "a1"));
  EXPECT_EQ(found[0].subscription_revision(), 7U);
  EXPECT_EQ(found[0].matched_at_unix_ms(), 42);
  EXPECT_EQ(found[0].fingerprint(), "print");
  EXPECT_EQ(found[0].article().url(), "https://example.org/1");
  EXPECT_EQ(found[0].article().snippet(), "… Rules on export follow.");
  ASSERT_EQ(found[0].evidence_size(), 2);
  EXPECT_EQ(found[0].evidence(0).span().field(), "title");
  EXPECT_EQ(found[0].evidence(0).text(), "chips");
  EXPECT_EQ(found[0].evidence(1).text(), "export");
  EXPECT_EQ(found[0].evidence(1).sentence(), "Rules on export follow.");
  EXPECT_EQ(found[0].evidence(1).clause(), "export");
}

TEST(Evidence, TakesTurnsBetweenThePartsOfAQuery) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "common ";
  const auto record = article("", text + "rare");
  const auto parsed = query::parse("common rare");
  ASSERT_TRUE(parsed);
  const auto found = evidence(*parsed, Document(record), 4);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found.back().text(), "rare");
}

TEST(Evidence, ShowsTagsAndLeavesOutSpansOutsideTheField) {
  auto record = article("Nvidia chips", "");
  auto* tag = record.add_actors();
  tag->set_id("org:nvidia");
  for (const auto& [offset, length] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
           {0, 6}, {7, 4'000'000'000U}, {500, 3}}) {
    auto* span = tag->add_evidence();
    span->set_field("title");
    span->set_offset(offset);
    span->set_length(length);
    span->set_rule("nvidia");
  }
  const auto parsed = query::parse("actor:org:nvidia");
  const auto found = evidence(*parsed, Document(record));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text(), "Nvidia");
  EXPECT_EQ(found[0].span().rule(), "nvidia");
  EXPECT_EQ(found[0].clause(), "actor:org:nvidia");
}

TEST(Evidence, NeverShowsWhatIsUnderNotOrInAFalseBranch) {
  const auto record = article("", "alpha beta gamma");
  const auto parsed = query::parse("alpha OR (beta missing) OR -(delta gamma)");
  const auto found = evidence(*parsed, Document(record));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text(), "alpha");
}

TEST(Snippet, HighlightsTheBytesOfItsText) {
  std::string text = "Préambule très long. ";
  for (int i = 0; i < 60; ++i) text += "Ceci est du remplissage numéro " + std::to_string(i) + ". ";
  const auto record = article("", text + "Les puces de Zürich\n\nsont limitées à l’export.", "fr");
  const auto parsed = query::parse("puce zurich export");
  const Document document(record);
  const Snippet found = snippet(*parsed, document);
  ASSERT_EQ(found.highlights.size(), 3U) << found.text;
  EXPECT_EQ(found.text.substr(found.highlights[0].first, found.highlights[0].second), "puces");
  EXPECT_EQ(found.text.substr(found.highlights[1].first, found.highlights[1].second), "Zürich");
  EXPECT_EQ(found.text.substr(found.highlights[2].first, found.highlights[2].second), "export");
  EXPECT_LE(found.text.size(), 330U);
  EXPECT_EQ(found.text.find('\n'), std::string::npos);
}

TEST(Snippet, BeginsTheTextWhereNothingIsFoundInIt) {
  const auto parsed = query::parse("");
  const auto record = article("", "A beginning.");
  EXPECT_EQ(snippet(*parsed, Document(record)).text, "A beginning.");
  const auto empty = article("", "");
  EXPECT_EQ(snippet(*parsed, Document(empty)).text, "");
}

}  // namespace
}  // namespace vigie::indexer::matching
