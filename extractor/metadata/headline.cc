#include "extractor/metadata/headline.h"

#include <algorithm>
#include <array>
#include <vector>

#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

using dom::Tag;

constexpr std::size_t kMostHeadings = 40;  // looked at
constexpr std::size_t kMostHeadlineBytes = 500;

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

// "Headline | Site", "Site: Headline", "Headline - Section - Site": the part that is the headline.
std::string without_site(const std::string& title, const std::string& site_name) {
  static constexpr std::array kSeparators = std::to_array<std::string_view>(
      {" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " · ", " • ", " / ", " < ", "|"});
  std::string best = title;
  const std::string site = squeezed(site_name);
  for (int round = 0; round < 3; ++round) {
    std::size_t last = std::string::npos;
    std::size_t length = 0;
    for (const std::string_view separator : kSeparators) {
      const std::size_t at = best.rfind(separator);
      if (at != std::string::npos && (last == std::string::npos || at > last)) {
        last = at;
        length = separator.size();
      }
    }
    if (last == std::string::npos) break;
    const std::string head = best.substr(0, last);
    const std::string tail = best.substr(last + length);
    const std::string squeezed_tail = squeezed(tail);
    const bool is_site =
        !site.empty() &&
        (squeezed_tail.find(site) != std::string::npos ||
         (squeezed_tail.size() > 3 && site.find(squeezed_tail) != std::string::npos));
    if (is_site || (tail.size() < 40 && head.size() >= 15 && tail.size() * 2 < head.size() + 10)) {
      best = std::string(text::trim(head));
    } else {
      break;
    }
  }
  return best;
}

struct Heading {
  std::string text;
  std::string squeezed_text;
  Tag tag = Tag::kH1;
};

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
    heading.text = text::collapse_spaces(document.text_of(i, kMostHeadlineBytes));
    heading.squeezed_text = squeezed(heading.text);
    heading.tag = named ? Tag::kH1 : tag;
    if (heading.squeezed_text.size() >= 3) out.push_back(std::move(heading));
  }
  return out;
}

// A heading in the page's title beside a claim that is also in it: "Claim | Heading" names the
// site.
bool names_the_site(const std::string& heading, const std::string& title,
                    const std::vector<Headline>& claims) {
  for (const Headline& claim : claims) {
    const std::string said = squeezed(claim.text);
    if (said.size() >= 8 && said != heading && title.find(said) == 0 &&
        title.find(heading, said.size()) != std::string::npos)
      return true;
  }
  return false;
}

}  // namespace

Headline choose_headline(const dom::Document& document, const HeadlineClaims& claims) {
  const std::vector<Heading> headings = headings_of(document);
  std::vector<Headline> candidates;
  if (!claims.json_ld.empty()) candidates.push_back({claims.json_ld, "json-ld"});
  if (!claims.open_graph.empty())
    candidates.push_back({without_site(claims.open_graph, claims.site_name), "og:title"});
  if (!claims.twitter.empty())
    candidates.push_back({without_site(claims.twitter, claims.site_name), "twitter:title"});
  if (!claims.other_meta.empty())
    candidates.push_back({without_site(claims.other_meta, claims.site_name), "meta"});
  if (!claims.page_title.empty())
    candidates.push_back({without_site(claims.page_title, claims.site_name), "title"});
  // A heading that ends with what a claim says: in front of it stands a kicker ("Olympics: …") or
  // the name of the section.
  for (const Heading& heading : headings) {
    if (heading.tag != Tag::kH1) continue;
    for (const Headline& claim : candidates) {
      const std::string part = squeezed(claim.text);
      if (part.size() >= 15 && part.size() < heading.squeezed_text.size() &&
          part.size() * 10 >= heading.squeezed_text.size() * 4 &&
          heading.squeezed_text.compare(heading.squeezed_text.size() - part.size(), part.size(),
                                        part) == 0) {
        return claim;
      }
    }
  }
  // A heading that a claim repeats, word for word.
  for (const Heading& heading : headings) {
    for (const Headline& claim : candidates) {
      if (squeezed(claim.text) == heading.squeezed_text) return {heading.text, "h1"};
    }
  }
  // The only first-level heading, if the page's title holds it.
  const std::string title = squeezed(claims.page_title);
  std::vector<const Heading*> firsts;
  for (const Heading& heading : headings) {
    if (heading.tag == Tag::kH1) firsts.push_back(&heading);
  }
  for (const Heading* heading : firsts) {
    if (names_the_site(heading->squeezed_text, title, candidates)) continue;
    if (heading->squeezed_text.size() >= 12 &&
        title.find(heading->squeezed_text) != std::string::npos)
      return {heading->text, "h1"};
  }
  if (firsts.size() == 1 && !names_the_site(firsts.front()->squeezed_text, title, candidates) &&
      firsts.front()->squeezed_text.size() >= 15 &&
      firsts.front()->squeezed_text != squeezed(claims.site_name))
    return {firsts.front()->text, "h1"};
  if (!candidates.empty()) return candidates.front();
  if (!headings.empty())
    return {headings.front().text, headings.front().tag == Tag::kH1 ? "h1" : "h2"};
  return {};
}

}  // namespace vigie::extractor::metadata
