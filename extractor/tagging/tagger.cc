#include "extractor/tagging/tagger.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "extractor/tagging/automaton.h"
#include "extractor/tagging/field.h"
#include "platform/topic_packs/pattern.h"
#include "proto/article.pb.h"

namespace vigie::extractor::tagging {
namespace {

using topic_packs::Names;
using topic_packs::Pattern;
using topic_packs::Phrase;

// What counts, and how much. Weights of terms are the pack's: strong 5, normal 3, weak 1.
constexpr double kTitleFactor = 3;         // an occurrence in the title
constexpr double kLeadFactor = 1.5;        // of a topic's term in the first kLeadBytes of the text
constexpr std::uint32_t kLeadBytes = 600;  // folded; two or three sentences
// of one term of a topic, after factors: one word repeated is not a topic
constexpr double kOccurrencesCounted = 4;
constexpr double kTopicMention = 3;  // a topic is mentioned from here: one normal term
// and is what the article is about from here, normalised by length
constexpr double kTopicAbout = 11;
constexpr std::size_t kAboutDistinct = 2;  // with at least so many different terms
constexpr double kUsualWords = 600;        // texts up to here are not damped
// occurrences of one group of a nearness term in a field: joining them is quadratic, and a text may
// repeat one word a million times
constexpr std::size_t kNearCounted = 500;
constexpr double kActorTitle = 4;  // an occurrence of an actor's name in the title
constexpr double kActorLead = 2;   // in the first kActorLeadBytes of the text
constexpr std::uint32_t kActorLeadBytes = 250;
// normalised: named in the title, or in the lead and again, or four times
constexpr double kActorAbout = 4;
constexpr double kActorCounted = 40;  // occurrences beyond say nothing more

struct Rule {
  enum class Role { kTerm, kUnsure, kShort, kContext, kExcluded };
  std::uint32_t tag = 0;
  Role role = Role::kTerm;
  std::string language;
  double weight = 0;
  std::string name;  // language/pattern
  Pattern pattern;
};

struct TagEntry {
  std::string id;
  std::string kind;  // empty for topics
  bool has_context = false;
  std::vector<std::pair<std::vector<std::uint32_t>, double>> together;
  std::vector<std::uint32_t> rules;
};

struct PhraseUse {
  std::uint32_t rule = 0;
  std::uint32_t part = 0;
  std::uint32_t alternative = 0;
};

/// An occurrence of a rule.
struct Occurrence {
  std::uint32_t rule = 0;
  bool in_title = false;
  std::uint32_t begin = 0;  // folded
  std::uint32_t end = 0;
  bool dropped = false;
};

double damping(double words) {
  return words <= kUsualWords ? 1 : 1 / (1 + 0.5 * std::log2(words / kUsualWords));
}

double rounded(double score) { return std::round(score * 100) / 100; }

bool by_score(const TagFound& a, const TagFound& b) {
  return a.score != b.score ? a.score > b.score : a.id < b.id;
}

}  // namespace

struct Tagger::Impl {
  std::vector<topic_packs::Pack> packs;
  std::string label;
  std::vector<TagEntry> tags;
  std::vector<Rule> rules;
  std::unique_ptr<Automaton> automaton;
  std::vector<std::vector<PhraseUse>> uses;  // by literal
  std::unordered_set<std::string> topic_languages;
  std::unordered_set<std::string> actor_languages;

  void add_rules(std::uint32_t tag, const std::vector<topic_packs::Term>& terms, Rule::Role role,
                 Names names) {
    for (const topic_packs::Term& term : terms) {
      auto pattern = topic_packs::parse_pattern(term.pattern, names, term.language);
      if (!pattern) continue;  // the reader of packs has refused it already
      tags[tag].rules.push_back(static_cast<std::uint32_t>(rules.size()));
      rules.push_back({tag, role, term.language, term.weight, term.language + "/" + term.pattern,
                       std::move(*pattern)});
      if (role == Rule::Role::kTerm)
        (names == Names::kYes ? actor_languages : topic_languages).insert(term.language);
    }
  }

  void add_pack(const topic_packs::Pack& pack) {
    std::map<std::string, std::uint32_t> places;
    for (const topic_packs::Topic& topic : pack.topics) {
      const auto tag = static_cast<std::uint32_t>(tags.size());
      places[topic.id] = tag;
      tags.push_back({topic.id, "", !topic.context.empty(), {}, {}});
      add_rules(tag, topic.terms, Rule::Role::kTerm, Names::kNo);
      add_rules(tag, topic.context, Rule::Role::kContext, Names::kNo);
      add_rules(tag, topic.excluded, Rule::Role::kExcluded, Names::kNo);
    }
    for (const topic_packs::Actor& actor : pack.actors) {
      const auto tag = static_cast<std::uint32_t>(tags.size());
      places[actor.id] = tag;
      tags.push_back({actor.id, actor.kind, !actor.context.empty(), {}, {}});
      add_rules(tag, actor.terms, Rule::Role::kTerm, Names::kYes);
      add_rules(tag, actor.unsure, Rule::Role::kUnsure, Names::kYes);
      add_rules(tag, actor.short_forms, Rule::Role::kShort, Names::kYes);
      add_rules(tag, actor.context, Rule::Role::kContext, Names::kYes);
      add_rules(tag, actor.excluded, Rule::Role::kExcluded, Names::kNo);
    }
    for (const topic_packs::Topic& topic : pack.topics) {
      for (const topic_packs::Combination& combination : topic.combinations) {
        std::vector<std::uint32_t> all;
        for (const std::string& id : combination.all) all.push_back(places.at(id));
        tags[places.at(topic.id)].together.emplace_back(std::move(all), combination.weight);
      }
    }
  }

  Result<void> build() {
    std::vector<std::string> literals;
    std::unordered_map<std::string, std::uint32_t> places;
    for (std::uint32_t rule = 0; rule < rules.size(); ++rule) {
      const auto& parts = rules[rule].pattern.parts;
      for (std::uint32_t part = 0; part < parts.size(); ++part) {
        for (std::uint32_t alternative = 0; alternative < parts[part].size(); ++alternative) {
          const std::string& literal = parts[part][alternative].chunks.front().literal;
          const auto [place, fresh] =
              places.try_emplace(literal, static_cast<std::uint32_t>(literals.size()));
          if (fresh) {
            literals.push_back(literal);
            uses.emplace_back();
          }
          uses[place->second].push_back({rule, part, alternative});
        }
      }
    }
    VIGIE_ASSIGN(automaton, Automaton::compile(std::move(literals)));
    return {};
  }

  bool counts(const Rule& rule, std::string_view language) const {
    if (rule.language == "any" || language.empty() || rule.language == language) return true;
    // An article in a language that the packs do not know is matched by the terms of all.
    const auto& known = tags[rule.tag].kind.empty() ? topic_languages : actor_languages;
    return known.count(std::string(language)) == 0;
  }

  void find(const Field& field, bool in_title, std::string_view language,
            std::vector<Occurrence>& out) const {
    std::vector<Automaton::Hit> hits;
    automaton->scan(field.folded(), hits);
    std::map<std::uint32_t, std::vector<std::vector<Occurrence>>> near;  // rule → its parts
    for (const Automaton::Hit& hit : hits) {
      for (const PhraseUse& use : uses[hit.literal]) {
        const Rule& rule = rules[use.rule];
        if (!counts(rule, language)) continue;
        Occurrence found{use.rule, in_title, 0, 0, false};
        if (!field.matches(rule.pattern.parts[use.part][use.alternative], hit.begin, found.begin,
                           found.end))
          continue;
        if (rule.pattern.parts.size() == 1) {
          out.push_back(found);
        } else {
          auto& parts = near[use.rule];
          parts.resize(rule.pattern.parts.size());
          if (parts[use.part].size() < kNearCounted) parts[use.part].push_back(found);
        }
      }
    }
    for (const auto& [rule, parts] : near) join_near(field, rules[rule], parts, out);
  }

  /// One occurrence for each of the first part that has the other parts near it.
  static void join_near(const Field& field, const Rule& rule,
                        const std::vector<std::vector<Occurrence>>& parts,
                        std::vector<Occurrence>& out) {
    const auto apart = [&](const Occurrence& a, const Occurrence& b) {
      const Occurrence& left = a.begin <= b.begin ? a : b;
      const Occurrence& right = a.begin <= b.begin ? b : a;
      if (left.end > right.begin) return -1;
      return static_cast<int>(field.word_at(right.begin)) -
             static_cast<int>(field.word_at(left.end - 1)) - 1;
    };
    for (Occurrence whole : parts.front()) {
      const Occurrence first = whole;
      bool complete = true;
      for (std::size_t part = 1; part < parts.size() && complete; ++part) {
        const Occurrence* nearest = nullptr;
        int least = rule.pattern.within + 1;
        for (const Occurrence& other : parts[part]) {
          const int distance = apart(first, other);
          if (distance < 0 || distance >= least) continue;
          least = distance;
          nearest = &other;
        }
        complete = nearest != nullptr;
        if (!complete) break;
        whole.begin = std::min(whole.begin, nearest->begin);
        whole.end = std::max(whole.end, nearest->end);
      }
      if (complete) out.push_back(whole);
    }
  }

  /// Drops what an exclusion of its tag covers, and names inside a longer name of the same kind
  /// ("Guinea" in "Papua New Guinea").
  void drop_covered(std::vector<Occurrence>& all) const {
    const auto overlaps = [](const Occurrence& a, const Occurrence& b) {
      return a.in_title == b.in_title && a.begin < b.end && b.begin < a.end;
    };
    std::stable_sort(all.begin(), all.end(), [](const Occurrence& a, const Occurrence& b) {
      return std::make_tuple(!a.in_title, a.begin, b.end) <
             std::make_tuple(!b.in_title, b.begin, a.end);
    });
    for (const Occurrence& shield : all) {
      const Rule& rule = rules[shield.rule];
      const bool excludes = rule.role == Rule::Role::kExcluded;
      const std::string& kind = tags[rule.tag].kind;
      if (!excludes && (kind.empty() || rule.role == Rule::Role::kContext)) continue;
      const auto from = std::partition_point(all.begin(), all.end(), [&](const Occurrence& o) {
        return std::make_pair(!o.in_title, o.begin + kReach) <
               std::make_pair(!shield.in_title, shield.begin);
      });
      for (auto other = from;
           other != all.end() && other->in_title == shield.in_title && other->begin < shield.end;
           ++other) {
        const Rule& other_rule = rules[other->rule];
        if (other_rule.role == Rule::Role::kExcluded || !overlaps(shield, *other)) continue;
        if (excludes) {
          if (other_rule.tag == rule.tag) other->dropped = true;
        } else if (other_rule.tag != rule.tag && tags[other_rule.tag].kind == kind &&
                   shield.begin <= other->begin && other->end <= shield.end &&
                   shield.end - shield.begin > other->end - other->begin) {
          other->dropped = true;
        }
      }
    }
  }
  // folded bytes; the longest span of an occurrence that matters here
  static constexpr std::uint32_t kReach = 400;
};

Tagger::Tagger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tagger::~Tagger() = default;

Result<std::shared_ptr<const Tagger>> Tagger::load(const std::vector<std::string>& topics_dirs) {
  VIGIE_ASSIGN(std::vector<topic_packs::Pack> packs, topic_packs::load_packs(topics_dirs));
  return compile(std::move(packs));
}

Result<std::shared_ptr<const Tagger>> Tagger::compile(std::vector<topic_packs::Pack> packs) {
  auto impl = std::make_unique<Impl>();
  for (const topic_packs::Pack& pack : packs) {
    impl->add_pack(pack);
    impl->label += (impl->label.empty() ? "" : ",") + pack.label();
  }
  impl->packs = std::move(packs);
  VIGIE_TRY(impl->build());
  return std::shared_ptr<const Tagger>(new Tagger(std::move(impl)));
}

const std::vector<topic_packs::Pack>& Tagger::packs() const { return impl_->packs; }
const std::string& Tagger::label() const { return impl_->label; }
std::vector<std::string> Tagger::literals() const { return impl_->automaton->literals(); }

namespace {

/// What was found of one tag.
struct Tally {
  std::vector<const Occurrence*> terms;
  std::vector<const Occurrence*> unsure;
  std::vector<const Occurrence*> shorts;
  bool context = false;
};

/// Folded spans that are counted once, whichever rules matched there.
void drop_repeats(std::vector<const Occurrence*>& found) {
  std::stable_sort(found.begin(), found.end(), [](const Occurrence* a, const Occurrence* b) {
    return std::make_tuple(!a->in_title, a->begin, b->end) <
           std::make_tuple(!b->in_title, b->begin, a->end);
  });
  std::vector<const Occurrence*> kept;
  for (const Occurrence* next : found) {
    if (!kept.empty() && kept.back()->in_title == next->in_title && next->end <= kept.back()->end)
      continue;
    kept.push_back(next);
  }
  found = std::move(kept);
}

}  // namespace

TagResult Tagger::tag_text(std::string_view title, std::string_view text,
                           std::string_view language) const {
  const Impl& impl = *impl_;
  const Field title_field(title);
  const Field text_field(text);
  std::vector<Occurrence> all;
  impl.find(title_field, true, language, all);
  impl.find(text_field, false, language, all);
  impl.drop_covered(all);

  std::map<std::uint32_t, Tally> tallies;
  for (const Occurrence& found : all) {
    const Rule& rule = impl.rules[found.rule];
    if (found.dropped || rule.role == Rule::Role::kExcluded) continue;
    Tally& tally = tallies[rule.tag];
    if (rule.role == Rule::Role::kTerm) tally.terms.push_back(&found);
    if (rule.role == Rule::Role::kUnsure) tally.unsure.push_back(&found);
    if (rule.role == Rule::Role::kShort) tally.shorts.push_back(&found);
    if (rule.role == Rule::Role::kContext) tally.context = true;
  }
  for (auto& [tag, tally] : tallies) {
    const bool actor = !impl.tags[tag].kind.empty();
    if (!actor && impl.tags[tag].has_context && !tally.context) tally.terms.clear();
    if (tally.context || !tally.terms.empty())
      tally.terms.insert(tally.terms.end(), tally.unsure.begin(), tally.unsure.end());
    if (!tally.terms.empty())
      tally.terms.insert(tally.terms.end(), tally.shorts.begin(), tally.shorts.end());
    drop_repeats(tally.terms);
  }

  const double damp = damping(static_cast<double>(text_field.words()));
  TagResult result;
  for (std::uint32_t tag = 0; tag < impl.tags.size(); ++tag) {
    const TagEntry& entry = impl.tags[tag];
    const bool actor = !entry.kind.empty();
    const auto found = tallies.find(tag);
    std::vector<const Occurrence*> evidence;
    if (found != tallies.end()) evidence = found->second.terms;
    if (actor && evidence.empty()) continue;

    double raw = 0;
    std::map<std::uint32_t, double> by_rule;
    bool in_title = false;
    for (const Occurrence* occurrence : evidence) {
      const bool lead =
          !occurrence->in_title && occurrence->begin < (actor ? kActorLeadBytes : kLeadBytes);
      const double factor = occurrence->in_title ? (actor ? kActorTitle : kTitleFactor)
                            : lead               ? (actor ? kActorLead : kLeadFactor)
                                                 : 1;
      by_rule[occurrence->rule] += factor;
      in_title = in_title || occurrence->in_title;
    }
    for (const auto& [rule, occurrences] : by_rule)
      raw += impl.rules[rule].weight *
             std::min(occurrences, actor ? kActorCounted : kOccurrencesCounted);
    const double own = raw;
    for (const auto& [all_of, weight] : entry.together) {
      const bool complete = std::all_of(all_of.begin(), all_of.end(), [&](std::uint32_t other) {
        const auto place = tallies.find(other);
        return place != tallies.end() && !place->second.terms.empty();
      });
      if (!complete) continue;
      raw += weight;
      if (own > 0) continue;
      for (const std::uint32_t other : all_of) evidence.push_back(tallies.at(other).terms.front());
    }
    if (evidence.empty() || raw <= 0) continue;

    TagFound out;
    out.id = entry.id;
    if (actor) {
      out.about = raw * damp >= kActorAbout;
    } else {
      if (raw < kTopicMention) continue;
      out.about = raw * damp >= kTopicAbout && by_rule.size() >= kAboutDistinct;
      if (!out.about && in_title) out.about = raw * damp >= kTopicAbout + kTopicMention;
    }
    out.score = std::max(0.01, rounded(raw * damp));
    std::stable_sort(evidence.begin(), evidence.end(),
                     [](const Occurrence* a, const Occurrence* b) {
                       return std::make_tuple(!a->in_title, a->begin, a->end) <
                              std::make_tuple(!b->in_title, b->begin, b->end);
                     });
    for (const Occurrence* occurrence : evidence) {
      if (out.evidence.size() == kEvidenceOfTag) break;
      const Field& field = occurrence->in_title ? title_field : text_field;
      const auto [begin, end] = field.span(occurrence->begin, occurrence->end);
      if (end <= begin) continue;
      if (!out.evidence.empty() && out.evidence.back().in_title == occurrence->in_title &&
          out.evidence.back().offset == begin && out.evidence.back().length == end - begin)
        continue;
      out.evidence.push_back(
          {occurrence->in_title, begin, end - begin, impl.rules[occurrence->rule].name});
    }
    if (out.evidence.empty()) continue;
    (actor ? result.actors : result.topics).push_back(std::move(out));
  }
  std::sort(result.topics.begin(), result.topics.end(), by_score);
  std::sort(result.actors.begin(), result.actors.end(), by_score);
  return result;
}

void Tagger::tag(v1::ArticleRecord& article) const {
  const TagResult found = tag_text(article.title(), article.text(), article.language());
  const auto fill = [](const std::vector<TagFound>& tags, auto* out) {
    out->Clear();
    for (const TagFound& tag : tags) {
      v1::Tag& record = *out->Add();
      record.set_id(tag.id);
      record.set_level(tag.about ? v1::TAG_LEVEL_ABOUT : v1::TAG_LEVEL_MENTION);
      record.set_score(tag.score);
      for (const EvidenceSpan& evidence : tag.evidence) {
        v1::Span& span = *record.add_evidence();
        span.set_field(evidence.in_title ? "title" : "text");
        span.set_offset(evidence.offset);
        span.set_length(evidence.length);
        span.set_rule(evidence.rule);
      }
    }
  };
  fill(found.topics, article.mutable_topics());
  fill(found.actors, article.mutable_actors());
  article.set_pack(impl_->label);
}

}  // namespace vigie::extractor::tagging
