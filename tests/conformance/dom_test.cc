// libs: extractor/dom platform/charset extractor/commands platform/text gumbo
// The tree built from a skeleton against plain gumbo's tree of the same page: same text, in the
// same blocks, lists, tables and links, in the same order. ADR 0005.
#include <gtest/gtest.h>
#include <gumbo.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/commands/page_file.h"
#include "extractor/dom/document.h"
#include "platform/charset/charset.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::dom {
namespace {

const std::filesystem::path kCorpus = "../shared/corpus";
constexpr std::uint64_t kRandomPages = 2'000;

// What both trees are written down as: the bytes of the text that are no space, between the names
// of the blocks they stand in; blocks without text are left out.
class Outline {
 public:
  void open(std::string_view name) { opened_.emplace_back(name); }
  void close() {
    if (opened_.empty()) {
      out_ += '\x01';
    } else {
      opened_.pop_back();
    }
  }
  void text(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t begin = i;
      const char32_t c = text::next_code_point(text, i);
      // gumbo 0.10 takes control characters for errors
      if (c <= 0xA0 && (c <= ' ' || c >= 0x7F)) continue;
      if (c == 0xFFFD) continue;
      for (std::string& name : opened_) out_ += "\n" + name + '\x02';
      opened_.clear();
      out_.append(text, begin, i - begin);
    }
  }
  std::string take() { return std::move(out_); }

 private:
  std::vector<std::string> opened_;  // and nothing in them yet
  std::string out_;
};

const std::set<std::string_view>& blocks() {
  static const std::set<std::string_view> names{
      "address", "article", "aside",  "blockquote", "caption",  "center",     "dd",
      "details", "div",     "dl",     "dt",         "fieldset", "figcaption", "figure",
      "footer",  "form",    "h1",     "h2",         "h3",       "h4",         "h5",
      "h6",      "header",  "hgroup", "li",         "main",     "menu",       "nav",
      "ol",      "p",       "pre",    "section",    "summary",  "table",      "td",
      "th",      "tr",      "ul",     "tbody",      "thead",    "tfoot"};
  return names;
}

std::string_view name_of(Tag tag) {
  static const std::map<Tag, std::string_view> names{{Tag::kAddress, "address"},
                                                     {Tag::kArticle, "article"},
                                                     {Tag::kAside, "aside"},
                                                     {Tag::kBlockquote, "blockquote"},
                                                     {Tag::kCaption, "caption"},
                                                     {Tag::kCenter, "center"},
                                                     {Tag::kDd, "dd"},
                                                     {Tag::kDetails, "details"},
                                                     {Tag::kDiv, "div"},
                                                     {Tag::kDl, "dl"},
                                                     {Tag::kDt, "dt"},
                                                     {Tag::kFieldset, "fieldset"},
                                                     {Tag::kFigcaption, "figcaption"},
                                                     {Tag::kFigure, "figure"},
                                                     {Tag::kFooter, "footer"},
                                                     {Tag::kForm, "form"},
                                                     {Tag::kH1, "h1"},
                                                     {Tag::kH2, "h2"},
                                                     {Tag::kH3, "h3"},
                                                     {Tag::kH4, "h4"},
                                                     {Tag::kH5, "h5"},
                                                     {Tag::kH6, "h6"},
                                                     {Tag::kHeader, "header"},
                                                     {Tag::kHgroup, "hgroup"},
                                                     {Tag::kLi, "li"},
                                                     {Tag::kMain, "main"},
                                                     {Tag::kMenu, "menu"},
                                                     {Tag::kNav, "nav"},
                                                     {Tag::kOl, "ol"},
                                                     {Tag::kP, "p"},
                                                     {Tag::kPre, "pre"},
                                                     {Tag::kSection, "section"},
                                                     {Tag::kSummary, "summary"},
                                                     {Tag::kTable, "table"},
                                                     {Tag::kTd, "td"},
                                                     {Tag::kTh, "th"},
                                                     {Tag::kTr, "tr"},
                                                     {Tag::kUl, "ul"},
                                                     {Tag::kTbody, "tbody"},
                                                     {Tag::kThead, "thead"},
                                                     {Tag::kTfoot, "tfoot"}};
  const auto found = names.find(tag);
  return found == names.end() ? std::string_view{} : found->second;
}

std::string outline_of(const Document& document) {
  Outline out;
  std::vector<std::uint32_t> ends;
  for (std::uint32_t i = 1; i < document.nodes.size(); ++i) {
    while (!ends.empty() && ends.back() <= i) {
      out.close();
      ends.pop_back();
    }
    const Node& node = document.nodes[i];
    if (node.tag == Tag::kText) {
      out.text(decoded(node.text));
    } else if (const std::string_view name = node.tag == Tag::kA ? "a" : name_of(node.tag);
               !name.empty()) {
      out.open(name);
      ends.push_back(node.end);
    }
  }
  for (; !ends.empty(); ends.pop_back()) out.close();
  return out.take();
}

// The name as written, for elements that gumbo has no number for.
std::string name_of(const GumboElement& element) {
  if (element.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(element.tag);
  GumboStringPiece piece = element.original_tag;
  gumbo_tag_from_original_text(&piece);
  std::string out(piece.data == nullptr ? "" : piece.data, piece.length);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string outline_of_gumbo(const std::string& page) {
  static const std::set<std::string_view> skipped{
      "script",   "style", "svg",      "math",   "template", "select",   "noscript",
      "video",    "audio", "canvas",   "iframe", "noembed",  "noframes", "xmp",
      "textarea", "title", "datalist", "rp",     "rt"};
  GumboOptions options = kGumboDefaultOptions;
  options.max_errors = 0;
  GumboOutput* output = gumbo_parse_with_options(&options, page.data(), page.size());
  Outline out;
  struct Frame {
    const GumboNode* node;
    unsigned int next;
    bool opened;
  };
  std::vector<Frame> frames{{output->root, 0, false}};
  while (!frames.empty()) {
    Frame& frame = frames.back();
    const GumboVector& children = frame.node->v.element.children;
    if (frame.next == children.length) {
      if (frame.opened) out.close();
      frames.pop_back();
      continue;
    }
    const auto* child = static_cast<const GumboNode*>(children.data[frame.next++]);
    if (child->type == GUMBO_NODE_TEXT) out.text(child->v.text.text);
    if (child->type != GUMBO_NODE_ELEMENT) continue;
    const std::string name = name_of(child->v.element);
    if (skipped.count(name) != 0) continue;
    const bool block = name == "a" || blocks().count(name) != 0;
    if (block) out.open(name);
    frames.push_back({child, 0, block});
  }
  // gumbo's memory is left to the end of the process: what would give it back recurses over the
  // tree
  return out.take();
}

// The outline with the links taken out: their names, and the brackets that close them.
std::string without_links(const std::string& outline) {
  std::string out;
  std::vector<bool> is_link;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    if (outline.compare(i, 3, "\na\x02") == 0) {
      is_link.push_back(true);
      i += 2;
      continue;
    }
    if (outline[i] == '\x01') {
      const bool link = !is_link.empty() && is_link.back();
      if (!is_link.empty()) is_link.pop_back();
      if (link) continue;
    }
    if (outline[i] == '\x02') is_link.push_back(false);
    out += outline[i];
  }
  return out;
}

std::string first_difference(const std::string& a, const std::string& b) {
  const auto at = static_cast<std::size_t>(
      std::mismatch(a.begin(),
                    a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())),
                    b.begin())
          .first -
      a.begin());
  const std::size_t from = at < 160 ? 0 : at - 160;
  return "ours: …" + a.substr(from, 240) + "\ngumbo: …" + b.substr(from, 240);
}

// A page of tags and text at random: unclosed, misplaced and stray blocks, parts of tables and
// forms. Inline elements end before the block does: what the adoption agency makes of those that do
// not is the one thing that the skeleton does not reproduce.
class RandomPage {
 public:
  explicit RandomPage(std::uint64_t seed) : random_(seed) {}

  std::string make() {
    page_ = "<!DOCTYPE html><body>";
    const std::size_t tokens = 4 + random_() % 60;
    for (std::size_t i = 0; i < tokens; ++i) token();
    return page_;
  }

 private:
  void token() {
    static constexpr std::array kBlocks = std::to_array<std::string_view>(
        {"div",     "div",        "p",  "p",  "ul",    "ol",    "li",     "li",  "section",
         "article", "blockquote", "dl", "dt", "dd",    "h1",    "h2",     "pre", "form",
         "table",   "tr",         "td", "th", "tbody", "thead", "caption"});
    static constexpr std::array kInline =
        std::to_array<std::string_view>({"a", "b", "em", "span", "strong", "time", "x-y"});
    switch (random_() % 12) {
      case 0:
      case 1:
      case 2: page_ += "<" + std::string(kBlocks[random_() % kBlocks.size()]) + ">"; break;
      case 3:
      case 4: {
        const std::string_view name = kBlocks[random_() % kBlocks.size()];
        // gumbo 0.10 writes text that waits behind the form whose end it meets; a comment makes it
        // write before
        if (name == "form") page_ += "<!---->";
        page_ += "</" + std::string(name) + ">";
        break;
      }
      case 5: page_ += " \n"; break;
      case 6: {
        const std::string name(kInline[random_() % kInline.size()]);
        page_ += "<" + name + " class=c>" + word() + "</" + name + ">";
        break;
      }
      case 7: page_ += random_() % 2 == 0 ? "<br>" : "<hr/>"; break;
      case 8: page_ += "<!-- <p> -->"; break;
      case 9:
        page_ += "<div><p>" + word() + "</p><ul><li>" + word() + "<li>" + word() + "</ul></div>";
        break;
      default: page_ += word();
    }
  }
  std::string word() { return "w" + std::to_string(++words_) + " "; }

  std::mt19937_64 random_;
  std::string page_;
  int words_ = 0;
};

TEST(Tree, IsThatOfPlainGumboOnRandomPages) {
  const char* given = std::getenv("VIGIE_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  for (std::uint64_t i = 0; i < kRandomPages; ++i) {
    const std::string page = RandomPage(seed * 1'000'003 + i).make();
    ASSERT_EQ(outline_of(parse(page)), outline_of_gumbo(page))
        << "page " << i << " of seed " << seed << ":\n"
        << page;
  }
}

TEST(Tree, IsThatOfPlainGumboOnRealPages) {
  if (!std::filesystem::exists(kCorpus))
    GTEST_SKIP() << "the corpus is not at " << kCorpus << "; put it there to compare real pages";
  std::size_t pages = 0;
  std::size_t other_links = 0;
  std::size_t other_blocks = 0;
  std::string examples;
  for (const char* source : {"aeb", "fev", "fun", "nae", "dan", "wcx", "trf", "hda"}) {
    for (const auto& entry : std::filesystem::directory_iterator(kCorpus / source / "html")) {
      const auto body = commands::read_page_file(entry.path().string(), 8ULL << 20);
      ASSERT_TRUE(body) << entry.path();
      // A table in a paragraph ends it in standards mode alone; the extractor reads every page in
      // that mode.
      const std::string page = "<!DOCTYPE html>" + charset::decode(*body, {}).text;
      const std::string ours = outline_of(parse(page));
      const std::string theirs = outline_of_gumbo(page);
      ++pages;
      if (ours == theirs) continue;
      ++other_links;
      if (without_links(ours) == without_links(theirs)) continue;
      ++other_blocks;
      examples += entry.path().string() + "\n" + first_difference(ours, theirs) + "\n\n";
    }
  }
  std::printf("%zu pages: %zu differ, %zu of them in more than what stands in which link\n", pages,
              other_links, other_blocks);
  // What is left are links that are closed in another block than they were opened in (adoption
  // agency), and text that gumbo 0.10 moves behind a form.
  EXPECT_LE(other_links * 100, pages * 4);
  EXPECT_LE(other_blocks * 100, pages * 2) << examples;
}

}  // namespace
}  // namespace vigie::extractor::dom
