#include "extractor/commands/article_output.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "platform/logging/logging.h"
#include "platform/text/base64.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::commands {
namespace {

using content::PartKind;

constexpr std::size_t kShownOfBlock = 120;  // bytes of a block that an explanation shows

std::string safe(std::string_view text) { return logging::escape_for_terminal(text, text.size()); }

std::string_view name_of(PartKind kind) {
  switch (kind) {
    case PartKind::kParagraph: return "paragraph";
    case PartKind::kHeading: return "heading";
    case PartKind::kListItem: return "list_item";
    case PartKind::kQuote: return "quote";
    case PartKind::kTableCell: return "table_cell";
    case PartKind::kPreformatted: return "preformatted";
  }
  return "";
}

Json strings(const auto& list) {
  Json out = Json::array();
  for (const std::string& one : list) out.push(one);
  return out;
}

// Paragraphs and links by their bytes in the text of the record.
void set_structure(const content::MainText& text, Json& out) {
  Json parts = Json::array();
  Json links = Json::array();
  std::size_t offset = 0;
  for (std::size_t i = 0; i < text.paragraphs.size(); ++i) {
    const content::Part& part = text.parts[i];
    Json one = Json::object({{"kind", std::string(name_of(part.kind))},
                             {"offset", static_cast<std::int64_t>(offset)},
                             {"length", static_cast<std::int64_t>(text.paragraphs[i].size())}});
    if (part.kind == PartKind::kHeading) one.set("level", static_cast<std::int64_t>(part.level));
    if (part.kind == PartKind::kTableCell) one.set("row", static_cast<std::int64_t>(part.row));
    parts.push(std::move(one));
    for (const content::Link& link : part.links)
      links.push(Json::object({{"offset", static_cast<std::int64_t>(offset + link.offset)},
                               {"length", static_cast<std::int64_t>(link.length)},
                               {"url", link.url}}));
    offset += text.paragraphs[i].size() + content::kParagraphGap;
  }
  out.set("structure", std::move(parts));
  out.set("links", std::move(links));
}

// The carrier of each field that has one.
Json sources_of(const v1::ArticleRecord& article) {
  const v1::Carriers& carriers = article.carriers();
  Json out = Json::object();
  const auto add = [&out](const char* field, const std::string& carrier) {
    if (!carrier.empty()) out.set(field, carrier);
  };
  add("authors", article.authors_carrier());
  add("canonical_url", carriers.canonical_url());
  add("date", article.published().carrier());
  add("declared_lang", carriers.declared_language());
  add("description", carriers.description());
  add("image", carriers.image());
  add("image_caption", carriers.image_caption());
  add("image_credit", carriers.image_credit());
  add("licence", carriers.licence());
  add("modified", article.modified().carrier());
  add("page_type", carriers.page_type());
  add("genre", carriers.genre());
  add("paywall", carriers.paywall());
  add("section", carriers.section());
  add("site", carriers.site_name());
  add("tags", carriers.publisher_tags());
  add("text", carriers.text());
  add("title", article.title_carrier());
  return out;
}

Json explanation_json(const Explanation& explanation) {
  Json candidates = Json::array();
  for (const content::TracedCandidate& candidate : explanation.trace.candidates)
    candidates.push(Json::object({{"name", candidate.name},
                                  {"paragraphs", static_cast<std::int64_t>(candidate.paragraphs)},
                                  {"bytes", static_cast<std::int64_t>(candidate.bytes)}}));
  Json blocks = Json::array();
  for (const content::TracedBlock& block : explanation.trace.blocks) {
    if (block.text.empty()) continue;
    blocks.push(Json::object({{"text", text::ellipsize(block.text, kShownOfBlock)},
                              {"element", block.element},
                              {"kept", block.kept},
                              {"reason", std::string(block.reason)},
                              {"likelihood", std::round(block.likelihood * 1000) / 1000}}));
  }
  Json claims = Json::array();
  for (const metadata::Claim& claim : explanation.metadata.claims)
    claims.push(Json::object({{"field", std::string(metadata::field_name(claim.field))},
                              {"carrier", claim.carrier},
                              {"rank", static_cast<std::int64_t>(claim.rank)},
                              {"value", claim.value},
                              {"chosen", claim.chosen}}));
  return Json::object({{"winner", std::string(explanation.trace.winner)},
                       {"candidates", std::move(candidates)},
                       {"blocks", std::move(blocks)},
                       {"claims", std::move(claims)}});
}

// Signs that would be read as markup.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>|#").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  // A number with a dot or a dash in front would begin a list.
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits > 0 && digits < text.size() && (text[digits] == '.' || text[digits] == ')'))
    out.insert(digits, "\\");
  if (!text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == '=')) out.insert(0, "\\");
  return out;
}

std::string address(std::string_view url) {
  std::string out;
  for (const char c : url) {
    if (c == '(') out += "%28";
    else if (c == ')') out += "%29";
    else if (c == ' ') out += "%20";
    else out += c;
  }
  return safe(out);
}

std::string marked_up(const std::string& paragraph, const content::Part& part) {
  std::string out;
  std::size_t at = 0;
  for (const content::Link& link : part.links) {
    if (link.offset < at || link.offset + link.length > paragraph.size()) continue;
    out += escaped(safe(std::string_view(paragraph).substr(at, link.offset - at)));
    out += "[" + escaped(safe(std::string_view(paragraph).substr(link.offset, link.length))) +
           "](" + address(link.url) + ")";
    at = link.offset + link.length;
  }
  return out + escaped(safe(std::string_view(paragraph).substr(at)));
}

// Rows of cells that stand behind each other; the first row is the head, as tables of CommonMark
// need one.
std::string table(const content::MainText& text, std::size_t& i) {
  std::string out;
  std::size_t columns = 0;
  bool first = true;
  while (i < text.paragraphs.size() && text.parts[i].kind == PartKind::kTableCell) {
    const std::uint32_t row = text.parts[i].row;
    std::size_t cells = 0;
    for (; i < text.paragraphs.size() && text.parts[i].kind == PartKind::kTableCell &&
           text.parts[i].row == row;
         ++i, ++cells)
      out += "| " + marked_up(text.paragraphs[i], text.parts[i]) + " ";
    if (first) columns = cells;
    for (; cells < columns; ++cells) out += "| ";
    out += "|\n";
    if (first) {
      for (std::size_t column = 0; column < columns; ++column) out += "| --- ";
      out += "|\n";
    }
    first = false;
  }
  return out + "\n";
}

std::string byline_of(const v1::ArticleRecord& article) {
  std::string out;
  for (const std::string& author : article.authors())
    out += (out.empty() ? "" : ", ") + safe(author);
  if (article.has_published()) out += (out.empty() ? "" : " · ") + safe(article.published().text());
  if (!article.site_name().empty()) out += (out.empty() ? "" : " · ") + safe(article.site_name());
  return out;
}

}  // namespace

Json article_json(const v1::ArticleRecord& article, const Json& id, const std::string& url,
                  const Explanation& explanation) {
  const metadata::Metadata& metadata = explanation.metadata;
  Json out = Json::object();
  out.set("id", id.is_null() ? Json(article.article_id()) : id);
  out.set("url", url);
  out.set("canonical_url", article.canonical_url());
  out.set("title", article.title());
  out.set("authors", strings(article.authors()));
  out.set("date", article.has_published() ? Json(article.published().text()) : Json());
  out.set("modified", article.has_modified() ? Json(article.modified().text()) : Json());
  out.set("site", article.site_name());
  out.set("lang", article.language());
  out.set("text", article.text());
  out.set("image", article.image().url().empty() ? Json() : Json(article.image().url()));
  out.set("tags", strings(article.publisher_tags()));
  out.set("fingerprint", text::base64_encode(article.fingerprint()));
  out.set("description", article.description());
  out.set("section", article.section());
  out.set("script", article.script());
  out.set("declared_lang", article.declared_language());
  out.set("charset", article.charset());
  out.set("replaced_bytes", article.replaced_bytes());
  out.set("paywall", article.paywall());
  out.set("truncated", article.truncation() != v1::TRUNCATION_NONE);
  out.set("text_only_fallback", article.text_only_fallback());
  out.set("page_type", article.page_type());
  out.set("genre", article.genre());
  out.set("genre_evidence",
          article.genre_evidence().empty() ? Json() : Json(article.genre_evidence()));
  out.set("licence", article.licence().empty() ? Json() : Json(article.licence()));
  Json images = Json::array();
  for (const metadata::Picture& picture : metadata.images)
    images.push(Json::object(
        {{"url", picture.url}, {"caption", picture.caption}, {"credit", picture.credit}}));
  out.set("images", std::move(images));
  out.set("image_caption", article.image().caption());
  out.set("image_credit", article.image().credit());
  Json alternates = Json::array();
  for (const metadata::Alternate& alternate : metadata.alternates)
    alternates.push(Json::object({{"lang", alternate.language}, {"url", alternate.url}}));
  out.set("alternates", std::move(alternates));
  out.set("sources", sources_of(article));
  set_structure(explanation.main_text, out);
  if (explanation.in_full) out.set("explain", explanation_json(explanation));
  return out;
}

std::string article_text(const v1::ArticleRecord& article) {
  const auto short_safe = [](std::string_view text) {
    return logging::escape_for_terminal(text, 1000);
  };
  std::string out = short_safe(article.title()) + "\n";
  const std::string byline = byline_of(article);
  if (!byline.empty()) out += byline + "\n";
  out += short_safe(article.canonical_url()) + "\n\n";
  std::string_view rest = article.text();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    out += safe(rest.substr(0, end)) + "\n";
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return out + "\n";
}

std::string article_markdown(const v1::ArticleRecord& article, const Explanation& explanation) {
  const content::MainText& text = explanation.main_text;
  std::string out = "# " + escaped(safe(article.title())) + "\n\n";
  const std::string byline = byline_of(article);
  if (!byline.empty()) out += escaped(byline) + "  \n";
  out += "<" + address(article.canonical_url()) + ">\n\n";
  for (std::size_t i = 0; i < text.paragraphs.size();) {
    const content::Part& part = text.parts[i];
    if (part.kind == PartKind::kTableCell) {
      out += table(text, i);
      continue;
    }
    const std::string line = marked_up(text.paragraphs[i], part);
    const bool in_list = part.kind == PartKind::kListItem && i + 1 < text.paragraphs.size() &&
                         text.parts[i + 1].kind == PartKind::kListItem;
    switch (part.kind) {
      case PartKind::kHeading:
        out += std::string(std::clamp<std::size_t>(part.level, 2, 6), '#') + " " + line;
        break;
      case PartKind::kListItem: out += "- " + line; break;
      case PartKind::kQuote: out += "> " + line; break;
      case PartKind::kPreformatted: out += "    " + safe(text.paragraphs[i]); break;
      default: out += line; break;
    }
    out += in_list ? "\n" : "\n\n";
    ++i;
  }
  return out;
}

std::string explanation_text(const Explanation& explanation) {
  std::string out = "text from: " + std::string(explanation.trace.winner) + "\n";
  for (const content::TracedCandidate& candidate : explanation.trace.candidates)
    out += "  candidate " + candidate.name + ": " + std::to_string(candidate.paragraphs) +
           " paragraphs, " + std::to_string(candidate.bytes) + " bytes\n";
  out += "fields:\n";
  for (const metadata::Claim& claim : explanation.metadata.claims) {
    out += (claim.chosen ? "  * " : "    ") + std::string(metadata::field_name(claim.field)) + " " +
           std::to_string(claim.rank) + " " + safe(claim.carrier) + ": " +
           safe(text::ellipsize(claim.value, kShownOfBlock)) + "\n";
  }
  out += "blocks:\n";
  for (const content::TracedBlock& block : explanation.trace.blocks) {
    if (block.text.empty()) continue;
    std::array<char, 16> likely{};
    std::snprintf(likely.data(), likely.size(), "%.2f", block.likelihood);
    out += (block.kept ? "  + " : "  - ") + std::string(likely.data()) + " <" +
           safe(block.element) + "> " + (block.kept ? "" : "(" + std::string(block.reason) + ") ") +
           safe(text::ellipsize(block.text, kShownOfBlock)) + "\n";
  }
  return out + "\n";
}

}  // namespace vigie::extractor::commands
