#include "extractor/metadata/metadata.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "extractor/metadata/headline.h"
#include "extractor/metadata/json_ld.h"
#include "extractor/metadata/meta_tags.h"
#include "extractor/metadata/paywall.h"
#include "extractor/metadata/pictures.h"
#include "extractor/metadata/visible_date.h"
#include "platform/dates/dates.h"
#include "platform/dates/written_date.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::extractor::metadata {
namespace {

using dom::Tag;

constexpr std::size_t kMostTags = 50;
constexpr std::size_t kMostAlternates = 100;
constexpr std::size_t kMostFieldBytes = 4096;  // of one value of a meta tag that is read
// A day further ahead of the fetch is one of things to come: clocks and zones differ by a day.
constexpr std::int64_t kMostAheadMs = 2 * dates::kMsPerDay;
constexpr std::size_t kMostBylines = 12;  // elements that look like a byline and are read

bool holds_word(std::string_view list, std::string_view word) {
  if (list.size() < word.size()) return false;
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
  Resolver(const dom::Document& document, const PageFacts& facts)
      : document_(document),
        facts_(facts),
        meta_(document),
        json_(read_json_ld(document, facts.url)),
        claims_(facts.all_claims) {}

  Metadata read() {
    read_base();
    read_language();
    read_country();
    claims_.begin("site");
    from_metas(out_.site_name, {"og:site_name", "application-name", "al:android:app_name",
                                "apple-mobile-web-app-title"});
    from("json-ld", out_.site_name, json_.site_name);
    read_canonical();
    read_title();
    claims_.begin("description");
    from_metas(out_.description, {"og:description", "description", "twitter:description",
                                  "dc.description", "dcterms.description"});
    from("json-ld", out_.description, json_.description);
    claims_.begin("section");
    from_metas(out_.section, {"article:section", "section", "dc.subject", "parsely-section",
                              "cxenseparse:category"});
    from("json-ld", out_.section, json_.section);
    read_image();
    read_tags();
    read_dates();
    read_authors();
    read_policies();
    read_licence();
    read_alternates();
    read_page_type();
    read_sort();
    out_.article_body = json_.body;
    out_.claims = claims_.take();
    return std::move(out_);
  }

 private:
  std::string header(std::string_view name) const {
    return facts_.header ? facts_.header(name) : std::string{};
  }

  void from(std::string_view carrier, std::string& field, const std::string& value) {
    if (claims_.wants() && claims_.offer(carrier, value)) field = value;
  }
  void from_metas(std::string& field, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      if (claims_.wants()) from("meta:" + std::string(name), field, meta_.first(name));
    }
  }

  void read_base() {
    Result<url::Url> page = url::parse(facts_.url);
    if (page) base_ = std::move(*page);
    if (!document_.base.name.empty() && base_) {
      const std::string href = dom::decoded(
          dom::find_attribute(document_.base.attributes, "href").value_or(std::string_view{}),
          true);
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
    claims_.begin("declared_lang");
    for (const std::string_view name : {"lang", "xml:lang"})
      from("html " + std::string(name), out_.declared_language,
           text::collapse_spaces(dom::decoded(
               dom::find_attribute(document_.html.attributes, name).value_or(std::string_view{}),
               true)));
    from("json-ld", out_.declared_language, json_.language);
    from_metas(out_.declared_language,
               {"og:locale", "language", "content-language", "dc.language", "dcterms.language"});
    from("header content-language", out_.declared_language, header("content-language"));
    std::replace(out_.declared_language.begin(), out_.declared_language.end(), '_', '-');
    if (out_.declared_language.size() > 35) out_.declared_language.clear();  // RFC 5646 §4.4.1
  }

  // rel=canonical if it is on the same registrable domain and is not a home or list page, else the
  // final URL; normalised.
  void read_canonical() {
    const std::string own =
        base_ && base_->host ? url::normalise(*base_).value_or(facts_.url) : facts_.url;
    out_.canonical_url = canonical_link();
    const bool given = !out_.canonical_url.empty();
    claims_.note("canonical_url", "link rel=canonical", out_.canonical_url, given);
    claims_.note("canonical_url", "url", own, !given);
    if (!given) out_.canonical_url = own;
  }

  std::string canonical_link() const {
    if (!base_ || !base_->host) return {};
    for (const dom::SourceTag& link : document_.links) {
      if (!holds_word(dom::find_attribute(link.attributes, "rel").value_or(std::string_view{}),
                      "canonical"))
        continue;
      const std::string href = dom::decoded(
          dom::find_attribute(link.attributes, "href").value_or(std::string_view{}), true);
      Result<url::Url> parsed =
          url::parse(text::trim(href), document_base_ ? &*document_base_ : &*base_);
      if (!parsed || !parsed->is_http() || !parsed->host) return {};
      if (url::registrable_domain(*parsed->host) != url::registrable_domain(*base_->host))
        return {};
      if (is_home_or_list(*parsed) && !is_home_or_list(*base_)) return {};
      return url::normalise(*parsed).value_or("");
    }
    return {};
  }

  static bool is_home_or_list(const url::Url& address) {
    if (address.query && !address.query->empty()) return false;
    std::string_view path = address.path;
    while (!path.empty() && path.back() == '/') path.remove_suffix(1);
    if (path.empty()) return true;
    const std::string last = text::ascii_lower(path.substr(path.rfind('/') + 1));
    static constexpr std::array kHomes =
        std::to_array<std::string_view>({"index.html", "index.htm", "index.php", "home",
                                         "default.aspx", "news", "archive", "latest", "blog"});
    if (std::find(kHomes.begin(), kHomes.end(), last) != kHomes.end()) return true;
    // One short path part without a digit or hyphen is a section: /politics, /en.
    return path.find('/', 1) == std::string_view::npos && last.size() <= 12 &&
           last.find_first_of("-_.0123456789") == std::string::npos;
  }

  void read_title() {
    HeadlineClaims claims;
    claims.json_ld = json_.headline;
    claims.open_graph = meta_.first("og:title");
    claims.twitter = meta_.first("twitter:title");
    claims.other_meta = meta_.first_of({"headline", "dc.title", "dcterms.title", "parsely-title",
                                        "cxenseparse:title", "sailthru.title"});
    claims.page_title = page_title();
    claims.site_name = out_.site_name;
    claims.site_names = {out_.site_name, json_.site_name, meta_.first("application-name"),
                         meta_.first("al:android:app_name"),
                         meta_.first("apple-mobile-web-app-title")};
    if (base_ && base_->host) {
      const std::string domain = url::registrable_domain(*base_->host);
      claims.site_names.push_back(domain);
      claims.site_names.push_back(domain.substr(0, domain.find('.')));
    }
    const Headline chosen = choose_headline(document_, claims);
    out_.title = chosen.text;
    out_.title_carrier = chosen.carrier;
    claims_.note("title", chosen.carrier, chosen.text, true);
    for (const auto& [carrier, value] :
         {std::pair<std::string_view, const std::string&>{"json-ld", claims.json_ld},
          {"og:title", claims.open_graph},
          {"twitter:title", claims.twitter},
          {"meta", claims.other_meta},
          {"title", claims.page_title}}) {
      if (carrier != chosen.carrier) claims_.note("title", carrier, value, false);
    }
  }

  void read_image() {
    claims_.begin("image");
    for (const std::string_view name :
         {"og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src",
          "thumbnail", "image"}) {
      if (claims_.wants())
        from("meta:" + std::string(name), out_.image_url, absolute(meta_.first(name)));
    }
    if (claims_.wants()) from("json-ld", out_.image_url, absolute(json_.image_url));
    for (Picture& picture : pictures_of(document_)) {
      picture.url = absolute(picture.url);
      if (!picture.url.empty()) out_.images.push_back(std::move(picture));
    }
    if (claims_.wants() && !out_.images.empty())
      from("figure", out_.image_url, out_.images.front().url);
    if (claims_.wants()) from("img", out_.image_url, absolute(picture_of_story(document_)));
    const auto lead = std::find_if(
        out_.images.begin(), out_.images.end(),
        [&](const Picture& picture) { return same_picture(picture.url, out_.image_url); });
    claims_.begin("image_caption");
    if (lead != out_.images.end()) from("figcaption", out_.image_caption, lead->caption);
    from("json-ld", out_.image_caption, json_.image_caption);
    from_metas(out_.image_caption, {"og:image:alt", "twitter:image:alt"});
    if (lead == out_.images.end() && !out_.images.empty())
      from("figcaption", out_.image_caption, out_.images.front().caption);
    if (lead != out_.images.end()) {
      out_.image_credit = lead->credit;
    } else if (!out_.images.empty() && out_.images.front().caption == out_.image_caption) {
      out_.image_credit = out_.images.front().credit;
    }
    claims_.note("image_credit", "figure", out_.image_credit, true);
  }

  void add_tag(std::string_view carrier, std::string_view tag) {
    std::string clean = text::collapse_spaces(tag);
    if (clean.size() < 2 || clean.size() > 100 || out_.tags.size() >= kMostTags) return;
    if (clean.front() == '#') clean.erase(0, 1);
    if (std::find(out_.tags.begin(), out_.tags.end(), clean) != out_.tags.end()) return;
    claims_.note("tags", carrier, clean, true);
    out_.tags.push_back(std::move(clean));
  }

  void add_tag_list(std::string_view carrier, std::string_view list) {
    while (!list.empty()) {
      const std::size_t comma = list.find_first_of(",;|");
      add_tag(carrier, list.substr(0, comma));
      if (comma == std::string_view::npos) return;
      list.remove_prefix(comma + 1);
    }
  }

  void read_tags() {
    for (const std::string_view name : {"article:tag", "og:article:tag", "og:tag"}) {
      for (const std::string& tag : meta_.all(name)) add_tag_list(name, tag);
    }
    for (const std::string& tag : json_.keywords) add_tag("json-ld", tag);
    for (const std::string_view name :
         {"news_keywords", "parsely-tags", "sailthru.tags", "keywords"}) {
      for (const std::string& tags : meta_.all(name)) add_tag_list(name, tags);
    }
    for (std::uint32_t i = 0; i < document_.nodes.size(); ++i) {
      if (document_.nodes[i].tag != Tag::kA) continue;
      const std::optional<std::string_view> rel = document_.attribute(i, "rel");
      if (rel && holds_word(*rel, "tag")) add_tag("a rel=tag", document_.text_of(i, 200));
    }
  }

  std::optional<Date> date_of(std::string_view value, std::string_view carrier) const {
    if (value.empty()) return std::nullopt;
    std::optional<Date> found = parse_date(value, date_hints());
    if (found) found->carrier = carrier;
    return found;
  }

  DateHints date_hints() const { return {out_.declared_language, country_}; }

  // The country whose habits the page's dates follow. The United States are what content systems
  // say unless told otherwise, so any other country that is named counts more.
  void read_country() {
    const auto region_of = [](std::string_view tag) {
      const std::size_t at = tag.find_last_of("-_");
      std::string region(at == std::string_view::npos ? std::string_view{} : tag.substr(at + 1));
      if (region.size() != 2) region.clear();
      std::transform(region.begin(), region.end(), region.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      });
      return region;
    };
    for (const std::string& country :
         {base_ && base_->host ? dates::country_of_host(*base_->host) : std::string{},
          region_of(out_.declared_language), region_of(meta_.first("og:locale")), facts_.country}) {
      if (country.empty()) continue;
      if (country_.empty()) country_ = country;
      if (country == "US") continue;
      country_ = country;
      return;
    }
  }

  VisibleDates& visible() {
    if (!visible_)
      visible_.emplace(
          document_, date_hints(), out_.title,
          facts_.fetched_at_unix_ms == 0 ? 0 : facts_.fetched_at_unix_ms + kMostAheadMs);
    return *visible_;
  }

  // Meta elements that name the moment of publication, best first.
  static constexpr std::array kPublishedNames =
      std::to_array<std::string_view>({"article:published_time",
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
                                       "article.published",
                                       "published",
                                       "rnews:datepublished",
                                       "displaydate",
                                       "ptime",
                                       "bt:pubdate",
                                       "eomportal-firstpublished",
                                       "article:create_at",
                                       "last-modified-date",
                                       "created"});
  // Of anything: often the day of the template.
  static constexpr std::array kDateNames =
      std::to_array<std::string_view>({"dc.date", "dcterms.date", "date"});
  static constexpr std::array kModifiedNames = std::to_array<std::string_view>(
      {"article:modified_time", "og:updated_time", "og:article:modified_time", "article:modified",
       "datemodified", "dcterms.modified", "dc.date.modified", "lastmod", "last-modified",
       "revised", "modified_time", "updated", "dateupdate"});

  void read_dates() {
    out_.modified = read_modified();
    read_published();
    if (out_.modified && is_revision()) {
      published_ = out_.modified;
      claims_.note("published", "revision", out_.modified->text, true);
    }
    if (published_ && is_in_utc(*published_)) {
      std::optional<Date> shown = visible().beside_headline();
      if (!shown) shown = date_in_url(facts_.url);
      published_ = on_day_shown(*published_, shown, out_.modified);
    }
    out_.published = published_;
  }

  void offer_meta(std::optional<Date>& to, std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
      if (!claims_.wants()) break;
      offer(to, date_of(meta_.first(name), "meta:" + std::string(name)));
    }
  }

  // What the page's data say, in order; then what readers see beside the headline; then what stands
  // elsewhere. A change is younger than the publication, but the page's own; days elsewhere on the
  // page are of anything.
  void read_published() {
    claims_.begin("published");
    const std::optional<Date> of_data = date_of(json_.published, "json-ld");
    if (!outvoted(of_data)) offer(published_, of_data);
    offer_meta(published_, kPublishedNames);
    if (claims_.wants()) offer(published_, of_data);
    if (claims_.wants()) offer(published_, date_of_elements(true));
    if (claims_.wants()) offer(published_, visible().time_of_story());
    if (claims_.wants()) offer(published_, date_in_url(facts_.url));
    if (claims_.wants()) offer(published_, visible().near_headline());
    offer_meta(published_, kDateNames);
    if (claims_.wants()) offer(published_, visible().time_elsewhere());
    if (claims_.wants()) offer(published_, out_.modified);
    if (claims_.wants()) offer(published_, visible().anywhere());
    if (claims_.wants()) offer(published_, date_in_scripts(facts_.page, date_hints()));
  }

  // A day in JSON-LD that neither the page's meta elements nor its readers know, who agree on
  // another one: records of content systems outlive what an editor changed.
  bool outvoted(const std::optional<Date>& of_data) {
    constexpr std::size_t kDay = 10;  // bytes of YYYY-MM-DD
    if (!of_data) return false;
    const std::optional<Date> of_meta =
        date_of(meta_.first("article:published_time"), "meta:article:published_time");
    if (!of_meta || of_meta->text.substr(0, kDay) == of_data->text.substr(0, kDay)) return false;
    const std::optional<Date> shown = visible().near_headline();
    return shown && shown->text.substr(0, kDay) == of_meta->text.substr(0, kDay);
  }

  std::optional<Date> read_modified() {
    claims_.begin("modified");
    std::optional<Date> modified;
    offer(modified, date_of(json_.modified, "json-ld"));
    offer_meta(modified, kModifiedNames);
    if (claims_.wants()) offer(modified, date_of_elements(false));
    if (claims_.wants()) offer(modified, visible().modified_near_headline());
    return modified;
  }

  // One revision of a wiki's page, by MediaWiki's own parameters: what it shows was published when
  // that revision was.
  bool is_revision() const {
    return base_ && base_->query &&
           (holds_word(*base_->query, "oldid") || holds_word(*base_->query, "diff"));
  }

  static bool is_in_utc(const Date& date) {
    return !date.day_only && (date.text.ends_with('Z') || date.text.ends_with("+00:00"));
  }

  void offer(std::optional<Date>& field, const std::optional<Date>& date) {
    if (date && claims_.offer(date->carrier, date->text)) field = date;
  }

  // Microdata and hAtom of the page's own article.
  std::optional<Date> date_of_elements(bool want_published) {
    for (std::uint32_t i = 0; i < document_.nodes.size(); ++i) {
      const dom::Node& node = document_.nodes[i];
      if (node.tag == Tag::kText || node.source == dom::kNoNode) continue;
      const std::string_view attributes = document_.tags[node.source].attributes;
      if (attributes.size() < 6) continue;
      const std::string_view itemprop =
          dom::find_attribute(attributes, "itemprop").value_or(std::string_view{});
      const bool is_published = holds_word(itemprop, "datepublished") ||
                                dom::find_attribute(attributes, "pubdate").has_value();
      const bool is_modified = holds_word(itemprop, "datemodified");
      const std::string_view names =
          dom::find_attribute(attributes, "class").value_or(std::string_view{});
      const bool hatom = want_published
                             ? holds_word(names, "published") || holds_word(names, "entry-date")
                             : holds_word(names, "updated") && node.tag == Tag::kTime;
      const bool wanted = want_published ? is_published || (hatom && !is_modified)
                                         : is_modified || (hatom && !is_published);
      if (!wanted || visible().place().is_elsewhere(i)) continue;
      const bool by_property = want_published ? is_published : is_modified;
      if (std::optional<Date> found = visible().of_element(i, by_property ? "microdata" : "time"))
        return found;
    }
    return std::nullopt;
  }

  void read_authors() {
    claims_.begin("authors");
    try_authors(json_.authors, "json-ld", AuthorForm::kPerson);
    for (const std::string_view name :
         {"author", "article:author", "article:author_name", "parsely-author", "sailthru.author",
          "dc.creator", "dcterms.creator", "byl", "citation_author", "article.author",
          "cxenseparse:author", "twitter:misc:written by"}) {
      if (!claims_.wants()) return;
      std::vector<std::string> claims;
      for (const std::string& value : meta_.all(name)) {
        if (value.find("://") == std::string::npos) claims.push_back(value);
      }
      const bool cited = name == "citation_author" || name.starts_with("dc");
      try_authors(claims, "meta:" + std::string(name),
                  cited ? AuthorForm::kCited : AuthorForm::kList);
    }
    if (claims_.wants()) try_authors(bylines(true), "microdata", AuthorForm::kByline);
    if (claims_.wants()) try_authors(bylines(false), "byline", AuthorForm::kByline);
    if (!out_.authors.empty()) return;
    // No person is named: an agency or the paper itself is better than nobody, where the markup
    // says so.
    for (const std::vector<std::string>& claims :
         {json_.organisations, json_.authors, meta_.all("author"), meta_.all("article:author")}) {
      out_.authors = clean_organisations(claims);
      if (out_.authors.empty()) continue;
      out_.authors_carrier = "organisation";
      claims_.offer("organisation", joined(out_.authors));
      return;
    }
  }

  void try_authors(const std::vector<std::string>& claims, std::string carrier, AuthorForm form) {
    if (!claims_.wants() || claims.empty()) return;
    std::vector<std::string> names =
        clean_authors(claims, out_.site_name, form, out_.declared_language);
    if (!claims_.offer(carrier, joined(names))) return;
    out_.authors = std::move(names);
    out_.authors_carrier = std::move(carrier);
  }

  static std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : "; ") + name;
    return out;
  }

  // author, byline, post-author, articleAuthor, author_name, but no author-bio nor
  // authors-list-title.
  static bool names_author(std::string_view names) {
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
    return lower.find("bio") == std::string::npos && lower.find("image") == std::string::npos &&
           lower.find("avatar") == std::string::npos;
  }

  static bool begins_with_any_case(std::string_view text, std::string_view lower_case) {
    return text::ascii_iequals(text.substr(0, lower_case.size()), lower_case);
  }

  static bool is_author_page(std::string_view href) {
    static constexpr std::array kParts = std::to_array<std::string_view>(
        {"/author/", "/authors/", "/autor/", "/autoren/", "/auteur/", "/by/", "/profile/",
         "/people/", "/contributors/"});
    for (std::size_t at = href.find('/'); at != std::string_view::npos;
         at = href.find('/', at + 1)) {
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

  bool is_byline(const dom::Node& node, std::string_view attributes, bool by_markup) const {
    const auto value = [attributes](std::string_view name) {
      return dom::find_attribute(attributes, name).value_or(std::string_view{});
    };
    if (by_markup)
      return holds_word(value("itemprop"), "author") ||
             (node.tag == Tag::kA && holds_word(value("rel"), "author"));
    return names_author(value("class")) || (node.tag == Tag::kA && is_author_page(value("href")));
  }

  // Lines of elements that say they name the author: those of the story, else those elsewhere but
  // in comments and other stories.
  std::vector<std::string> bylines(bool by_markup) {
    std::vector<std::string> out;
    std::vector<std::string> outside;
    for (std::uint32_t i = 0; i < document_.nodes.size() && out.size() < kMostBylines; ++i) {
      const dom::Node& node = document_.nodes[i];
      if (node.tag == Tag::kText || node.source == dom::kNoNode) continue;
      const std::string_view attributes = document_.tags[node.source].attributes;
      if (attributes.size() < 6 || !is_byline(node, attributes, by_markup)) continue;
      const std::string line = text::collapse_spaces(document_.text_of(i, 300));
      if (line.size() < 4 || line.size() > 150 || visible().place().is_of_others(i)) continue;
      const bool elsewhere = visible().place().is_elsewhere(i);
      if (elsewhere && outside.size() < kMostBylines) outside.push_back(line);
      if (elsewhere) continue;
      out.push_back(line);
      // the first byline is the article's; later ones are of teasers
      if (!by_markup && !clean_authors({line}, out_.site_name).empty()) return {line};
    }
    if (!out.empty()) return out;
    for (const std::string& line : outside) {
      if (!clean_authors({line}, out_.site_name).empty()) return {line};
    }
    return out;
  }

  void read_policies() {
    std::string robots = text::ascii_lower(meta_.first("robots") + "," + meta_.first("googlebot") +
                                           "," + header("x-robots-tag"));
    out_.noindex = holds_word(robots, "noindex") || holds_word(robots, "none");
    out_.noarchive = holds_word(robots, "noarchive") || holds_word(robots, "nocache");
    out_.nosnippet = holds_word(robots, "nosnippet");
    out_.tdm_reserved = meta_.first("tdm-reservation") == "1" || header("tdm-reservation") == "1" ||
                        meta_.first("tdmrep") == "1";
    out_.content_signal = text::prefix(header("content-signal"), 500);
    const std::string tier =
        text::ascii_lower(meta_.first_of({"article:content_tier", "og:article:content_tier"}));
    claims_.begin("paywall");
    if (tier == "free" || tier == "metered" || tier == "locked")
      from("meta:article:content_tier", out_.paywall, tier);
    if (json_.has_access) from("json-ld", out_.paywall, json_.accessible ? "free" : "locked");
    const std::optional<bool> free =
        claims_.wants() ? free_by_microdata(document_) : std::optional<bool>{};
    if (free) from("microdata", out_.paywall, *free ? "free" : "locked");
  }

  void read_licence() {
    claims_.begin("licence");
    from("json-ld", out_.licence, json_.licence);
    for (const dom::SourceTag& link : document_.links) {
      const std::string_view rel =
          dom::find_attribute(link.attributes, "rel").value_or(std::string_view{});
      if (holds_word(rel, "license") || holds_word(rel, "copyright"))
        from("link rel=license", out_.licence,
             absolute(dom::decoded(
                 dom::find_attribute(link.attributes, "href").value_or(std::string_view{}), true)));
    }
    from_metas(out_.licence, {"dc.rights", "dcterms.license", "dcterms.rights", "dc.rights.license",
                              "copyright"});
    for (std::uint32_t i = 0; i < document_.nodes.size() && claims_.wants(); ++i) {
      if (document_.nodes[i].tag != Tag::kA) continue;
      const std::optional<std::string_view> rel = document_.attribute(i, "rel");
      if (rel && holds_word(*rel, "license"))
        from("a rel=license", out_.licence,
             absolute(dom::decoded(document_.attribute_or_empty(i, "href"), true)));
    }
    out_.licence = text::ellipsize(out_.licence, 500);
  }

  // Translations of the page: link rel=alternate with hreflang.
  void read_alternates() {
    for (const dom::SourceTag& link : document_.links) {
      const std::string_view language =
          dom::find_attribute(link.attributes, "hreflang").value_or(std::string_view{});
      if (language.empty() || language.size() > 35 || out_.alternates.size() >= kMostAlternates)
        continue;
      if (!holds_word(dom::find_attribute(link.attributes, "rel").value_or(std::string_view{}),
                      "alternate"))
        continue;
      std::string url = absolute(dom::decoded(
          dom::find_attribute(link.attributes, "href").value_or(std::string_view{}), true));
      if (!url.empty()) out_.alternates.push_back({std::string(language), std::move(url)});
    }
  }

  // article, live_blog, gallery, video, audio or listing, by what the page's data, then OpenGraph,
  // then its address say.
  void read_page_type() {
    claims_.begin("page_type");
    from("json-ld", out_.page_type, json_.page_type);
    const std::string type = text::ascii_lower(meta_.first("og:type"));
    if (type.compare(0, 5, "video") == 0) from("meta:og:type", out_.page_type, "video");
    if (type.compare(0, 5, "music") == 0) from("meta:og:type", out_.page_type, "audio");
    if (type == "article") from("meta:og:type", out_.page_type, "article");
    if (base_ && is_home_or_list(*base_)) from("url", out_.page_type, "listing");
    from("default", out_.page_type, "article");
  }

  void read_sort() {
    SortSigns& sort = out_.sort;
    sort.types = json_.types;
    sort.genres = json_.genres;
    sort.sections = json_.sections;
    sort.crumbs = json_.crumbs;
    sort.reviews_claim = json_.reviews_claim;
    for (const std::string_view name :
         {"genre", "article:genre", "prism.genre", "dc.type", "dcterms.type", "articletype",
          "article_type", "article-type", "article:type", "content-type", "contenttype",
          "page-type", "pagetype", "cxenseparse:pageclass"}) {
      for (std::string& value : meta_.all(name)) sort.genres.push_back(std::move(value));
    }
    for (const std::string_view name :
         {"article:section", "og:article:section", "section", "parsely-section",
          "cxenseparse:category", "article:section:list", "sailthru.section"}) {
      for (std::string& value : meta_.all(name)) sort.sections.push_back(std::move(value));
    }
    sort.is_opinion = text::ascii_iequals(meta_.first("article:opinion"), "true");
    for (std::string title : {json_.headline, meta_.first("og:title"), page_title()}) {
      if (!title.empty()) sort.titles.push_back(std::move(title));
    }
  }

  std::string page_title() const {
    if (document_.titles.empty()) return {};
    return text::collapse_spaces(
        dom::decoded(text::prefix(document_.titles.front(), kMostFieldBytes)));
  }

  const dom::Document& document_;
  const PageFacts& facts_;
  MetaTags meta_;
  JsonLd json_;
  Claims claims_;
  std::optional<url::Url> base_;
  std::optional<url::Url> document_base_;
  std::string country_;
  std::optional<VisibleDates> visible_;
  std::optional<Date> published_;
  Metadata out_;
};

}  // namespace

Metadata read(const dom::Document& document, const PageFacts& facts) {
  return Resolver(document, facts).read();
}

}  // namespace vigie::extractor::metadata
