#include "extractor/commands/extract_command.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "platform/json/json.h"

namespace vigie::extractor::commands {
namespace {

class ExtractCommand : public testing::Test {
 protected:
  ExtractCommand()
      : dir_(std::filesystem::temp_directory_path() /
             ("vigie-extract-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
              "-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(dir_);
  }
  ~ExtractCommand() override { std::filesystem::remove_all(dir_); }

  static std::string page(const std::string& word) {
    return "<title>Title of " + word + "</title><p>The story of " + word +
           " is long enough to be found, with a comma, and it has an end.</p>";
  }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(dir_ / name, std::ios::binary) << content;
    return (dir_ / name).string();
  }
  std::string write_gzip(const std::string& name, const std::string& content) const {
    const std::string path = (dir_ / name).string();
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
    gzclose(file);
    return path;
  }
  int run(const ExtractArguments& arguments, const std::string& input = {}) {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    const int code = run_extract(arguments, in, out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  std::vector<Json> lines() const {
    std::vector<Json> result;
    std::istringstream in(out_);
    for (std::string line; std::getline(in, line);) result.push_back(*parse_json(line));
    return result;
  }

  std::filesystem::path dir_;
  std::string out_;
  std::string err_;
};

// ops/spec/command_line.md: output order is input order; a bad line is one line on stderr with its
// number and the work goes on.
TEST_F(ExtractCommand, StreamsAManifestInOrder) {
  std::string manifest;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "p" + std::to_string(i) + (i % 2 == 0 ? ".html" : ".html.gz");
    if (i % 2 == 0) {
      write(name, page(std::to_string(i)));
    } else {
      write_gzip(name, page(std::to_string(i)));
    }
    manifest += "{\"id\":\"id" + std::to_string(i) + "\",\"url\":\"https://example.com/s/" +
                std::to_string(i) + "\",\"html\":\"" + name + "\",\"other\":1}\n";
    if (i == 10)
      manifest +=
          "not "
          "json\n\n{\"id\":\"x\",\"url\":\"https://example.com/"
          "\",\"html\":\"missing.html\"}\n{\"id\":\"y\"}\n";
  }
  ExtractArguments arguments;
  arguments.manifest = write("m.jsonl", manifest);
  for (const int jobs : {1, 4}) {
    arguments.jobs = jobs;
    EXPECT_EQ(run(arguments), 1);
    const std::vector<Json> found = lines();
    ASSERT_EQ(found.size(), 40U);
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_EQ(found[i]["id"].as_string(), "id" + std::to_string(i));
    EXPECT_NE(err_.find("m.jsonl:12"), std::string::npos) << err_;
    EXPECT_NE(err_.find("m.jsonl:14"), std::string::npos);
    EXPECT_NE(err_.find("m.jsonl:15"), std::string::npos);
    EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 3);
  }
}

TEST_F(ExtractCommand, WritesTheKeysOfTheContract) {
  ExtractArguments arguments;
  arguments.files = {write("a.html", page("a"))};
  arguments.url = "https://example.com/2024/03/05/a";
  EXPECT_EQ(run(arguments), 0) << err_;
  ASSERT_EQ(lines().size(), 1U);
  const Json line = lines().front();
  for (const char* key : {"id", "url", "canonical_url", "title", "authors", "date", "modified",
                          "site", "lang", "text", "image", "tags", "fingerprint"})
    EXPECT_NE(line.find(key), nullptr) << key;
  EXPECT_EQ(line["id"].as_string().size(), 26U);
  EXPECT_EQ(line["date"].as_string(), "2024-03-05");
  EXPECT_EQ(line["title"].as_string(), "Title of a");
}

TEST_F(ExtractCommand, ReadsStandardInput) {
  ExtractArguments arguments;
  arguments.files = {"-"};
  EXPECT_EQ(run(arguments, page("stdin")), 0) << err_;
  EXPECT_EQ(lines().size(), 1U);
  arguments = {};
  arguments.manifest = "-";
  arguments.root = dir_.string();
  write("a.html", page("a"));
  EXPECT_EQ(run(arguments, "{\"id\":1,\"url\":\"https://example.com/a\",\"html\":\"a.html\"}"), 0)
      << err_;
  // ops/spec/command_line.md: `id` is the manifest's, as it is written there
  EXPECT_EQ(lines().front()["id"].as_integer(), 1);
}

// A file without --url stands under the address that the page gives as its own.
TEST_F(ExtractCommand, TakesThePagesOwnAddressWhenNoneIsGiven) {
  ExtractArguments arguments;
  arguments.files = {
      write("c.html", "<link rel=canonical href='https://example.com/news/c'>" + page("c"))};
  EXPECT_EQ(run(arguments), 0) << err_;
  EXPECT_EQ(lines().front()["url"].as_string(), "https://example.com/news/c");
  EXPECT_EQ(lines().front()["canonical_url"].as_string(), "https://example.com/news/c");
  arguments.url = "https://example.org/given";
  EXPECT_EQ(run(arguments), 0) << err_;
  EXPECT_EQ(lines().front()["url"].as_string(), "https://example.org/given");
}

TEST_F(ExtractCommand, ReadsPagesWhoseUrlNoCrawlerCouldFetch) {
  write("a.html", page("a"));
  ExtractArguments arguments;
  arguments.manifest =
      write("m.jsonl", "{\"id\":\"a\",\"url\":\"hard::a.html\",\"html\":\"a.html\"}\n");
  EXPECT_EQ(run(arguments), 0) << err_;
  EXPECT_EQ(lines().front()["url"].as_string(), "hard::a.html");
}

TEST_F(ExtractCommand, WritesForPeopleWithoutControlCharacters) {
  ExtractArguments arguments;
  arguments.files = {write("a.html",
                           "<title>A title \x1B[31mred</title><p>The story of \x1B]0;x\x07 is long "
                           "enough to be found, with a comma, and an end.</p>")};
  arguments.text = true;
  EXPECT_EQ(run(arguments), 0) << err_;
  EXPECT_EQ(out_.find('\x1B'), std::string::npos);
}

TEST_F(ExtractCommand, SaysWhatIsWrong) {
  EXPECT_EQ(run({}), 2);
  ExtractArguments both;
  both.files = {"a"};
  both.manifest = "b";
  EXPECT_EQ(run(both), 2);
  ExtractArguments missing;
  missing.manifest = (dir_ / "none.jsonl").string();
  EXPECT_EQ(run(missing), 3);
  ExtractArguments folder;
  folder.files = {dir_.string()};
  EXPECT_EQ(run(folder), 1);
  ExtractArguments empty;
  empty.files = {write("empty.html", "")};
  EXPECT_EQ(run(empty), 1);
  EXPECT_NE(err_.find("empty_page"), std::string::npos);
  EXPECT_EQ(out_, "");
}

// A gzip bomb is read to the limit of a page and no further.
TEST_F(ExtractCommand, ReadsAGzipBombOnlyToTheLimit) {
  ExtractArguments arguments;
  arguments.files = {write_gzip("bomb.html.gz", page("bomb") + std::string(64U << 20, ' '))};
  EXPECT_EQ(run(arguments), 0) << err_;
  EXPECT_TRUE(lines().front()["truncated"].as_bool());
}

// Addresses and archives come from outside of this folder.
TEST_F(ExtractCommand, ReadsAddressesAndArchivesThroughTheirSeams) {
  const auto record = [](const std::string& url, const std::string& word) {
    v1::PageRecord made;
    made.set_url(url);
    made.set_final_url(url);
    made.set_body(page(word));
    return made;
  };
  ExtractArguments arguments;
  arguments.files = {"https://example.com/a", "pages.warc.gz", "http://example.com/refused"};
  arguments.fetch = [&](const std::string& url) -> Result<v1::PageRecord> {
    if (url.ends_with("refused"))
      return failure(Disposition::kQuarantine, "refused_by_robots", "robots.txt refuses this page",
                     url);
    return record("https://example.com/moved", "ants");
  };
  arguments.open_archive = [&](const std::string& path) -> Result<ExtractArguments::NextPage> {
    EXPECT_EQ(path, "pages.warc.gz");
    auto given = std::make_shared<int>(0);
    return [given, record]() -> Result<std::optional<v1::PageRecord>> {
      if (++*given == 1) return record("https://example.com/one", "bees");
      if (*given == 2) return failure(Disposition::kQuarantine, "bad_warc", "a broken record");
      if (*given == 3) return record("https://example.com/two", "wasps");
      return std::optional<v1::PageRecord>{};
    };
  };
  EXPECT_EQ(run(arguments), 1);
  const std::vector<Json> found = lines();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0]["url"].as_string(), "https://example.com/moved");
  EXPECT_EQ(found[1]["url"].as_string(), "https://example.com/one");
  EXPECT_EQ(found[2]["title"].as_string(), "Title of wasps");
  EXPECT_NE(err_.find("bad_warc"), std::string::npos);
  EXPECT_NE(err_.find("refused_by_robots"), std::string::npos);
}

TEST_F(ExtractCommand, KeepsStructureAndLinksInJsonAndMarkdown) {
  const std::string file = write(
      "s.html",
      "<title>A headline of some length</title><article><h1>A headline of some length</h1><p>A "
      "paragraph with <a href='/x(1)'>a link</a> in it, which is long "
      "enough to be prose.</p><h2>Part *two*</h2><ul><li>The first item of a list, with "
      "words.</li><li>The second item of a list, with words.</li></ul>"
      "<blockquote><p>What somebody said, at some length, about it all.</p></blockquote><p>The "
      "last paragraph is long enough, too, and ends here.</p></article>");
  ExtractArguments arguments;
  arguments.files = {file};
  arguments.url = "https://example.com/dir/page";
  ASSERT_EQ(run(arguments), 0);
  const Json article = lines().at(0);
  const std::string text = article["text"].as_string();
  std::string kinds;
  for (const Json& part : article["structure"].as_array()) {
    kinds += part["kind"].as_string() + " ";
    EXPECT_LE(part["offset"].as_integer() + part["length"].as_integer(),
              static_cast<std::int64_t>(text.size()));
  }
  EXPECT_EQ(kinds, "paragraph heading list_item list_item quote paragraph ");
  const Json& link = article["links"].as_array().at(0);
  EXPECT_EQ(text.substr(static_cast<std::size_t>(link["offset"].as_integer()),
                        static_cast<std::size_t>(link["length"].as_integer())),
            "a link");
  EXPECT_EQ(link["url"].as_string(), "https://example.com/x(1)");
  arguments.markdown = true;
  ASSERT_EQ(run(arguments), 0);
  EXPECT_NE(out_.find("# A headline of some length\n"), std::string::npos) << out_;
  EXPECT_NE(out_.find("[a link](https://example.com/x%281%29)"), std::string::npos) << out_;
  EXPECT_NE(out_.find("## Part \\*two\\*\n"), std::string::npos) << out_;
  EXPECT_NE(out_.find("- The first item of a list, with words.\n- The second"), std::string::npos)
      << out_;
  EXPECT_NE(out_.find("> What somebody said"), std::string::npos) << out_;
}

TEST_F(ExtractCommand, ExplainsWhatWonAndWhatWasLeftOut) {
  const std::string file =
      write("e.html",
            "<html><head><meta property='og:title' content='Of ants'><meta name=author "
            "content='Meta Name'>"
            "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"Of ants "
            "and others\",\"author\":{\"name\":\"Json Name\"}}</script></head>"
            "<body><article><p>The story of ants is long enough to be found, with a comma, and it "
            "has an end.</p><div class=share>Share this story, please, on every "
            "network.</div><p>The story of ants goes on, with another comma, and it ends "
            "again.</p></article></body></html>");
  ExtractArguments arguments;
  arguments.files = {file};
  arguments.explain = true;
  ASSERT_EQ(run(arguments), 0);
  const Json article = lines().at(0);
  EXPECT_EQ(article["sources"]["authors"].as_string(), "json-ld");
  EXPECT_EQ(article["sources"]["title"].as_string(), "json-ld");
  EXPECT_EQ(article["sources"]["page_type"].as_string(), "json-ld");
  EXPECT_EQ(article["genre"].as_string(), "news");
  EXPECT_EQ(article["genre_evidence"].as_string(), "NewsArticle");
  EXPECT_EQ(article["sources"]["genre"].as_string(), "json-ld");
  EXPECT_EQ(article["sources"]["canonical_url"].as_string(), "url");
  EXPECT_EQ(article["sources"].find("licence"), nullptr);
  const Json& explain = article["explain"];
  EXPECT_EQ(explain["winner"].as_string(), "region and chooser");
  EXPECT_GE(explain["candidates"].as_array().size(), 1U);
  bool dropped = false;
  for (const Json& block : explain["blocks"].as_array())
    dropped =
        dropped || (!block["kept"].as_bool() && block["text"].as_string().find("Share this") == 0 &&
                    !block["reason"].as_string().empty());
  EXPECT_TRUE(dropped) << out_;
  bool lost = false;
  for (const Json& claim : explain["claims"].as_array())
    lost = lost || (claim["field"].as_string() == "authors" &&
                    claim["value"].as_string() == "Meta Name" && !claim["chosen"].as_bool());
  EXPECT_TRUE(lost) << out_;
  arguments.text = true;
  ASSERT_EQ(run(arguments), 0);
  EXPECT_NE(out_.find("* authors 1 json-ld: Json Name"), std::string::npos) << out_;
}

}  // namespace
}  // namespace vigie::extractor::commands
