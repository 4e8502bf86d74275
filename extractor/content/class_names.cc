#include "extractor/content/class_names.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace vigie::extractor::content {
namespace {

struct Pattern {
  // found anywhere; a leading or trailing '-' asks for the edge of a word there
  std::string_view words;
  std::uint32_t hint;
};

// Names of the field, not of sites: the content systems (WordPress, Drupal, Arc, Brightspot …) and
// the habits of people who write style sheets.
constexpr std::array kPatterns = std::to_array<Pattern>({
    {"-articlebody", kArticleBody},
    {"-article-body", kArticleBody},
    {"-article-text", kArticleBody},
    {"-articletext", kArticleBody},
    {"-article-content", kArticleBody},
    {"-articlecontent", kArticleBody},
    {"-article-main", kArticleBody},
    {"-story-body", kArticleBody},
    {"-storybody", kArticleBody},
    {"-story-content", kArticleBody},
    {"-story-text", kArticleBody},
    {"-storytext", kArticleBody},
    {"-entry-content", kArticleBody},
    {"-post-content", kArticleBody},
    {"-post-body", kArticleBody},
    {"-postcontent", kArticleBody},
    {"-body-content", kArticleBody},
    {"-content-body", kArticleBody},
    {"-body-text", kArticleBody},
    {"-bodytext", kArticleBody},
    {"-rich-text", kArticleBody},
    {"-richtext", kArticleBody},
    {"-news-text", kArticleBody},
    {"-newstext", kArticleBody},
    {"-text-body", kArticleBody},
    {"-single-content", kArticleBody},
    {"-wysiwyg-", kArticleBody},
    {"-article-copy", kArticleBody},
    {"-field-name-body-", kArticleBody},
    {"-artikel-", kArticle},
    {"-beitrag-", kArticle},
    {"-article-", kArticle},
    {"-story-", kArticle},
    {"-post-", kArticle},
    {"-content-", kArticle},
    {"-main-", kArticle},
    {"-entry-", kArticle},
    {"-hentry-", kArticle},
    {"-blog-", kArticle},
    {"-text-", kArticle},
    {"-body-", kArticle},
    {"-news-", kArticle},
    {"-share", kNotContent},
    {"-sharing", kNotContent},
    {"-social", kNotContent},
    {"addthis", kNotContent},
    {"-addtoany", kNotContent},
    {"-related", kNotContent},
    {"recommend", kNotContent},
    {"-sidebar", kNotContent},
    {"sidebar-", kNotContent},
    {"-side-", kNotContent},
    {"-footer", kNotContent},
    {"-foot-", kNotContent},
    {"-nav-", kNotContent},
    {"-navi", kNotContent},
    {"navbar", kNotContent},
    {"-menu", kNotContent},
    {"-breadcrumb", kNotContent},
    {"-crumb", kNotContent},
    {"-promo", kNotContent},
    {"-newsletter", kNotContent},
    {"-subscri", kNotContent},
    {"-cookie", kNotContent},
    {"-consent", kNotContent},
    {"-gdpr", kNotContent},
    {"-ad-", kNotContent | kAdvertisement},
    {"-ads-", kNotContent | kAdvertisement},
    {"-advert", kNotContent | kAdvertisement},
    {"-adbox", kNotContent | kAdvertisement},
    {"-banner", kNotContent},
    {"-sponsor", kNotContent},
    {"-popup", kNotContent},
    {"-modal", kNotContent},
    {"-overlay", kNotContent},
    {"-tags-", kNotContent},
    {"-taglist", kNotContent},
    {"-tag-list", kNotContent},
    {"-tagcloud", kNotContent},
    {"-keywords-", kNotContent},
    {"-author", kNotContent},
    {"-byline", kNotContent},
    {"-bio-", kNotContent},
    {"-dateline", kNotContent},
    {"-timestamp", kNotContent},
    {"-post-meta", kNotContent},
    {"-entry-meta", kNotContent},
    {"-article-meta", kNotContent},
    {"-meta-", kNotContent},
    {"-metadata", kNotContent},
    {"-copyright", kNotContent},
    {"-widget", kNotContent},
    {"-outbrain", kNotContent},
    {"-taboola", kNotContent},
    {"-toolbar", kNotContent},
    {"-pagination", kNotContent},
    {"-pager-", kNotContent},
    {"-rating", kNotContent},
    {"-login", kNotContent},
    {"-signup", kNotContent},
    {"-sign-up", kNotContent},
    {"-skip-", kNotContent},
    {"-print-", kNotContent},
    {"-trending", kNotContent},
    {"-popular", kNotContent},
    {"-most-", kNotContent},
    {"-readmore", kNotContent},
    {"-read-more", kNotContent},
    {"-more-", kNotContent},
    {"-latest", kNotContent},
    {"-teaser", kNotContent | kTeaser},
    {"-also-", kNotContent},
    {"-donat", kNotContent},
    {"-tooltip", kNotContent},
    {"-disclaimer", kNotContent},
    {"-twitter-tweet", kNotContent | kPost},
    {"-twitter-video", kNotContent | kPost},
    {"-tweet-", kNotContent | kPost},
    {"-embedded-tweet", kNotContent | kPost},
    {"-embed-tweet", kNotContent | kPost},
    {"-tweet-embed", kNotContent | kPost},
    {"-twitter-embed", kNotContent | kPost},
    {"-embed-twitter", kNotContent | kPost},
    {"-twitter-post", kNotContent | kPost},
    {"-social-embed", kNotContent | kPost},
    {"-embed-social", kNotContent | kPost},
    {"-embedded-post", kNotContent | kPost},
    {"-facebook-post", kNotContent | kPost},
    {"-instagram-embed", kNotContent | kPost},
    {"-threads-embed", kNotContent | kPost},
    {"-instagram-media", kNotContent | kPost},
    {"-tiktok-embed", kNotContent | kPost},
    {"-bluesky-embed", kNotContent | kPost},
    {"-mastodon-embed", kNotContent | kPost},
    {"-text-post-media", kNotContent | kPost},
    {"-reddit-embed", kNotContent | kPost},
    {"-fb-post-", kNotContent | kPost},
    {"-telegram-post", kNotContent | kPost},
    {"-breaking-", kNotContent},
    {"-ticker", kNotContent},
    {"-noprint", kNotContent},
    {"-no-print", kNotContent},
    {"-jp-", kNotContent},
    {"-prev-", kNotContent},
    {"-next-", kNotContent},
    {"-poll-", kNotContent},
    {"-survey", kNotContent},
    {"-category", kNotContent},
    {"-categories", kNotContent},
    {"-feedback", kNotContent},
    {"-player", kNotContent},
    {"-carousel", kNotContent},
    {"-gallery", kNotContent},
    {"-slideshow", kNotContent},
    {"-toc-", kNotContent},
    {"-search", kNotContent},
    {"-comment", kComments},
    {"-disqus", kComments},
    {"-respond-", kComments},
    {"-kommentar", kComments},
    {"-replies", kComments},
    {"-discussion", kComments},
    {"-caption", kCaption},
    {"caption-", kCaption},
    {"-credit", kCaption},
    {"-photo-", kCaption},
    {"-legend", kCaption},
    {"-figcaption", kCaption},
    {"-visually-hidden", kHidden},
    {"-sr-only", kHidden},
    {"-screen-reader", kHidden},
    {"-visuallyhidden", kHidden},
    {"-lead-", kTeaser},
    {"-summary", kTeaser},
    {"-standfirst", kTeaser},
    {"-intro", kTeaser},
    {"-subtitle", kTeaser},
    {"-subhead", kTeaser},
    {"-chapo", kTeaser},
    {"-deck", kTeaser},
    {"-dek-", kTeaser},
});

// utility-class style sheets write long lists; what matters comes first
constexpr std::size_t kLongest = 400;

constexpr std::size_t kProbe =
    sizeof(std::uint64_t);  // bytes of a pattern that are compared at once

/// Words apart by '-', one at each end: "postContent main" → "-post-content-main-".
class NameWords {
 public:
  explicit NameWords(std::string_view name) {
    char* to = text_.data();
    *to++ = '-';
    bool lower_before = false;
    for (const char c : name.substr(0, kLongest)) {
      const bool upper = c >= 'A' && c <= 'Z';
      const bool lower = c >= 'a' && c <= 'z';
      const bool letter =
          upper || lower || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
      if ((!letter || (upper && lower_before)) && to[-1] != '-') *to++ = '-';
      if (letter) *to++ = upper ? static_cast<char>(c + 32) : c;
      lower_before = lower;
    }
    if (to[-1] != '-') *to++ = '-';
    size_ = static_cast<std::size_t>(to - text_.data());
    std::fill_n(to, kProbe, '\0');
  }

  std::string_view text() const { return {text_.data(), size_}; }
  /// The bytes from a place on as one number, with 0 behind the end.
  std::uint64_t probe(std::size_t at) const {
    std::uint64_t out = 0;
    std::memcpy(&out, text_.data() + at, kProbe);
    return out;
  }

 private:
  std::array<char, kLongest * 2 + 2 + kProbe> text_;
  std::size_t size_ = 0;
};

// The patterns that begin at the edge of a word, by five bits of each of the two letters behind it
// (others there cost a comparison); the few others are looked for everywhere.
struct Probed {
  const Pattern* pattern;
  std::uint64_t first;  // its first bytes
  std::uint64_t mask;   // of them
};
struct Index {
  std::array<std::vector<Probed>, 1024> by_letters;
  std::vector<const Pattern*> anywhere;
  std::array<bool, 256> may_begin{};  // one of `anywhere`
};

std::size_t key_of(char first, char second) {
  return (static_cast<unsigned char>(first) & 31U) * 32U +
         (static_cast<unsigned char>(second) & 31U);
}

const Index& index_of_patterns() {
  static const Index index = [] {
    Index made;
    for (const Pattern& pattern : kPatterns) {
      if (pattern.words.front() == '-') {
        Probed probed{&pattern, 0, 0};
        const std::size_t size = std::min(pattern.words.size(), kProbe);
        std::memcpy(&probed.first, pattern.words.data(), size);
        std::memset(&probed.mask, 0xFF, size);
        made.by_letters[key_of(pattern.words[1], pattern.words[2])].push_back(probed);
      } else {
        made.anywhere.push_back(&pattern);
        made.may_begin[static_cast<unsigned char>(pattern.words.front())] = true;
      }
    }
    return made;
  }();
  return index;
}

// Shares of a firm are none that a reader passes on.
bool speaks_of_shares(std::string_view words) {
  static constexpr std::array kOfFirms = std::to_array<std::string_view>(
      {"-shareholder", "-share-holder", "-share-price", "-share-value", "-shares-"});
  return std::any_of(kOfFirms.begin(), kOfFirms.end(), [words](std::string_view name) {
    return words.find(name) != std::string_view::npos;
  });
}

// Names that editors leave say nothing of the page. MsoFooter, a style of a word processor, may be
// the last paragraph of a story; page builders call each block of it a widget, of a kind that is
// named behind.
std::string without_names_of_editors(std::string_view classes) {
  struct Name {
    std::string_view prefix;
    bool whole;  // the rest of the word goes, too
  };
  static constexpr std::array kNames = std::to_array<Name>({{"Mso", true},
                                                            {"elementor-widget", false},
                                                            {"ck-widget", true},
                                                            {"cke_widget", true},
                                                            {"siteorigin-widget", false}});
  std::string out(classes);
  for (const Name& name : kNames) {
    for (std::size_t at = out.find(name.prefix); at != std::string::npos;
         at = out.find(name.prefix, at)) {
      const bool begins = at == 0 || out[at - 1] == ' ';
      const std::size_t end =
          name.whole ? std::min(out.find(' ', at), out.size()) : at + name.prefix.size();
      if (begins) out.erase(at, end - at);
      else at += name.prefix.size();
    }
  }
  return out;
}

}  // namespace

std::uint32_t class_name_hints(std::string_view class_and_id) {
  const std::string_view classes = class_and_id.substr(0, kLongest);
  const bool of_editors = classes.find("Mso") != std::string_view::npos ||
                          classes.find("widget") != std::string_view::npos;
  const NameWords joined(of_editors ? std::string_view(without_names_of_editors(classes))
                                    : classes);
  const std::string_view words = joined.text();
  const Index& index = index_of_patterns();
  std::uint32_t hints = 0;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (words[at] == '-' && at + 2 < words.size()) {
      const std::uint64_t bytes = joined.probe(at);
      for (const Probed& one : index.by_letters[key_of(words[at + 1], words[at + 2])]) {
        if ((bytes & one.mask) != one.first) continue;
        const Pattern& pattern = *one.pattern;
        if (pattern.words.size() > kProbe && !words.substr(at).starts_with(pattern.words)) continue;
        if (pattern.words != "-share" || !speaks_of_shares(words)) hints |= pattern.hint;
      }
    }
    if (!index.may_begin[static_cast<unsigned char>(words[at])]) continue;
    for (const Pattern* pattern : index.anywhere) {
      if (words[at] == pattern->words.front() && words.substr(at).starts_with(pattern->words))
        hints |= pattern->hint;
    }
  }
  return hints;
}

}  // namespace vigie::extractor::content
