#include "indexer/segments/columns.h"

#include <algorithm>
#include <bit>

#include "indexer/segments/coding.h"

namespace vigie::indexer::segments {
namespace {

std::vector<std::string> tag_ids(const std::vector<std::pair<std::string, bool>>& tags) {
  std::vector<std::string> out;
  for (const auto& tag : tags) out.push_back(tag.first);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

void FacetColumn::add(const std::vector<std::string>& document_values) {
  if (known_.empty() && !values.empty()) {
    for (std::uint32_t i = 0; i < values.size(); ++i) known_.emplace(values[i], i);
  }
  for (const std::string& value : document_values) {
    if (value.empty()) continue;
    const auto [place, fresh] =
        known_.try_emplace(value, static_cast<std::uint32_t>(values.size()));
    if (fresh) values.push_back(value);
    numbers.push_back(place->second);
  }
  add_none();
}

std::string FacetColumn::encode() const {
  std::string out;
  append_varint(out, values.size());
  for (const std::string& value : values) append_text(out, value);
  for (std::size_t i = 0; i + 1 < begin.size(); ++i) {
    append_varint(out, begin[i + 1] - begin[i]);
    for (std::uint32_t j = begin[i]; j < begin[i + 1]; ++j) append_varint(out, numbers[j]);
  }
  return out;
}

Result<FacetColumn> FacetColumn::decode(std::string_view bytes, std::uint32_t documents) {
  FacetColumn out;
  Reader reader(bytes);
  const std::uint64_t count = reader.varint();
  if (count > reader.left()) return corrupt("facet dictionary");
  out.values.reserve(count);
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) out.values.emplace_back(reader.text());
  if (documents > reader.left()) return corrupt("facet column");
  out.begin.reserve(documents + 1ULL);
  for (std::uint32_t i = 0; i < documents; ++i) {
    const std::uint64_t many = reader.varint();
    if (many > reader.left()) return corrupt("facet column");
    for (std::uint64_t j = 0; j < many; ++j) {
      const std::uint32_t number = reader.varint32();
      if (number >= out.values.size()) return corrupt("facet value");
      out.numbers.push_back(number);
    }
    out.add_none();
  }
  if (!reader.ok() || reader.left() != 0) return corrupt("facet column");
  return out;
}

std::vector<std::string> facet_values(const analysis::Attributes& article, FacetField field) {
  switch (field) {
    case FacetField::kTopic: return tag_ids(article.topics);
    case FacetField::kActor: return tag_ids(article.actors);
    case FacetField::kLanguage: return {article.language};
    case FacetField::kCountry: return {article.country};
    case FacetField::kSource: return {article.source_id};
    case FacetField::kKind: return {article.kind};
    case FacetField::kAffiliation: return {article.affiliation};
    case FacetField::kType: return {article.genre};
  }
  return {};
}

void TimeIndex::add(std::int64_t time, bool there) {
  if (documents_ % kTimeGroup == 0) {
    latest_.push_back(TimeSpan().latest);
    newest_.push_back(newest_.empty() ? TimeSpan().latest : newest_.back());
  }
  if (documents_ % kTimeSpan == 0) spans_.emplace_back();
  ++documents_;
  if (!there) return;
  latest_.back() = std::max(latest_.back(), time);
  newest_.back() = std::max(newest_.back(), time);
  spans_.back().add(time);
  all_.add(time);
}

std::uint8_t stem_number(std::uint64_t stem_bit) {
  return stem_bit == 0 ? kNoStems : static_cast<std::uint8_t>(std::countr_zero(stem_bit));
}

void StemIndex::add(std::uint16_t language, std::span<const std::uint64_t> bits) {
  const std::size_t document = numbers_.size();
  if (document % 64 == 0) outside_.push_back(0);
  numbers_.push_back(language < bits.size() ? stem_number(bits[language]) : kNoStems);
  if (numbers_.back() == kNoStems) outside_.back() |= 1ULL << (document % 64);
}

std::uint16_t ColumnStore::language_number(std::string_view language) const {
  const auto place = std::find(languages_.begin(), languages_.end(), language);
  return place == languages_.end() ? kNoLanguage
                                   : static_cast<std::uint16_t>(place - languages_.begin());
}

void ColumnStore::name(const std::string& language) {
  languages_.push_back(language);
  stem_bits_.push_back(analysis::stem_bit(language));
  all_stem_bits_ |= stem_bits_.back();
}

void ColumnStore::add(std::int64_t time, std::uint32_t title_words, std::uint32_t text_words,
                      std::string_view language, std::string_view article_id) {
  std::uint16_t number = language.empty() ? kNoLanguage : language_number(language);
  if (number == kNoLanguage && !language.empty() && languages_.size() < kNoLanguage) {
    number = static_cast<std::uint16_t>(languages_.size());
    name(std::string(language));
  }
  times_.add(time, !article_id.empty());
  time_unix_ms_.push_back(time);
  length_[0].push_back(title_words);
  length_[1].push_back(text_words);
  language_.push_back(number);
  stems_.add(number, stem_bits_);
  ids_ += article_id;
  id_begin_.push_back(static_cast<std::uint32_t>(ids_.size()));
}

void ColumnStore::add(const Columns& from, std::uint32_t document) {
  add(from.time_unix_ms[document], from.length[0][document], from.length[1][document],
      from.language_of(document), from.article_id(document));
}

Columns ColumnStore::view() const {
  Columns out;
  out.time_unix_ms = time_unix_ms_;
  out.length = {length_[0], length_[1]};
  out.language = language_;
  out.id_begin = id_begin_;
  out.ids = ids_;
  out.languages = &languages_;
  out.stem_bits = stem_bits_;
  out.all_stem_bits = all_stem_bits_;
  out.stem_numbers = stems_.numbers();
  out.outside = stems_.outside();
  out.latest = times_.latest();
  out.newest = times_.newest();
  out.spans = times_.spans();
  out.all_times = times_.all();
  return out;
}

}  // namespace vigie::indexer::segments
