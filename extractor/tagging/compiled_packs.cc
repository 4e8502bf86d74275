#include "extractor/tagging/compiled_packs.h"

#include <algorithm>
#include <array>
#include <map>

namespace vigie::extractor::tagging {
namespace {

using topic_packs::Names;
using topic_packs::Pattern;
using topic_packs::Phrase;
using topic_packs::Term;

// of a literal that is scanned for; what follows is compared where it was found
constexpr std::size_t kMaxLiteral = 40;

/// Actors that make a lone term believable: states and those who act for or against them.
constexpr std::array<std::string_view, 6> kSupporting{"country", "agency", "org",
                                                      "body",    "law",    "product"};

/// One word with endings, which other languages may have for a word of their own: Latvian
/// "Nigēr~" is Niger, "Nigeria" is not.
bool is_open_word(const Phrase& phrase) {
  return phrase.words == 1 &&
         phrase.body.find_first_of({topic_packs::kLetters, topic_packs::kEnding}) !=
             std::string::npos;
}

class Compiler {
 public:
  explicit Compiler(CompiledPacks& out) : out_(out) {}

  void add_pack(const topic_packs::Pack& pack) {
    std::map<std::string_view, std::uint32_t> places;
    classes_.clear();
    for (const topic_packs::WordClass& words : pack.classes) add_class(words);
    for (const topic_packs::Context& context : pack.contexts) {
      const std::uint32_t tag = add_tag(context.name, "", TagEntry::Sort::kContext);
      add_terms(tag, context.terms, Role::kContext, Names::kNo);
    }
    for (const topic_packs::Topic& topic : pack.topics) {
      const std::uint32_t tag = add_tag(topic.id, "", TagEntry::Sort::kTopic);
      places[topic.id] = tag;
      out_.tags[tag].needs = !topic.context.empty();
      add_terms(tag, topic.terms, Role::kTerm, Names::kNo);
      add_terms(tag, topic.context, Role::kContext, Names::kNo);
      add_terms(tag, topic.excluded, Role::kExcluded, Names::kNo);
      add_terms(tag, topic.veto, Role::kVeto, Names::kNo);
    }
    for (const topic_packs::Actor& actor : pack.actors) places[actor.id] = add_actor(actor);
    for (const topic_packs::Topic& topic : pack.topics) {
      TagEntry& entry = out_.tags[places.at(topic.id)];
      for (const std::string& parent : topic.parents) entry.parents.push_back(places.at(parent));
      for (const topic_packs::Combination& combination : topic.combinations) {
        Together together{{}, combination.weight};
        for (const std::string& id : combination.all) together.all.push_back(places.at(id));
        entry.together.push_back(std::move(together));
      }
    }
  }

  void build() {
    std::sort(pairs_.begin(), pairs_.end());
    out_.uses_begin.assign(literals_.size() + 1, 0);
    for (const auto& [literal, phrase] : pairs_) {
      ++out_.uses_begin[literal + 1];
      out_.uses.push_back(phrase);
    }
    for (std::size_t i = 1; i < out_.uses_begin.size(); ++i)
      out_.uses_begin[i] += out_.uses_begin[i - 1];
    out_.class_uses.resize(out_.rules.size());
    places_.clear();
    pairs_ = {};
    out_.texts.shrink_to_fit();
    out_.phrases.shrink_to_fit();
    out_.rules.shrink_to_fit();
    out_.literals = LiteralIndex(literals_);
  }

 private:
  std::uint32_t add_tag(std::string_view id, std::string_view kind, TagEntry::Sort sort) {
    TagEntry& entry = out_.tags.emplace_back();
    entry.id = id;
    entry.kind = kind;
    entry.sort = sort;
    return static_cast<std::uint32_t>(out_.tags.size() - 1);
  }

  std::uint32_t add_actor(const topic_packs::Actor& actor) {
    const std::uint32_t tag = add_tag(actor.id, actor.kind, TagEntry::Sort::kActor);
    out_.tags[tag].supports =
        std::find(kSupporting.begin(), kSupporting.end(), actor.kind) != kSupporting.end();
    const double weight = actor.weight;
    add_terms(tag, actor.terms, Role::kTerm, Names::kYes, weight);
    add_terms(tag, actor.unsure, Role::kUnsure, Names::kYes, weight);
    add_terms(tag, actor.short_forms, Role::kShort, Names::kYes, weight);
    add_terms(tag, actor.context, Role::kContext, Names::kYes);
    add_terms(tag, actor.excluded, Role::kExcluded, Names::kNo);
    return tag;
  }

  /// The words of a class in a language are compiled once, whatever number of rules use them.
  void add_class(const topic_packs::WordClass& words) {
    std::map<std::string_view, std::uint32_t>& by_language = classes_[words.name];
    std::map<std::string_view, std::vector<const Term*>> terms;
    for (const Term& term : words.terms) terms[term.language].push_back(&term);
    for (const auto& [language, same] : terms) {
      Rule rule;
      rule.parts = 0;
      rule.kind = TermKind::kWideOpen;
      rule.language = out_.languages.add(language);
      rule.term = same.front();
      out_.rules.push_back(rule);
      by_language[language] = static_cast<std::uint32_t>(out_.rules.size() - 1);
      for (const Term* term : same) {
        const auto pattern = topic_packs::parse_pattern(term->pattern, Names::kNo, language);
        if (pattern) add_phrases(*pattern);
      }
    }
  }

  /// Notes that the last rule uses classes.
  void use_classes(const Pattern& pattern, std::string_view language) {
    const auto is_empty = [](const std::vector<std::string>& names) { return names.empty(); };
    if (std::all_of(pattern.classes.begin(), pattern.classes.end(), is_empty)) return;
    out_.class_uses.resize(out_.rules.size());
    const auto user = static_cast<std::uint32_t>(out_.rules.size() - 1);
    for (std::size_t part = 0; part < pattern.classes.size(); ++part) {
      for (const std::string& name : pattern.classes[part]) {
        for (const auto& [of, rule] : classes_[name]) {
          if (of == language || of == "any")
            out_.class_uses[rule].push_back({user, static_cast<std::uint8_t>(part)});
        }
      }
    }
  }

  void add_terms(std::uint32_t tag, const std::vector<Term>& terms, Role role, Names names,
                 double factor = 1) {
    for (const Term& term : terms) {
      const auto pattern = topic_packs::parse_pattern(term.pattern, names, term.language);
      if (!pattern) continue;  // the reader of packs has refused it already
      Rule rule;
      rule.tag = tag;
      rule.role = role;
      rule.parts = static_cast<std::uint8_t>(pattern->parts.size());
      rule.within = static_cast<std::uint8_t>(pattern->within);
      rule.sure = term.sure;
      rule.weight = static_cast<float>(term.weight * factor);
      rule.language = out_.languages.add(term.language);
      rule.kind = kind_of(tag, role, term, *pattern);
      rule.term = &term;
      out_.rules.push_back(rule);
      add_phrases(*pattern);
      use_classes(*pattern, term.language);
    }
  }

  TermKind kind_of(std::uint32_t tag, Role role, const Term& term, const Pattern& pattern) const {
    const auto& part = pattern.parts.front();
    if (out_.tags[tag].sort == TagEntry::Sort::kActor && role != Role::kContext &&
        role != Role::kExcluded && std::any_of(part.begin(), part.end(), is_open_word))
      return TermKind::kWord;
    if (out_.tags[tag].sort != TagEntry::Sort::kTopic || role != Role::kTerm)
      return TermKind::kWideOpen;
    const auto& classes = pattern.classes;
    if (std::any_of(classes.begin(), classes.end(), [](const auto& c) { return !c.empty(); }))
      return TermKind::kClasses;
    const bool long_enough =
        pattern.parts.size() > 1 ||
        std::all_of(part.begin(), part.end(), [](const Phrase& p) { return p.words > 1; });
    return term.sure || long_enough ? TermKind::kTelling : TermKind::kWord;
  }

  void add_phrases(const Pattern& pattern) {
    for (std::size_t part = 0; part < pattern.parts.size(); ++part) {
      for (const Phrase& phrase : pattern.parts[part])
        add_phrase(phrase, static_cast<std::uint8_t>(part));
    }
  }

  void add_phrase(const Phrase& phrase, std::uint8_t part) {
    const std::string& body = phrase.body;
    std::size_t literal = 0;
    while (literal < body.size() &&
           literal<kMaxLiteral&& static_cast<unsigned char>(body[literal])> topic_packs::kLastMark)
      ++literal;
    CompiledPhrase made;
    made.rule = static_cast<std::uint32_t>(out_.rules.size() - 1);
    made.part = part;
    made.left = phrase.left;
    made.initial_capital = phrase.initial_capital;
    made.literal_bytes = static_cast<std::uint16_t>(literal);
    made.rest = keep(std::string_view(body).substr(literal));
    made.rest_bytes = static_cast<std::uint16_t>(body.size() - literal);
    made.exact = keep(phrase.exact);
    made.exact_bytes = static_cast<std::uint16_t>(phrase.exact.size());
    out_.phrases.push_back(made);
    const char next = literal < body.size() ? body[literal] : 'x';
    if (next != topic_packs::kNumber && next != topic_packs::kDigit)
      return add_literal(body.substr(0, literal));
    for (char digit = '0'; digit <= '9'; ++digit) add_literal(body.substr(0, literal) + digit);
  }

  void add_literal(std::string literal) {
    const auto next = static_cast<std::uint32_t>(literals_.size());
    const auto [place, fresh] = places_.try_emplace(std::move(literal), next);
    if (fresh) literals_.push_back(place->first);
    pairs_.emplace_back(place->second, static_cast<std::uint32_t>(out_.phrases.size() - 1));
  }

  std::uint32_t keep(std::string_view bytes) {
    const auto at = static_cast<std::uint32_t>(out_.texts.size());
    out_.texts += bytes;
    return at;
  }

  CompiledPacks& out_;
  // the rule of each class and language of the pack
  std::map<std::string_view, std::map<std::string_view, std::uint32_t>> classes_;
  std::vector<std::string> literals_;
  std::unordered_map<std::string, std::uint32_t> places_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs_;  // literal, phrase
};

}  // namespace

std::unique_ptr<const CompiledPacks> CompiledPacks::make(std::vector<topic_packs::Pack> packs) {
  auto out = std::make_unique<CompiledPacks>();
  out->packs = std::move(packs);
  Compiler compiler(*out);
  for (const topic_packs::Pack& pack : out->packs) {
    compiler.add_pack(pack);
    out->label += (out->label.empty() ? "" : ",") + pack.label();
  }
  compiler.build();
  return out;
}

}  // namespace vigie::extractor::tagging
