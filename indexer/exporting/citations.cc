#include "indexer/exporting/citations.h"

#include <string>
#include <vector>

#include "indexer/analysis/analysis.h"
#include "platform/dates/dates.h"

namespace vigie::indexer::exporting {
namespace {

/// The day (YYYY-MM-DD) as the publisher wrote it, else that of the time of the article, in UTC.
std::string day_of(const v1::ArticleRecord& article) {
  constexpr std::size_t kDay = 10;
  const std::string& written = article.published().text();
  const bool known =
      article.has_published() && article.published().precision() != v1::DATE_PRECISION_NONE;
  if (known && written.size() >= kDay) return written.substr(0, kDay);
  return dates::day(analysis::article_time_unix_ms(article));
}

const std::string& address_of(const v1::ArticleRecord& article) {
  return article.canonical_url().empty() ? article.url() : article.canonical_url();
}

/// Without line breaks and other controls: what follows them would be a tag of its own.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (!control) out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  return out;
}

class RisRows final : public Rows {
 public:
  explicit RisRows(bool with_text) : with_text_(with_text) {}

  std::string row(const v1::ArticleRecord& article, const std::string& /*story*/) const override {
    std::string day = day_of(article);
    for (char& c : day) c = c == '-' ? '/' : c;
    std::string out;
    line(out, "TY", "NEWS");
    line(out, "ID", article.article_id());
    line(out, "TI", article.title());
    for (const std::string& author : article.authors()) line(out, "AU", author);
    line(out, "T2", article.source().name());
    line(out, "PY", day.substr(0, 4));
    line(out, "DA", day);
    line(out, "LA", article.language());
    line(out, "UR", address_of(article));
    line(out, "AB", article.description());
    for (const v1::Tag& topic : article.topics()) line(out, "KW", topic.id());
    if (with_text_) line(out, "N2", article.text());
    return out + "ER  - \r\n\r\n";
  }

 private:
  static void line(std::string& out, std::string_view tag, std::string_view value) {
    if (value.empty()) return;
    out += std::string(tag) + "  - " + one_line(value) + "\r\n";
  }
  bool with_text_;
};

/// A value between braces: TeX's own characters as themselves.
std::string tex(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) {
    switch (c) {
      case '\\': out += "\\textbackslash{}"; break;
      case '{': out += "\\{"; break;
      case '}': out += "\\}"; break;
      case '~': out += "\\textasciitilde{}"; break;
      case '^': out += "\\textasciicircum{}"; break;
      case '%':
      case '#':
      case '$':
      case '&':
      case '_': out += '\\'; [[fallthrough]];
      default: out += c;
    }
  }
  return out;
}

/// Braces that a value has must close: BibTeX counts those behind a backslash, too.
std::string balanced(std::string value) {
  std::size_t at = 0;
  for (const std::string_view brace : {"\\{", "\\}"}) {
    const std::string_view name = brace == "\\{" ? "\\textbraceleft{}" : "\\textbraceright{}";
    for (at = 0; (at = value.find(brace, at)) != std::string::npos; at += name.size())
      value.replace(at, brace.size(), name);
  }
  return value;
}

std::string without_braces(std::string_view url) {
  std::string out;
  for (const char c : url) {
    if (c == '{') out += "%7B";
    else if (c == '}') out += "%7D";
    else out += c;
  }
  return out;
}

class BibtexRows final : public Rows {
 public:
  explicit BibtexRows(bool with_text) : with_text_(with_text) {}

  std::string row(const v1::ArticleRecord& article, const std::string& /*story*/) const override {
    const std::string day = day_of(article);
    std::string authors;
    for (const std::string& author : article.authors()) {
      // A name is one name, whatever words are in it.
      authors += (authors.empty() ? "{" : " and {") + balanced(tex(author)) + "}";
    }
    std::string keywords;
    for (const v1::Tag& topic : article.topics())
      keywords += (keywords.empty() ? "" : ", ") + topic.id();
    std::string out = "@article{" + article.article_id();
    member(out, "title", "{" + balanced(tex(article.title())) + "}");
    member(out, "author", authors);
    member(out, "journal", balanced(tex(article.source().name())));
    member(out, "year", day.substr(0, 4));
    member(out, "month", day.substr(5, 2));
    member(out, "day", day.substr(8, 2));
    member(out, "date", day);
    member(out, "url", without_braces(one_line(address_of(article))));
    member(out, "langid", balanced(tex(article.language())));
    member(out, "keywords", balanced(tex(keywords)));
    member(out, "abstract", balanced(tex(article.description())));
    if (with_text_) member(out, "annote", balanced(tex(article.text())));
    return out + "\n}\n\n";
  }

 private:
  static void member(std::string& out, std::string_view name, const std::string& value) {
    if (value.empty() || value == "{}") return;
    out += ",\n  " + std::string(name) + " = {" + value + "}";
  }
  bool with_text_;
};

}  // namespace

std::unique_ptr<Rows> make_ris(bool with_text) { return std::make_unique<RisRows>(with_text); }
std::unique_ptr<Rows> make_bibtex(bool with_text) {
  return std::make_unique<BibtexRows>(with_text);
}

}  // namespace vigie::indexer::exporting
