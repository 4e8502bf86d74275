#include "extractor/metadata/headline.h"

#include <algorithm>
#include <array>
#include <vector>

#include "extractor/metadata/plain_line.h"
#include "platform/dates/written_date.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "platform/text/word_lists.h"

namespace vigie::extractor::metadata {

extern const std::string_view kPageWordsText;  // page_words.txt

namespace {

using dom::Tag;

constexpr std::size_t kMostHeadings = 40;  // looked at
constexpr std::size_t kMostHeadlineBytes = 500;

bool begins_small(std::string_view part) {
  std::size_t offset = 0;
  const char32_t c = part.empty() ? U' ' : text::next_code_point(part, offset);
  return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF) || (c >= 0x430 && c <= 0x45F) ||
         (c >= 0x3AC && c <= 0x3CE);
}

std::string squeezed(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const auto byte = static_cast<unsigned char>(c);
    // U+2000 to U+2FFF: dashes, quotation marks, spaces; the carriers differ in them
    if (byte == 0xE2) {
      i += 2;
      continue;
    }
    if (byte == 0xC2) {  // U+0080 to U+00BF: no-break space, guillemets
      ++i;
      continue;
    }
    if (byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')) {
      out += c;
    } else if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c + 32);
    }
  }
  return out;
}

// A title cut at the marks that sites put between headline, section and their name.
struct Segment {
  std::size_t begin = 0;  // bytes of the title
  std::size_t end = 0;
  bool by_dash = false;  // the mark in front of it is one of punctuation, too
};

// The mark that begins at a place: its length, 0 if there is none.
std::size_t mark_at(std::string_view title, std::size_t at, bool& dash) {
  static constexpr std::array kMarks = std::to_array<std::string_view>(
      {" | ", " || ", " :: ", " » ", " « ", " · ", " • ", " / ", " < ", " > ", " › ", " ‹ ",
       " ~ ", " ∙ ",  " ● ",  " – ", " — ", " - ", " ― ", "｜",  "│",   "丨",  "|",   "ㅣ",
       "┃",   "︱",   "∣",    " ¦ ", " ‖ ", " ■ ", " ◆ ", " ▪ ", " ► ", " ▸ "});
  static constexpr std::array kDashes =
      std::to_array<std::string_view>({" – ", " — ", " - ", " ― ", " / ", " > ", " < "});
  const std::string_view rest = title.substr(at);
  const auto first = static_cast<unsigned char>(rest.front());
  if (first != ' ' && first != '|' && first != '_' && first != '-' && first < 0xE2) return 0;
  // behind most spaces a word begins
  if (first == ' ' && rest.size() > 1 && text::ascii::is_alphanumeric(rest[1])) return 0;
  for (const std::string_view mark : kMarks) {
    if (!rest.starts_with(mark)) continue;
    dash = std::find(kDashes.begin(), kDashes.end(), mark) != kDashes.end();
    return mark.size();
  }
  // 标题_栏目_网站, 标题-网站: between letters of Han
  if (at >= 3 && (rest[0] == '_' || rest[0] == '-') && rest.size() > 3 &&
      static_cast<unsigned char>(title[at - 1]) >= 0x80 &&
      static_cast<unsigned char>(rest[1]) >= 0xE3 && static_cast<unsigned char>(rest[1]) <= 0xE9) {
    dash = rest[0] == '-';
    return 1;
  }
  return 0;
}

std::vector<Segment> segments_of(std::string_view title) {
  std::vector<Segment> out{{0, title.size(), false}};
  for (std::size_t at = 0; at < title.size();) {
    bool dash = false;
    const std::size_t length = mark_at(title, at, dash);
    if (length == 0) {
      ++at;
      continue;
    }
    out.back().end = at;
    at += length;
    out.push_back({at, title.size(), dash});
  }
  return out;
}

// Words that stand beside a site's name in its titles.
std::string without_press_words(std::string said) {
  static const std::vector<std::string_view> kWords =
      text::read_word_lists(kPageWordsText).of("press");
  for (const std::string_view word : kWords) {
    const std::size_t at = said.find(word);
    if (at != std::string::npos) said.erase(at, word.size());
  }
  return said;
}

// Whether a part of a title is the name of the site: it, most of it, or it with a word of the
// press. Behind a mark that is none of punctuation (`loose`) also a part of it, or it with words
// more.
bool is_site(std::string_view part, const std::vector<std::string>& sites, bool loose = false) {
  constexpr std::size_t kLeastName = 4;   // letters of a part of a name that tell it
  constexpr std::size_t kMostEnd = 3;     // letters of a top-level domain
  constexpr std::size_t kMostWords = 12;  // letters beside twice the name
  const std::string said = squeezed(part);
  if (said.empty()) return false;
  const std::size_t tenths = loose ? 3 : 6;
  return std::any_of(sites.begin(), sites.end(), [&](const std::string& site) {
    if (site.empty()) return false;
    if (said == site) return true;
    if (said.size() >= kLeastName && said.size() * 10 >= site.size() * tenths &&
        site.find(said) != std::string::npos)
      return true;
    const std::size_t at = site.size() >= kLeastName ? said.find(site) : std::string::npos;
    if (at == std::string::npos) {
      const std::string bare = without_press_words(site);
      return bare.size() >= kLeastName && without_press_words(said) == bare;
    }
    if (loose && said.size() <= 2 * site.size() + kMostWords) return true;
    std::string rest = said;
    rest.erase(at, site.size());
    return without_press_words(rest).size() <= kMostEnd;
  });
}

// Whether a part is a day and little else.
bool is_day(std::string_view part) {
  constexpr std::size_t kMostDay = 40;  // bytes
  if (part.size() > kMostDay) return false;
  const std::vector<dates::WrittenDate> found = dates::read_dates(part);
  return found.size() == 1 && found[0].end - found[0].begin + 6 >= part.size();
}

std::string_view between(std::string_view title, const std::vector<Segment>& parts,
                         std::size_t first, std::size_t last) {
  return text::trim(title.substr(parts[first].begin, parts[last].end - parts[first].begin));
}

// "Site: Headline", "Headline [Site]", "見出し【Site】", by the whole name alone.
std::string without_named_ends(const std::string& title, const std::vector<std::string>& sites) {
  const auto is_name = [&sites](std::string_view part) {
    const std::string said = squeezed(part);
    return !said.empty() && std::find(sites.begin(), sites.end(), said) != sites.end();
  };
  const std::size_t colon = title.find(": ");
  if (colon != std::string::npos && colon > 0 && title[colon - 1] != ':' &&
      is_name(title.substr(0, colon)))
    return std::string(text::trim(std::string_view(title).substr(colon + 2)));
  for (const std::string_view mark : {": ", "："}) {
    const std::size_t at = title.rfind(mark);
    // "::" is a mark of its own, which is cut with the others
    if (at != std::string::npos && at > 0 && title[at - 1] != ':' &&
        is_name(std::string_view(title).substr(at + mark.size())))
      return std::string(text::trim(std::string_view(title).substr(0, at)));
  }
  for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{" (", ")"},
                                    {" [", "]"},
                                    {"【", "】"},
                                    {"（", "）"}}) {
    const std::size_t at = title.rfind(open);
    if (at == std::string::npos || at == 0 || !title.ends_with(close)) continue;
    const std::size_t begin = at + open.size();
    if (is_name(title.substr(begin, title.size() - close.size() - begin)))
      return std::string(text::trim(std::string_view(title).substr(0, at)));
  }
  return title;
}

// "Headline | Site", "Site - Headline", "Headline - Section - Site": the part that is the headline.
// What is cut is the site's name, and what stands between it and the headline. Where no name of the
// site is known but its domain, a short end behind a mark is taken for it, too.
std::string without_site(const std::string& whole, const std::vector<std::string>& sites,
                         bool name_is_known) {
  const std::string title = without_named_ends(whole, sites);
  constexpr std::size_t kLeastHead = 15;  // bytes of a headline that may stand alone
  constexpr std::size_t kMostTail = 40;
  const std::vector<Segment> parts = segments_of(title);
  std::size_t first = 0;
  std::size_t last = parts.size() - 1;
  const auto part = [&](std::size_t i) { return between(title, parts, i, i); };
  while (first < last &&
         (is_site(part(first), sites, !parts[first + 1].by_dash) || is_day(part(first))))
    ++first;
  std::size_t site = last;
  while (site > first && !is_site(part(site), sites, !parts[site].by_dash)) --site;
  if (site > first) {
    last = site - 1;
    // sections in front of the name, by the same kind of mark
    while (last > first && !parts[last].by_dash && part(last).size() < kMostTail &&
           between(title, parts, first, last - 1).size() >= kLeastHead)
      --last;
  } else if (!name_is_known) {
    for (int round = 0; round < 3 && last > first; ++round) {
      const std::string_view tail = part(last);
      const std::string_view head = between(title, parts, first, last - 1);
      if (tail.size() >= kMostTail || head.size() < kLeastHead ||
          tail.size() * 2 >= head.size() + 10 || (parts[last].by_dash && begins_small(tail)))
        break;
      --last;
    }
  }
  const std::string_view cut = between(title, parts, first, last);
  return cut.size() < 3 ? title : std::string(cut);
}

struct Heading {
  std::string text;
  std::string last_element;  // text of the last element in it, if it has several
  std::string squeezed_text;
  Tag tag = Tag::kH1;
};

std::string last_element_of(const dom::Document& document, std::uint32_t heading) {
  std::uint32_t last = dom::kNoNode;
  std::uint32_t children = 0;
  for (std::uint32_t child = document.first_child(heading); child != dom::kNoNode;
       child = document.next_sibling(child)) {
    const bool is_text = document.nodes[child].tag == Tag::kText;
    if (is_text && text::trim(document.nodes[child].text).empty()) continue;
    last = child;
    ++children;
  }
  return children < 2 || document.nodes[last].tag == Tag::kText
             ? std::string{}
             : plain_line(document.text_of(last, kMostHeadlineBytes), Markup::kShown);
}

std::vector<Heading> headings_of(const dom::Document& document) {
  std::vector<Heading> out;
  for (std::uint32_t i = 0; i < document.nodes.size() && out.size() < kMostHeadings; ++i) {
    const Tag tag = document.nodes[i].tag;
    const std::uint32_t source = document.nodes[i].source;
    const bool may_be_named = source != dom::kNoNode && document.tags[source].attributes.find(
                                                            "headline") != std::string_view::npos;
    const bool named =
        may_be_named &&
        document.attribute_or_empty(i, "itemprop").find("headline") != std::string_view::npos;
    if (tag != Tag::kH1 && tag != Tag::kH2 && !named) continue;
    Heading heading;
    heading.text = plain_line(document.text_of(i, kMostHeadlineBytes), Markup::kShown);
    if (tag == Tag::kH1) heading.last_element = last_element_of(document, i);
    heading.squeezed_text = squeezed(heading.text);
    heading.tag = named ? Tag::kH1 : tag;
    if (heading.squeezed_text.size() >= 3) out.push_back(std::move(heading));
  }
  return out;
}

// What a carrier claims, and the same as headlines are compared.
struct Claimed : Headline {
  std::string squeezed_text;
};

Claimed claimed(const std::string& text, std::string_view carrier) {
  return {{text, std::string(carrier)}, squeezed(text)};
}

// A heading in the page's title beside a claim that is also in it: "Claim | Heading" names the
// site.
bool names_the_site(const std::string& heading, const std::string& title,
                    const std::vector<Claimed>& claims) {
  for (const Claimed& claim : claims) {
    const std::string said = claim.squeezed_text;
    if (said.size() >= 8 && said != heading && title.find(said) == 0 &&
        title.find(heading, said.size()) != std::string::npos)
      return true;
  }
  return false;
}

}  // namespace

namespace {

// Claims of the carriers in their order, cleaned; each with the forms it may take where a heading
// confirms it.
struct Candidates {
  std::vector<Claimed> chosen;  // as it would be the headline
  std::vector<Claimed> forms;   // as written, and shorter than would be cut unasked
};

Candidates candidates_of(const HeadlineClaims& claims, const std::vector<std::string>& sites) {
  // Carriers mostly claim the same, word for word.
  struct Cut {
    std::string clean;
    std::string with_name;     // cut where a name of the site is known
    std::string without_name;  // cut as where none is
  };
  Candidates out;
  const bool known = !claims.site_name.empty();
  std::vector<std::pair<std::string_view, Cut>> cuts;
  const auto cut_of = [&](const std::string& value) -> const Cut& {
    const auto seen = std::find_if(cuts.begin(), cuts.end(),
                                   [&value](const auto& cut) { return cut.first == value; });
    if (seen != cuts.end()) return seen->second;
    Cut cut;
    cut.clean = plain_line(value);
    if (!cut.clean.empty()) {
      cut.without_name = without_site(cut.clean, sites, false);
      cut.with_name = known ? without_site(cut.clean, sites, true) : cut.without_name;
    }
    return cuts.emplace_back(value, std::move(cut)).second;
  };
  for (const auto& [carrier, value] :
       {std::pair<std::string_view, const std::string&>{"json-ld", claims.json_ld},
        {"og:title", claims.open_graph},
        {"twitter:title", claims.twitter},
        {"meta", claims.other_meta},
        {"title", claims.page_title}}) {
    const Cut& cut = cut_of(value);
    if (cut.clean.empty()) continue;
    out.chosen.push_back(claimed(cut.with_name, carrier));
    out.forms.push_back(out.chosen.back());
    for (const std::string* form : {&cut.clean, &value, &cut.without_name}) {
      if (*form != out.forms.back().text) out.forms.push_back(claimed(*form, carrier));
    }
  }
  return out;
}

// How many carriers claim a text, word for word.
std::size_t claimed_by(const std::string& squeezed_text, const std::vector<Claimed>& claims) {
  return static_cast<std::size_t>(
      std::count_if(claims.begin(), claims.end(),
                    [&](const Claimed& claim) { return claim.squeezed_text == squeezed_text; }));
}

// A heading that ends with what a claim says: in front of it stands a kicker ("Olympics: …") or the
// name of the section, unless OpenGraph claims it whole. One that begins with what a claim says and
// has the rest in an element of its own: behind it stands a subtitle.
const Claimed* claim_within(const Heading& heading, const Candidates& candidates) {
  constexpr std::size_t kLeastPart = 15;
  if (heading.tag != Tag::kH1) return nullptr;
  const bool whole = std::any_of(
      candidates.forms.begin(), candidates.forms.end(), [&heading](const Claimed& claim) {
        return claim.carrier == "og:title" && claim.squeezed_text == heading.squeezed_text;
      });
  const std::string last = squeezed(heading.last_element);
  for (const std::vector<Claimed>* claims : {&candidates.chosen, &candidates.forms}) {
    for (const Claimed& claim : *claims) {
      const std::string part = claim.squeezed_text;
      if (part.size() < kLeastPart || part.size() >= heading.squeezed_text.size() ||
          part.size() * 10 < heading.squeezed_text.size() * 4)
        continue;
      if (!whole && heading.squeezed_text.ends_with(part)) return &claim;
      if (!last.empty() && heading.squeezed_text == part + last) return &claim;
    }
  }
  return nullptr;
}

// The last element within a heading, if claims end with it behind a kicker of their own.
std::string behind_kicker(const Heading& heading, const std::vector<Claimed>& claims) {
  constexpr std::size_t kLeastPart = 15;
  const std::string part = squeezed(heading.last_element);
  if (heading.tag != Tag::kH1 || part.size() < kLeastPart || part == heading.squeezed_text ||
      !heading.squeezed_text.ends_with(part) || claimed_by(heading.squeezed_text, claims) > 0)
    return {};
  const bool ends_claim = std::any_of(claims.begin(), claims.end(), [&part](const Claimed& claim) {
    return claim.squeezed_text.ends_with(part);
  });
  return ends_claim ? heading.last_element : std::string{};
}

Headline by_headings(const std::vector<Heading>& headings, const Candidates& candidates,
                     const std::vector<std::string>& sites, const HeadlineClaims& claims) {
  for (const Heading& heading : headings) {
    if (const Claimed* claim = claim_within(heading, candidates)) return *claim;
    if (const std::string part = behind_kicker(heading, candidates.chosen); !part.empty())
      return {part, "h1"};
  }
  // A heading that a claim repeats, word for word; a word or two last ("News").
  constexpr std::size_t kLeastRepeated = 12;
  for (const std::size_t least : {kLeastRepeated, std::size_t{0}}) {
    for (const Heading& heading : headings) {
      if (heading.squeezed_text.size() >= least &&
          claimed_by(heading.squeezed_text, candidates.forms) > 0 && !is_site(heading.text, sites))
        return {heading.text, "h1"};
    }
  }
  // One that OpenGraph or JSON-LD claim without the end that sites write behind their headlines.
  for (const Heading& heading : headings) {
    if (heading.tag != Tag::kH1) continue;
    const std::string shorter = squeezed(without_site(heading.text, sites, false));
    for (const Claimed& claim : candidates.chosen) {
      if ((claim.carrier == "og:title" || claim.carrier == "json-ld") &&
          shorter.size() >= kLeastRepeated && claim.squeezed_text == shorter)
        return claim;
    }
  }
  // The only first-level heading, if the page's title holds it.
  const std::string title = squeezed(claims.page_title);
  std::vector<const Heading*> firsts;
  for (const Heading& heading : headings) {
    if (heading.tag == Tag::kH1) firsts.push_back(&heading);
  }
  for (const Heading* heading : firsts) {
    if (names_the_site(heading->squeezed_text, title, candidates.chosen)) continue;
    if (heading->squeezed_text.size() >= 12 &&
        title.find(heading->squeezed_text) != std::string::npos)
      return {heading->text, "h1"};
  }
  // a longer one that no claim knows is a paragraph
  constexpr std::size_t kMostUnclaimed = 180;
  if (firsts.size() == 1 &&
      (firsts.front()->text.size() <= kMostUnclaimed || candidates.chosen.empty()) &&
      !names_the_site(firsts.front()->squeezed_text, title, candidates.chosen) &&
      firsts.front()->squeezed_text.size() >= 15 && !is_site(firsts.front()->text, sites))
    return {firsts.front()->text, "h1"};
  return {};
}

}  // namespace

namespace {

// Words of a line that tell what it is about.
std::vector<std::string> telling_words(std::string_view line) {
  constexpr std::size_t kLeastBytes = 5;
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < line.size();) {
    const std::size_t end = std::min(line.find_first_of(" -–:,.;!?\"'", begin), line.size());
    std::string word = squeezed(line.substr(begin, end - begin));
    if (word.size() >= kLeastBytes) out.push_back(std::move(word));
    begin = end + 1;
  }
  return out;
}

// JSON-LD's headline, where one line of search fills heading, OpenGraph and title alike, and the
// record of the story has another one about the same: that is its editors' headline.
const Claimed* headline_of_record(const Headline& found, const std::vector<Claimed>& claims) {
  constexpr std::size_t kLeastHeadline = 20;
  const Claimed* record = nullptr;
  std::size_t alike = 0;
  const std::string shown = squeezed(found.text);
  for (const Claimed& claim : claims) {
    const std::string said = claim.squeezed_text;
    if (claim.carrier == "json-ld") {
      // a piece of the line, or the line with more, is no other headline
      if (said.size() < kLeastHeadline || said.find(shown) != std::string::npos ||
          shown.find(said) != std::string::npos)
        return nullptr;
      record = &claim;
      continue;
    }
    if (record != nullptr && said == record->squeezed_text) return nullptr;
    if ((claim.carrier == "og:title" || claim.carrier == "title") && said == shown) ++alike;
  }
  if (record == nullptr || alike < 2 || found.carrier != "h1") return nullptr;
  const std::vector<std::string> words = telling_words(found.text);
  const std::vector<std::string> own = telling_words(record->text);
  const bool same_story = std::any_of(own.begin(), own.end(), [&words](const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  });
  return same_story ? record : nullptr;
}

}  // namespace

Headline choose_headline(const dom::Document& document, const HeadlineClaims& claims) {
  std::vector<std::string> sites;
  for (const std::string& name : claims.site_names) {
    std::string squeezed_name = squeezed(name);
    if (!squeezed_name.empty()) sites.push_back(std::move(squeezed_name));
  }
  const std::vector<Heading> headings = headings_of(document);
  const Candidates candidates = candidates_of(claims, sites);
  Headline found = by_headings(headings, candidates, sites, claims);
  if (const Claimed* editors = headline_of_record(found, candidates.chosen)) return *editors;
  if (!found.text.empty()) {
    if (found.carrier == "h1") found.text = without_site(found.text, sites, true);
    return found;
  }
  if (!candidates.chosen.empty()) return candidates.chosen.front();
  if (!headings.empty())
    return {headings.front().text, headings.front().tag == Tag::kH1 ? "h1" : "h2"};
  return {};
}

}  // namespace vigie::extractor::metadata
