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

std::uint32_t fields_of(const Document::Impl::Form& form) {
  return (form.end[0] > form.begin[0] ? Presence::kTitle : 0) |
         (form.end[1] > form.begin[1] ? Presence::kText : 0);
}

}  // namespace

void Presence::begin(std::size_t atoms) {
  constexpr std::uint32_t kLastEpoch = (UINT32_MAX >> 2) - 1;
  if (epoch_ >= kLastEpoch) {
    std::fill(marks_.begin(), marks_.end(), 0);
    epoch_ = 0;
  }
  ++epoch_;
  marks_.resize(atoms, 0);
  present_.clear();
}

void Presence::mark(std::uint32_t atom, std::uint32_t fields) {
  std::uint32_t& mark = marks_[atom];
  if (mark >> 2 != epoch_) {
    mark = epoch_ << 2;
    present_.push_back(atom);
  }
  mark |= fields;
}

std::uint32_t Atoms::add(double prior) {
  atoms_.push_back({prior, 0, {}});
  return static_cast<std::uint32_t>(atoms_.size() - 1);
}

std::uint32_t Atoms::word(const std::string& form) {
  FormAtoms& known = forms_[form];
  if (known.word != kNone) return known.word;
  known.word = add(prior_of_word(form));
  if (analysis::takes_stem(form)) {
    for (auto& [language, by_stem] : stems_)
      by_stem[text::stem(form, language)].push_back(known.word);
  }
  return known.word;
}

std::uint32_t Atoms::form(const std::string& form) {
  FormAtoms& known = forms_[form];
  if (known.form == kNone) known.form = add(prior_of_word(form));
  return known.form;
}

std::uint32_t Atoms::bigram(const std::string& both) {
  constexpr double kPrior = 0.01;
  const auto [known, fresh] = bigrams_.try_emplace(both, 0);
  if (fresh) known->second = add(kPrior);
  return known->second;
}

std::uint32_t Atoms::prefix(const std::string& prefix) {
  auto& same_head = prefixes_[std::string(head_of(prefix))];
  const auto known = std::find_if(same_head.begin(), same_head.end(),
                                  [&](const auto& entry) { return entry.first == prefix; });
  if (known != same_head.end()) return known->second;
  const std::uint32_t atom = add(std::min(0.5, prior_of_word(prefix) * 3));
  same_head.emplace_back(prefix, atom);
  return atom;
}

std::uint32_t Atoms::filter(Filter filter, const std::string& value) {
  const auto [known, fresh] = filters_.try_emplace(filter_key(filter, value), 0);
  if (fresh) known->second = add(prior_of_filter(filter));
  return known->second;
}

void Atoms::learn_language(const std::string& stem_language) {
  if (knows_language(stem_language)) return;
  auto& by_stem = stems_[stem_language];
  for (const auto& [form, known] : forms_) {
    if (known.word != kNone && analysis::takes_stem(form))
      by_stem[text::stem(form, stem_language)].push_back(known.word);
  }
}

void Atoms::find(const Document::Impl& document, Presence& presence) const {
  const auto stems = stems_.find(document.stems_in);
  std::string key;
  for (const Document::Impl::Form& form : document.forms) {
    const std::uint32_t fields = fields_of(form);
    key.assign(form.form);
    if (const auto known = forms_.find(key); known != forms_.end()) {
      if (known->second.word != kNone) presence.mark(known->second.word, fields);
      if (known->second.form != kNone) presence.mark(known->second.form, fields);
    }
    if (stems != stems_.end() && !form.stem.empty()) {
      if (const auto known = stems->second.find(form.stem); known != stems->second.end()) {
        for (std::uint32_t atom : known->second) presence.mark(atom, fields);
      }
    }
    if (!prefixes_.empty()) {
      key.assign(head_of(form.form));
      if (const auto known = prefixes_.find(key); known != prefixes_.end() && !key.empty()) {
        for (const auto& [prefix, atom] : known->second) {
          if (form.form.starts_with(prefix)) presence.mark(atom, fields);
        }
      }
    }
  }
  if (!bigrams_.empty()) find_bigrams(document, presence);
  find_filters(document.attributes, presence);
}

void Atoms::find_bigrams(const Document::Impl& document, Presence& presence) const {
  std::string key;
  for (std::size_t field = 0; field < analysis::kFields; ++field) {
    const auto& tokens = document.tokens[field];
    bool previous = false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const bool unspaced = analysis::is_unspaced(tokens[i].form);
      if (previous && unspaced) {
        key.assign(tokens[i - 1].form).append(tokens[i].form);
        if (const auto known = bigrams_.find(key); known != bigrams_.end())
          presence.mark(known->second, field == 0 ? Presence::kTitle : Presence::kText);
      }
      previous = unspaced;
    }
  }
}

void Atoms::mark_filter(Filter filter, const std::string& value, Presence& presence) const {
  if (const auto known = filters_.find(filter_key(filter, value)); known != filters_.end()) {
    presence.mark(known->second, Presence::kTitle | Presence::kText);
  }
}

void Atoms::find_filters(const analysis::Attributes& article, Presence& presence) const {
  if (filters_.empty()) return;
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

}  // namespace vigie::indexer::matching
