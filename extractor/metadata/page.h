#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"
#include "extractor/metadata/claims.h"
#include "extractor/metadata/date.h"
#include "extractor/metadata/json_ld.h"
#include "extractor/metadata/meta_tags.h"
#include "extractor/metadata/metadata.h"
#include "extractor/metadata/visible_date.h"
#include "platform/url/url.h"

namespace vigie::extractor::metadata {

/// What carriers read from: the page, its data, and what was read of it so far. Rules ask it; it
/// holds no rule itself.
class Page {
 public:
  Page(const dom::Document& document, const PageFacts& facts);

  const dom::Document& document() const { return document_; }
  const PageFacts& facts() const { return facts_; }
  const MetaTags& meta() const { return meta_; }
  const JsonLd& json() const { return json_; }
  /// The first <title>, one line.
  std::string page_title() const;
  /// Value of a response header, "" if absent.
  std::string header(std::string_view name) const;

  /// The final URL; nothing where it cannot be read.
  const std::optional<url::Url>& url() const { return url_; }
  /// What the page's links are relative to: <base>, else the final URL.
  const url::Url* base() const;
  /// A link of the page as an absolute URL of the web; "" if it is none.
  std::string absolute(std::string_view link) const;

  /// The language and country whose habits the page's dates follow; known when the declared
  /// language was read.
  DateHints date_hints() const { return {so_far.declared_language, country_}; }
  void read_country();
  std::optional<Date> date_of(std::string_view value, std::string_view carrier) const;
  /// What readers see; made at the first call, when the title is known.
  VisibleDates& visible();

  Metadata so_far;
  Claims claims;

 private:
  const dom::Document& document_;
  const PageFacts& facts_;
  MetaTags meta_;
  JsonLd json_;
  std::optional<url::Url> url_;
  std::optional<url::Url> base_;
  std::string country_;
  std::optional<VisibleDates> visible_;
};

/// Whether a list of words (rel, class, robots …) holds one, given in lower case.
bool holds_word(std::string_view list, std::string_view word);
/// Whether a URL is that of a home page or of a list of stories.
bool is_home_or_list(const url::Url& address);

}  // namespace vigie::extractor::metadata
