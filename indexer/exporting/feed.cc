#include "indexer/exporting/feed.h"

#include <utility>

#include "indexer/analysis/analysis.h"
#include "platform/dates/dates.h"
#include "platform/text/xml.h"

namespace vigie::indexer::exporting {
namespace {

using text::xml;

std::string element(std::string_view name, std::string_view text) {
  const std::string tag(name);
  return "<" + tag + ">" + xml(text) + "</" + tag + ">";
}

std::string author(std::string_view name) {
  return "    <author>" + element("name", name) + "</author>\n";
}

class Feed final : public Rows {
 public:
  Feed(bool with_text, About about) : with_text_(with_text), about_(std::move(about)) {}

  std::string head() const override {
    return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
           "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n  " +
           element("id", "urn:vigie:export:" + about_.id) + "\n  " +
           element("title", about_.query.empty() ? "Every article" : about_.query) + "\n  " +
           element("updated", dates::rfc3339(about_.now_unix_ms)) + "\n" +
           "  <author><name>vigie</name></author>\n  <generator>vigie</generator>\n";
  }

  std::string row(const v1::ArticleRecord& article, const std::string& /*story*/) const override {
    const std::string& url =
        article.canonical_url().empty() ? article.url() : article.canonical_url();
    const std::string time = dates::rfc3339(analysis::article_time_unix_ms(article));
    std::string language;
    if (!article.language().empty()) language = " xml:lang=\"" + xml(article.language()) + "\"";
    std::string out = "  <entry" + language + ">\n    " +
                      element("id", "urn:vigie:article:" + article.article_id()) + "\n    " +
                      element("title", article.title().empty() ? url : article.title()) + "\n";
    out += "    <link rel=\"alternate\" href=\"" + xml(url) + "\"/>\n";
    out += "    " + element("updated", time) + "\n    " + element("published", time) + "\n";
    for (const std::string& name : article.authors()) out += author(name);
    if (article.authors().empty()) {
      const std::string& source = article.source().name();
      out += author(source.empty() ? "unknown" : source);
    }
    for (const v1::Tag& topic : article.topics())
      out += "    <category term=\"" + xml(topic.id()) + "\"/>\n";
    if (!article.description().empty())
      out += "    " + element("summary", article.description()) + "\n";
    if (with_text_) out += "    <content type=\"text\">" + xml(article.text()) + "</content>\n";
    return out + "  </entry>\n";
  }

  std::string foot() const override { return "</feed>\n"; }

 private:
  bool with_text_;
  About about_;
};

}  // namespace

std::unique_ptr<Rows> make_feed(bool with_text, About about) {
  return std::make_unique<Feed>(with_text, std::move(about));
}

}  // namespace vigie::indexer::exporting
