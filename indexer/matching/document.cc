#include <algorithm>

#include "indexer/matching/prepared.h"

namespace vigie::indexer::matching {

Document::Document(const v1::ArticleRecord& article)
    : article_(article), impl_(std::make_unique<Impl>(article)) {}
Document::~Document() = default;

Document::Impl::Impl(const v1::ArticleRecord& article)
    : fields{article.title(), article.text()},
      attributes(analysis::attributes(article)),
      stems_in(analysis::stem_language(article.language())) {
  struct Place {
    std::uint32_t form;
    std::uint32_t position;
  };
  std::vector<Place> places[analysis::kFields];
  const auto put = [&](std::size_t field, std::string_view text, std::uint32_t position) {
    const auto [known, fresh] =
        form_ids.try_emplace(text, static_cast<std::uint32_t>(forms.size()));
    if (fresh) {
      forms.emplace_back();
      forms.back().form = text;
    }
    ++forms[known->second].end[field];
    places[field].push_back({known->second, position});
  };
  for (std::size_t field = 0; field < analysis::kFields; ++field) {
    tokens[field] = analysis::tokens(fields[field]);
    places[field].reserve(tokens[field].size());
    form_ids.reserve(form_ids.size() + tokens[field].size());
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
  if (stems_in.empty()) return;
  for (Form& form : forms) {
    if (analysis::takes_stem(form.form)) form.stem = text::stem(form.form, stems_in);
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
  const auto same = form_ids.find(form);
  if (same != form_ids.end()) out.push_back(same->second);
  if (!with_stems || stems_in.empty() || !analysis::takes_stem(form)) return out;
  const std::string stem = text::stem(form, stems_in);
  if (stem.empty()) return out;
  const auto& sorted = by_stem();
  auto related = std::lower_bound(
      sorted.begin(), sorted.end(), stem,
      [&](std::uint32_t id, const std::string& wanted) { return forms[id].stem < wanted; });
  for (; related != sorted.end() && forms[*related].stem == stem; ++related) {
    if (same == form_ids.end() || *related != same->second) out.push_back(*related);
  }
  return out;
}

const std::vector<text::Sentence>& Document::Impl::sentences(std::size_t field) const {
  std::call_once(sentences_once_[field],
                 [&] { sentences_[field] = text::sentences(fields[field]); });
  return sentences_[field];
}

}  // namespace vigie::indexer::matching
