#include <algorithm>

#include "indexer/matching/program.h"
#include "platform/text/utf8.h"
#include "platform/text/words.h"

namespace vigie::indexer::matching {
namespace {

using query::Filter;

/// Longer words are rarer: a guess that the articles themselves correct.
double prior_of_word(std::string_view form) {
  switch (text::count_code_points(form)) {
    case 0:
    case 1: return 0.3;
    case 2: return 0.15;
    case 3: return 0.08;
    case 4: return 0.04;
    case 5:
    case 6: return 0.02;
    case 7:
    case 8: return 0.01;
    default: return 0.005;
  }
}

double prior_of_filter(Filter filter) {
  switch (filter) {
    case Filter::kLanguage:
    case Filter::kKind:
    case Filter::kAffiliation:
    case Filter::kType: return 0.3;
    case Filter::kCountry: return 0.1;
    case Filter::kTopic: return 0.05;
    case Filter::kAbout:
    case Filter::kMention: return 0.03;
    case Filter::kActor: return 0.02;
    default: return 0.005;
  }
}

/// The first two characters; empty if there are fewer.
std::string_view head_of(std::string_view form) {
  std::size_t at = 0;
  for (int i = 0; i < 2; ++i) {
    if (at >= form.size()) return {};
    text::next_code_point(form, at);
  }
  return form.substr(0, at);
}

std::string filter_key(Filter filter, std::string_view value) {
  std::string key(1, static_cast<char>(filter));
  return key.append(value);
}

std::uint8_t fields_of(const Document::Impl::Form& form) {
  return static_cast<std::uint8_t>((form.end[0] > form.begin[0] ? Presence::kTitle : 0) |
                                   (form.end[1] > form.begin[1] ? Presence::kText : 0));
}

}  // namespace

void Presence::begin(std::size_t atoms) {
  for (std::uint32_t atom : present_) fields_[atom] = 0;
  present_.clear();
  hits_.clear();
  filters_.clear();
  // those of before may have been replaced by fewer
  fields_.resize(std::max(atoms, fields_.size()), 0);
}

std::vector<std::uint32_t> Presence::forms_of(std::uint32_t atom) const {
  std::vector<std::uint32_t> out;
  auto hit = std::lower_bound(hits_.begin(), hits_.end(), static_cast<std::uint64_t>(atom) << 32);
  for (; hit != hits_.end() && *hit >> 32 == atom; ++hit) {
    const auto form = static_cast<std::uint32_t>(*hit);
    if (out.empty() || out.back() != form) out.push_back(form);
  }
  return out;
}

void Atoms::Stems::add(std::string_view stem, std::uint32_t atom) {
  const std::uint32_t number = texts.number_of(stem);
  if (number == first.size()) {
    first.push_back({atom, kNone});
    return;
  }
  more.push_back({atom, first[number].next});
  first[number].next = static_cast<std::uint32_t>(more.size() - 1);
}

std::uint32_t Atoms::add(double prior) {
  atoms_.push_back({prior, 0});
  return static_cast<std::uint32_t>(atoms_.size() - 1);
}

std::uint32_t Atoms::add(ByText& to, std::string_view text, double prior) {
  const std::uint32_t number = to.texts.number_of(text);
  if (number == to.atoms.size()) to.atoms.push_back(add(prior));
  return to.atoms[number];
}

Atoms::FormAtoms& Atoms::atoms_of(std::string_view form) {
  const std::uint32_t number = forms_.number_of(form);
  if (number == form_atoms_.size()) form_atoms_.emplace_back();
  return form_atoms_[number];
}

std::uint32_t Atoms::word(std::string_view form) {
  FormAtoms& known = atoms_of(form);
  if (known.word != kNone) return known.word;
  known.word = add(prior_of_word(form));
  if (analysis::takes_stem(form)) {
    for (auto& [language, stems] : stems_) stems.add(text::stem(form, language), known.word);
  }
  return known.word;
}

std::uint32_t Atoms::form(std::string_view form) {
  FormAtoms& known = atoms_of(form);
  if (known.form == kNone) known.form = add(prior_of_word(form));
  return known.form;
}

std::uint32_t Atoms::bigram(std::string_view both) {
  constexpr double kPrior = 0.01;
  return add(bigrams_, both, kPrior);
}

std::uint32_t Atoms::prefix(std::string_view prefix) {
  const std::uint32_t number = prefix_heads_.number_of(head_of(prefix));
  if (number == prefixes_.size()) prefixes_.emplace_back();
  auto& same_head = prefixes_[number];
  const auto known = std::find_if(same_head.begin(), same_head.end(),
                                  [&](const auto& entry) { return entry.first == prefix; });
  if (known != same_head.end()) return known->second;
  const std::uint32_t atom = add(std::min(0.5, prior_of_word(prefix) * 3));
  same_head.emplace_back(prefix, atom);
  return atom;
}

std::uint32_t Atoms::filter(Filter filter, std::string_view value) {
  return add(filters_, filter_key(filter, value), prior_of_filter(filter));
}

void Atoms::learn_language(const std::string& stem_language) {
  if (knows_language(stem_language)) return;
  Stems& stems = stems_[stem_language];
  for (std::uint32_t number = 0; number < forms_.size(); ++number) {
    const std::string_view form = forms_.text(number);
    const std::uint32_t atom = form_atoms_[number].word;
    if (atom != kNone && analysis::takes_stem(form))
      stems.add(text::stem(form, stem_language), atom);
  }
}

void Atoms::find(const Document::Impl& document, Presence& presence) const {
  constexpr std::size_t kTogether = 32;  // looks at memory that go on at once
  const auto place = stems_.find(document.stems_in);
  const Stems* const stems = place != stems_.end() ? &place->second : nullptr;
  const auto& forms = document.forms;
  std::uint64_t stem_hash[kTogether];
  for (std::size_t begin = 0; begin < forms.size(); begin += kTogether) {
    const std::size_t count = std::min(kTogether, forms.size() - begin);
    for (std::size_t i = 0; i < count; ++i) {
      forms_.prefetch(forms[begin + i].hash);
      if (stems != nullptr)
        stems->texts.prefetch(stem_hash[i] = TextTable::hash_of(forms[begin + i].stem));
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto number = static_cast<std::uint32_t>(begin + i);
      const Document::Impl::Form& form = forms[number];
      if (const std::uint32_t text = forms_.find(form.form, form.hash); text != kNone) {
        const FormAtoms& known = form_atoms_[text];
        if (known.word != kNone) presence.mark(known.word, fields_of(form), number);
        if (known.form != kNone) presence.mark(known.form, fields_of(form));
      }
      if (stems != nullptr && !form.stem.empty()) stems->mark(stem_hash[i], form, number, presence);
      if (!prefix_heads_.empty()) find_prefixes(form, number, presence);
    }
  }
  if (!bigrams_.texts.empty()) find_bigrams(document, presence);
  find_filters(document.attributes, presence);
}

void Atoms::Stems::mark(std::uint64_t hash, const Document::Impl::Form& form, std::uint32_t number,
                        Presence& presence) const {
  const std::uint32_t stem = texts.find(form.stem, hash);
  if (stem == kNone) return;
  presence.mark(first[stem].atom, fields_of(form), number);
  for (std::uint32_t next = first[stem].next; next != kNone; next = more[next].next)
    presence.mark(more[next].atom, fields_of(form), number);
}

void Atoms::find_prefixes(const Document::Impl::Form& form, std::uint32_t number,
                          Presence& presence) const {
  const std::string_view head = head_of(form.form);
  const std::uint32_t known = head.empty() ? kNone : prefix_heads_.find(head);
  if (known == kNone) return;
  for (const auto& [prefix, atom] : prefixes_[known]) {
    if (form.form.starts_with(prefix)) presence.mark(atom, fields_of(form), number);
  }
}

void Atoms::find_bigrams(const Document::Impl& document, Presence& presence) const {
  std::string key;
  for (std::size_t field = 0; field < analysis::kFields; ++field) {
    const auto tokens = document.tokens[field];
    bool previous = false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const bool unspaced = analysis::is_unspaced(tokens[i].form);
      if (previous && unspaced) {
        key.assign(tokens[i - 1].form).append(tokens[i].form);
        if (const std::uint32_t known = bigrams_.find(key); known != kNone)
          presence.mark(known, field == 0 ? Presence::kTitle : Presence::kText);
      }
      previous = unspaced;
    }
  }
}

void Atoms::mark_filter(Filter filter, std::string_view value, Presence& presence) const {
  if (const std::uint32_t known = filters_.find(filter_key(filter, value)); known != kNone)
    presence.mark(known, filter, value);
}

void Atoms::find_filters(const analysis::Attributes& article, Presence& presence) const {
  if (filters_.texts.empty()) return;
  mark_filter(Filter::kLanguage, article.language, presence);
  mark_filter(Filter::kCountry, article.country, presence);
  const auto mark_all = [&](Filter filter, const std::vector<std::string>& values) {
    for (const std::string& value : values) mark_filter(filter, value, presence);
  };
  mark_all(Filter::kSource, article.source_names);
  mark_all(Filter::kSite, article.sites);
  mark_all(Filter::kAuthor, article.authors);
  mark_all(Filter::kSection, article.sections);
  mark_filter(Filter::kKind, article.kind, presence);
  mark_filter(Filter::kAffiliation, article.affiliation, presence);
  mark_filter(Filter::kType, article.genre, presence);
  for (const bool about : {true, false}) {
    const Filter level = about ? Filter::kAbout : Filter::kMention;
    const auto topics = analysis::tag_values(article.topics, about);
    mark_all(Filter::kTopic, topics);
    mark_all(level, topics);
    for (const std::string& value : analysis::tag_values(article.actors, about)) {
      mark_filter(Filter::kActor, value, presence);
      if (value != "*") mark_filter(level, value, presence);  // about:* is about a topic
    }
  }
}

void Anchors::add(std::uint32_t atom, std::uint32_t subscription) {
  if (first_.size() <= atom) first_.resize(atom + 1, kNone);
  links_.push_back({subscription, first_[atom]});
  first_[atom] = static_cast<std::uint32_t>(links_.size() - 1);
}

void Anchors::replace(std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs) {
  first_.clear();
  links_.clear();
  links_.reserve(pairs.size());
  std::sort(pairs.begin(), pairs.end());
  for (const auto& [atom, subscription] : pairs) add(atom, subscription);
}

}  // namespace vigie::indexer::matching
