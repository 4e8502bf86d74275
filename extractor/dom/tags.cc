#include "extractor/dom/tags.h"

#include <array>
#include <cstddef>

#include "platform/text/ascii.h"

namespace vigie::extractor::dom {
namespace {

using enum Treatment;

constexpr std::array kInfos = std::to_array<TagInfo>({
    {"a", Tag::kA, kInline},
    {"abbr", Tag::kAbbr, kInline},
    {"acronym", Tag::kAbbr, kInline},
    {"b", Tag::kB, kInline},
    {"button", Tag::kButton, kInline},
    {"cite", Tag::kCite, kInline},
    {"code", Tag::kCode, kInline},
    {"em", Tag::kEm, kInline},
    {"font", Tag::kFont, kInline},
    {"i", Tag::kI, kInline},
    {"label", Tag::kLabel, kInline},
    {"legend", Tag::kLegend, kInline},
    {"q", Tag::kQ, kInline},
    {"small", Tag::kSmall, kInline},
    {"span", Tag::kSpan, kInline},
    {"strong", Tag::kStrong, kInline},
    {"time", Tag::kTime, kInline},
    {"u", Tag::kU, kInline},
    {"address", Tag::kAddress, kBlock},
    {"article", Tag::kArticle, kBlock},
    {"aside", Tag::kAside, kBlock},
    {"blockquote", Tag::kBlockquote, kBlock},
    {"center", Tag::kCenter, kBlock},
    {"dd", Tag::kDd, kBlock},
    {"details", Tag::kDetails, kBlock},
    {"dialog", Tag::kDialog, kBlock},
    {"div", Tag::kDiv, kBlock},
    {"dl", Tag::kDl, kBlock},
    {"dt", Tag::kDt, kBlock},
    {"fieldset", Tag::kFieldset, kBlock},
    {"figcaption", Tag::kFigcaption, kBlock},
    {"figure", Tag::kFigure, kBlock},
    {"footer", Tag::kFooter, kBlock},
    {"form", Tag::kForm, kBlock},
    {"h1", Tag::kH1, kBlock},
    {"h2", Tag::kH2, kBlock},
    {"h3", Tag::kH3, kBlock},
    {"h4", Tag::kH4, kBlock},
    {"h5", Tag::kH5, kBlock},
    {"h6", Tag::kH6, kBlock},
    {"header", Tag::kHeader, kBlock},
    {"hgroup", Tag::kHgroup, kBlock},
    {"li", Tag::kLi, kBlock},
    {"main", Tag::kMain, kBlock},
    {"menu", Tag::kMenu, kBlock},
    {"nav", Tag::kNav, kBlock},
    {"ol", Tag::kOl, kBlock},
    {"p", Tag::kP, kBlock},
    {"pre", Tag::kPre, kBlock},
    {"section", Tag::kSection, kBlock},
    {"summary", Tag::kSummary, kBlock},
    {"ul", Tag::kUl, kBlock},
    {"listing", Tag::kPre, kLeftOut},
    {"dir", Tag::kUl, kLeftOut},
    {"search", Tag::kOther, kLeftOut},
    {"table", Tag::kTable, kTablePart},
    {"caption", Tag::kCaption, kTablePart},
    {"tbody", Tag::kTbody, kTablePart},
    {"thead", Tag::kThead, kTablePart},
    {"tfoot", Tag::kTfoot, kTablePart},
    {"tr", Tag::kTr, kTablePart},
    {"td", Tag::kTd, kTablePart},
    {"th", Tag::kTh, kTablePart},
    {"br", Tag::kBr, kLineBreak},
    {"hr", Tag::kHr, kLineBreak},
    {"head", Tag::kOther, kLeftOut},
    {"colgroup", Tag::kOther, kLeftOut},
    {"col", Tag::kOther, kLeftOut},
    {"input", Tag::kOther, kLeftOut},
    {"wbr", Tag::kOther, kLeftOut},
    {"area", Tag::kOther, kLeftOut},
    {"embed", Tag::kOther, kLeftOut},
    {"param", Tag::kOther, kLeftOut},
    {"track", Tag::kOther, kLeftOut},
    {"frame", Tag::kOther, kLeftOut},
    {"frameset", Tag::kOther, kLeftOut},
    {"isindex", Tag::kOther, kLeftOut},
    {"option", Tag::kOther, kLeftOut},
    {"optgroup", Tag::kOther, kLeftOut},
    {"plaintext", Tag::kOther, kLeftOut},
    {"bgsound", Tag::kOther, kLeftOut},
    {"basefont", Tag::kOther, kLeftOut},
    {"keygen", Tag::kOther, kLeftOut},
    {"picture", Tag::kOther, kLeftOut},
    {"map", Tag::kOther, kLeftOut},
    {"command", Tag::kOther, kLeftOut},
    {"svg", Tag::kOther, kSkipped},
    {"math", Tag::kOther, kSkipped},
    {"template", Tag::kOther, kSkipped},
    {"select", Tag::kOther, kSkipped},
    {"noscript", Tag::kOther, kSkipped},
    {"video", Tag::kOther, kSkipped},
    {"audio", Tag::kOther, kSkipped},
    {"canvas", Tag::kOther, kSkipped},
    {"datalist", Tag::kOther, kSkipped},
    {"meter", Tag::kOther, kSkipped},
    {"progress", Tag::kOther, kSkipped},
    {"rp", Tag::kOther, kSkipped},
    {"rt", Tag::kOther, kSkipped},
    {"script", Tag::kOther, kRawText},
    {"style", Tag::kOther, kRawText},
    {"iframe", Tag::kOther, kRawText},
    {"noembed", Tag::kOther, kRawText},
    {"noframes", Tag::kOther, kRawText},
    {"xmp", Tag::kOther, kRawText},
    {"textarea", Tag::kOther, kRawText},
    {"title", Tag::kOther, kTitle},
    {"meta", Tag::kOther, kAside},
    {"link", Tag::kOther, kAside},
    {"img", Tag::kOther, kAside},
    {"image", Tag::kOther, kAside},
    {"amp-img", Tag::kOther, kAside},
    {"amp-anim", Tag::kOther, kAside},
    {"source", Tag::kOther, kAside},
    {"base", Tag::kOther, kAside},
    {"html", Tag::kOther, kPage},
    {"body", Tag::kBody, kPage},
});

constexpr std::size_t kSlots = 1024;      // several times the names, so that chains stay short
constexpr std::size_t kLongestName = 10;  // blockquote, figcaption

using text::ascii::to_lower;

constexpr std::size_t slot_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(to_lower(c))) * 16777619U;
  return (hash ^ (hash >> 15)) % kSlots;
}

constexpr std::array<std::uint8_t, kSlots> make_slots() {
  std::array<std::uint8_t, kSlots> slots{};  // index + 1 in kInfos; 0 is free
  for (std::size_t i = 0; i < kInfos.size(); ++i) {
    std::size_t slot = slot_of(kInfos[i].name);
    while (slots[slot] != 0) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<std::uint8_t>(i + 1);
  }
  return slots;
}
constexpr std::array<std::uint8_t, kSlots> kSlotTable = make_slots();
static_assert(kInfos.size() < 255);

constexpr TagInfo kUnknown{};

bool same_name(std::string_view known, std::string_view written) {
  if (known.size() != written.size()) return false;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i] != to_lower(written[i])) return false;
  }
  return true;
}

}  // namespace

const TagInfo& tag_info(std::string_view name) {
  if (name.size() > kLongestName) return kUnknown;
  for (std::size_t slot = slot_of(name); kSlotTable[slot] != 0; slot = (slot + 1) % kSlots) {
    const TagInfo& info = kInfos[kSlotTable[slot] - 1U];
    if (same_name(info.name, name)) return info;
  }
  return kUnknown;
}

bool is_heading(Tag tag) { return tag >= Tag::kH1 && tag <= Tag::kH6; }

bool is_block(Tag tag) {
  switch (tag) {
    case Tag::kText:
    case Tag::kOther:
    case Tag::kA:
    case Tag::kAbbr:
    case Tag::kB:
    case Tag::kButton:
    case Tag::kCite:
    case Tag::kCode:
    case Tag::kEm:
    case Tag::kFont:
    case Tag::kI:
    case Tag::kLabel:
    case Tag::kQ:
    case Tag::kSmall:
    case Tag::kSpan:
    case Tag::kStrong:
    case Tag::kTime:
    case Tag::kU: return false;
    default: return true;
  }
}

}  // namespace vigie::extractor::dom
