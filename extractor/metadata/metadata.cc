#include "extractor/metadata/metadata.h"

#include <algorithm>
#include <array>

#include "extractor/metadata/headline.h"
#include "extractor/metadata/json_ld.h"
#include "extractor/metadata/page.h"
#include "extractor/metadata/paywall.h"
#include "extractor/metadata/pictures.h"
#include "extractor/metadata/rules.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::extractor::metadata {
namespace {

using dom::Tag;

constexpr std::size_t kMostTags = 50;
constexpr std::size_t kMostAlternates = 100;
constexpr std::size_t kMostLicence = 500;     // bytes
constexpr std::size_t kMostLanguageTag = 35;  // bytes; RFC 5646 §4.4.1

// ---- language

using Language = FieldClaims<Field::kDeclaredLanguage>;

void html_attribute(Page& page, std::string_view name, Language& to) {
  to.offer(
      "html " + std::string(name),
      text::collapse_spaces(dom::decoded(
          dom::find_attribute(page.document().html, name).value_or(std::string_view{}), true)));
}
void header_line(Page& page, std::string_view name, Language& to) {
  to.offer("header " + std::string(name), page.header(name));
}
std::string language_tag(std::string value, Page&) {
  std::replace(value.begin(), value.end(), '_', '-');
  if (value.size() > kMostLanguageTag) value.clear();
  return value;
}
constexpr auto kLanguageMeta = meta_line<Field::kDeclaredLanguage>;
constexpr std::array kLanguageCarriers = std::to_array<Carrier<Field::kDeclaredLanguage>>(
    {{"lang", html_attribute},
     {"xml:lang", html_attribute},
     {"json-ld", json_line<Field::kDeclaredLanguage, &JsonLd::language>},
     {"og:locale", kLanguageMeta},
     {"language", kLanguageMeta},
     {"content-language", kLanguageMeta},
     {"dc.language", kLanguageMeta},
     {"dcterms.language", kLanguageMeta},
     {"content-language", header_line}});
constexpr FieldRule<Field::kDeclaredLanguage> kDeclaredLanguage{kLanguageCarriers, language_tag};

// ---- site, description, section

constexpr auto kSiteMeta = meta_line<Field::kSiteName>;
constexpr std::array kSiteCarriers = std::to_array<Carrier<Field::kSiteName>>(
    {{"og:site_name", kSiteMeta},
     {"application-name", kSiteMeta},
     {"al:android:app_name", kSiteMeta},
     {"apple-mobile-web-app-title", kSiteMeta},
     {"json-ld", json_line<Field::kSiteName, &JsonLd::site_name>}});
constexpr FieldRule<Field::kSiteName> kSiteName{kSiteCarriers};

constexpr auto kDescriptionMeta = meta_line<Field::kDescription>;
constexpr std::array kDescriptionCarriers = std::to_array<Carrier<Field::kDescription>>(
    {{"og:description", kDescriptionMeta},
     {"description", kDescriptionMeta},
     {"twitter:description", kDescriptionMeta},
     {"dc.description", kDescriptionMeta},
     {"dcterms.description", kDescriptionMeta},
     {"json-ld", json_line<Field::kDescription, &JsonLd::description>}});
constexpr FieldRule<Field::kDescription> kDescription{kDescriptionCarriers};

constexpr auto kSectionMeta = meta_line<Field::kSection>;
constexpr std::array kSectionCarriers = std::to_array<Carrier<Field::kSection>>(
    {{"article:section", kSectionMeta},
     {"section", kSectionMeta},
     {"dc.subject", kSectionMeta},
     {"parsely-section", kSectionMeta},
     {"cxenseparse:category", kSectionMeta},
     {"json-ld", json_line<Field::kSection, &JsonLd::section>}});
constexpr FieldRule<Field::kSection> kSection{kSectionCarriers};

// ---- canonical URL: weighed

// rel=canonical if it is on the same registrable domain and is not a home or list page.
std::string canonical_link(const Page& page) {
  const std::optional<url::Url>& own = page.url();
  if (!own || !own->host) return {};
  for (const dom::SourceTag& link : page.document().links) {
    if (!holds_word(dom::find_attribute(link, "rel").value_or(std::string_view{}), "canonical"))
      continue;
    const std::string href =
        dom::decoded(dom::find_attribute(link, "href").value_or(std::string_view{}), true);
    Result<url::Url> parsed = url::parse(text::trim(href), page.base());
    if (!parsed || !parsed->is_http() || !parsed->host) return {};
    if (url::registrable_domain(*parsed->host) != url::registrable_domain(*own->host)) return {};
    if (is_home_or_list(*parsed) && !is_home_or_list(*own)) return {};
    return url::normalise(*parsed).value_or("");
  }
  return {};
}

// The link, else the final URL; normalised.
void read_canonical(Page& page) {
  const std::optional<url::Url>& url = page.url();
  const std::string& as_given = page.facts().url;
  const std::string own = url && url->host ? url::normalise(*url).value_or(as_given) : as_given;
  const std::string link = canonical_link(page);
  page.claims.note(Field::kCanonicalUrl, "link rel=canonical", link, !link.empty());
  page.claims.note(Field::kCanonicalUrl, "url", own, link.empty());
  page.so_far.canonical_url = Of<Field::kCanonicalUrl>(link.empty() ? own : link);
}

// ---- headline: weighed (headline.h)

HeadlineClaims headline_claims(const Page& page) {
  const MetaTags& meta = page.meta();
  HeadlineClaims claims;
  claims.json_ld = page.json().headline;
  claims.open_graph = meta.first("og:title");
  claims.twitter = meta.first("twitter:title");
  claims.other_meta = meta.first_of({"headline", "dc.title", "dcterms.title", "parsely-title",
                                     "cxenseparse:title", "sailthru.title"});
  claims.page_title = page.page_title();
  claims.site_name = page.so_far.site_name;
  claims.site_names = {page.so_far.site_name, page.json().site_name, meta.first("application-name"),
                       meta.first("al:android:app_name"), meta.first("apple-mobile-web-app-title")};
  if (page.url() && page.url()->host) {
    const std::string domain = url::registrable_domain(*page.url()->host);
    claims.site_names.push_back(domain);
    claims.site_names.push_back(domain.substr(0, domain.find('.')));
  }
  return claims;
}

void read_title(Page& page) {
  const HeadlineClaims claims = headline_claims(page);
  const Headline chosen = choose_headline(page.document(), claims);
  page.so_far.title = Of<Field::kTitle>(chosen.text);
  page.so_far.title_carrier = chosen.carrier;
  page.claims.note(Field::kTitle, chosen.carrier, chosen.text, true);
  for (const auto& [carrier, value] :
       {std::pair<std::string_view, const std::string&>{"json-ld", claims.json_ld},
        {"og:title", claims.open_graph},
        {"twitter:title", claims.twitter},
        {"meta", claims.other_meta},
        {"title", claims.page_title}}) {
    if (carrier != chosen.carrier) page.claims.note(Field::kTitle, carrier, value, false);
  }
}

// ---- pictures

using Image = FieldClaims<Field::kImage>;
using Caption = FieldClaims<Field::kImageCaption>;

void image_meta(Page& page, std::string_view name, Image& to) {
  to.offer("meta:" + std::string(name), page.absolute(page.meta().first(name)));
}
void image_data(Page& page, std::string_view carrier, Image& to) {
  to.offer(carrier, page.absolute(page.json().image_url));
}
void image_of_figure(Page& page, std::string_view carrier, Image& to) {
  if (!page.so_far.images.empty()) to.offer(carrier, page.so_far.images.front().url);
}
void image_of_story(Page& page, std::string_view carrier, Image& to) {
  to.offer(carrier, page.absolute(picture_of_story(page.document())));
}
constexpr std::array kImageCarriers =
    std::to_array<Carrier<Field::kImage>>({{"og:image:secure_url", image_meta},
                                           {"og:image", image_meta},
                                           {"og:image:url", image_meta},
                                           {"twitter:image", image_meta},
                                           {"twitter:image:src", image_meta},
                                           {"thumbnail", image_meta},
                                           {"image", image_meta},
                                           {"json-ld", image_data},
                                           {"figure", image_of_figure},
                                           {"img", image_of_story}});
constexpr FieldRule<Field::kImage> kImage{kImageCarriers};

// The figure of the lead image; nullptr: it stands in none.
const Picture* lead_of(const Page& page) {
  const std::vector<Picture>& images = page.so_far.images;
  const auto lead = std::find_if(images.begin(), images.end(), [&](const Picture& picture) {
    return same_picture(picture.url, page.so_far.image_url);
  });
  return lead == images.end() ? nullptr : &*lead;
}
void caption_of_lead(Page& page, std::string_view carrier, Caption& to) {
  if (const Picture* lead = lead_of(page)) to.offer(carrier, lead->caption);
}
void caption_of_first(Page& page, std::string_view carrier, Caption& to) {
  if (lead_of(page) == nullptr && !page.so_far.images.empty())
    to.offer(carrier, page.so_far.images.front().caption);
}
constexpr std::array kCaptionCarriers = std::to_array<Carrier<Field::kImageCaption>>(
    {{"figcaption", caption_of_lead},
     {"json-ld", json_line<Field::kImageCaption, &JsonLd::image_caption>},
     {"og:image:alt", meta_line<Field::kImageCaption>},
     {"twitter:image:alt", meta_line<Field::kImageCaption>},
     {"figcaption", caption_of_first}});
constexpr FieldRule<Field::kImageCaption> kImageCaption{kCaptionCarriers};

void read_pictures(Page& page) {
  Metadata& out = page.so_far;
  for (Picture& picture : pictures_of(page.document())) {
    picture.url = page.absolute(picture.url);
    if (!picture.url.empty()) out.images.push_back(std::move(picture));
  }
  read(kImage, page, page.claims, out.image_url);
  read(kImageCaption, page, page.claims, out.image_caption);
  const Picture* lead = lead_of(page);
  const bool is_first =
      lead == nullptr && !out.images.empty() && out.images.front().caption == out.image_caption;
  if (lead != nullptr) out.image_credit = Of<Field::kImageCredit>(lead->credit);
  if (is_first) out.image_credit = Of<Field::kImageCredit>(out.images.front().credit);
  page.claims.note(Field::kImageCredit, "figure", out.image_credit, true);
}

// ---- tags: all carriers together

using Tags = FieldClaims<Field::kTags>;

void add_tag(std::string_view carrier, std::string_view tag, Tags& to) {
  std::string clean = text::collapse_spaces(tag);
  const std::vector<std::string>& known = to.value();
  if (clean.size() < 2 || clean.size() > 100 || known.size() >= kMostTags) return;
  if (clean.front() == '#') clean.erase(0, 1);
  if (std::find(known.begin(), known.end(), clean) == known.end())
    to.gather(carrier, std::move(clean));
}
void meta_tags(Page& page, std::string_view name, Tags& to) {
  for (const std::string& value : page.meta().all(name)) {
    std::string_view list = value;
    while (!list.empty()) {
      const std::size_t comma = list.find_first_of(",;|");
      add_tag(name, list.substr(0, comma), to);
      if (comma == std::string_view::npos) break;
      list.remove_prefix(comma + 1);
    }
  }
}
void data_tags(Page& page, std::string_view carrier, Tags& to) {
  for (const std::string& tag : page.json().keywords) add_tag(carrier, tag, to);
}
void linked_tags(Page& page, std::string_view carrier, Tags& to) {
  const dom::Document& document = page.document();
  for (std::uint32_t i = 0; i < document.nodes.size(); ++i) {
    if (document.nodes[i].tag != Tag::kA) continue;
    const std::optional<std::string_view> rel = document.attribute(i, "rel");
    if (rel && holds_word(*rel, "tag")) add_tag(carrier, document.text_of(i, 200), to);
  }
}
constexpr std::array kTagCarriers =
    std::to_array<Carrier<Field::kTags>>({{"article:tag", meta_tags},
                                          {"og:article:tag", meta_tags},
                                          {"og:tag", meta_tags},
                                          {"json-ld", data_tags},
                                          {"news_keywords", meta_tags},
                                          {"parsely-tags", meta_tags},
                                          {"sailthru.tags", meta_tags},
                                          {"keywords", meta_tags},
                                          {"a rel=tag", linked_tags}});
constexpr FieldRule<Field::kTags> kTags{kTagCarriers};

// ---- paywall, licence, page type

using Paywall = FieldClaims<Field::kPaywall>;
void tier(Page& page, std::string_view name, Paywall& to) {
  const std::string value =
      text::ascii_lower(page.meta().first_of({name, "og:article:content_tier"}));
  if (value == "free" || value == "metered" || value == "locked")
    to.offer("meta:" + std::string(name), value);
}
void access_in_data(Page& page, std::string_view carrier, Paywall& to) {
  if (page.json().has_access) to.offer(carrier, page.json().accessible ? "free" : "locked");
}
void access_in_microdata(Page& page, std::string_view carrier, Paywall& to) {
  if (const std::optional<bool> free = free_by_microdata(page.document()))
    to.offer(carrier, *free ? "free" : "locked");
}
constexpr std::array kPaywallCarriers =
    std::to_array<Carrier<Field::kPaywall>>({{"article:content_tier", tier},
                                             {"json-ld", access_in_data},
                                             {"microdata", access_in_microdata}});
constexpr FieldRule<Field::kPaywall> kPaywall{kPaywallCarriers};

using Licence = FieldClaims<Field::kLicence>;
void licence_link(Page& page, std::string_view carrier, Licence& to) {
  for (const dom::SourceTag& link : page.document().links) {
    const std::string_view rel = dom::find_attribute(link, "rel").value_or(std::string_view{});
    if (holds_word(rel, "license") || holds_word(rel, "copyright"))
      to.offer(carrier, page.absolute(dom::decoded(
                            dom::find_attribute(link, "href").value_or(std::string_view{}), true)));
  }
}
void licence_anchor(Page& page, std::string_view carrier, Licence& to) {
  const dom::Document& document = page.document();
  for (std::uint32_t i = 0; i < document.nodes.size() && to.wants(); ++i) {
    if (document.nodes[i].tag != Tag::kA) continue;
    const std::optional<std::string_view> rel = document.attribute(i, "rel");
    if (rel && holds_word(*rel, "license"))
      to.offer(carrier, page.absolute(dom::decoded(document.attribute_or_empty(i, "href"), true)));
  }
}
std::string shortened(std::string value, Page&) { return text::ellipsize(value, kMostLicence); }
constexpr auto kLicenceMeta = meta_line<Field::kLicence>;
constexpr std::array kLicenceCarriers = std::to_array<Carrier<Field::kLicence>>(
    {{"json-ld", json_line<Field::kLicence, &JsonLd::licence>},
     {"link rel=license", licence_link},
     {"dc.rights", kLicenceMeta},
     {"dcterms.license", kLicenceMeta},
     {"dcterms.rights", kLicenceMeta},
     {"dc.rights.license", kLicenceMeta},
     {"copyright", kLicenceMeta},
     {"a rel=license", licence_anchor}});
constexpr FieldRule<Field::kLicence> kLicence{kLicenceCarriers, shortened};

using PageType = FieldClaims<Field::kPageType>;
void open_graph_type(Page& page, std::string_view name, PageType& to) {
  const std::string type = text::ascii_lower(page.meta().first(name));
  const std::string carrier = "meta:" + std::string(name);
  if (type.starts_with("video")) to.offer(carrier, "video");
  if (type.starts_with("music")) to.offer(carrier, "audio");
  if (type == "article") to.offer(carrier, "article");
}
void type_of_url(Page& page, std::string_view carrier, PageType& to) {
  if (page.url() && is_home_or_list(*page.url())) to.offer(carrier, "listing");
}
void type_by_default(Page&, std::string_view carrier, PageType& to) {
  to.offer(carrier, "article");
}
constexpr std::array kPageTypeCarriers = std::to_array<Carrier<Field::kPageType>>(
    {{"json-ld", json_line<Field::kPageType, &JsonLd::page_type>},
     {"og:type", open_graph_type},
     {"url", type_of_url},
     {"default", type_by_default}});
constexpr FieldRule<Field::kPageType> kPageType{kPageTypeCarriers};

// ---- what is no choice among carriers

void read_opt_outs(Page& page) {
  Metadata& out = page.so_far;
  const MetaTags& meta = page.meta();
  const std::string robots = text::ascii_lower(
      meta.first("robots") + "," + meta.first("googlebot") + "," + page.header("x-robots-tag"));
  out.noindex = holds_word(robots, "noindex") || holds_word(robots, "none");
  out.noarchive = holds_word(robots, "noarchive") || holds_word(robots, "nocache");
  out.nosnippet = holds_word(robots, "nosnippet");
  out.tdm_reserved = meta.first("tdm-reservation") == "1" ||
                     page.header("tdm-reservation") == "1" || meta.first("tdmrep") == "1";
  out.content_signal = text::prefix(page.header("content-signal"), 500);
}

// Translations of the page: link rel=alternate with hreflang.
void read_alternates(Page& page) {
  for (const dom::SourceTag& link : page.document().links) {
    const std::string_view language =
        dom::find_attribute(link, "hreflang").value_or(std::string_view{});
    if (language.empty() || language.size() > 35 ||
        page.so_far.alternates.size() >= kMostAlternates)
      continue;
    if (!holds_word(dom::find_attribute(link, "rel").value_or(std::string_view{}), "alternate"))
      continue;
    std::string url = page.absolute(
        dom::decoded(dom::find_attribute(link, "href").value_or(std::string_view{}), true));
    if (!url.empty()) page.so_far.alternates.push_back({std::string(language), std::move(url)});
  }
}

void read_sort(Page& page) {
  SortSigns& sort = page.so_far.sort;
  sort.types = page.json().types;
  sort.genres = page.json().genres;
  sort.sections = page.json().sections;
  sort.crumbs = page.json().crumbs;
  sort.reviews_claim = page.json().reviews_claim;
  for (const std::string_view name :
       {"genre", "article:genre", "prism.genre", "dc.type", "dcterms.type", "articletype",
        "article_type", "article-type", "article:type", "content-type", "contenttype", "page-type",
        "pagetype", "cxenseparse:pageclass"}) {
    for (std::string& value : page.meta().all(name)) sort.genres.push_back(std::move(value));
  }
  for (const std::string_view name :
       {"article:section", "og:article:section", "section", "parsely-section",
        "cxenseparse:category", "article:section:list", "sailthru.section"}) {
    for (std::string& value : page.meta().all(name)) sort.sections.push_back(std::move(value));
  }
  sort.is_opinion = text::ascii_iequals(page.meta().first("article:opinion"), "true");
  for (std::string title :
       {page.json().headline, page.meta().first("og:title"), page.page_title()}) {
    if (!title.empty()) sort.titles.push_back(std::move(title));
  }
}

}  // namespace

Metadata read(const dom::Document& document, const PageFacts& facts) {
  Page page(document, facts);
  Metadata& out = page.so_far;
  Claims& claims = page.claims;
  read(kDeclaredLanguage, page, claims, out.declared_language);
  page.read_country();
  read(kSiteName, page, claims, out.site_name);
  read_canonical(page);
  read_title(page);
  read(kDescription, page, claims, out.description);
  read(kSection, page, claims, out.section);
  read_pictures(page);
  read(kTags, page, claims, out.tags);
  read(kModified, page, claims, out.modified);
  read(kPublished, page, claims, out.published);
  out.authors_carrier = read(kAuthors, page, claims, out.authors);
  read_opt_outs(page);
  read(kPaywall, page, claims, out.paywall);
  read(kLicence, page, claims, out.licence);
  read_alternates(page);
  read(kPageType, page, claims, out.page_type);
  read_sort(page);
  out.article_body = page.json().body;
  out.claims = claims.take();
  return std::move(out);
}

}  // namespace vigie::extractor::metadata
