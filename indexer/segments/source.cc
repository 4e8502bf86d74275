#include "indexer/segments/source.h"

namespace vigie::indexer::segments {

std::string term_key(std::string_view term) {
  std::string key;
  key.reserve(term.size() + 1);
  // no word holds a tilde
  key.push_back(term.find('~') == std::string_view::npos ? kWordKey : kStemKey);
  key += term;
  return key;
}

std::string filter_key(Attribute attribute, std::string_view value) {
  std::string key{kFilterKey, static_cast<char>(attribute)};
  for (char c : value) key.push_back(c == '\0' ? '\1' : c);  // NUL ends a key in a segment
  return key;
}

std::vector<std::string> filter_keys(const analysis::Attributes& article) {
  std::vector<std::string> out;
  const auto add = [&](Attribute attribute, const std::vector<std::string>& values) {
    for (const std::string& value : values) out.push_back(filter_key(attribute, value));
  };
  add(Attribute::kTopicAbout, analysis::tag_values(article.topics, true));
  add(Attribute::kTopicMention, analysis::tag_values(article.topics, false));
  add(Attribute::kActorAbout, analysis::tag_values(article.actors, true));
  add(Attribute::kActorMention, analysis::tag_values(article.actors, false));
  out.push_back(filter_key(Attribute::kLanguage, article.language));
  out.push_back(filter_key(Attribute::kCountry, article.country));
  add(Attribute::kSourceName, article.source_names);
  add(Attribute::kSite, article.sites);
  add(Attribute::kAuthor, article.authors);
  add(Attribute::kSection, article.sections);
  out.push_back(filter_key(Attribute::kKind, article.kind));
  out.push_back(filter_key(Attribute::kAffiliation, article.affiliation));
  return out;
}

Analysed analyse(const v1::ArticleRecord& article) {
  Analysed out;
  const std::string* fields[analysis::kFields] = {&article.title(), &article.text()};
  for (std::size_t field = 0; field < analysis::kFields; ++field) {
    const auto tokens = analysis::tokens(*fields[field]);
    out.words[field] = static_cast<std::uint32_t>(tokens.size());
    out.postings[field] = analysis::postings(tokens, article.language());
  }
  out.attributes = analysis::attributes(article);
  out.article_id = article.article_id();
  return out;
}

}  // namespace vigie::indexer::segments
