#include <array>
#include <optional>

#include "extractor/metadata/rules.h"
#include "extractor/metadata/visible_date.h"

/// When a page was published and changed.
namespace vigie::extractor::metadata {
namespace {

using dom::Tag;

template <Field F>
void offer(FieldClaims<F>& to, const std::optional<Date>& date) {
  if (date) to.offer(date->carrier, date);
}

template <Field F>
void meta_date(Page& page, std::string_view name, FieldClaims<F>& to) {
  offer(to, page.date_of(page.meta().first(name), "meta:" + std::string(name)));
}

// Attributes by which an element says that it is a date.
constexpr std::uint64_t kDateBits = dom::bit_of_attribute("itemprop") |
                                    dom::bit_of_attribute("pubdate") |
                                    dom::bit_of_attribute("class");

// Microdata and hAtom of the page's own article.
std::optional<Date> date_of_elements(Page& page, bool want_published) {
  const dom::Document& document = page.document();
  for (std::uint32_t i = 0; i < document.nodes.size(); ++i) {
    const dom::Node& node = document.nodes[i];
    if (node.tag == Tag::kText || node.source == dom::kNoNode) continue;
    const dom::SourceTag& tag = document.tags[node.source];
    if (!tag.may_have(kDateBits)) continue;
    const std::string_view itemprop =
        dom::find_attribute(tag, "itemprop").value_or(std::string_view{});
    const bool is_published =
        holds_word(itemprop, "datepublished") || dom::find_attribute(tag, "pubdate").has_value();
    const bool is_modified = holds_word(itemprop, "datemodified");
    const std::string_view names = dom::find_attribute(tag, "class").value_or(std::string_view{});
    const bool hatom = want_published
                           ? holds_word(names, "published") || holds_word(names, "entry-date")
                           : holds_word(names, "updated") && node.tag == Tag::kTime;
    const bool wanted = want_published ? is_published || (hatom && !is_modified)
                                       : is_modified || (hatom && !is_published);
    if (!wanted || page.visible().place().is_elsewhere(i)) continue;
    const bool by_property = want_published ? is_published : is_modified;
    if (std::optional<Date> found =
            page.visible().of_element(i, by_property ? "microdata" : "time"))
      return found;
  }
  return std::nullopt;
}

// A day in JSON-LD that neither the page's meta elements nor its readers know, who agree on
// another one: records of content systems outlive what an editor changed.
bool outvoted(Page& page, const std::optional<Date>& of_data) {
  constexpr std::size_t kDay = 10;  // bytes of YYYY-MM-DD
  if (!of_data) return false;
  const std::optional<Date> of_meta =
      page.date_of(page.meta().first("article:published_time"), "meta:article:published_time");
  if (!of_meta || of_meta->text.substr(0, kDay) == of_data->text.substr(0, kDay)) return false;
  const std::optional<Date> shown = page.visible().near_headline();
  return shown && shown->text.substr(0, kDay) == of_meta->text.substr(0, kDay);
}

// One revision of a wiki's page, by MediaWiki's own parameters: what it shows was published when
// that revision was.
bool is_revision(const Page& page) {
  return page.url() && page.url()->query &&
         (holds_word(*page.url()->query, "oldid") || holds_word(*page.url()->query, "diff"));
}

bool is_in_utc(const Date& date) {
  return !date.day_only && (date.text.ends_with('Z') || date.text.ends_with("+00:00"));
}

using Published = FieldClaims<Field::kPublished>;
using Modified = FieldClaims<Field::kModified>;

std::optional<Date> published_of_data(Page& page) {
  return page.date_of(page.json().published, "json-ld");
}

void trusted_data(Page& page, std::string_view, Published& to) {
  const std::optional<Date> of_data = published_of_data(page);
  if (!outvoted(page, of_data)) offer(to, of_data);
}
void data(Page& page, std::string_view, Published& to) { offer(to, published_of_data(page)); }
void elements(Page& page, std::string_view, Published& to) {
  offer(to, date_of_elements(page, true));
}
void time_of_story(Page& page, std::string_view, Published& to) {
  offer(to, page.visible().time_of_story());
}
void address(Page& page, std::string_view, Published& to) {
  offer(to, date_in_url(page.facts().url));
}
void near_headline(Page& page, std::string_view, Published& to) {
  offer(to, page.visible().near_headline());
}
void time_elsewhere(Page& page, std::string_view, Published& to) {
  offer(to, page.visible().time_elsewhere());
}
void change(Page& page, std::string_view, Published& to) { offer(to, page.so_far.modified); }
void anywhere(Page& page, std::string_view, Published& to) { offer(to, page.visible().anywhere()); }
void scripts(Page& page, std::string_view, Published& to) {
  offer(to, date_in_scripts(page.facts().page, page.date_hints()));
}

void modified_data(Page& page, std::string_view, Modified& to) {
  offer(to, page.date_of(page.json().modified, "json-ld"));
}
void modified_elements(Page& page, std::string_view, Modified& to) {
  offer(to, date_of_elements(page, false));
}
void modified_near_headline(Page& page, std::string_view, Modified& to) {
  offer(to, page.visible().modified_near_headline());
}

// One revision of a wiki was published when that revision was; an instant of UTC on another day
// than the one that is shown gives that day.
std::optional<Date> as_shown(std::optional<Date> published, Page& page) {
  const std::optional<Date>& modified = page.so_far.modified;
  if (modified && is_revision(page)) {
    published = modified;
    page.claims.note(Field::kPublished, "revision", modified->text, true);
  }
  if (!published || !is_in_utc(*published)) return published;
  std::optional<Date> day = page.visible().beside_headline();
  if (!day) day = date_in_url(page.facts().url);
  return on_day_shown(*published, day, modified);
}

// What the page's data say, in order; then what readers see beside the headline; then what stands
// elsewhere. A change is younger than the publication, but the page's own; days elsewhere on the
// page are of anything, and so is dc.date, which is often the day of the template.
constexpr std::array kPublishedCarriers = std::to_array<Carrier<Field::kPublished>>(
    {{"json-ld", trusted_data},
     {"article:published_time", meta_date<Field::kPublished>},
     {"og:article:published_time", meta_date<Field::kPublished>},
     {"article:published", meta_date<Field::kPublished>},
     {"og:published_time", meta_date<Field::kPublished>},
     {"datepublished", meta_date<Field::kPublished>},
     {"parsely-pub-date", meta_date<Field::kPublished>},
     {"sailthru.date", meta_date<Field::kPublished>},
     {"cxenseparse:recs:publishtime", meta_date<Field::kPublished>},
     {"publishdate", meta_date<Field::kPublished>},
     {"publish-date", meta_date<Field::kPublished>},
     {"publish_date", meta_date<Field::kPublished>},
     {"pubdate", meta_date<Field::kPublished>},
     {"publication_date", meta_date<Field::kPublished>},
     {"published_time", meta_date<Field::kPublished>},
     {"date.published", meta_date<Field::kPublished>},
     {"originalpublicationdate", meta_date<Field::kPublished>},
     {"article_date_original", meta_date<Field::kPublished>},
     {"dc.date.issued", meta_date<Field::kPublished>},
     {"dcterms.issued", meta_date<Field::kPublished>},
     {"dcterms.created", meta_date<Field::kPublished>},
     {"dc.date.created", meta_date<Field::kPublished>},
     {"citation_publication_date", meta_date<Field::kPublished>},
     {"citation_date", meta_date<Field::kPublished>},
     {"datecreated", meta_date<Field::kPublished>},
     {"article.published", meta_date<Field::kPublished>},
     {"published", meta_date<Field::kPublished>},
     {"rnews:datepublished", meta_date<Field::kPublished>},
     {"displaydate", meta_date<Field::kPublished>},
     {"ptime", meta_date<Field::kPublished>},
     {"bt:pubdate", meta_date<Field::kPublished>},
     {"eomportal-firstpublished", meta_date<Field::kPublished>},
     {"article:create_at", meta_date<Field::kPublished>},
     {"last-modified-date", meta_date<Field::kPublished>},
     {"created", meta_date<Field::kPublished>},
     {"json-ld", data},
     {"microdata", elements},
     {"time", time_of_story},
     {"url", address},
     {"text", near_headline},
     {"dc.date", meta_date<Field::kPublished>},
     {"dcterms.date", meta_date<Field::kPublished>},
     {"date", meta_date<Field::kPublished>},
     {"time:page", time_elsewhere},
     {"modified", change},
     {"text", anywhere},
     {"script", scripts}});

constexpr std::array kModifiedCarriers = std::to_array<Carrier<Field::kModified>>(
    {{"json-ld", modified_data},
     {"article:modified_time", meta_date<Field::kModified>},
     {"og:updated_time", meta_date<Field::kModified>},
     {"og:article:modified_time", meta_date<Field::kModified>},
     {"article:modified", meta_date<Field::kModified>},
     {"datemodified", meta_date<Field::kModified>},
     {"dcterms.modified", meta_date<Field::kModified>},
     {"dc.date.modified", meta_date<Field::kModified>},
     {"lastmod", meta_date<Field::kModified>},
     {"last-modified", meta_date<Field::kModified>},
     {"revised", meta_date<Field::kModified>},
     {"modified_time", meta_date<Field::kModified>},
     {"updated", meta_date<Field::kModified>},
     {"dateupdate", meta_date<Field::kModified>},
     {"microdata", modified_elements},
     {"text", modified_near_headline}});

}  // namespace

const FieldRule<Field::kPublished> kPublished{kPublishedCarriers, as_shown};
const FieldRule<Field::kModified> kModified{kModifiedCarriers};

}  // namespace vigie::extractor::metadata
