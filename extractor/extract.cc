#include "extractor/extract.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/content/content.h"
#include "extractor/dom/document.h"
#include "extractor/explanation.h"
#include "extractor/fingerprint/shingles.h"
#include "extractor/genre/genre.h"
#include "extractor/language/language.h"
#include "extractor/metadata/metadata.h"
#include "platform/charset/charset.h"
#include "platform/text/invisible.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "proto/identity.h"

namespace vigie::extractor {
namespace {

constexpr std::size_t kMaxTitleBytes = 1000;  // a longer "headline" is a paragraph
constexpr std::size_t kMaxLineBytes = 4096;   // description, caption
// of a link, an alternate, a picture; a longer one is left out
constexpr std::size_t kMostUrlBytes = 2000;
constexpr std::size_t kMostLicence = 500;  // bytes
// bytes of the text of a page that scripts fill, and of one that stands in noscript
constexpr std::size_t kMostOfShell = 200;
constexpr std::size_t kLeastOfNoscript = 200;
constexpr int kMostAlternates = 64;
constexpr int kMostImages = 32;
constexpr int kMostFeedTags = 50;
constexpr int kMostBlocks = 512;         // 2 of 1,207 pages of the corpus have more
constexpr std::size_t kMostLinks = 256;  // of the text that are looked at
// of a body that are looked at to tell HTML from other things
constexpr std::size_t kHeadBytes = 1024;

std::string header_of(const v1::PageRecord& page, std::string_view name) {
  for (const v1::Header& header : page.headers()) {
    if (header.name() == name) return header.value();
  }
  return {};
}

tl::unexpected<Error> refuse(ErrorCode code, std::string detail, const v1::PageRecord& page) {
  return failure(Disposition::kQuarantine, code, std::move(detail), page.final_url());
}

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// Bodies that say themselves that they are something else, whatever their label says; and labels of
// other things.
bool is_other_format(std::string_view body, std::string_view content_type) {
  for (const std::string_view magic : {"%PDF-", "\x89PNG", "\xFF\xD8\xFF", "GIF8", "PK\x03\x04",
                                       "\x1F\x8B", "RIFF", "%!PS", "{\\rtf"}) {
    if (begins_with(body, magic)) return true;
  }
  const std::string type = text::ascii_lower(content_type.substr(0, content_type.find(';')));
  if (type.empty() || type.find("html") != std::string::npos || type == "text/plain" ||
      type.find("octet-stream") != std::string::npos)
    return false;
  const std::string head = text::ascii_lower(body.substr(0, kHeadBytes));
  if (begins_with(type, "image/") || begins_with(type, "video/") || begins_with(type, "audio/") ||
      begins_with(type, "font/"))
    return true;
  return head.find("<html") == std::string::npos &&
         head.find("<!doctype html") == std::string::npos;
}

// A feed or a data document instead of a page.
bool is_other_markup(std::string_view text) {
  const std::string head = text::ascii_lower(text::trim(text.substr(0, kHeadBytes)));
  if (!begins_with(head, "<?xml"))
    return begins_with(head, "<rss") || begins_with(head, "<feed") ||
           begins_with(head, "<urlset") || begins_with(head, "<sitemapindex");
  return head.find("<html") == std::string::npos &&
         (head.find("<rss") != std::string::npos || head.find("<feed") != std::string::npos ||
          head.find("<urlset") != std::string::npos ||
          head.find("<sitemapindex") != std::string::npos ||
          head.find("<rdf") != std::string::npos);
}

bool looks_like_markup(std::string_view text) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos && at + 1 < text.size();
       at = text.find('<', at + 1)) {
    const char next = text[at + 1];
    if ((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '!' || next == '/')
      return true;
  }
  return false;
}

std::string line(std::string_view text, std::size_t most = kMaxLineBytes) {
  return text::ellipsize(text::nfc(text::collapse_spaces(text::without_invisible(text))), most);
}

void write_time(const metadata::Date& date, v1::WrittenTime& out) {
  out.set_text(date.text);
  out.set_unix_ms(date.unix_ms);
  out.set_precision(date.day_only ? v1::DATE_PRECISION_DAY : v1::DATE_PRECISION_SECOND);
  out.set_carrier(date.carrier);
}

void copy_origin(const v1::PageRecord& page, v1::ArticleRecord& out) {
  out.set_page_key(page.page_key());
  out.set_url(page.final_url());
  if (page.has_source()) *out.mutable_source() = page.source();
  out.set_origin(page.origin());
  out.set_raise_alerts(page.raise_alerts());
  out.set_discovered_at_unix_ms(page.discovered_at_unix_ms());
  out.set_fetched_at_unix_ms(page.fetched_at_unix_ms());
  out.set_truncation(page.truncation());
  out.set_ingest_id(page.ingest_id());
  out.set_archive_ref(page.archive_ref());
  out.set_extractor_version(kExtractorVersion);
}

// What the feed said counts where the page says nothing.
void fill_from_feed(const v1::FeedItem& feed, v1::ArticleRecord& out) {
  if (out.title().empty() && !feed.title().empty()) {
    out.set_title(line(feed.title(), kMaxTitleBytes));
    out.set_title_carrier("feed");
  }
  if (out.publisher_tags().empty()) {
    for (const std::string& category : feed.categories()) {
      if (out.publisher_tags_size() < kMostFeedTags && !text::trim(category).empty())
        out.add_publisher_tags(line(category, 200));
    }
    if (!out.publisher_tags().empty()) out.mutable_carriers()->set_publisher_tags("feed");
  }
  if (out.authors().empty()) {
    for (const std::string& author :
         metadata::clean_authors({feed.authors().begin(), feed.authors().end()}, out.site_name(),
                                 metadata::AuthorForm::kList, out.declared_language()))
      out.add_authors(line(author));
    if (!out.authors().empty()) out.set_authors_carrier("feed");
  }
  static constexpr std::array kWeak =
      std::to_array<std::string_view>({"text", "url", "script", "time:page"});
  const bool weak = !out.has_published() ||
                    std::find(kWeak.begin(), kWeak.end(), out.published().carrier()) != kWeak.end();
  if (weak && !feed.published().empty()) {
    if (std::optional<metadata::Date> date = metadata::parse_date(feed.published())) {
      date->carrier = "feed";
      write_time(*date, *out.mutable_published());
    }
  }
  if (out.description().empty() && !feed.summary().empty()) {
    out.set_description(line(feed.summary()));
    out.mutable_carriers()->set_description("feed");
  }
}

// Where the value of each field was read; see Carriers.
void write_carriers(const metadata::Metadata& found, v1::Carriers& out) {
  using metadata::Field;
  struct Kept {
    Field field;
    std::string* (v1::Carriers::*carrier)();
  };
  static constexpr std::array kFields =
      std::to_array<Kept>({{Field::kCanonicalUrl, &v1::Carriers::mutable_canonical_url},
                           {Field::kSiteName, &v1::Carriers::mutable_site_name},
                           {Field::kDescription, &v1::Carriers::mutable_description},
                           {Field::kSection, &v1::Carriers::mutable_section},
                           {Field::kImage, &v1::Carriers::mutable_image},
                           {Field::kImageCaption, &v1::Carriers::mutable_image_caption},
                           {Field::kImageCredit, &v1::Carriers::mutable_image_credit},
                           {Field::kDeclaredLanguage, &v1::Carriers::mutable_declared_language},
                           {Field::kPaywall, &v1::Carriers::mutable_paywall},
                           {Field::kLicence, &v1::Carriers::mutable_licence},
                           {Field::kPageType, &v1::Carriers::mutable_page_type}});
  std::vector<std::string_view> of_tags;
  for (const metadata::Claim& claim : found.claims) {
    if (!claim.chosen) continue;
    if (claim.field == Field::kTags &&
        std::find(of_tags.begin(), of_tags.end(), claim.carrier) == of_tags.end())
      of_tags.push_back(claim.carrier);
    const auto* field = std::find_if(kFields.begin(), kFields.end(),
                                     [&](const Kept& one) { return one.field == claim.field; });
    if (field != kFields.end()) *(out.*field->carrier)() = claim.carrier;
  }
  std::string& tags = *out.mutable_publisher_tags();
  for (const std::string_view carrier : of_tags)
    tags.append(tags.empty() ? "" : ", ").append(carrier);
  if (found.declared_language.empty()) out.clear_declared_language();
}

void write_image(const metadata::Picture& picture, v1::Image& out) {
  out.set_url(picture.url);
  out.set_caption(line(picture.caption));
  out.set_credit(line(picture.credit));
}

void write_metadata(const metadata::Metadata& found, v1::ArticleRecord& out) {
  out.set_canonical_url(found.canonical_url);
  out.set_article_id(proto::article_id(found.canonical_url));
  out.set_title(line(found.title, kMaxTitleBytes));
  out.set_title_carrier(found.title_carrier);
  for (const std::string& author : found.authors) out.add_authors(line(author));
  out.set_authors_carrier(found.authors_carrier);
  if (found.published) write_time(*found.published, *out.mutable_published());
  if (found.modified) write_time(*found.modified, *out.mutable_modified());
  out.set_site_name(line(found.site_name, 200));
  out.set_description(line(found.description));
  out.set_section(line(found.section, 200));
  if (!found.image_url.empty())
    write_image({found.image_url, found.image_caption, found.image_credit}, *out.mutable_image());
  for (const metadata::Picture& picture : found.images) {
    if (picture.url.size() <= kMostUrlBytes && out.images_size() < kMostImages)
      write_image(picture, *out.add_images());
  }
  for (const metadata::Alternate& alternate : found.alternates) {
    if (alternate.url.size() > kMostUrlBytes || out.alternates_size() == kMostAlternates) continue;
    v1::Alternate& added = *out.add_alternates();
    added.set_language(text::to_valid_utf8(alternate.language));
    added.set_url(alternate.url);
  }
  out.set_licence(line(found.licence, kMostLicence));
  out.set_page_type(found.page_type);
  write_carriers(found, *out.mutable_carriers());
  for (const std::string& tag : found.tags) out.add_publisher_tags(line(tag, 200));
  out.set_declared_language(found.declared_language);
  out.set_paywall(found.paywall);
  if (found.noindex || found.noarchive || found.nosnippet || found.tdm_reserved ||
      !found.content_signal.empty()) {
    v1::OptOut& opt_out = *out.mutable_opt_out();
    opt_out.set_noindex(found.noindex);
    opt_out.set_noarchive(found.noarchive);
    opt_out.set_nosnippet(found.nosnippet);
    opt_out.set_tdm_reserved(found.tdm_reserved);
    opt_out.set_content_signal(text::to_valid_utf8(found.content_signal));
  }
}

v1::BlockKind kind_of(content::PartKind kind) {
  switch (kind) {
    case content::PartKind::kParagraph: return v1::BLOCK_KIND_PARAGRAPH;
    case content::PartKind::kHeading: return v1::BLOCK_KIND_HEADING;
    case content::PartKind::kListItem: return v1::BLOCK_KIND_LIST_ITEM;
    case content::PartKind::kQuote: return v1::BLOCK_KIND_QUOTE;
    case content::PartKind::kTableCell: return v1::BLOCK_KIND_TABLE_CELL;
    case content::PartKind::kPreformatted: return v1::BLOCK_KIND_PREFORMATTED;
  }
  return v1::BLOCK_KIND_PARAGRAPH;
}

// What the paragraphs of the text were on the page, by their bytes in it.
void write_blocks(const content::MainText& text, v1::ArticleRecord& out) {
  std::size_t offset = 0;
  std::uint32_t row = 0;
  std::uint32_t row_of_page = 0;
  for (std::size_t i = 0; i < text.paragraphs.size() && out.blocks_size() < kMostBlocks; ++i) {
    const content::Part& part = text.parts[i];
    v1::TextBlock& block = *out.add_blocks();
    block.set_kind(kind_of(part.kind));
    block.set_offset(static_cast<std::uint32_t>(offset));
    block.set_length(static_cast<std::uint32_t>(text.paragraphs[i].size()));
    if (part.kind == content::PartKind::kHeading) block.set_level(part.level);
    if (part.kind == content::PartKind::kTableCell) {
      if (row == 0 || part.row != row_of_page) ++row;
      row_of_page = part.row;
      block.set_row(row);
    }
    offset += text.paragraphs[i].size() + content::kParagraphGap;
  }
}

// URLs of links as a browser would follow them; links to elsewhere than the web are left out.
// The record takes the first ones, `all` asks for the rest, too.
void write_links(const dom::Document& document, const std::string& page_url,
                 content::MainText& text, bool all, v1::ArticleRecord& out) {
  if (std::all_of(text.parts.begin(), text.parts.end(),
                  [](const content::Part& part) { return part.links.empty(); }))
    return;
  Result<url::Url> page = url::parse(page_url);
  if (!page) return;
  const std::string href =
      dom::decoded(dom::find_attribute(document.base, "href").value_or(std::string_view{}), true);
  const Result<url::Url> based = href.empty() ? page : url::parse(href, &*page);
  const url::Url& base = based && based->is_http() ? *based : *page;
  std::size_t offset = 0;
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.parts.size() && (all || seen < kMostLinks); ++i) {
    for (content::Link& link : text.parts[i].links) {
      if (!all && seen == kMostLinks) break;
      const Result<url::Url> target = url::parse(link.url, &base);
      link.url = target && target->is_http() ? target->href() : std::string{};
      if (++seen > kMostLinks || link.url.empty() || link.url.size() > kMostUrlBytes) continue;
      v1::TextLink& added = *out.add_links();
      added.set_offset(static_cast<std::uint32_t>(offset + link.offset));
      added.set_length(link.length);
      added.set_url(link.url);
    }
    std::erase_if(text.parts[i].links, [](const content::Link& link) { return link.url.empty(); });
    offset += text.paragraphs[i].size() + content::kParagraphGap;
  }
}

// A page of which scripts write the story shows next to nothing without them.
bool is_shell(const content::MainText& text) {
  return std::accumulate(text.paragraphs.begin(), text.paragraphs.end(), std::size_t{0},
                         [](std::size_t sum, const std::string& paragraph) {
                           return sum + paragraph.size();
                         }) < kMostOfShell;
}

// The text that the page shows where scripts do not run, if that holds a story.
void take_noscript(const dom::Document& document, const dom::Limits& limits,
                   const metadata::Metadata& found, content::Trace* trace,
                   content::MainText& text) {
  const auto longest =
      std::max_element(document.noscripts.begin(), document.noscripts.end(),
                       [](std::string_view a, std::string_view b) { return a.size() < b.size(); });
  if (longest == document.noscripts.end() || longest->size() < kLeastOfNoscript) return;
  const dom::Document inner = dom::parse(*longest, limits);
  content::Trace inner_trace;
  content::MainText other = content::find_main_text(inner, {found.title, {}, {}},
                                                    trace == nullptr ? nullptr : &inner_trace);
  if (other.text().size() < std::max(kLeastOfNoscript, text.text().size() * 3)) return;
  other.found_by = "noscript";
  text = std::move(other);
  if (trace != nullptr) *trace = std::move(inner_trace);
}

void write_genre(genre::Genre&& found, v1::ArticleRecord& out) {
  out.set_genre(std::move(found.name));
  out.set_genre_evidence(line(found.evidence));
  out.mutable_carriers()->set_genre(std::move(found.carrier));
}

// The record of a page that could not be had: what its feed said, and marked so.
Result<v1::ArticleRecord> from_feed_alone(const v1::PageRecord& page) {
  v1::ArticleRecord out;
  copy_origin(page, out);
  out.set_canonical_url(page.final_url());
  out.set_article_id(proto::article_id(page.final_url()));
  out.mutable_carriers()->set_canonical_url("url");
  fill_from_feed(page.feed_item(), out);
  const std::string summary = line(page.feed_item().summary());
  out.set_text(summary.empty() ? out.title() : summary);
  if (out.text().empty()) return refuse("empty_text", "The feed says nothing of the page.", page);
  out.mutable_carriers()->set_text("feed");
  out.set_page_type("feed_item");
  out.mutable_carriers()->set_page_type(page.refused());
  const std::vector<std::string> categories(page.feed_item().categories().begin(),
                                            page.feed_item().categories().end());
  write_genre(
      genre::genre_of_item(out.title(), {page.final_url(), page.source().kind(), {}, categories}),
      out);
  out.set_declared_language(page.feed_item().language());
  const language::Language language =
      language::identify(out.title() + "\n" + out.text(), out.declared_language());
  out.set_language(language.code);
  out.set_script(language.script);
  out.set_fingerprint(fingerprint::of_text(out.text()));
  out.set_version_id(proto::version_id(out.title(), out.text()));
  return out;
}

// The markup of a page in UTF-8; refused where it is none.
Result<charset::Decoded> decode_page(const v1::PageRecord& page, const ExtractLimits& limits) {
  const std::string_view body = std::string_view(page.body()).substr(0, limits.page_bytes);
  if (text::trim(body.substr(0, kHeadBytes)).empty() && text::trim(body).empty())
    return refuse("empty_page", "The page has no bytes to read.", page);
  const std::string content_type = header_of(page, "content-type");
  if (is_other_format(body, content_type))
    return refuse("not_html", "The body is no HTML page.", page);
  charset::Decoded decoded = charset::decode(body, content_type);
  if (is_other_markup(decoded.text) || !looks_like_markup(decoded.text))
    return refuse("not_html", "The body is no HTML page.", page);
  return decoded;
}

}  // namespace

Result<v1::ArticleRecord> extract(const v1::PageRecord& page, const ExtractLimits& limits,
                                  Explanation* explanation) {
  if (page.final_url().empty() && page.url().empty())
    return refuse("bad_record", "The page record names no URL.", page);
  if (!page.refused().empty()) return from_feed_alone(page);
  VIGIE_ASSIGN(const charset::Decoded decoded, decode_page(page, limits));
  v1::ArticleRecord out;
  copy_origin(page, out);
  if (page.body().size() > limits.page_bytes) out.set_truncation(v1::TRUNCATION_LENGTH);
  out.set_charset(decoded.charset);
  out.set_replaced_bytes(decoded.replaced);

  dom::Limits dom_limits;
  dom_limits.arena_bytes = limits.dom_bytes;
  dom_limits.time = limits.dom_time;
  const dom::Document document = dom::parse(decoded.text, dom_limits);
  out.set_text_only_fallback(document.text_only);

  metadata::PageFacts facts;
  facts.url = page.final_url().empty() ? page.url() : page.final_url();
  facts.page = decoded.text;
  facts.country = page.source().country();
  facts.fetched_at_unix_ms = page.fetched_at_unix_ms();
  facts.header = [&page](std::string_view name) { return header_of(page, name); };
  const bool in_full = explanation != nullptr && explanation->in_full;
  facts.all_claims = in_full;
  metadata::Metadata found = metadata::read(document, facts);
  write_metadata(found, out);

  content::MainText main_text =
      content::find_main_text(document, {found.title, found.article_body, found.description},
                              in_full ? &explanation->trace : nullptr);
  if (is_shell(main_text))
    take_noscript(document, dom_limits, found, in_full ? &explanation->trace : nullptr, main_text);
  out.set_text(main_text.text());
  out.mutable_carriers()->set_text(std::string(main_text.found_by));
  if (page.has_feed_item()) fill_from_feed(page.feed_item(), out);
  if (out.text().empty()) return refuse("empty_text", "No main text was found on the page.", page);

  const std::vector<std::string> categories(page.feed_item().categories().begin(),
                                            page.feed_item().categories().end());
  write_genre(genre::genre_of(document, found,
                              {facts.url, page.source().kind(), main_text.paragraphs, categories}),
              out);
  const language::Language language = language::identify(out.text(), found.declared_language);
  out.set_language(language.code);
  out.set_script(language.script);
  out.set_fingerprint(fingerprint::of_text(out.text()));
  out.set_version_id(proto::version_id(out.title(), out.text()));
  write_blocks(main_text, out);
  write_links(document, facts.url, main_text, explanation != nullptr, out);
  if (explanation != nullptr) {
    explanation->metadata = std::move(found);
    explanation->main_text = std::move(main_text);
  }
  return out;
}

}  // namespace vigie::extractor
