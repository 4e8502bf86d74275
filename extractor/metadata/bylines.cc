#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "extractor/metadata/authors.h"
#include "extractor/metadata/rules.h"
#include "platform/text/utf8.h"

/// Who wrote a page.
namespace vigie::extractor::metadata {
namespace {

using dom::Tag;
using Authors = FieldClaims<Field::kAuthors>;

constexpr std::size_t kMostBylines = 12;  // elements that look like a byline and are read
constexpr std::size_t kLeastLine = 4;     // bytes of a byline
constexpr std::size_t kLeastAgency = 2;   // of one that names an agency: AP
constexpr std::size_t kMostLine = 150;

bool begins_with_any_case(std::string_view text, std::string_view lower_case) {
  return text::ascii_iequals(text.substr(0, lower_case.size()), lower_case);
}

// What elements are called that name the author of a picture, tell of one's life, or are buttons.
constexpr std::array kNoBylines =
    std::to_array<std::string_view>({"bio", "image", "avatar", "bild", "foto", "photo", "picture",
                                     "caption", "follow", "btn", "button"});

// author, byline, post-author, articleAuthor, author_name, but no author-bio nor photo-author.
bool names_author(std::string_view names) {
  names = names.substr(0, 200);
  bool named = false;
  for (std::size_t at = 0; at + 5 <= names.size() && !named; ++at) {
    const char c = static_cast<char>(names[at] | 0x20);
    if (c == 'a')
      named = begins_with_any_case(names.substr(at), "author") ||
              begins_with_any_case(names.substr(at), "autor") ||
              begins_with_any_case(names.substr(at), "auteur");
    if (c == 'b') named = begins_with_any_case(names.substr(at), "byline");
  }
  if (!named) return false;
  const std::string lower = text::ascii_lower(names);
  return std::none_of(kNoBylines.begin(), kNoBylines.end(), [&lower](std::string_view name) {
    return lower.find(name) != std::string::npos;
  });
}

// Who is named within a figure took the picture, or sold it.
bool is_of_picture(const dom::Document& document, std::uint32_t node) {
  for (; node != dom::kNoNode; node = document.nodes[node].parent) {
    const Tag tag = document.nodes[node].tag;
    if (tag == Tag::kFigure || tag == Tag::kFigcaption || tag == Tag::kButton) return true;
  }
  return false;
}

bool is_author_page(std::string_view href) {
  static constexpr std::array kParts =
      std::to_array<std::string_view>({"/author/", "/authors/", "/autor/", "/autoren/", "/auteur/",
                                       "/by/", "/profile/", "/people/", "/contributors/"});
  for (std::size_t at = href.find('/'); at != std::string_view::npos; at = href.find('/', at + 1)) {
    const std::string_view rest = href.substr(at);
    if (rest.size() < 5 || (rest[1] != 'a' && rest[1] != 'b' && rest[1] != 'p' && rest[1] != 'c'))
      continue;
    if (std::any_of(kParts.begin(), kParts.end(), [rest](std::string_view part) {
          return rest.size() > part.size() && rest.starts_with(part);
        }))
      return true;
  }
  return false;
}

bool is_byline(const dom::Node& node, const dom::SourceTag& tag, bool by_markup) {
  const auto value = [&tag](std::string_view name) {
    return dom::find_attribute(tag, name).value_or(std::string_view{});
  };
  if (by_markup)
    return holds_word(value("itemprop"), "author") ||
           (node.tag == Tag::kA && holds_word(value("rel"), "author"));
  return names_author(value("class")) || (node.tag == Tag::kA && is_author_page(value("href")));
}

// Lines of elements that say they name the author: those of the story, else those elsewhere but
// in comments and other stories.
std::vector<std::string> lines_of(Page& page, bool by_markup, std::size_t least = kLeastLine) {
  const dom::Document& document = page.document();
  std::vector<std::string> out;
  std::vector<std::string> outside;
  for (std::uint32_t i = 0; i < document.nodes.size() && out.size() < kMostBylines; ++i) {
    const dom::Node& node = document.nodes[i];
    if (node.tag == Tag::kText || node.source == dom::kNoNode) continue;
    const dom::SourceTag& tag = document.tags[node.source];
    if (tag.attributes.size() < 6 || !is_byline(node, tag, by_markup) || is_of_picture(document, i))
      continue;
    const std::string line = text::collapse_spaces(document.text_of(i, 300));
    if (line.size() < least || line.size() > kMostLine || page.visible().place().is_of_others(i))
      continue;
    const bool elsewhere = page.visible().place().is_elsewhere(i);
    if (elsewhere && outside.size() < kMostBylines) outside.push_back(line);
    if (elsewhere) continue;
    out.push_back(line);
    // the first byline is the article's; later ones are of teasers
    if (!by_markup && !clean_authors({line}, page.so_far.site_name).empty()) return {line};
  }
  if (!out.empty()) return out;
  for (const std::string& line : outside) {
    if (!clean_authors({line}, page.so_far.site_name).empty()) return {line};
  }
  return out;
}

void offer(Page& page, const std::vector<std::string>& lines, std::string_view carrier,
           AuthorForm form, Authors& to) {
  if (lines.empty()) return;
  to.offer(carrier,
           clean_authors(lines, page.so_far.site_name, form, page.so_far.declared_language));
}

// A list of the page's data that names persons and an agency names both.
void data(Page& page, std::string_view carrier, Authors& to) {
  const JsonLd& json = page.json();
  std::vector<std::string> names = clean_authors(
      json.authors, page.so_far.site_name, AuthorForm::kPerson, page.so_far.declared_language);
  if (names.empty()) return;
  for (std::string& name :
       organisations_beside(names, json.organisations, json.authors, json.site_name))
    names.push_back(std::move(name));
  to.offer(carrier, std::move(names));
}

std::vector<std::string> names_in(const Page& page, std::string_view meta) {
  std::vector<std::string> out;
  for (const std::string& value : page.meta().all(meta)) {
    if (value.find("://") == std::string::npos) out.push_back(value);
  }
  return out;
}

void meta_list(Page& page, std::string_view name, Authors& to) {
  offer(page, names_in(page, name), "meta:" + std::string(name), AuthorForm::kList, to);
}
// "Last, First", as libraries and journals write
void meta_cited(Page& page, std::string_view name, Authors& to) {
  offer(page, names_in(page, name), "meta:" + std::string(name), AuthorForm::kCited, to);
}
void microdata(Page& page, std::string_view carrier, Authors& to) {
  offer(page, lines_of(page, true), carrier, AuthorForm::kByline, to);
}
void bylines(Page& page, std::string_view carrier, Authors& to) {
  offer(page, lines_of(page, false), carrier, AuthorForm::kByline, to);
}

std::vector<std::string> both(std::vector<std::string> some, const std::vector<std::string>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

// No person is named: an agency or the paper itself is better than nobody, where the markup says
// so. Data that names nothing but its own publisher says the least.
void organisations(Page& page, std::string_view carrier, Authors& to) {
  if (to.won()) return;
  const JsonLd& json = page.json();
  const std::vector<std::string> data = clean_organisations(both(json.organisations, json.authors));
  const bool own = data.size() == 1 && data.front() == json.site_name;
  if (!own) to.offer(carrier, data);
  for (const std::string_view name : {"author", "article:author", "articleauthor"}) {
    if (to.won()) return;
    to.offer(carrier, clean_organisations(page.meta().all(name)));
  }
  if (!to.won())
    to.offer(carrier, agencies_in(both(lines_of(page, true, kLeastAgency),
                                       lines_of(page, false, kLeastAgency))));
  if (!to.won()) to.offer(carrier, data);
}

constexpr std::array kCarriers =
    std::to_array<Carrier<Field::kAuthors>>({{"json-ld", data},
                                             {"author", meta_list},
                                             {"article:author", meta_list},
                                             {"article:author_name", meta_list},
                                             {"parsely-author", meta_list},
                                             {"sailthru.author", meta_list},
                                             {"dc.creator", meta_cited},
                                             {"dcterms.creator", meta_cited},
                                             {"byl", meta_list},
                                             {"citation_author", meta_cited},
                                             {"article.author", meta_list},
                                             {"cxenseparse:author", meta_list},
                                             {"articleauthor", meta_list},
                                             {"og:article:author", meta_list},
                                             {"og:author", meta_list},
                                             {"author_name", meta_list},
                                             {"twitter:misc:written by", meta_list},
                                             {"microdata", microdata},
                                             {"byline", bylines},
                                             {"organisation", organisations}});

}  // namespace

const FieldRule<Field::kAuthors> kAuthors{kCarriers};

}  // namespace vigie::extractor::metadata
