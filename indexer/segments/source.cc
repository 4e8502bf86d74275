#include "indexer/segments/source.h"

#include <unordered_map>

namespace vigie::indexer::segments {

std::string word_key(std::string_view form) {
  std::string key{kWordKey};
  key += form;
  return key;
}

std::string stem_key(std::string_view stem) {
  std::string key{kStemKey};
  key += stem;
  return key;
}

std::string filter_key(Attribute attribute, std::string_view value) {
  std::string key{kFilterKey, static_cast<char>(attribute)};
  key += value;
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
  out.push_back(filter_key(Attribute::kType, article.genre));
  return out;
}

Result<std::uint32_t> Source::document_frequency(std::string_view key) const {
  const auto number = term(key);
  if (!number) return 0U;
  return document_frequency(*number);
}

Result<bool> Source::open(std::string_view key, bool placed, OpenList& out) const {
  const auto number = term(key);
  if (!number) return false;
  VIGIE_TRY(open(*number, placed, out));
  return true;
}

Analysed analyse(const v1::ArticleRecord& article) {
  return analyse(article, analysis::prepare(article));
}

Analysed analyse(const v1::ArticleRecord& article, analysis::Prepared prepared) {
  Analysed out;
  std::unordered_map<std::string, std::uint32_t> known;
  const auto add = [&](std::string form, std::size_t field, std::uint32_t position) {
    const auto [place, fresh] =
        known.try_emplace(std::move(form), static_cast<std::uint32_t>(out.words.size()));
    if (fresh) out.words.push_back({place->first, {}, {}});
    Analysed::Word& word = out.words[place->second];
    ++word.frequencies[field];
    word.positions.push_back(position);
  };
  for (std::size_t field = 0; field < analysis::kFields; ++field) {
    auto& tokens = prepared.tokens[field];
    out.length[field] = static_cast<std::uint32_t>(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (i + 1 < tokens.size() && analysis::is_unspaced(tokens[i].form) &&
          analysis::is_unspaced(tokens[i + 1].form))
        add(tokens[i].form + tokens[i + 1].form, field, tokens[i].position);
      add(std::move(tokens[i].form), field, tokens[i].position);
      for (analysis::Variant& variant : tokens[i].variants)
        add(std::move(variant.form), field, tokens[i].position);
    }
  }
  out.stem_language = analysis::stem_language(article.language());
  out.attributes = std::move(prepared.attributes);
  out.article_id = article.article_id();
  return out;
}

}  // namespace vigie::indexer::segments
