#include "extractor/content/content.h"

#include <algorithm>
#include <unordered_set>

#include "extractor/content/block_rules.h"
#include "extractor/content/blocks.h"
#include "extractor/content/chooser.h"
#include "extractor/content/companions.h"
#include "extractor/content/features.h"
#include "extractor/content/phrases.h"
#include "extractor/content/region.h"
#include "platform/text/invisible.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::content {
namespace {

// bytes of a JSON-LD articleBody that may stand in for the text of the page
constexpr std::size_t kLeastBody = 400;
constexpr std::size_t kLeastDescription = 40;        // bytes
constexpr std::size_t kMostBodyLookedAt = 1U << 17;  // bytes of it that lines are compared with
constexpr std::size_t kMostLinksOfBlock = 200;
constexpr std::size_t kMostHref = 2048;  // bytes
// times what was found, for a region chosen without names to be believed instead
constexpr double kMuchMoreUnnamed = 3;
// times what the page shows, for its data to be believed instead
constexpr double kMuchMoreInBody = 1.8;
// bytes of text that the page shows at most, for its data to be believed instead
constexpr double kLittleShown = 600;
// of main text; the longest real article is a few hundred kB
constexpr std::size_t kMaxTextBytes = 4ULL << 20;

// The nearest element of a kind around a node, within the block's container; kNoNode if there is
// none.
template <class Wanted>
std::uint32_t nearest(const dom::Document& document, std::uint32_t node, std::uint32_t last,
                      const Wanted& wanted) {
  for (; node != dom::kNoNode; node = document.nodes[node].parent) {
    if (wanted(document.nodes[node].tag)) return node;
    if (node <= last) break;
  }
  return dom::kNoNode;
}

Part part_of(const dom::Document& document, const BlockList& list, const Block& block) {
  Part out;
  if ((block.state & kInHeading) != 0) {
    const std::uint32_t heading = nearest(document, block.first, 0, dom::is_heading);
    out.kind = PartKind::kHeading;
    out.level = heading == dom::kNoNode
                    ? std::uint8_t{2}
                    : static_cast<std::uint8_t>(static_cast<int>(document.nodes[heading].tag) -
                                                static_cast<int>(dom::Tag::kH1) + 1);
  } else if (block.tag == dom::Tag::kPre) {
    out.kind = PartKind::kPreformatted;
  } else if ((block.state & kInTable) != 0) {
    out.kind = PartKind::kTableCell;
    const std::uint32_t row =
        nearest(document, block.container, 0, [](dom::Tag tag) { return tag == dom::Tag::kTr; });
    out.row = row == dom::kNoNode ? 0 : row;
  } else if ((block.state & kInQuote) != 0 || is_in_post(document, list, block)) {
    out.kind = PartKind::kQuote;
  } else if ((block.state & kInList) != 0) {
    out.kind = PartKind::kListItem;
  }
  return out;
}

// Links of a block by where their text stands in its line, each behind the one before.
std::vector<Link> links_of(const dom::Document& document, const Block& block,
                           const std::string& line) {
  std::vector<Link> out;
  std::size_t cursor = 0;
  for (std::uint32_t i = block.first; i <= block.last && out.size() < kMostLinksOfBlock; ++i) {
    if (document.nodes[i].tag != dom::Tag::kText) continue;
    const std::uint32_t anchor =
        nearest(document, i, block.container, [](dom::Tag tag) { return tag == dom::Tag::kA; });
    const std::string said = text::nfc(
        text::collapse_spaces(text::without_invisible(dom::decoded(document.nodes[i].text))));
    if (said.empty()) continue;
    const std::size_t at = line.find(said, cursor);
    if (at == std::string::npos) continue;
    cursor = at + said.size();
    const std::string_view href = anchor == dom::kNoNode
                                      ? std::string_view{}
                                      : text::trim(document.attribute_or_empty(anchor, "href"));
    if (href.empty() || href.front() == '#') continue;
    out.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(said.size()),
                   dom::decoded(text::prefix(href, kMostHref), true)});
  }
  return out;
}

// Takes the lines that are kept; a heading only once a paragraph follows.
class Writer {
 public:
  Writer(const dom::Document& document, const BlockList& list, const std::vector<Line>& lines)
      : document_(document), list_(list), lines_(lines) {}

  MainText write(std::uint32_t container) {
    out_.container = container;
    for (std::uint32_t i = 0; i < lines_.size() && bytes_ < kMaxTextBytes; ++i) {
      if (lines_[i].verdict != Verdict::kKept) continue;
      if (lines_[i].is_heading) {
        heading_ = i;
        continue;
      }
      if (heading_ != kNone) take(heading_);
      heading_ = kNone;
      take(i);
    }
    return std::move(out_);
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  void take(std::uint32_t index) {
    const Block& block = list_.blocks[index];
    if (out_.paragraphs.empty()) out_.first_node = block.first;
    out_.last_node = lines_[index].is_heading ? block.first : block.last;
    bytes_ += lines_[index].text.size();
    out_.paragraphs.push_back(text::nfc(lines_[index].text));
    Part part = part_of(document_, list_, block);
    if (block.links > 0) part.links = links_of(document_, block, out_.paragraphs.back());
    out_.parts.push_back(std::move(part));
  }

  const dom::Document& document_;
  const BlockList& list_;
  const std::vector<Line>& lines_;
  std::uint32_t heading_ = kNone;
  std::size_t bytes_ = 0;
  MainText out_;
};

// What the page's own data call the article: paragraphs of plain text, whatever markup it holds
// left out.
std::vector<std::string> paragraphs_of_body(std::string_view body) {
  std::string plain;
  bool in_tag = false;
  for (std::size_t i = 0; i < std::min(body.size(), kMaxTextBytes); ++i) {
    const char c = body[i];
    if (c == '<' && i + 1 < body.size() &&
        (body[i + 1] == '/' || (body[i + 1] >= 'a' && body[i + 1] <= 'z') ||
         (body[i + 1] >= 'A' && body[i + 1] <= 'Z'))) {
      in_tag = true;
      if (body[i + 1] == '/' || body[i + 1] == 'p' || body[i + 1] == 'b')
        plain +=
            body.substr(i, 3) == "</p" || body.substr(i, 3) == "<br" || body.substr(i, 2) == "<p"
                ? '\n'
                : ' ';
    } else if (in_tag) {
      in_tag = c != '>';
    } else {
      plain += c;
    }
  }
  std::vector<std::string> out;
  std::string_view rest = plain;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string line = text::collapse_spaces(rest.substr(0, end));
    if (!line.empty()) out.push_back(std::move(line));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return out;
}

// Every block of the page that reads like prose.
Region all_prose(const BlockList& list) {
  Region out;
  out.pruned.assign(list.blocks.size(), false);
  for (const Block& block : list.blocks) out.within.push_back(is_prose(block));
  return out;
}

std::size_t bytes_of(const std::vector<std::string>& paragraphs) {
  std::size_t out = 0;
  for (const std::string& paragraph : paragraphs) out += paragraph.size();
  return out;
}

}  // namespace

std::string MainText::text() const {
  std::string out;
  for (const std::string& paragraph : paragraphs) {
    if (!out.empty()) out += "\n\n";
    out += paragraph;
  }
  return out;
}

namespace {

struct Attempt {
  std::vector<Line> lines;
  std::vector<double> likelihoods;  // of each line; empty where the chooser was not asked
  MainText text;
};

// By the rules in a region, corrected by the chooser.
Attempt chosen_in(const dom::Document& document, const BlockList& list, const Region& region,
                  const Hints& hints, Trace* trace) {
  Attempt out;
  out.lines = judge_blocks(document, list, region, hints.title);
  const std::string body = squeezed(hints.article_body.substr(0, kMostBodyLookedAt));
  const std::string description = squeezed(hints.description);
  const std::vector<Features> features =
      features_of(document, list, region, out.lines, {body, description});
  if (trace != nullptr) {
    trace->features.clear();
    for (const Features& one : features) trace->features.emplace_back(one.begin(), one.end());
    trace->by_rules.clear();
    for (const Line& line : out.lines) trace->by_rules.push_back(words_of(line.verdict));
  }
  choose(features, out.lines, trace == nullptr ? nullptr : &out.likelihoods);
  keep_companions(document, list, out.lines);
  out.text = Writer(document, list, out.lines).write(region.container);
  return out;
}

Attempt by_rules_in(const dom::Document& document, const BlockList& list, const Region& region,
                    const Hints& hints) {
  Attempt out;
  out.lines = judge_blocks(document, list, region, hints.title);
  keep_companions(document, list, out.lines);
  out.text = Writer(document, list, out.lines).write(region.container);
  return out;
}

void tell(const dom::Document& document, const BlockList& list, const Attempt& winner,
          std::string_view name, Trace& trace) {
  trace.winner = name;
  for (std::size_t i = 0; i < winner.lines.size(); ++i) {
    const Line& line = winner.lines[i];
    TracedBlock block;
    block.text = line.text;
    const std::uint32_t source = document.nodes[list.blocks[i].container].source;
    if (source != dom::kNoNode) block.element = text::ascii_lower(document.tags[source].name);
    block.reason = words_of(line.verdict);
    block.is_candidate = line.is_candidate;
    block.is_heading = line.is_heading;
    block.is_headline = line.is_headline;
    block.kept = line.verdict == Verdict::kKept;
    if (i < winner.likelihoods.size()) block.likelihood = winner.likelihoods[i];
    trace.blocks.push_back(std::move(block));
  }
}

}  // namespace

MainText find_main_text(const dom::Document& document, const Hints& hints, Trace* trace) {
  const BlockList list = make_blocks(document);
  Attempt best = chosen_in(document, list, find_region(document, list), hints, trace);
  std::string_view name = "region and chooser";
  const auto report = [&](std::string_view candidate, const std::vector<std::string>& paragraphs) {
    if (trace != nullptr)
      trace->candidates.push_back(
          {std::string(candidate), paragraphs.size(), bytes_of(paragraphs)});
  };
  report(name, best.text.paragraphs);
  if (bytes_of(best.text.paragraphs) < kLittleShown) {
    Attempt unnamed = by_rules_in(document, list, find_region(document, list, false), hints);
    report("region without names", unnamed.text.paragraphs);
    if (static_cast<double>(bytes_of(unnamed.text.paragraphs)) >
        kMuchMoreUnnamed * static_cast<double>(bytes_of(best.text.paragraphs))) {
      best = std::move(unnamed);
      name = "region without names";
    }
  }
  if (best.text.paragraphs.empty()) {
    best = by_rules_in(document, list, all_prose(list), hints);
    name = "all prose";
    report(name, best.text.paragraphs);
  }
  MainText out = std::move(best.text);
  if (hints.article_body.size() >= kLeastBody) {
    std::vector<std::string> body = paragraphs_of_body(hints.article_body);
    report("JSON-LD articleBody", body);
    const auto shown = static_cast<double>(bytes_of(out.paragraphs));
    if (shown<kLittleShown&& static_cast<double>(bytes_of(body))> kMuchMoreInBody * shown) {
      for (std::string& paragraph : body) paragraph = text::nfc(paragraph);
      out.paragraphs = std::move(body);
      out.parts.assign(out.paragraphs.size(), Part{});
      name = "JSON-LD articleBody";
    }
  }
  // A story that scripts write: the page shows its foot and nothing else, but says in its head what
  // it tells.
  const bool only_foot =
      out.paragraphs.empty() && std::any_of(best.lines.begin(), best.lines.end(),
                                            [](const Line& line) { return line.is_foot; });
  if (only_foot && hints.description.size() >= kLeastDescription) {
    out.paragraphs = {text::nfc(text::collapse_spaces(hints.description))};
    out.parts.assign(1, Part{});
    name = "description";
    report(name, out.paragraphs);
  }
  out.found_by = name;
  if (trace != nullptr) tell(document, list, best, name, *trace);
  return out;
}

}  // namespace vigie::extractor::content
