#include "extractor/content/block_rules.h"

#include <algorithm>
#include <unordered_set>

#include "extractor/content/class_names.h"
#include "extractor/content/phrases.h"
#include "platform/text/invisible.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::content {
namespace {

using dom::Tag;

// letters; a shorter block that is no sentence is hardly a paragraph
constexpr std::uint32_t kShort = 25;
// letters of a block that asks for a subscription, a click, a letter
constexpr std::uint32_t kMostRequest = 220;
constexpr std::size_t kMostAppeals = 16;    // of a page that are looked around
constexpr double kMostOfAppeal = 0.5;       // of the page's prose, in what an appeal says
constexpr double kMostlySupport = 0.6;      // of that prose that speaks of support
constexpr std::uint32_t kMostAppeal = 900;  // letters of a paragraph that asks for money
// a tenth of the region may stand behind a heading of other stories, for the text to end there
constexpr std::uint64_t kMostBehindLabel = 10;
// letters of the region, for what follows to be comments and not a bar of links above the story
constexpr std::uint64_t kLeastBeforeComments = 300;
constexpr std::uint32_t kMostOfBar = 40;  // letters of such a link
constexpr std::size_t kMostStamp = 200;   // bytes of a moment
// letters of a block that says more than when it was written
constexpr std::uint32_t kLeastBehindStamp = 120;
// of a day with its year and a time of day: no cell of a timetable
constexpr std::size_t kDigitsOfMoment = 10;
constexpr std::uint64_t kLeastCells = 6;  // of a table that holds data
// letters of one of its cells, on average; nested tables are judged on their own
constexpr std::uint64_t kMostInCell = 60;
// bytes of a paragraph that is left out the second time
constexpr std::size_t kLeastRepeated = 30;
// blocks before and behind the region that are looked at
constexpr std::uint32_t kBeside = 40;
// bytes of one block; the longest real article is a few hundred kB
constexpr std::size_t kMostOfBlock = 4U << 20;

std::size_t digits_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

// The node behind a moment that stands in an element of its own at the beginning of a block with
// more to say: <b>05.01.2012 00:16</b> The train …
std::uint32_t behind_stamp(const dom::Document& document, const Block& block) {
  if (block.weight < kLeastBehindStamp) return block.first;
  std::uint32_t first = block.first;
  while (first <= block.last && (document.nodes[first].tag != Tag::kText ||
                                 text::trim(document.nodes[first].text).empty()))
    ++first;
  if (first > block.last || document.nodes[first].parent == block.container ||
      document.nodes[first].parent == dom::kNoNode)
    return block.first;
  const std::uint32_t behind = document.nodes[document.nodes[first].parent].end;
  if (behind != first + 1 || behind > block.last || document.nodes[first].text.size() > kMostStamp)
    return block.first;
  const std::string said = dom::decoded(text::trim(document.nodes[first].text));
  return digits_of(said) >= kDigitsOfMoment && is_timestamp(said) ? behind : block.first;
}

// One line. A line break of the source between Han and kana is no space (CSS Text §4.1.3).
std::string in_one_line(std::string_view raw) {
  const bool is_wide = std::any_of(raw.begin(), raw.end(),
                                   [](char c) { return static_cast<unsigned char>(c) >= 0xE3; });
  if (!is_wide) return text::collapse_spaces(raw);
  std::string out;
  out.reserve(raw.size());
  char32_t before = 0;
  for (std::size_t at = 0; at < raw.size();) {
    std::size_t end = at;
    bool breaks = false;
    while (end < raw.size()) {
      std::size_t next = end;
      const char32_t c = text::next_code_point(raw, next);
      if (c > ' ' && c != 0x3000 && c != 0xA0 && c != 0x2003) break;
      breaks = breaks || c == '\n' || c == '\r';
      end = next;
    }
    std::size_t behind = end;
    const char32_t c = end < raw.size() ? text::next_code_point(raw, behind) : 0;
    if (!breaks || !text::joins_without_space(before, c)) out.append(raw, at, end - at);
    out.append(raw, end, behind - end);
    before = c;
    at = behind;
  }
  return text::collapse_spaces(out);
}

std::string text_of_block(const dom::Document& document, const BlockList& list,
                          const Block& block) {
  std::string raw;
  std::uint32_t end_of_line = dom::kNoNode;  // of an element that stands on lines of its own
  for (std::uint32_t i = behind_stamp(document, block);
       i <= block.last && raw.size() < kMostOfBlock; ++i) {
    if (i >= end_of_line || (list.hints[i] & kBreaks) != 0) {
      raw += '\n';
      end_of_line = (list.hints[i] & kBreaks) != 0 ? document.nodes[i].end : dom::kNoNode;
    }
    if (document.nodes[i].tag == Tag::kText) {
      const bool hidden = (list.state[i] & kIsHidden) != 0 && !block.is_hidden();
      if (!hidden) dom::append_decoded(raw, text::prefix(document.nodes[i].text, kMostOfBlock));
    } else if (document.nodes[i].tag == Tag::kBr) {
      raw += '\n';
    }
  }
  std::string line = in_one_line(raw);
  return text::may_hold_invisible(line) ? text::collapse_spaces(text::without_invisible(line))
                                        : line;
}

class Judge {
 public:
  Judge(const dom::Document& document, const BlockList& list, const Region& region,
        std::string_view title)
      : document_(document),
        list_(list),
        region_(region),
        title_(squeezed(title)),
        lines_(list.blocks.size()) {}

  std::vector<Line> run() {
    mark_data_cells();
    mark_candidates();
    mark_appeals();
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (is_taken(i)) all_weight_ += list_.blocks[i].weight;
    }
    const std::size_t begin = begin_of_story();
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      lines_[i].verdict = verdict_of(i);
      if (i < begin && lines_[i].verdict == Verdict::kKept) lines_[i].verdict = Verdict::kBefore;
      if (ended_ && lines_[i].verdict == Verdict::kKept) lines_[i].verdict = Verdict::kBehind;
      mark_foot(i);
      if (is_taken(i)) taken_weight_ += list_.blocks[i].weight;
    }
    return std::move(lines_);
  }

 private:
  bool is_taken(std::size_t block) const { return region_.within[block] && !region_.pruned[block]; }

  // Cells of tables that hold data rather than the layout of the page: many, short, hardly any
  // links.
  void mark_data_cells() {
    for (std::uint32_t i = 0; i < document_.nodes.size(); ++i) {
      if (document_.nodes[i].tag != Tag::kTable) continue;
      std::uint64_t cells = 0;
      std::uint64_t weight = 0;
      std::uint64_t links = 0;
      for (std::uint32_t block = list_.first_block[i]; block < list_.end_block[i]; ++block) {
        if ((list_.blocks[block].state & kInTable) == 0) continue;
        ++cells;
        weight += list_.blocks[block].weight;
        links += list_.blocks[block].link_weight;
      }
      const bool is_data =
          cells >= kLeastCells && weight < cells * kMostInCell && links * 3 < weight;
      for (std::uint32_t block = list_.first_block[i]; block < list_.end_block[i]; ++block)
        lines_[block].is_data_cell = is_data;
    }
  }

  void mark_candidates() {
    std::size_t begin = lines_.size();
    std::size_t end = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!is_taken(i)) continue;
      begin = std::min(begin, i);
      end = i + 1;
    }
    begin -= std::min<std::size_t>(begin, kBeside);
    end = std::min<std::size_t>(lines_.size(), end + kBeside);
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const Block& block = list_.blocks[i];
      Line& line = lines_[i];
      line.is_heading = (block.state & kInHeading) != 0;
      const bool is_consent = i < region_.consent.size() && region_.consent[i];
      line.is_candidate =
          !is_consent && !block.is_hidden() && ((i >= begin && i < end) || is_prose(block));
      if (!line.is_candidate) continue;
      line.text = text_of_block(document_, list_, block);
      line.is_candidate = !line.text.empty();
      if (!line.is_candidate) continue;
      line.same = squeezed(line.text);
      line.is_headline = !title_.empty() && line.same == title_;
      line.is_label = is_label(line.same);
      line.is_request = block.weight <= kMostRequest && is_request(line.same);
      line.is_appeal = block.weight <= kMostAppeal && is_appeal(line.same);
      line.is_credit = !line.is_heading && !line.is_data_cell && is_credit(line.text);
      line.is_timestamp = is_timestamp(line.text) &&
                          (!line.is_data_cell || digits_of(line.text) >= kDigitsOfMoment);
    }
  }

  // An appeal goes with the element around it that speaks of little else.
  void mark_appeals() {
    double all = 0;
    for (const Block& block : list_.blocks) all += is_prose(block) ? block.weight : 0;
    std::size_t looked = 0;
    for (std::size_t i = 0; i < lines_.size() && looked < kMostAppeals; ++i) {
      if (!lines_[i].is_appeal) continue;
      ++looked;
      std::uint32_t wall = dom::kNoNode;
      for (std::uint32_t node = document_.nodes[list_.blocks[i].container].parent;
           node != dom::kNoNode && node != 0 && is_appeal_around(node, all);
           node = document_.nodes[node].parent)
        wall = node;
      if (wall == dom::kNoNode) continue;
      for (std::uint32_t block = list_.first_block[wall]; block < list_.end_block[wall]; ++block)
        lines_[block].is_appeal = true;
      i = list_.end_block[wall] - 1;
    }
  }

  bool is_appeal_around(std::uint32_t node, double all) const {
    double prose = 0;
    double of_support = 0;
    for (std::uint32_t i = list_.first_block[node]; i < list_.end_block[node]; ++i) {
      const Block& block = list_.blocks[i];
      if (block.tag == Tag::kH1) return false;
      if (!is_prose(block)) continue;
      prose += block.weight;
      if (prose > kMostOfAppeal * all) return false;
      if (lines_[i].is_appeal || speaks_of_support(lines_[i].same)) of_support += block.weight;
    }
    return of_support >= kMostlySupport * prose;
  }

  // The first heading that is the headline, if a good part of the region stands behind it: what is
  // in front of it belongs to something else.
  std::size_t begin_of_story() const {
    if (title_.empty()) return 0;
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < lines_.size() && before * 4 < all_weight_ * 3; ++i) {
      if (lines_[i].is_heading && lines_[i].is_headline) return i;
      if (is_taken(i)) before += list_.blocks[i].weight;
    }
    return 0;
  }

  // The foot of the page that stands in one element with the story: rights, and what readers say.
  void mark_foot(std::size_t index) {
    Line& line = lines_[index];
    if (!line.is_candidate || line.is_headline) return;
    const bool opens = begins_comments(line.same);
    comments_ = comments_ || (opens && taken_weight_ >= kLeastBeforeComments);
    const bool is_bar = opens && list_.blocks[index].weight <= kMostOfBar;
    if (!comments_ && !is_bar && !is_imprint(line.same)) return;
    line.is_foot = true;
    if (line.verdict == Verdict::kKept || comments_)
      line.verdict = comments_ ? Verdict::kComments : is_bar ? Verdict::kLabel : Verdict::kImprint;
  }

  Verdict by_form(const Block& block, bool in_data_cell) const {
    if (block.is_hidden()) return Verdict::kHidden;
    const double links = block.link_density();
    if (in_data_cell && links < 0.9) return Verdict::kKept;
    if ((block.state & kInCaption) != 0) return Verdict::kCaption;
    if ((block.state & kInHeading) != 0)
      return block.tag == Tag::kH1 ? Verdict::kPageTitle
             : links < 0.6         ? Verdict::kKept
                                   : Verdict::kLinks;
    if (links > 0.6 && (block.weight < 200 || block.sentence_ends == 0)) return Verdict::kLinks;
    if (links > 0.4 && (block.state & (kInList | kInTable)) != 0) return Verdict::kLinks;
    const bool is_paragraph = block.tag == Tag::kP || block.tag == Tag::kBlockquote ||
                              block.tag == Tag::kPre || block.tag == Tag::kLi ||
                              block.tag == Tag::kDd;
    if (is_paragraph ? block.weight > 1 : block.weight >= kShort || block.sentence_ends > 0)
      return Verdict::kKept;
    return Verdict::kTooShort;
  }

  Verdict verdict_of(std::size_t index) {
    const Line& line = lines_[index];
    if (!region_.within[index]) return Verdict::kOutside;
    if (region_.pruned[index]) return Verdict::kPruned;
    const Verdict form = by_form(list_.blocks[index], line.is_data_cell);
    if (form != Verdict::kKept) return form;
    if (line.text.empty()) return Verdict::kTooShort;
    if (line.is_headline) return Verdict::kHeadline;
    if (line.is_heading && line.is_label &&
        (all_weight_ - taken_weight_) * kMostBehindLabel < all_weight_)
      ended_ = true;
    if (line.is_label) return Verdict::kLabel;
    if (line.is_request || line.is_appeal) return Verdict::kRequest;
    if (line.is_timestamp) return Verdict::kTimestamp;
    if (line.is_credit) return Verdict::kCaption;
    if (line.text.size() >= kLeastRepeated && !seen_.insert(line.same).second)
      return Verdict::kRepeated;
    return Verdict::kKept;
  }

  const dom::Document& document_;
  const BlockList& list_;
  const Region& region_;
  std::string title_;
  std::vector<Line> lines_;
  std::unordered_set<std::string_view> seen_;  // views into lines_
  std::uint64_t all_weight_ = 0;               // of the region
  std::uint64_t taken_weight_ = 0;             // of it, so far
  bool comments_ = false;                      // the comments of readers began
  bool ended_ = false;                         // a heading of other stories was met
};

}  // namespace

std::string_view words_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kKept: return "kept";
    case Verdict::kOutside: return "outside of the article";
    case Verdict::kPruned: return "named or tagged as no part of the text";
    case Verdict::kHidden: return "hidden";
    case Verdict::kCaption: return "a caption";
    case Verdict::kLinks: return "made of links";
    case Verdict::kTooShort: return "no paragraph and short";
    case Verdict::kPageTitle: return "a first-level heading";
    case Verdict::kHeadline: return "the headline";
    case Verdict::kLabel: return "a label";
    case Verdict::kRequest: return "a request to the reader";
    case Verdict::kTimestamp: return "a time stamp";
    case Verdict::kRepeated: return "a repetition";
    case Verdict::kImprint: return "rights and who the publisher is";
    case Verdict::kComments: return "comments of readers";
    case Verdict::kBefore: return "in front of the headline";
    case Verdict::kBehind: return "behind the heading of other stories";
    case Verdict::kUnlikely: return "unlike the text of articles";
  }
  return "";
}

std::vector<Line> judge_blocks(const dom::Document& document, const BlockList& list,
                               const Region& region, std::string_view title) {
  return Judge(document, list, region, title).run();
}

}  // namespace vigie::extractor::content
