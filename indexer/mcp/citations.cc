#include "indexer/mcp/citations.h"

#include <algorithm>

#include "platform/text/utf8.h"

namespace vigie::indexer::mcp {
namespace {

bool is_inside(std::string_view text, std::size_t offset) {
  return offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U;
}

struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// `around` widened to the sentence that has it, where the sentence stands in the text as it is.
Piece widen(std::string_view text, Piece around, std::string_view sentence) {
  if (sentence.empty()) return around;
  const std::size_t last = text.rfind(sentence, around.begin);
  if (last == std::string_view::npos || last + sentence.size() < around.end) return around;
  return {last, last + sentence.size()};
}

/// Not more than kQuotationBytes, with the words in it.
Piece clip(std::string_view text, Piece piece, Piece words) {
  if (piece.end - piece.begin <= kQuotationBytes) return piece;
  const std::size_t before = std::min(words.begin - piece.begin, kQuotationBytes / 3);
  piece.begin = words.begin - before;
  while (is_inside(text, piece.begin)) ++piece.begin;
  piece.end = piece.begin + text::prefix(text.substr(piece.begin), kQuotationBytes).size();
  return piece;
}

Json quotation(std::string_view field, std::string_view text, Piece piece) {
  return Json::object({{"field", field},
                       {"offset", piece.begin},
                       {"length", piece.end - piece.begin},
                       {"text", text.substr(piece.begin, piece.end - piece.begin)}});
}

Json opening_of(const Json& article) {
  const std::string& text = article["text"].as_string();
  const bool has_text = !text.empty();
  const std::string& said = has_text ? text : article["title"].as_string();
  std::string_view opening = text::prefix(said, kOpeningBytes);
  if (const std::size_t paragraph = opening.find("\n\n"); paragraph != std::string_view::npos)
    opening = opening.substr(0, paragraph);
  return quotation(has_text ? "text" : "title", said, {0, opening.size()});
}

Json about(const Json& tags) {
  Json out = Json::array();
  for (const Json& tag : tags.as_array()) {
    if (tag["level"].as_string() == "about") out.push(tag["id"]);
  }
  return out;
}

}  // namespace

Json quotation_of(const Json& article, const Json& evidence) {
  const std::string& field = evidence["field"].as_string();
  if (field != "text" && field != "title") return nullptr;
  const std::string& text = article[field].as_string();
  const auto offset = static_cast<std::size_t>(evidence["offset"].as_integer(-1));
  const auto length = static_cast<std::size_t>(evidence["length"].as_integer(-1));
  if (offset > text.size() || length > text.size() - offset || length == 0) return nullptr;
  const Piece words{offset, offset + length};
  return quotation(field, text,
                   clip(text, widen(text, words, evidence["sentence"].as_string()), words));
}

Json quotations_of(const Json& article, std::size_t most) {
  Json out = Json::array();
  for (const Json& evidence : article["evidence"].as_array()) {
    if (out.as_array().size() == most) break;
    Json next = quotation_of(article, evidence);
    if (next.is_null()) continue;
    const auto& said = out.as_array();
    if (std::find(said.begin(), said.end(), next) == said.end()) out.push(std::move(next));
  }
  if (out.as_array().empty() && most > 0) out.push(opening_of(article));
  return out;
}

Json brief_of(const Json& article) {
  const Json& source = article["source"];
  return Json::object({{"id", article["id"]},
                       {"url", article["url"]},
                       {"title", text::ellipsize(article["title"].as_string(), kTitleBytes)},
                       {"published", article["published"]},
                       {"discovered", article["discovered"]},
                       {"source", Json::object({{"id", source["id"]},
                                                {"name", source["name"]},
                                                {"country", source["country"]},
                                                {"kind", source["kind"]},
                                                {"affiliation", source["affiliation"]}})},
                       {"language", article["language"]},
                       {"genre", article["genre"]},
                       {"about", Json::object({{"topics", about(article["topics"])},
                                               {"actors", about(article["actors"])}})},
                       {"story", article["story"]},
                       {"event", article["event"]}});
}

Result<Json> cite(ApiReader& api, const std::string& id, const std::string& query) {
  VIGIE_ASSIGN(const Json article, api.get("/v1/articles/" + id, {{"q", query}}));
  Json out = brief_of(article);
  out.set("quotations", quotations_of(article, kQuotations));
  return out;
}

Result<Json> cite_all(ApiReader& api, const Json& hits, const std::string& query,
                      std::size_t most) {
  Json out = Json::array();
  for (const Json& hit : hits.as_array()) {
    if (out.as_array().size() == most) break;
    auto cited = cite(api, hit["id"].as_string(), query);
    if (!cited && cited.error().code == ErrorCode("not_found")) continue;
    if (!cited) return cited;
    out.push(std::move(*cited));
  }
  return out;
}

}  // namespace vigie::indexer::mcp
