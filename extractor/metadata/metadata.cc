#include "extractor/metadata/metadata.h"

#include <algorithm>
#include <array>
#include <map>

#include "extractor/metadata/headline.h"
#include "extractor/metadata/json_ld.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::extractor::metadata {
namespace {

using dom::Tag;

constexpr std::size_t kMostTags = 50;
constexpr std::size_t kMostFieldBytes = 4096;  // of one value of a meta tag that is read
constexpr std::size_t kMostBylines = 12;       // elements that look like a byline and are read

// Values of meta tags by lower-case name, property, itemprop or http-equiv; in order of the page.
class MetaTags {
 public:
  explicit MetaTags(const dom::Document& document) {
    for (const dom::SourceTag& meta : document.metas) {
      const std::optional<std::string_view> content = dom::find_attribute(meta.attributes, "content");
      if (!content || content->empty()) continue;
      for (const std::string_view attribute : {"property", "name", "itemprop", "http-equiv"}) {
        const std::optional<std::string_view> name = dom::find_attribute(meta.attributes, attribute);
        if (name && !name->empty()) values_[text::ascii_lower(text::trim(name->substr(0, 100)))].push_back(*content);
      }
    }
  }

  std::string first(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return {};
    return text::collapse_spaces(dom::decoded(found->second.front().substr(0, kMostFieldBytes), true));
  }
  std::string first_of(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      std::string value = first(name);
      if (!value.empty()) return value;
    }
    return {};
  }
  std::vector<std::string> all(std::string_view name) const {
    std::vector<std::string> out;
    const auto found = values_.find(name);
    if (found == values_.end()) return out;
    for (const std::string_view value : found->second) out.push_back(text::collapse_spaces(dom::decoded(value.substr(0, kMostFieldBytes), true)));
    return out;
  }

 private:
  std::map<std::string, std::vector<std::string_view>, std::less<>> values_;
};

bool holds_word(std::string_view list, std::string_view word) {
  const std::string lower = text::ascii_lower(list.substr(0, 200));
  for (std::size_t at = lower.find(word); at != std::string::npos; at = lower.find(word, at + 1)) {
    const bool begins = at == 0 || !((lower[at - 1] >= 'a' && lower[at - 1] <= 'z'));
    const std::size_t end = at + word.size();
    const bool ends = end == lower.size() || !((lower[end] >= 'a' && lower[end] <= 'z'));
    if (begins && ends) return true;
  }
  return false;
}

class Resolver {
 public:
  Resolver(const dom::Document& document, const PageFacts& facts) : document_(document), facts_(facts), meta_(document), json_(read_json_ld(document)) {}

  Metadata read() {
    read_base();
    read_language();
    out_.site_name = meta_.first_of({"og:site_name", "application-name", "al:android:app_name", "apple-mobile-web-app-title"});
    if (out_.site_name.empty()) out_.site_name = json_.site_name;
    read_canonical();
    read_title();
    out_.description = meta_.first_of({"og:description", "description", "twitter:description", "dc.description", "dcterms.description"});
    if (out_.description.empty()) out_.description = json_.description;
    out_.section = meta_.first_of({"article:section", "section", "dc.subject", "parsely-section", "cxenseparse:category"});
    if (out_.section.empty()) out_.section = json_.section;
    read_image();
    read_tags();
    read_dates();
    read_authors();
    read_policies();
    out_.article_body = json_.body;
    return std::move(out_);
  }

 private:
  std::string header(std::string_view name) const { return facts_.header ? facts_.header(name) : std::string{}; }

  void read_base() {
    Result<url::Url> page = url::parse(facts_.url);
    if (page) base_ = std::move(*page);
    if (!document_.base.name.empty() && base_) {
      const std::string href = dom::decoded(dom::find_attribute(document_.base.attributes, "href").value_or(std::string_view{}), true);
      Result<url::Url> based = url::parse(href, &*base_);
      if (based && based->is_http()) document_base_ = std::move(*based);
    }
  }

  std::string absolute(std::string_view link) const {
    if (link.empty() || !base_) return {};
    Result<url::Url> parsed = url::parse(link, document_base_ ? &*document_base_ : &*base_);
    return parsed && parsed->is_http() ? parsed->href() : std::string{};
  }

  void read_language() {
    out_.declared_language = text::collapse_spaces(dom::decoded(dom::find_attribute(document_.html.attributes, "lang").value_or(std::string_view{}), true));
    if (out_.declared_language.empty())
      out_.declared_language = text::collapse_spaces(dom::decoded(dom::find_attribute(document_.html.attributes, "xml:lang").value_or(std::string_view{}), true));
    if (out_.declared_language.empty()) out_.declared_language = json_.language;
    if (out_.declared_language.empty()) out_.declared_language = meta_.first_of({"og:locale", "language", "content-language", "dc.language", "dcterms.language"});
    if (out_.declared_language.empty()) out_.declared_language = header("content-language");
    std::replace(out_.declared_language.begin(), out_.declared_language.end(), '_', '-');
    if (out_.declared_language.size() > 35) out_.declared_language.clear();  // RFC 5646 §4.4.1
  }

  // rel=canonical if it is on the same registrable domain and is not a home or list page, else the final URL; normalised.
  void read_canonical() {
    out_.canonical_url = facts_.url;
    if (!base_ || !base_->host) return;
    if (Result<std::string> own = url::normalise(*base_)) out_.canonical_url = *own;
    for (const dom::SourceTag& link : document_.links) {
      if (!holds_word(dom::find_attribute(link.attributes, "rel").value_or(std::string_view{}), "canonical")) continue;
      const std::string href = dom::decoded(dom::find_attribute(link.attributes, "href").value_or(std::string_view{}), true);
      Result<url::Url> parsed = url::parse(text::trim(href), document_base_ ? &*document_base_ : &*base_);
      if (!parsed || !parsed->is_http() || !parsed->host) return;
      if (url::registrable_domain(*parsed->host) != url::registrable_domain(*base_->host)) return;
      if (is_home_or_list(*parsed) && !is_home_or_list(*base_)) return;
      if (Result<std::string> normal = url::normalise(*parsed)) out_.canonical_url = *normal;
      return;
    }
  }

  static bool is_home_or_list(const url::Url& address) {
    if (address.query && !address.query->empty()) return false;
    std::string_view path = address.path;
    while (!path.empty() && path.back() == '/') path.remove_suffix(1);
    if (path.empty()) return true;
    const std::string last = text::ascii_lower(path.substr(path.rfind('/') + 1));
    constexpr std::array kHomes = std::to_array<std::string_view>({"index.html", "index.htm", "index.php", "home", "default.aspx", "news", "archive", "latest", "blog"});
    if (std::find(kHomes.begin(), kHomes.end(), last) != kHomes.end()) return true;
    // One short path part without a digit or hyphen is a section: /politics, /en.
    return path.find('/', 1) == std::string_view::npos && last.size() <= 12 && last.find_first_of("-_.0123456789") == std::string::npos;
  }

  void read_title() {
    HeadlineClaims claims;
    claims.json_ld = json_.headline;
    claims.open_graph = meta_.first("og:title");
    claims.twitter = meta_.first("twitter:title");
    claims.other_meta = meta_.first_of({"headline", "dc.title", "dcterms.title", "parsely-title", "cxenseparse:title", "sailthru.title"});
    if (!document_.titles.empty()) claims.page_title = text::collapse_spaces(dom::decoded(document_.titles.front().substr(0, kMostFieldBytes)));
    claims.site_name = out_.site_name;
    const Headline chosen = choose_headline(document_, claims);
    out_.title = chosen.text;
    out_.title_carrier = chosen.carrier;
  }

  void read_image() {
    out_.image_url = absolute(meta_.first_of({"og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "thumbnail", "image"}));
    if (out_.image_url.empty()) out_.image_url = absolute(json_.image_url);
    out_.image_caption = json_.image_caption;
    if (out_.image_caption.empty()) out_.image_caption = meta_.first_of({"og:image:alt", "twitter:image:alt"});
    for (std::uint32_t i = 0; i < document_.nodes.size(); ++i) {
      if (document_.nodes[i].tag != Tag::kFigcaption) continue;
      const std::string caption = text::collapse_spaces(document_.text_of(i, 1000));
      if (out_.image_caption.empty()) out_.image_caption = caption;
      break;
    }
  }

  void add_tag(std::string_view tag) {
    std::string clean = text::collapse_spaces(tag);
    if (clean.size() < 2 || clean.size() > 100 || out_.tags.size() >= kMostTags) return;
    if (clean.front() == '#') clean.erase(0, 1);
    if (std::find(out_.tags.begin(), out_.tags.end(), clean) == out_.tags.end()) out_.tags.push_back(clean);
  }

  void add_tag_list(std::string_view list) {
    while (!list.empty()) {
      const std::size_t comma = list.find_first_of(",;|");
      add_tag(list.substr(0, comma));
      if (comma == std::string_view::npos) return;
      list.remove_prefix(comma + 1);
    }
  }

  void read_tags() {
    for (const std::string_view name : {"article:tag", "og:article:tag", "og:tag"}) {
      for (const std::string& tag : meta_.all(name)) add_tag_list(tag);
    }
    for (const std::string& tag : json_.keywords) add_tag(tag);
    for (const std::string_view name : {"news_keywords", "parsely-tags", "sailthru.tags", "keywords"}) {
      for (const std::string& tags : meta_.all(name)) add_tag_list(tags);
    }
    for (std::uint32_t i = 0; i < document_.nodes.size(); ++i) {
      if (document_.nodes[i].tag != Tag::kA) continue;
      const std::optional<std::string_view> rel = document_.attribute(i, "rel");
      if (rel && holds_word(*rel, "tag")) add_tag(document_.text_of(i, 200));
    }
  }

  std::optional<Date> date_of(std::string_view value, std::string_view carrier) const {
    if (value.empty()) return std::nullopt;
    std::optional<Date> found = parse_date(value, {out_.declared_language});
    if (found) found->carrier = carrier;
    return found;
  }

  void read_dates() {
    if (auto found = date_of(json_.published, "json-ld")) offer(found);
    for (const std::string_view name : {"article:published_time",
                                        "og:article:published_time",
                                        "article:published",
                                        "og:published_time",
                                        "datepublished",
                                        "parsely-pub-date",
                                        "sailthru.date",
                                        "cxenseparse:recs:publishtime",
                                        "publishdate",
                                        "publish-date",
                                        "publish_date",
                                        "pubdate",
                                        "publication_date",
                                        "published_time",
                                        "date.published",
                                        "originalpublicationdate",
                                        "article_date_original",
                                        "dc.date.issued",
                                        "dcterms.issued",
                                        "dcterms.created",
                                        "dc.date.created",
                                        "citation_publication_date",
                                        "citation_date",
                                        "datecreated",
                                        "dc.date",
                                        "dcterms.date",
                                        "date",
                                        "article.published",
                                        "published",
                                        "rnews:datepublished",
                                        "displaydate",
                                        "ptime",
                                        "bt:pubdate",
                                        "eomportal-firstpublished",
                                        "article:create_at",
                                        "last-modified-date",
                                        "created"}) {
      if (published_) break;
      offer(date_of(meta_.first(name), "meta:" + std::string(name)));
    }
    if (!published_) offer(date_of_elements(true));
    if (!published_) {
      if (auto found = date_in_url(facts_.url)) {
        found->carrier = "url";
        offer(found);
      }
    }
    if (!published_) offer(date_in_text(document_, out_.declared_language));
    if (!published_) offer(date_in_scripts(facts_.page, out_.declared_language));
    out_.modified = date_of(json_.modified, "json-ld");
    for (const std::string_view name : {"article:modified_time", "og:updated_time", "og:article:modified_time", "article:modified", "datemodified", "dcterms.modified",
                                        "dc.date.modified", "lastmod", "last-modified", "revised", "modified_time", "updated"}) {
      if (out_.modified) break;
      out_.modified = date_of(meta_.first(name), "meta:" + std::string(name));
    }
    if (!out_.modified) out_.modified = date_of_elements(false);
    if (!published_ && out_.modified) published_ = out_.modified;
    out_.published = published_;
  }

  void offer(const std::optional<Date>& date) {
    if (!published_ && date) published_ = date;
  }

  // <time>, microdata and hAtom of the page's own article.
  std::optional<Date> date_of_elements(bool want_published) const {
    std::optional<Date> plain_time;
    for (std::uint32_t i = 0; i < document_.nodes.size(); ++i) {
      const dom::Node& node = document_.nodes[i];
      if (node.tag == Tag::kText || node.source == dom::kNoNode) continue;
      const std::string_view attributes = document_.tags[node.source].attributes;
      if (attributes.size() < 6) continue;
      const std::string_view itemprop = dom::find_attribute(attributes, "itemprop").value_or(std::string_view{});
      const bool is_published = holds_word(itemprop, "datepublished") || dom::find_attribute(attributes, "pubdate").has_value();
      const bool is_modified = holds_word(itemprop, "datemodified");
      const std::string_view names = dom::find_attribute(attributes, "class").value_or(std::string_view{});
      const bool hatom = want_published ? holds_word(names, "published") || holds_word(names, "entry-date") : holds_word(names, "updated") && node.tag == Tag::kTime;
      const bool wanted = want_published ? is_published || (hatom && !is_modified) : is_modified || (hatom && !is_published);
      if (!wanted && (node.tag != Tag::kTime || plain_time || !want_published)) continue;
      std::string value = dom::decoded(dom::find_attribute(attributes, "datetime").value_or(dom::find_attribute(attributes, "content").value_or(std::string_view{})), true);
      std::optional<Date> found = date_of(value, wanted && !hatom ? "microdata" : "time");
      if (!found) found = date_of(text::collapse_spaces(document_.text_of(i, 200)), wanted && !hatom ? "microdata" : "time");
      if (!found) continue;
      if (wanted) return found;
      plain_time = found;
    }
    return want_published ? plain_time : std::nullopt;
  }

  void read_authors() {
    try_authors(json_.authors, "json-ld");
    for (const std::string_view name : {"author", "article:author", "article:author_name", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
                                        "citation_author", "article.author", "cxenseparse:author", "twitter:misc:written by"}) {
      if (!out_.authors.empty()) return;
      std::vector<std::string> claims;
      for (const std::string& value : meta_.all(name)) {
        if (value.find("://") == std::string::npos) claims.push_back(value);
      }
      try_authors(claims, "meta:" + std::string(name));
    }
    if (out_.authors.empty()) try_authors(bylines(true), "microdata");
    if (out_.authors.empty()) try_authors(bylines(false), "byline");
    if (!out_.authors.empty()) return;
    // No person is named: an agency or the paper itself is better than nobody, where the markup says so.
    for (const std::vector<std::string>& claims : {json_.organisations, json_.authors, meta_.all("author"), meta_.all("article:author")}) {
      out_.authors = clean_organisations(claims);
      if (out_.authors.empty()) continue;
      out_.authors_carrier = "organisation";
      return;
    }
  }

  void try_authors(const std::vector<std::string>& claims, std::string carrier) {
    if (!out_.authors.empty() || claims.empty()) return;
    out_.authors = clean_authors(claims, out_.site_name);
    if (!out_.authors.empty()) out_.authors_carrier = std::move(carrier);
  }

  // author, byline, post-author, articleAuthor, author_name, but no author-bio nor authors-list-title.
  static bool names_author(std::string_view names) {
    const std::string lower = text::ascii_lower(names.substr(0, 200));
    for (const std::string_view word : {"author", "byline", "autor", "auteur"}) {
      const std::size_t at = lower.find(word);
      if (at == std::string::npos || lower.find("bio") != std::string::npos || lower.find("image") != std::string::npos || lower.find("avatar") != std::string::npos) continue;
      return true;
    }
    return false;
  }

  static bool is_author_page(std::string_view href) {
    for (const std::string_view part : {"/author/", "/authors/", "/autor/", "/autoren/", "/auteur/", "/by/", "/profile/", "/people/", "/contributors/"}) {
      const std::size_t at = href.find(part);
      if (at != std::string_view::npos && at + part.size() < href.size()) return true;
    }
    return false;
  }

  std::vector<std::string> bylines(bool by_markup) const {
    std::vector<std::string> out;
    for (std::uint32_t i = 0; i < document_.nodes.size() && out.size() < kMostBylines; ++i) {
      const dom::Node& node = document_.nodes[i];
      if (node.tag == Tag::kText || node.source == dom::kNoNode) continue;
      const std::string_view attributes = document_.tags[node.source].attributes;
      if (attributes.size() < 6) continue;
      bool found = false;
      if (by_markup) {
        found = holds_word(dom::find_attribute(attributes, "itemprop").value_or(std::string_view{}), "author") ||
                (node.tag == Tag::kA && holds_word(dom::find_attribute(attributes, "rel").value_or(std::string_view{}), "author"));
      } else {
        const std::string_view names = dom::find_attribute(attributes, "class").value_or(std::string_view{});
        found = names_author(names) || (node.tag == Tag::kA && is_author_page(dom::find_attribute(attributes, "href").value_or(std::string_view{})));
      }
      if (!found) continue;
      const std::string line = text::collapse_spaces(document_.text_of(i, 300));
      if (line.size() < 4 || line.size() > 150) continue;
      out.push_back(line);
      if (!by_markup && !clean_authors({line}, out_.site_name).empty()) return {line};  // the first byline is the article's; later ones are of teasers
    }
    return out;
  }

  void read_policies() {
    std::string robots = text::ascii_lower(meta_.first("robots") + "," + meta_.first("googlebot") + "," + header("x-robots-tag"));
    out_.noindex = holds_word(robots, "noindex") || holds_word(robots, "none");
    out_.noarchive = holds_word(robots, "noarchive") || holds_word(robots, "nocache");
    out_.nosnippet = holds_word(robots, "nosnippet");
    out_.tdm_reserved = meta_.first("tdm-reservation") == "1" || header("tdm-reservation") == "1" || meta_.first("tdmrep") == "1";
    out_.content_signal = header("content-signal").substr(0, 500);
    const std::string tier = text::ascii_lower(meta_.first_of({"article:content_tier", "og:article:content_tier"}));
    if (tier == "free" || tier == "metered" || tier == "locked") {
      out_.paywall = tier;
    } else if (json_.has_access) {
      out_.paywall = json_.accessible ? "free" : "locked";
    }
  }

  const dom::Document& document_;
  const PageFacts& facts_;
  MetaTags meta_;
  JsonLd json_;
  std::optional<url::Url> base_;
  std::optional<url::Url> document_base_;
  std::optional<Date> published_;
  Metadata out_;
};

}  // namespace

std::optional<Date> date_in_text(const dom::Document& document, std::string_view language) {
  constexpr std::size_t kMostLine = 120;  // bytes of a line that is little more than a date
  // From the headline on, then what stands in front of it: menus and teasers have dates of their own.
  std::uint32_t headline = 0;
  while (headline < document.nodes.size() && document.nodes[headline].tag != Tag::kH1) ++headline;
  const auto count = static_cast<std::uint32_t>(document.nodes.size());
  for (std::uint32_t step = 0; step < count; ++step) {
    const std::uint32_t i = headline < count ? (headline + step) % count : step;
    const dom::Node& node = document.nodes[i];
    if (node.tag != Tag::kText || node.text.size() < 8 || node.text.size() > kMostLine) continue;
    if (std::none_of(node.text.begin(), node.text.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    std::optional<Date> found = parse_date(text::collapse_spaces(dom::decoded(node.text)), {language});
    if (!found) continue;
    found->carrier = "text";
    return found;
  }
  return std::nullopt;
}

std::optional<Date> date_in_scripts(std::string_view page, std::string_view language) {
  constexpr std::array kKeys = std::to_array<std::string_view>({"datePublished", "published_at", "publishedAt", "publishedDate", "publishDate", "publish_date", "publicationDate",
                                                                "datePublication", "firstPublished", "pubDate", "createdAt", "created_at"});
  constexpr std::size_t kMostValue = 40;  // bytes behind the key that hold the day
  constexpr std::size_t kMostTried = 8;   // places of one key
  for (const std::string_view key : kKeys) {
    std::size_t tried = 0;
    for (std::size_t at = page.find(key); at != std::string_view::npos && tried < kMostTried; at = page.find(key, at + key.size()), ++tried) {
      std::string_view value = page.substr(at + key.size(), kMostValue + 16);
      const std::size_t digit = value.find_first_of("0123456789");
      const std::size_t colon = value.find(':');
      if (digit == std::string_view::npos || colon == std::string_view::npos || colon > digit || digit > 20) continue;
      value.remove_prefix(digit);
      value = value.substr(0, value.find_first_of("\"\\&'<,}"));
      if (std::optional<Date> found = parse_date(value.substr(0, kMostValue), {language})) {
        found->carrier = "script";
        return found;
      }
    }
  }
  return std::nullopt;
}

Metadata read(const dom::Document& document, const PageFacts& facts) { return Resolver(document, facts).read(); }

}  // namespace vigie::extractor::metadata
