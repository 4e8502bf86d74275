#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::extractor::dom {

/// What an element is to the extractor. Elements that no stage asks for by name are kOther.
enum class Tag : std::uint8_t {
  kText,
  kOther,
  kBody,
  kA,
  kAbbr,
  kAddress,
  kArticle,
  kAside,
  kB,
  kBlockquote,
  kBr,
  kButton,
  kCaption,
  kCenter,
  kCite,
  kCode,
  kDd,
  kDetails,
  kDialog,
  kDiv,
  kDl,
  kDt,
  kEm,
  kFieldset,
  kFigcaption,
  kFigure,
  kFont,
  kFooter,
  kForm,
  kH1,
  kH2,
  kH3,
  kH4,
  kH5,
  kH6,
  kHeader,
  kHgroup,
  kHr,
  kI,
  kLabel,
  kLegend,
  kLi,
  kMain,
  kMenu,
  kNav,
  kOl,
  kP,
  kPre,
  kQ,
  kSection,
  kSmall,
  kSpan,
  kStrong,
  kSummary,
  kTable,
  kTbody,
  kTd,
  kTfoot,
  kTh,
  kThead,
  kTime,
  kTr,
  kU,
  kUl,
};

bool is_heading(Tag tag);
/// Elements that begin a new line of text when they open and when they close.
bool is_block(Tag tag);

inline constexpr std::uint32_t kNoNode = 0xFFFFFFFF;

/// The bit of an attribute's name, whatever its case, in SourceTag::names. Other names share it.
constexpr std::uint64_t bit_of_attribute(std::string_view name) {
  const auto letter = [](char c) { return static_cast<unsigned char>(c) | 0x20U; };
  return name.empty()
             ? 0
             : 1ULL << ((letter(name.front()) * 7U + letter(name.back()) * 3U + name.size()) & 63U);
}

/// One start tag as it stands in the page.
struct SourceTag {
  std::string_view name;        // as written, may hold upper case
  std::string_view attributes;  // between name and '>', as written
  // bits of the names of its attributes, so that what a tag has not is not looked for in it
  std::uint64_t names = ~0ULL;

  bool may_have(std::uint64_t bits) const { return (names & bits) != 0; }
};

/// A node of the tree. Nodes stand in document order: the subtree of node i is [i, nodes[i].end),
/// its first child i + 1, the sibling after it nodes[i].end.
struct Node {
  Tag tag = Tag::kText;
  std::uint32_t parent = kNoNode;
  std::uint32_t end = 0;
  // index in Document::tags; kNoNode for text and for elements that no tag of the page made
  std::uint32_t source = kNoNode;
  // of kText: as written in the page, character references not decoded
  std::string_view text;
};

/// What stands in front of the parser, and what the parser may spend. Steps and bytes are counted
/// the same on every machine; time is only the far backstop.
struct Limits {
  std::size_t arena_bytes = 64ULL << 20;
  std::chrono::milliseconds time{500};
  // one a level of depth and tag, one an element for each misplaced thing in a table: about 20 ns
  // each at worst
  std::size_t steps = 12'000'000;
  std::size_t tags = 150'000;  // start tags that reach the parser; real news pages: p99 8,000
  std::size_t depth = 200;     // real pages: p99 49, greatest 139 of 3,619
};

/// A script kept aside for the metadata.
struct Script {
  std::string_view type;
  std::string_view id;
  std::string_view content;
};

/// The page as a tree of views. The page must outlive it. Read-only, so it can be shared between
/// threads.
struct Document {
  std::vector<Node> nodes;  // nodes[0] is the body; never empty
  std::vector<SourceTag> tags;
  std::vector<SourceTag> metas;  // wherever they stand, in order; at most kMaxAside of each
  std::vector<SourceTag> links;
  std::vector<SourceTag> images;  // img, amp-img and source of a picture, those in noscript too
  std::vector<Script> scripts;    // JSON-LD and JSON state
  std::vector<std::string_view> titles;  // content of <title>
  // what is shown where scripts do not run: as written, not in the tree
  std::vector<std::string_view> noscripts;
  SourceTag html;
  SourceTag body;
  SourceTag base;
  bool text_only = false;     // a budget ran out: the nodes are a flat list of paragraphs
  std::size_t flattened = 0;  // tags beyond the depth limit, which were left out of the tree

  /// The value as written (see decode), or nullopt. Names are given in lower case. At most 256
  /// attributes of a tag are looked at.
  std::optional<std::string_view> attribute(std::uint32_t node, std::string_view name) const;
  std::string_view attribute_or_empty(std::uint32_t node, std::string_view name) const;
  /// Decoded text of a subtree; one space where a block or a line begins; not trimmed.
  std::string text_of(std::uint32_t node, std::size_t max_bytes = 1ULL << 20) const;
  std::uint32_t first_child(std::uint32_t node) const {
    return node + 1 < nodes[node].end ? node + 1 : kNoNode;
  }
  std::uint32_t next_sibling(std::uint32_t node) const {
    const std::uint32_t parent = nodes[node].parent;
    return parent != kNoNode && nodes[node].end < nodes[parent].end ? nodes[node].end : kNoNode;
  }
};

// metas, links, images and scripts kept of a page, each
inline constexpr std::size_t kMaxAside = 4096;
inline constexpr std::size_t kMaxAttributes = 256;  // of a tag

/// Total: any bytes give a tree; valid UTF-8 is expected, anything else passes through.
/// Scripts, styles, drawings, forms' choices, frames and comments never reach the parser nor the
/// tree. Deterministic but for the time limit.
Document parse(std::string_view page, const Limits& limits = {});

/// One attribute of `rest`, which moves behind it; name and value as written. False at the end.
/// Source: WHATWG §13.2.5.32 to 39.
bool next_attribute(std::string_view& rest, std::string_view& name, std::string_view& value);
/// The value of an attribute in the raw attributes of a tag, as written.
std::optional<std::string_view> find_attribute(std::string_view attributes, std::string_view name);
/// The same of a tag; most tags that lack it are not read for it.
inline std::optional<std::string_view> find_attribute(const SourceTag& tag, std::string_view name) {
  return tag.may_have(bit_of_attribute(name)) ? find_attribute(tag.attributes, name) : std::nullopt;
}

/// Character references decoded (WHATWG §13.2.5.72); appended to `out`. NUL becomes U+FFFD.
void append_decoded(std::string& out, std::string_view raw, bool in_attribute = false);
std::string decoded(std::string_view raw, bool in_attribute = false);

}  // namespace vigie::extractor::dom
