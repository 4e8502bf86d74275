#include <algorithm>
#include <bit>

#include "indexer/matching/prepared.h"

namespace vigie::indexer::matching {

Document::Document(const v1::ArticleRecord& article)
    : article_(article), impl_(std::make_unique<Impl>(article)) {}
Document::Document(const v1::ArticleRecord& article, const analysis::Prepared& prepared)
    : article_(article), impl_(std::make_unique<Impl>(article, prepared)) {}
Document::~Document() = default;

Document::Impl::Impl(const v1::ArticleRecord& article)
    : Impl(article, analysis::prepare(article), nullptr) {}
Document::Impl::Impl(const v1::ArticleRecord& article, const analysis::Prepared& prepared)
    : Impl(article, std::nullopt, &prepared) {}

Document::Impl::Impl(const v1::ArticleRecord& article, std::optional<analysis::Prepared> own,
                     const analysis::Prepared* prepared)
    : own_(std::move(own)),
      fields{article.title(), article.text()},
      attributes((own_ ? *own_ : *prepared).attributes),
      stems_in(analysis::stem_language(article.language())) {
  for (std::size_t field = 0; field < analysis::kFields; ++field)
    tokens[field] = (own_ ? *own_ : *prepared).tokens[field];
  number_forms();
  if (stems_in.empty()) return;
  for (Form& form : forms) {
    if (analysis::takes_stem(form.form)) form.stem = text::stem(form.form, stems_in);
  }
}

std::size_t Document::Impl::slot_of(std::string_view form, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  for (; slots_[slot] != kNone; slot = (slot + 1) & mask) {
    const Form& other = forms[slots_[slot]];
    if (other.hash == hash && other.form == form) break;
  }
  return slot;
}

void Document::Impl::number_forms() {
  std::size_t most = 1;  // distinct forms
  for (const auto& field : tokens) {
    for (const analysis::Token& token : field) most += 1 + token.variants.size();
  }
  slots_.assign(std::bit_ceil(2 * most), kNone);
  forms.reserve(most / 2);
  struct Place {
    std::uint32_t form;
    std::uint32_t position;
  };
  std::vector<Place> places[analysis::kFields];
  const auto put = [&](std::size_t field, std::string_view text, std::uint32_t position) {
    const std::uint64_t hash = TextTable::hash_of(text);
    std::uint32_t& number = slots_[slot_of(text, hash)];
    if (number == kNone) {
      number = static_cast<std::uint32_t>(forms.size());
      forms.emplace_back();
      forms.back().form = text;
      forms.back().hash = hash;
    }
    ++forms[number].end[field];
    places[field].push_back({number, position});
  };
  for (std::size_t field = 0; field < analysis::kFields; ++field) {
    places[field].reserve(tokens[field].size());
    for (const analysis::Token& token : tokens[field]) {
      put(field, token.form, token.position);
      for (const analysis::Variant& variant : token.variants)
        put(field, variant.form, token.position);
    }
  }
  for (std::size_t field = 0; field < analysis::kFields; ++field) {
    std::uint32_t next = 0;
    for (Form& form : forms) {
      form.begin[field] = next;
      next += form.end[field];
      form.end[field] = form.begin[field];
    }
    positions[field].resize(places[field].size());
    for (const Place& place : places[field])
      positions[field][forms[place.form].end[field]++] = place.position;
  }
}

const std::vector<std::uint32_t>& Document::Impl::by_stem() const {
  std::call_once(by_stem_once_, [&] {
    for (std::uint32_t i = 0; i < forms.size(); ++i) {
      if (!forms[i].stem.empty()) by_stem_.push_back(i);
    }
    std::sort(by_stem_.begin(), by_stem_.end(), [&](std::uint32_t a, std::uint32_t b) {
      const int order = forms[a].stem.compare(forms[b].stem);
      return order != 0 ? order < 0 : a < b;
    });
  });
  return by_stem_;
}

std::vector<std::uint32_t> Document::Impl::forms_for(std::string_view form, bool with_stems) const {
  std::vector<std::uint32_t> out;
  const std::uint32_t same = form_id(form);
  if (same != kNone) out.push_back(same);
  if (!with_stems || stems_in.empty() || !analysis::takes_stem(form)) return out;
  const std::string stem = text::stem(form, stems_in);
  if (stem.empty()) return out;
  const auto& sorted = by_stem();
  auto related = std::lower_bound(
      sorted.begin(), sorted.end(), stem,
      [&](std::uint32_t id, const std::string& wanted) { return forms[id].stem < wanted; });
  for (; related != sorted.end() && forms[*related].stem == stem; ++related) {
    if (*related != same) out.push_back(*related);
  }
  return out;
}

const std::vector<text::Sentence>& Document::Impl::sentences(std::size_t field) const {
  std::call_once(sentences_once_[field],
                 [&] { sentences_[field] = text::sentences(fields[field]); });
  return sentences_[field];
}

}  // namespace vigie::indexer::matching
