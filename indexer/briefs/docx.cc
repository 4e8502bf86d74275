#include <algorithm>

#include "indexer/briefs/docx_parts.h"
#include "indexer/briefs/story.h"
#include "platform/dates/dates.h"
#include "platform/text/xml.h"
#include "platform/zip/zip_writer.h"

namespace vigie::indexer::briefs {
namespace {

using text::xml;

/// A URL as the target of a relationship, which must be a URI (RFC 3986) or word processors refuse
/// the whole file; empty where none can be made of it.
std::string uri(std::string_view url) {
  constexpr std::string_view kAllowed = "-._~:/?#@!$&'()*+,;=%";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= 'A' && byte <= 'Z') ||
                       (byte != 0 && kAllowed.find(c) != std::string_view::npos);
    if (plain) out += c;
    else (out += '%') += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  for (std::size_t at = out.find('%'); at != std::string::npos; at = out.find('%', at + 3)) {
    const auto is_hex = [&](std::size_t i) {
      return i < out.size() &&
             (kDigits.find(out[i]) != std::string_view::npos || (out[i] >= 'a' && out[i] <= 'f'));
    };
    if (!is_hex(at + 1) || !is_hex(at + 2)) out.insert(at + 1, "25");
  }
  const std::size_t host = out.find("//");
  const bool has_host = host != std::string::npos && host + 2 < out.size() &&
                        out[host + 2] != '/' && out[host + 2] != '%' && out[host + 2] != ':';
  const bool one_fragment = std::count(out.begin(), out.end(), '#') <= 1;
  return has_host && one_fragment ? out : std::string();
}

/// Letters, digits and hyphens, as BCP 47 has them; empty for anything else.
std::string language_tag(const std::string& language) {
  const bool good = language.size() <= 35 && std::ranges::all_of(language, [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '-';
                    });
  return good ? language : std::string();
}

class Document {
 public:
  /// A paragraph in its own direction. `target` empty: no link.
  void add(std::string_view style, const std::string& text, const std::string& language = {},
           const std::string& target = {}) {
    const bool rtl = is_rtl(text);
    body_ += "<w:p><w:pPr><w:pStyle w:val=\"" + std::string(style) + "\"/>";
    if (rtl) body_ += "<w:bidi/>";
    body_ += "</w:pPr>";
    const std::string link = relationship(target);
    if (!link.empty()) body_ += "<w:hyperlink r:id=\"" + link + "\">";
    body_ += "<w:r><w:rPr>";
    if (!link.empty()) body_ += "<w:rStyle w:val=\"Hyperlink\"/>";
    if (rtl) body_ += "<w:rtl/>";
    if (const std::string tag = language_tag(language); !tag.empty())
      body_ += "<w:lang w:val=\"" + tag + "\" w:eastAsia=\"" + tag + "\" w:bidi=\"" + tag + "\"/>";
    body_ += "</w:rPr><w:t xml:space=\"preserve\">" + xml(text) + "</w:t></w:r>";
    if (!link.empty()) body_ += "</w:hyperlink>";
    body_ += "</w:p>\n";
  }

  std::string text() const {
    return std::string(kXml) + std::string(kDocumentBegin) + body_ + std::string(kDocumentEnd);
  }
  std::string relationships() const {
    return std::string(kXml) +
           "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/"
           "relationships\">\n"
           "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/"
           "relationships/styles\" Target=\"styles.xml\"/>\n" +
           links_ + "</Relationships>\n";
  }

 private:
  std::string relationship(const std::string& target) {
    const std::string there = uri(target);
    if (there.empty()) return {};
    const std::string id = "rId" + std::to_string(++relationships_);
    links_ += "<Relationship Id=\"" + id +
              "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
              "hyperlink\" Target=\"" +
              xml(there) + "\" TargetMode=\"External\"/>\n";
    return id;
  }

  std::string body_;
  std::string links_;
  int relationships_ = 1;  // that of the styles
};

void add_story(const Story& story, Document& document) {
  document.add("Heading1", story.title, story.language);
  document.add("Facts", story.source + " · " + story.times);
  for (const std::string& line : story.note) document.add("Normal", line);
  if (!story.quotation.empty()) document.add("Quote", "“" + story.quotation + "”", story.language);
  if (!story.url.empty()) document.add("Facts", story.url, {}, story.url);
  const std::string place = story.place.empty() ? "" : ", " + story.place;
  document.add("Facts", "Archive hash " + story.hash + place);
}

std::string properties(const Told& brief, std::int64_t now_unix_ms) {
  const std::string now = dates::rfc3339_seconds(now_unix_ms);
  return std::string(kXml) +
         "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/"
         "core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
         "xmlns:dcterms=\"http://purl.org/dc/terms/\" "
         "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n<dc:title>" +
         xml(brief.title) + "</dc:title>\n<dc:creator>vigie</dc:creator>\n" +
         "<dcterms:created xsi:type=\"dcterms:W3CDTF\">" + now + "</dcterms:created>\n" +
         "</cp:coreProperties>\n";
}

}  // namespace

Result<std::string> docx(const Told& brief, std::int64_t now_unix_ms) {
  Document document;
  document.add("Title", brief.title);
  for (const std::string& line : brief.summary) document.add("Normal", line);
  for (const Story& story : brief.stories) add_story(story, document);
  document.add("Facts", brief.foot);
  zip::ZipWriter package;
  VIGIE_TRY(package.add("[Content_Types].xml", std::string(kXml) + std::string(kContentTypes)));
  VIGIE_TRY(package.add("_rels/.rels", std::string(kXml) + std::string(kPackageRelationships)));
  VIGIE_TRY(package.add("word/document.xml", document.text()));
  VIGIE_TRY(package.add("word/_rels/document.xml.rels", document.relationships()));
  VIGIE_TRY(package.add("word/styles.xml", std::string(kXml) + std::string(kStyles)));
  VIGIE_TRY(package.add("docProps/core.xml", properties(brief, now_unix_ms)));
  return std::move(package).finish();
}

}  // namespace vigie::indexer::briefs
