#include "extractor/genre/genre.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "extractor/genre/neighbourhood.h"
#include "extractor/genre/words.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::extractor::genre {
namespace {

constexpr std::size_t kMostEvidence = 100;  // bytes
constexpr std::size_t kMostMark = 60;       // bytes of a label in a headline
constexpr std::size_t kMostHead = 500;      // bytes of the text that a wire's mark stands in
constexpr std::size_t kMostFoot = 800;      // bytes of the text that a disclaimer stands in
constexpr std::size_t kMostValues = 64;     // of a kind of sign that are looked at
constexpr std::size_t kLabelsBeneath = 3;   // lines beneath the headline that may be its label
constexpr std::size_t kMostParts = 40;      // of a URL that are looked at

constexpr std::string_view kNews = "news";
constexpr std::string_view kListing = "listing";
constexpr std::string_view kAnalysis = "analysis";

/// A genre, and what of the page says so.
struct Found {
  std::string genre;
  std::string evidence;
};
using Finding = std::optional<Found>;

struct Type {
  std::string_view type;
  std::string_view genre;
};
// schema.org, types under Article; those that say more than that it is one.
constexpr std::array kTypes = std::to_array<Type>({{"OpinionNewsArticle", "opinion"},
                                                   {"SatiricalArticle", "opinion"},
                                                   {"ReviewNewsArticle", "opinion"},
                                                   {"CriticReview", "opinion"},
                                                   {"AnalysisNewsArticle", "analysis"},
                                                   {"BackgroundNewsArticle", "analysis"},
                                                   {"LiveBlogPosting", "live"},
                                                   {"AdvertiserContentArticle", "press-release"},
                                                   {"ReportageNewsArticle", "news"}});

struct Kind {
  std::string_view kind;
  std::string_view genre;
};
// What sources of a kind publish unless they say otherwise.
constexpr std::array kKinds = std::to_array<Kind>({{"company", "press-release"},
                                                   {"lab", "press-release"},
                                                   {"official", "press-release"},
                                                   {"think_tank", "analysis"},
                                                   {"fact_check", "fact-check"}});

/// The signs of one page, each made when a rule asks for it first.
class Page {
 public:
  Page(const dom::Document& document, const metadata::Metadata& found, const GenreFacts& facts)
      : document_(&document), found_(found), facts_(facts) {}

  const metadata::Metadata& found() const { return found_; }
  const GenreFacts& facts() const { return facts_; }
  const Neighbourhood& near() {
    if (!near_) near_.emplace(*document_, found_.title);
    return *near_;
  }
  const std::vector<Line>& kickers() {
    if (!kickers_) kickers_ = near().kickers();
    return *kickers_;
  }
  /// Parts of the URL's path, lower case, decoded; the last one without its extension.
  const std::vector<std::string>& path() {
    if (!path_) path_ = parts_of(facts_.url);
    return *path_;
  }

 private:
  static int hex_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  static std::string decoded(std::string_view part) {
    std::string out;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const bool escape = part[i] == '%' && i + 2 < part.size() && hex_of(part[i + 1]) >= 0 &&
                          hex_of(part[i + 2]) >= 0;
      out += escape ? static_cast<char>(hex_of(part[i + 1]) * 16 + hex_of(part[i + 2])) : part[i];
      if (escape) i += 2;
    }
    return text::to_valid_utf8(out);
  }

  static std::vector<std::string> parts_of(std::string_view address) {
    std::vector<std::string> out;
    const Result<url::Url> parsed = url::parse(address);
    if (!parsed) return out;
    std::string_view rest = parsed->path;
    while (!rest.empty() && out.size() < kMostParts) {
      const std::size_t slash = std::min(rest.find('/'), rest.size());
      std::string_view part = rest.substr(0, slash);
      rest.remove_prefix(std::min(slash + 1, rest.size()));
      if (rest.empty() && part.rfind('.') != std::string_view::npos && part.rfind('.') > 0)
        part = part.substr(0, part.rfind('.'));
      if (!part.empty()) out.push_back(text::ascii_lower(decoded(part)));
    }
    return out;
  }

  const dom::Document* document_;
  const metadata::Metadata& found_;
  const GenreFacts& facts_;
  std::optional<Neighbourhood> near_;
  std::optional<std::vector<Line>> kickers_;
  std::optional<std::vector<std::string>> path_;
};

Finding found(const Named* named, std::string_view evidence) {
  if (named == nullptr || named->genre == kNews) return std::nullopt;
  return Found{std::string(named->genre), std::string(evidence)};
}

const Words& words() { return Words::shipped(); }

// ---- signs in data

Finding of_types(Page& page) {
  const metadata::SortSigns& sort = page.found().sort;
  for (const std::string& type : sort.types) {
    for (const Type& known : kTypes)
      if (known.type == type) return Found{std::string(known.genre), type};
  }
  if (sort.reviews_claim) return Found{"fact-check", "ClaimReview"};
  if (page.found().page_type == "live_blog") return Found{"live", "LiveBlogPosting"};
  return std::nullopt;
}

Finding of_opinion_tag(Page& page) {
  if (!page.found().sort.is_opinion) return std::nullopt;
  return Found{"opinion", "article:opinion"};
}

// A value that is a label, or whose parts are: "Opinion/Columns", "News, Opinion", "Opinion >
// Letters".
Finding of_values(const std::vector<std::string>& values, std::initializer_list<Use> uses) {
  for (std::size_t i = 0; i < std::min(values.size(), kMostValues); ++i) {
    if (Finding whole = found(words().whole(normalised(values[i]), uses), values[i])) return whole;
    std::string_view rest = values[i];
    while (!rest.empty()) {
      const std::size_t cut = std::min(rest.find_first_of("/,;>|:"), rest.size());
      const std::string_view part = text::trim(rest.substr(0, cut));
      rest.remove_prefix(std::min(cut + 1, rest.size()));
      if (Finding one = found(words().whole(normalised(part), uses), part)) return one;
    }
  }
  return std::nullopt;
}

Finding of_genres(Page& page) {
  return of_values(page.found().sort.genres, {Use::kLabel, Use::kKicker});
}

Finding of_sections(Page& page) {
  return of_values(page.found().sort.sections, {Use::kLabel, Use::kSection});
}

// Tags name subjects; one that is the name of a genre and nothing else is said of the text.
Finding of_tags(Page& page) {
  const std::vector<std::string>& tags = page.found().tags;
  for (std::size_t i = 0; i < std::min(tags.size(), kMostValues); ++i) {
    if (Finding one = found(words().whole(normalised(tags[i]), {Use::kTag}), tags[i])) return one;
  }
  return std::nullopt;
}

Finding of_feed(Page& page) {
  const auto categories = page.facts().feed_categories;
  return of_values({categories.begin(), categories.end()}, {Use::kLabel});
}

// ---- signs that readers see

struct Mark {
  std::string_view sign;
  bool needs_space;  // behind it
};
// What parts a label from the headline behind it.
constexpr std::array kMarks = std::to_array<Mark>({{":", false},
                                                   {"：", false},
                                                   {"|", false},
                                                   {"｜", false},
                                                   {"丨", false},
                                                   {" - ", false},
                                                   {" – ", false},
                                                   {" — ", false},
                                                   {"/", true},
                                                   {"／", false},
                                                   {".", true},
                                                   {"•", false},
                                                   {"】", false},
                                                   {"）", false},
                                                   {"]", false},
                                                   {"〕", false},
                                                   {"」", false},
                                                   {"》", false},
                                                   {")", false}});

/// The beginning of a headline up to its first mark; empty if it has none within kMostMark.
std::string_view label_of(std::string_view title) {
  std::size_t first = std::string_view::npos;
  for (const Mark& mark : kMarks) {
    const std::size_t at = title.find(mark.sign, 1);
    if (at == std::string_view::npos || at >= first) continue;
    const std::size_t behind = at + mark.sign.size();
    if (mark.needs_space && (behind >= title.size() || title[behind] != ' ')) continue;
    first = at;
  }
  return first <= kMostMark ? title.substr(0, first) : std::string_view{};
}

// "Kolumne „Heimes Heizung“": what stands in front of the name of a series.
std::string_view without_series(std::string_view label) {
  std::size_t cut = label.size();
  for (const std::string_view mark : {"„", "“", "«", "\"", "»", "‘"})
    cut = std::min(cut, label.find(mark));
  return label.substr(0, cut);
}

Finding of_headline(const std::string& title) {
  const std::string_view label = label_of(title);
  for (const std::string_view part : {label, without_series(label)}) {
    if (part.empty()) continue;
    if (Finding one = found(words().whole(normalised(part), {Use::kLabel, Use::kKicker}), part))
      return one;
  }
  const std::string whole = normalised(title);
  for (const Named* named :
       {words().beginning(whole, Use::kOpening), words().ending(whole, Use::kEnding),
        words().within(whole, Use::kWithin)}) {
    if (Finding one = found(named, named == nullptr ? std::string_view{} : named->phrase))
      return one;
  }
  return std::nullopt;
}

// "Why … | Opinion | The Paper": a part of the page's title behind the headline. The name of the
// site is none, and may hold such signs itself.
Finding of_title_parts(std::string title, const std::string& site) {
  const std::size_t named = site.empty() ? std::string::npos : title.rfind(site);
  if (named != std::string::npos) title.erase(named, site.size());
  static constexpr std::array kSigns =
      std::to_array<std::string_view>({" | ", " - ", " – ", " — ", "_", "｜", " · ", " > "});
  std::string_view rest = title;
  bool is_first = true;
  while (!rest.empty()) {
    std::size_t cut = rest.size();
    std::size_t width = 0;
    for (const std::string_view sign : kSigns) {
      const std::size_t at = rest.find(sign);
      if (at < cut) cut = at, width = sign.size();
    }
    const std::string_view part = rest.substr(0, cut);
    rest.remove_prefix(std::min(cut + width, rest.size()));
    if (!is_first && part.size() <= kMostMark) {
      if (Finding one = found(words().whole(normalised(part), {Use::kLabel}), part)) return one;
    }
    is_first = false;
  }
  return std::nullopt;
}

// The title without a last part that is the name of the host: "… | Sigma Live" of sigmalive.com.
std::string without_host(const std::string& title, std::string_view address) {
  std::size_t cut = std::string::npos;
  std::size_t behind = 0;
  // each begins with a space
  for (std::size_t at = title.rfind(' '); at != std::string::npos && cut == std::string::npos;
       at = at == 0 ? std::string::npos : title.rfind(' ', at - 1)) {
    for (const std::string_view mark : {" | ", " - ", " – ", " — ", " :: ", " » "}) {
      if (!std::string_view(title).substr(at).starts_with(mark)) continue;
      cut = at;
      behind = at + mark.size();
    }
  }
  if (cut == std::string::npos) return title;
  std::string name;
  for (const char c : text::ascii_lower(std::string_view(title).substr(behind)))
    if (c != ' ' && c != '-' && c != '\'' && c != '.') name += c;
  const Result<url::Url> parsed = url::parse(address);
  constexpr std::size_t kLeastName = 4;
  const bool is_host = parsed && parsed->host && name.size() >= kLeastName &&
                       parsed->host->find(name) != std::string::npos;
  return is_host ? title.substr(0, cut) : title;
}

Finding of_headlines(Page& page) {
  if (Finding one = of_headline(page.near().heading())) return one;
  for (const std::string& written : page.found().sort.titles) {
    const std::string title = without_host(written, page.facts().url);
    if (title == page.near().heading()) continue;
    if (Finding one = of_headline(title)) return one;
    if (Finding one = of_title_parts(title, page.found().site_name)) return one;
  }
  if (page.found().title == page.near().heading()) return std::nullopt;
  return of_headline(page.found().title);
}

// "Cold Sea review – a quiet record", of what stands among the arts. Elsewhere a review is one of
// budgets, laws and telephones.
Finding of_review(Page& page) {
  Finding among_arts = of_values(page.found().sort.sections, {Use::kArts});
  if (!among_arts) among_arts = of_values(page.found().tags, {Use::kArts});
  for (std::size_t i = 0; i < page.path().size() && !among_arts; ++i)
    among_arts = found(words().whole(normalised(page.path()[i]), {Use::kArts}), page.path()[i]);
  if (!among_arts) return std::nullopt;
  std::vector<std::string> titles = page.found().sort.titles;
  titles.push_back(page.near().heading());
  for (const std::string& title : titles) {
    const std::string whole = folded(title);
    const Named* const named = words().within(whole, Use::kReview);
    if (named == nullptr) continue;
    // "preview" is none
    const std::size_t at = whole.find(folded(named->phrase));
    if (at == std::string::npos || at == 0 || whole[at - 1] != ' ') continue;
    return found(named, title);
  }
  return std::nullopt;
}

// Of several that name different genres none is believed: it is a menu.
Finding of_kickers(Page& page) {
  Finding best;
  const std::string site = normalised(page.found().site_name);
  for (const Line& line : page.kickers()) {
    const std::string whole = normalised(line.text);
    if (whole.empty() || whole == site) continue;
    const Named* named = words().whole(whole, {Use::kLabel, Use::kKicker, Use::kSection});
    if (named == nullptr) named = words().beginning(whole, Use::kByline);
    Finding one = found(named, line.text);
    if (const std::string_view label = label_of(line.text); !one && !label.empty())
      one = found(words().whole(normalised(label), {Use::kLabel, Use::kKicker}), label);
    if (!one || !page.near().is_label(line)) continue;
    if (best && best->genre != one->genre) return std::nullopt;
    if (!best) best = std::move(one);
  }
  return best;
}

// The innermost of the path.
Finding of_crumbs(Page& page) {
  for (const std::vector<std::string>& crumbs : {page.near().crumbs(), page.found().sort.crumbs}) {
    for (std::size_t i = std::min(crumbs.size(), kMostValues); i > 0; --i) {
      const std::string& crumb = crumbs[i - 1];
      if (Finding one =
              found(words().whole(normalised(crumb), {Use::kLabel, Use::kSection}), crumb))
        return one;
    }
  }
  return std::nullopt;
}

// "editorial-staff-to-strike" is made of a headline that begins so, which was read already.
bool headline_begins_with(Page& page, std::string_view phrase) {
  std::string words_of = folded(phrase);
  std::replace(words_of.begin(), words_of.end(), '-', ' ');
  std::vector<std::string> titles = page.found().sort.titles;
  titles.push_back(page.near().heading());
  return std::any_of(titles.begin(), titles.end(), [&](const std::string& title) {
    return normalised(title).starts_with(words_of);
  });
}

Finding of_url(Page& page) {
  const std::vector<std::string>& path = page.path();
  for (std::size_t i = path.size(); i > 0; --i) {
    const std::string& part = path[i - 1];
    const Named* named = words().whole(normalised(part), {Use::kPath});
    if (named != nullptr && named->genre != kListing) {
      if (Finding one = found(named, "/" + part + "/")) return one;
    }
    std::string slug = normalised(part);
    if (const Named* begins = words().beginning(slug, Use::kSlug)) {
      const bool is_part =
          slug.size() > begins->phrase.size() && slug[begins->phrase.size()] == '-';
      if (is_part && !headline_begins_with(page, begins->phrase))
        return found(begins, begins->phrase);
    }
  }
  return std::nullopt;
}

Finding of_authors(Page& page) {
  for (const std::string& author : page.found().authors) {
    if (Finding one = found(words().whole(normalised(author), {Use::kAuthor}), author)) return one;
  }
  return std::nullopt;
}

// "Ein Kommentar von …": a line by itself beneath the headline, or at an end of the text.
Finding of_lines(Page& page) {
  const auto of_line = [](std::string_view line) -> Finding {
    const std::string whole = normalised(line);
    if (whole.starts_with("by ")) {
      if (const Named* author = words().whole(std::string_view(whole).substr(3), {Use::kAuthor}))
        return found(author, line);
    }
    return found(words().beginning(whole, Use::kByline), line);
  };
  const std::vector<Line> lines = page.near().lines();
  for (const Line& line : lines) {
    Finding one = of_line(line.text);
    if (one && page.near().is_of_story(line)) return one;
  }
  // a label that stands beneath the headline instead of above it
  for (std::size_t i = 0; i < std::min(lines.size(), kLabelsBeneath); ++i) {
    if (lines[i].text.size() > kMostMark) break;  // the text begins
    Finding one = found(words().whole(normalised(lines[i].text), {Use::kLabel}), lines[i].text);
    // "Background" begins a text
    if (one && one->genre != kAnalysis && page.near().is_label(lines[i])) return one;
  }
  const auto paragraphs = page.facts().paragraphs;
  for (std::size_t i = 0; i < paragraphs.size(); ++i) {
    if (i >= 2 && i + 2 < paragraphs.size()) continue;
    if (paragraphs[i].size() > 2 * kMostMark) continue;
    if (Finding one = of_line(paragraphs[i])) return one;
  }
  return std::nullopt;
}

// A disclaimer, in a sentence that is not about what readers write.
Finding of_foot(std::string_view foot) {
  while (!foot.empty()) {
    const std::size_t end = std::min(foot.find(". "), foot.find('\n'));
    const std::string sentence = folded(std::string(foot.substr(0, end)));
    foot.remove_prefix(end == std::string_view::npos ? foot.size() : end + 1);
    const Named* const named = words().within(sentence, Use::kFoot);
    if (named != nullptr && words().within(sentence, Use::kReaders) == nullptr)
      return found(named, named->phrase);
  }
  return std::nullopt;
}

Finding of_text(Page& page) {
  std::string head;
  for (const std::string& paragraph : page.facts().paragraphs) {
    if (head.size() >= kMostHead) break;
    head += text::prefix(paragraph, kMostHead);
    head += '\n';
  }
  if (const Named* named = words().within(folded(head), Use::kHead))
    return found(named, named->phrase);
  std::string foot;
  const auto paragraphs = page.facts().paragraphs;
  for (std::size_t i = paragraphs.size(); i > 0 && foot.size() < kMostFoot; --i)
    foot.append(text::prefix(paragraphs[i - 1], kMostFoot / 2)).append("\n");
  for (const std::string& line : page.near().feet()) {
    // mostly the last paragraphs once more
    if (foot.find(line) == std::string::npos) foot.append(line).append("\n");
  }
  if (Finding one = of_foot(foot); one || paragraphs.empty()) return one;
  for (const Line& line : page.near().behind(paragraphs.back())) {
    Finding one = of_foot(line.text);
    if (one && page.near().is_of_story(line)) return one;
  }
  return std::nullopt;
}

// "Suhrkamp, Berlin 2023. 170 Seiten, 18 EUR. ISBN 978…": what a review says of its book. Who
// sells books or writes them says it, too.
Finding of_book(Page& page) {
  for (const Kind& known : kKinds)
    if (known.kind == page.facts().source_kind) return std::nullopt;
  const std::string record = page.near().book_record();
  const std::string whole = folded(record);
  std::size_t at = 0;
  while ((at = whole.find_first_of("0123456789", at)) != std::string::npos) {
    at = std::min(whole.find_first_not_of("0123456789", at), whole.size());
    const std::size_t unit = std::min(whole.find_first_not_of(' ', at), whole.size());
    if (const Named* named = words().beginning(std::string_view(whole).substr(unit), Use::kPages))
      return found(named, record);
  }
  return std::nullopt;
}

// ---- what the page is, and who publishes it

Finding of_list_type(Page& page) {
  if (page.found().page_type != kListing) return std::nullopt;
  return Found{std::string(kListing), std::string(kListing)};
}

// A front page of a subject, an author, an archive: by its URL, unless data say that it is an
// article.
Finding of_list_url(Page& page) {
  const metadata::SortSigns& sort = page.found().sort;
  if (!sort.types.empty() || page.found().published) return std::nullopt;
  const std::vector<std::string>& path = page.path();
  constexpr std::size_t kMostBehind = 3;   // parts of the path: a name, "page", its number
  constexpr std::size_t kMostHyphens = 4;  // of a name; more are a headline's
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const Named* named = words().whole(normalised(path[i]), {Use::kPath});
    if (named == nullptr || named->genre != kListing || path.size() - i - 1 > kMostBehind) continue;
    const auto hyphens = std::count(path.back().begin(), path.back().end(), '-');
    if (hyphens <= static_cast<std::ptrdiff_t>(kMostHyphens))
      return Found{std::string(kListing), "/" + path[i] + "/"};
  }
  return std::nullopt;
}

Finding of_source(Page& page) {
  for (const Kind& known : kKinds) {
    if (known.kind == page.facts().source_kind)
      return Found{std::string(known.genre), std::string(known.kind)};
  }
  return std::nullopt;
}

Finding of_news_kicker(Page& page) {
  for (const Line& line : page.kickers()) {
    const Named* named = words().whole(normalised(line.text), {Use::kKicker});
    if (named != nullptr && named->genre == kNews && page.near().is_label(line))
      return Found{std::string(kNews), line.text};
  }
  return std::nullopt;
}

Finding of_news_type(Page& page) {
  for (const std::string& type : page.found().sort.types) {
    if (type == "NewsArticle") return Found{std::string(kNews), type};
  }
  return std::nullopt;
}

struct Rule {
  std::string_view carrier;
  Finding (*find)(Page& page);
};
// What names a genre, the strongest first.
constexpr std::array kRules = std::to_array<Rule>({{"json-ld", of_types},
                                                   {"meta", of_opinion_tag},
                                                   {"meta", of_genres},
                                                   {"page_type", of_list_type},
                                                   {"url", of_list_url},
                                                   {"headline", of_headlines},
                                                   {"headline", of_review},
                                                   {"kicker", of_kickers},
                                                   {"section", of_sections},
                                                   {"breadcrumb", of_crumbs},
                                                   {"url", of_url},
                                                   {"author", of_authors},
                                                   {"byline", of_lines},
                                                   {"text", of_text},
                                                   {"text", of_book},
                                                   {"tag", of_tags},
                                                   {"feed", of_feed},
                                                   {"source", of_source},
                                                   {"kicker", of_news_kicker},
                                                   {"json-ld", of_news_type}});

Genre as_genre(std::string_view carrier, Found&& one) {
  const std::string line = text::collapse_spaces(one.evidence);
  return {std::move(one.genre), std::string(carrier),
          std::string(text::prefix(line, kMostEvidence))};
}

}  // namespace

Genre genre_of(const dom::Document& document, const metadata::Metadata& found,
               const GenreFacts& facts) {
  Page page(document, found, facts);
  for (const Rule& rule : kRules) {
    if (Finding one = rule.find(page)) return as_genre(rule.carrier, std::move(*one));
  }
  return {std::string(kNews), "default", {}};
}

Genre genre_of_item(std::string_view title, const GenreFacts& facts) {
  static const dom::Document kNothing = dom::parse("<body></body>");
  metadata::Metadata found;
  found.sort.titles = {std::string(title)};
  return genre_of(kNothing, found, facts);
}

}  // namespace vigie::extractor::genre
