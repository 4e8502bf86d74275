#include "indexer/segments/columns.h"

#include <algorithm>

#include "indexer/segments/coding.h"
#include "indexer/segments/postings.h"

namespace vigie::indexer::segments {
namespace {

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

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
  }
  return {};
}

void Columns::add(std::int64_t time, std::uint32_t title_words, std::uint32_t text_words,
                  std::string_view id) {
  time_unix_ms.push_back(time);
  length[0].push_back(title_words);
  length[1].push_back(text_words);
  ids += id;
  id_begin.push_back(static_cast<std::uint32_t>(ids.size()));
}

std::string Columns::encode() const {
  std::string out;
  append_varint(out, documents());
  for (std::uint32_t i = 0; i < documents(); ++i) {
    append_varint(out, zigzag(time_unix_ms[i]));
    append_varint(out, length[0][i]);
    append_varint(out, length[1][i]);
    append_text(out, article_id(i));
  }
  return out;
}

Result<Columns> Columns::decode(std::string_view bytes) {
  Columns out;
  Reader reader(bytes);
  const std::uint64_t count = reader.varint();
  if (count > reader.left() / 4 || count > kMaxSegmentDocuments) return corrupt("columns");
  out.time_unix_ms.reserve(count);
  out.id_begin.reserve(count + 1);
  for (auto& lengths : out.length) lengths.reserve(count);
  out.ids.reserve(reader.left());
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::int64_t time = unzigzag(reader.varint());
    const std::uint32_t title = reader.varint32();
    const std::uint32_t text = reader.varint32();
    out.add(time, title, text, reader.text());
  }
  if (!reader.ok() || reader.left() != 0) return corrupt("columns");
  out.ids.shrink_to_fit();
  return out;
}

}  // namespace vigie::indexer::segments
