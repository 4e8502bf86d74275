#include "extractor/content/features.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "extractor/content/class_names.h"

namespace vigie::extractor::content {
namespace {

using dom::Tag;

constexpr std::size_t kAround = 3;  // candidates on each side that make kept_around
// bytes of a squeezed line that are looked for in the squeezed articleBody
constexpr std::size_t kJsonProbe = 48;
constexpr std::size_t kLeastProbe = 16;
constexpr std::size_t kMostJsonBody = 1U << 17;  // bytes of it that are looked at

// What holds for a node because of elements around it.
enum Around : std::uint16_t {
  kBodyName = 1U << 0,
  kArticleName = 1U << 1,
  kBoilerplateName = 1U << 2,
  kCommentsName = 1U << 3,
  kCaptionName = 1U << 4,
  kLeadName = 1U << 5,
  kArticleElement = 1U << 6,
  kMainElement = 1U << 7,
  kBoilerplateElement = 1U << 8,
  kHeaderElement = 1U << 9,
  kInContainer = 1U << 10,
};

std::uint16_t own_flags(Tag tag, std::uint32_t hints) {
  std::uint16_t flags = 0;
  if ((hints & kArticleBody) != 0) flags |= kBodyName;
  if ((hints & kArticle) != 0) flags |= kArticleName;
  if ((hints & kNotContent) != 0) flags |= kBoilerplateName;
  if ((hints & kComments) != 0) flags |= kCommentsName;
  if ((hints & kCaption) != 0) flags |= kCaptionName;
  if ((hints & kTeaser) != 0) flags |= kLeadName;
  switch (tag) {
    case Tag::kArticle: flags |= kArticleElement; break;
    case Tag::kMain: flags |= kMainElement; break;
    case Tag::kHeader: flags |= kHeaderElement; break;
    case Tag::kNav:
    case Tag::kAside:
    case Tag::kFooter:
    case Tag::kForm:
    case Tag::kFigure:
    case Tag::kFigcaption:
    case Tag::kButton:
    case Tag::kLabel:
    case Tag::kAddress: flags |= kBoilerplateElement; break;
    default: break;
  }
  return flags;
}

float element_of(Tag tag) {
  switch (tag) {
    case Tag::kP: return 0;
    case Tag::kLi: return 1;
    case Tag::kBlockquote: return 2;
    case Tag::kTd: return 4;
    case Tag::kTh: return 5;
    case Tag::kDiv: return 6;
    case Tag::kDd:
    case Tag::kDt: return 7;
    case Tag::kSection:
    case Tag::kArticle:
    case Tag::kMain:
    case Tag::kBody: return 8;
    case Tag::kPre: return 3;
    case Tag::kH1:
    case Tag::kH2:
    case Tag::kH3:
    case Tag::kH4:
    case Tag::kH5:
    case Tag::kH6: return 9;
    default: return 10;
  }
}

// The last sign of a line: 3 ends a sentence, 2 a colon or an ellipsis, 1 a bracket or a comma, 0
// none.
float ends_as(std::string_view line) {
  while (!line.empty()) {
    const char c = line.back();
    if (c == '"' || c == '\'') {
      line.remove_suffix(1);
      continue;
    }
    if (c == '.' || c == '!' || c == '?') return 3;
    if (c == ':') return 2;
    if (c == ')' || c == ']' || c == ',' || c == ';') return 1;
    if (line.size() >= 3 && static_cast<unsigned char>(c) >= 0x80) {
      const std::string_view last = line.substr(line.size() - 3);
      // 。 ！ ？ ।
      if (last == "\xE3\x80\x82" || last == "\xEF\xBC\x81" || last == "\xEF\xBC\x9F" ||
          last == "\xE0\xA5\xA4")
        return 3;
      // ” “ ’ 」
      if (last == "\xE2\x80\x9D" || last == "\xE2\x80\x9C" || last == "\xE2\x80\x99" ||
          last == "\xE3\x80\x8D") {
        line.remove_suffix(3);
        continue;
      }
      if (last == "\xE2\x80\xA6" || last == "\xEF\xBC\x9A") return 2;  // … ：
      if (last == "\xEF\xBC\x89") return 1;                            // ）
      if (line.substr(line.size() - 2) == "\xC2\xBB") {                // »
        line.remove_suffix(2);
        continue;
      }
    }
    return 0;
  }
  return 0;
}

// 0 an upper-case ASCII letter, 1 a lower-case one, 2 a digit, 3 a quotation mark, 4 another
// letter, 5 another sign.
float begins_as(std::string_view line) {
  const auto c = static_cast<unsigned char>(line.empty() ? ' ' : line.front());
  if (c >= 'A' && c <= 'Z') return 0;
  if (c >= 'a' && c <= 'z') return 1;
  if (c >= '0' && c <= '9') return 2;
  if (c == '"' || line.substr(0, 3) == "\xE2\x80\x9C" || line.substr(0, 3) == "\xE2\x80\x9E" ||
      line.substr(0, 2) == "\xC2\xAB")
    return 3;
  return c >= 0xC3 && c != 0xE2 ? 4 : 5;
}

struct Signs {
  std::uint32_t digits = 0;
  std::uint32_t capitals = 0;
  std::uint32_t marks = 0;  // signs of addresses, lists of links, copyright
  std::uint32_t spaces = 0;
};

Signs signs_of(std::string_view line) {
  Signs out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c >= '0' && c <= '9') {
      ++out.digits;
    } else if (c >= 'A' && c <= 'Z') {
      ++out.capitals;
    } else if (c == ' ') {
      ++out.spaces;
    } else if (c == '|' || c == '@' || c == '/' || c == '#' || c == '[' || c == '>' || c == '_') {
      ++out.marks;
    } else if (c == '\xC2' && i + 1 < line.size() &&
               (line[i + 1] == '\xA9' || line[i + 1] == '\xBB' ||
                line[i + 1] == '\xB7')) {  // © » ·
      ++out.marks;
    } else if (c == '\xD0' && i + 1 < line.size() &&
               static_cast<unsigned char>(line[i + 1]) >= 0x90 &&
               static_cast<unsigned char>(line[i + 1]) <= 0xAF) {
      ++out.capitals;  // А to Я
    }
  }
  return out;
}

float log_of(double value) { return static_cast<float>(std::log2(1.0 + value)); }
float share(double part, double whole) {
  return whole <= 0 ? 0.0F : static_cast<float>(part / whole);
}

class Writer {
 public:
  Writer(Features& out) : out_(out) {}
  Writer& operator<<(double value) {
    out_[at_++] = static_cast<float>(value);
    return *this;
  }
  std::size_t count() const { return at_; }

 private:
  Features& out_;
  std::size_t at_ = 0;
};

struct Alike {
  double weight = 0;
  double kept = 0;
  double links = 0;
  std::uint32_t count = 0;
};

class Describer {
 public:
  Describer(const dom::Document& document, const BlockList& list, const Region& region,
            const std::vector<Line>& lines, const OtherCarriers& others)
      : document_(document), list_(list), region_(region), lines_(lines), others_(others) {}

  std::vector<Features> run() {
    for (std::uint32_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i].is_candidate) candidates_.push_back(i);
    }
    std::vector<Features> out(lines_.size(), Features{});
    if (candidates_.empty()) return out;
    mark_around();
    sum();
    for (std::size_t at = 0; at < candidates_.size(); ++at) describe(at, out[candidates_[at]]);
    return out;
  }

 private:
  bool kept(std::uint32_t block) const { return lines_[block].verdict == Verdict::kKept; }
  const Block& block(std::uint32_t index) const { return list_.blocks[index]; }

  void mark_around() {
    around_.assign(document_.nodes.size(), 0);
    depth_.assign(document_.nodes.size(), 0);
    for (std::uint32_t i = 0; i < document_.nodes.size(); ++i) {
      const dom::Node& node = document_.nodes[i];
      std::uint16_t flags =
          node.tag == Tag::kText ? std::uint16_t{0} : own_flags(node.tag, list_.hints[i]);
      if (i == region_.container) flags |= kInContainer;
      if (node.parent != dom::kNoNode) {
        flags |= around_[node.parent];
        depth_[i] = static_cast<std::uint16_t>(std::min<int>(depth_[node.parent] + 1, 60'000));
      }
      around_[i] = flags;
    }
  }

  std::uint64_t look_of(std::uint32_t index) const {
    const std::uint32_t container = block(index).container;
    const std::uint32_t parent = document_.nodes[container].parent;
    return (static_cast<std::uint64_t>(list_.looks[container]) << 32U) |
           (parent == dom::kNoNode ? 0U : list_.looks[parent]);
  }

  void sum() {
    look_.resize(candidates_.size());
    kept_before_.assign(candidates_.size() + 1, 0);
    std::uint32_t paragraphs = 0;
    for (std::size_t at = 0; at < candidates_.size(); ++at) {
      const std::uint32_t index = candidates_[at];
      const Block& own = block(index);
      look_[at] = look_of(index);
      Alike& alike = alike_[look_[at]];
      alike.weight += own.weight;
      alike.links += own.link_weight;
      ++alike.count;
      if (kept(index)) alike.kept += own.weight;
      kept_before_[at + 1] = kept_before_[at] + (kept(index) ? own.weight : 0);
      if (kept(index) && is_prose(own)) {
        ++paragraphs;
        kept_prose_ += own.weight;
      }
      if (is_prose(own)) page_prose_ += own.weight;
    }
    mean_paragraph_ = paragraphs == 0 ? 0 : kept_prose_ / paragraphs;
    // Distances to the next kept prose on both sides, in candidates.
    distance_before_.assign(candidates_.size(), 60);
    distance_behind_.assign(candidates_.size(), 60);
    int since = 60;
    for (std::size_t at = 0; at < candidates_.size(); ++at) {
      distance_before_[at] = since;
      since =
          kept(candidates_[at]) && is_prose(block(candidates_[at])) ? 1 : std::min(since + 1, 60);
    }
    since = 60;
    for (std::size_t at = candidates_.size(); at-- > 0;) {
      distance_behind_[at] = since;
      since =
          kept(candidates_[at]) && is_prose(block(candidates_[at])) ? 1 : std::min(since + 1, 60);
    }
    headline_ = candidates_.size();
    for (std::size_t at = 0; at < candidates_.size(); ++at) {
      const Line& line = lines_[candidates_[at]];
      if (line.is_heading && (line.is_headline || block(candidates_[at]).tag == Tag::kH1)) {
        headline_ = at;
        if (line.is_headline) break;
      }
    }
    sum_parents();
  }

  void sum_parents() {
    for (const std::uint32_t index : candidates_) {
      const std::uint32_t parent = document_.nodes[block(index).container].parent;
      Alike& sums = parents_[parent];
      sums.weight += block(index).weight;
      sums.links += block(index).link_weight;
      if (is_prose(block(index))) sums.kept += block(index).weight;
      ++sums.count;
    }
  }

  void describe_neighbour(Writer& write, std::size_t at, bool exists, std::size_t other) const {
    if (!exists) {
      write << -1 << -1 << -1 << -1;
      return;
    }
    const std::uint32_t index = candidates_[other];
    write << (kept(index) ? 1 : 0) << log_of(block(index).weight) << block(index).link_density()
          << (look_[at] == look_[other] ? 1 : 0);
  }

  float in_json_body(const Line& line) const {
    if (others_.json_body.size() < 400) return -1;
    if (line.same.size() < kLeastProbe) return -0.5F;
    return others_.json_body.substr(0, kMostJsonBody)
                       .find(std::string_view(line.same).substr(0, kJsonProbe)) ==
                   std::string_view::npos
               ? 0
               : 1;
  }

  float is_description(const Line& line) const {
    if (others_.description.size() < 30 || line.same.size() < 30) return 0;
    const std::size_t most =
        std::min<std::size_t>({others_.description.size(), line.same.size(), 60});
    return others_.description.substr(0, most) == std::string_view(line.same).substr(0, most) ? 1
                                                                                              : 0;
  }

  // The order of what is written is the order of the features that the trees were trained on.
  void describe(std::size_t at, Features& out) {
    Writer write(out);
    describe_words(write, at);
    describe_verdict(write, at);
    describe_surroundings(write, at);
    describe_alike(write, at);
    describe_neighbour(write, at, at > 0, at - 1);
    describe_neighbour(write, at, at + 1 < candidates_.size(), at + 1);
    describe_place(write, at);
    const Line& line = lines_[candidates_[at]];
    write << log_of(page_prose_) << share(kept_prose_, page_prose_) << log_of(kept_before_.back())
          << log_of(mean_paragraph_);
    write << in_json_body(line) << is_description(line);
  }

  void describe_words(Writer& write, std::size_t at) const {
    const std::uint32_t index = candidates_[at];
    const Block& own = block(index);
    const Line& line = lines_[index];
    const Signs signs = signs_of(line.text);
    const double weight = std::max<std::uint32_t>(own.weight, 1);
    write << log_of(own.weight) << own.link_density() << own.links
          << std::min(own.commas * 100.0 / weight, 50.0) << own.sentence_ends << ends_as(line.text)
          << begins_as(line.text) << signs.digits / weight << signs.capitals / weight
          << element_of(own.tag)
          << (dom::is_heading(own.tag) ? static_cast<int>(own.tag) - static_cast<int>(Tag::kH1) + 1
                                       : 0)
          << ((own.state & kInList) != 0) << ((own.state & kInTable) != 0)
          << ((own.state & kInQuote) != 0) << ((own.state & kInCaption) != 0) << line.is_data_cell
          << signs.marks << signs.spaces / weight;
  }

  void describe_verdict(Writer& write, std::size_t at) const {
    const std::uint32_t index = candidates_[at];
    const Line& line = lines_[index];
    const Verdict verdict = line.verdict;
    write << kept(index) << region_.within[index] << region_.pruned[index] << line.is_label
          << line.is_request << line.is_timestamp
          << (verdict == Verdict::kBefore   ? 1
              : verdict == Verdict::kBehind ? 2
                                            : 0)
          << (verdict == Verdict::kRepeated);
  }

  void describe_surroundings(Writer& write, std::size_t at) const {
    const Block& own = block(candidates_[at]);
    const std::uint32_t holder =
        document_.nodes[own.first].parent == dom::kNoNode ? 0 : document_.nodes[own.first].parent;
    const std::uint16_t around = around_[holder];
    write << ((around & kBodyName) != 0) << ((around & kArticleName) != 0)
          << ((around & kBoilerplateName) != 0) << ((around & kCommentsName) != 0)
          << ((around & kCaptionName) != 0) << ((around & kLeadName) != 0)
          << ((around & kArticleElement) != 0) << ((around & kMainElement) != 0)
          << ((around & kBoilerplateElement) != 0) << ((around & kHeaderElement) != 0)
          << ((around & kInContainer) != 0)
          << std::clamp(static_cast<int>(depth_[own.container]) -
                            static_cast<int>(depth_[region_.container]),
                        -9, 20)
          << (list_.hints[own.container] &
              (kNotContent | kCaption | kTeaser | kArticleBody | kArticle));
  }

  // Against the blocks that look alike, and those beside it in its parent.
  void describe_alike(Writer& write, std::size_t at) {
    const Block& own = block(candidates_[at]);
    const Alike& alike = alike_[look_[at]];
    write << share(alike.kept, alike.weight) << share(alike.kept, kept_before_.back())
          << std::min(alike.count, 40U) << share(alike.links, alike.weight);
    const Alike& parent = parents_[document_.nodes[own.container].parent];
    write << share(parent.kept, page_prose_) << share(parent.links, parent.weight)
          << std::min(parent.count, 60U);
  }

  // Where it stands among what is kept, and below which heading.
  void describe_place(Writer& write, std::size_t at) {
    const Line& line = lines_[candidates_[at]];
    double near = 0;
    double near_kept = 0;
    for (std::size_t other = at - std::min(at, kAround);
         other <= std::min(at + kAround, candidates_.size() - 1); ++other) {
      if (other == at) continue;
      near += block(candidates_[other]).weight;
      if (kept(candidates_[other])) near_kept += block(candidates_[other]).weight;
    }
    if (line.is_heading) {
      since_heading_ = 0;
      under_label_ = line.is_label;
    }
    write << share(near_kept, near) << distance_before_[at] << distance_behind_[at]
          << share(kept_before_[at], kept_before_.back())
          << log_of(kept_before_.back() - kept_before_[at + 1])
          << (headline_ == candidates_.size()
                  ? -100.0
                  : std::clamp(static_cast<double>(at) - static_cast<double>(headline_), -40.0,
                               40.0))
          << std::min(since_heading_++, 40) << under_label_;
  }

  const dom::Document& document_;
  const BlockList& list_;
  const Region& region_;
  const std::vector<Line>& lines_;
  const OtherCarriers& others_;
  std::vector<std::uint32_t> candidates_;
  std::vector<std::uint16_t> around_;  // of each node
  std::vector<std::uint16_t> depth_;
  std::vector<std::uint64_t> look_;  // of each candidate
  std::vector<double> kept_before_;
  std::vector<int> distance_before_;
  std::vector<int> distance_behind_;
  std::unordered_map<std::uint64_t, Alike> alike_;
  std::unordered_map<std::uint32_t, Alike> parents_;
  std::size_t headline_ = 0;
  int since_heading_ = 40;
  bool under_label_ = false;
  double page_prose_ = 0;
  double kept_prose_ = 0;
  double mean_paragraph_ = 0;
};

}  // namespace

std::vector<Features> features_of(const dom::Document& document, const BlockList& list,
                                  const Region& region, const std::vector<Line>& lines,
                                  const OtherCarriers& others) {
  return Describer(document, list, region, lines, others).run();
}

}  // namespace vigie::extractor::content
