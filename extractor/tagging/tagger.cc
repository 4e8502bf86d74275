#include "extractor/tagging/tagger.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "extractor/tagging/reading.h"
#include "proto/article.pb.h"

namespace vigie::extractor::tagging {
namespace {

double rounded(double score) { return std::round(score * 100) / 100; }

bool by_score(const TagFound& a, const TagFound& b) {
  return a.score != b.score ? a.score > b.score : a.id < b.id;
}

/// Adds spans of occurrences, title first, each place once, up to kEvidenceOfTag.
void add_evidence(const CompiledPacks& packs, const Fields& fields, const Score& score,
                  std::vector<const Occurrence*> found, bool together, TagFound& out) {
  std::stable_sort(found.begin(), found.end(), [](const Occurrence* a, const Occurrence* b) {
    return std::make_tuple(!a->in_title, a->begin, a->end) <
           std::make_tuple(!b->in_title, b->begin, b->end);
  });
  const Occurrence* last = nullptr;
  for (const Occurrence* occurrence : found) {
    if (out.evidence.size() == kEvidenceOfTag) return;
    if (last != nullptr && last->in_title == occurrence->in_title &&
        last->begin == occurrence->begin && last->end == occurrence->end)
      continue;
    last = occurrence;
    const auto [begin, end] = fields.of(*occurrence).span(occurrence->begin, occurrence->end);
    if (end <= begin) continue;
    EvidenceSpan span{occurrence->in_title,
                      begin,
                      end - begin,
                      packs.rules[occurrence->rule].name(),
                      together,
                      {}};
    if (!together && occurrence->tag != score.tag) span.child = packs.tags[occurrence->tag].id;
    out.evidence.push_back(std::move(span));
  }
}

void add_tag(const CompiledPacks& packs, const Fields& fields, const Score& score,
             std::vector<TagFound>& out) {
  if (!is_given(score.why)) return;
  TagFound tag;
  tag.id = packs.tags[score.tag].id;
  tag.about = is_about(score.why);
  tag.score = std::max(0.01, rounded(score.value));
  const bool own = !score.evidence.empty();
  add_evidence(packs, fields, score, own ? score.evidence : score.evidence_of_together, !own, tag);
  if (!tag.evidence.empty()) out.push_back(std::move(tag));
}

}  // namespace

Reading read(const CompiledPacks& packs, std::string_view title, std::string_view text,
             std::string_view language) {
  Reading out{{Field(title), Field(text)}, {}, {}, {}};
  const Counting counting =
      packs.languages.counting(language, out.fields.title.scripts() | out.fields.text.scripts(),
                               out.fields.title.words() + out.fields.text.words());
  out.findings = sort_out(packs, find_occurrences(packs, out.fields, counting),
                          out.fields.text.words(), out.fields.title.words() > 0);
  out.topics = score_topics(packs, out.findings);
  out.actors = score_actors(packs, out.findings);
  return out;
}

Tagger::Tagger(std::unique_ptr<const CompiledPacks> packs) : packs_(std::move(packs)) {}
Tagger::~Tagger() = default;

Result<std::shared_ptr<const Tagger>> Tagger::load(const std::vector<std::string>& topics_dirs) {
  VIGIE_ASSIGN(std::vector<topic_packs::Pack> packs, topic_packs::load_packs(topics_dirs));
  return compile(std::move(packs));
}

std::shared_ptr<const Tagger> Tagger::compile(std::vector<topic_packs::Pack> packs) {
  return std::shared_ptr<const Tagger>(new Tagger(CompiledPacks::make(std::move(packs))));
}

const std::vector<topic_packs::Pack>& Tagger::packs() const { return packs_->packs; }
const std::string& Tagger::label() const { return packs_->label; }
std::vector<std::string> Tagger::literals() const { return packs_->literals.literals(); }

TagResult Tagger::tag_text(std::string_view title, std::string_view text,
                           std::string_view language) const {
  const Reading reading = read(*packs_, title, text, language);
  TagResult result;
  for (const Score& score : reading.topics) add_tag(*packs_, reading.fields, score, result.topics);
  for (const Score& score : reading.actors) add_tag(*packs_, reading.fields, score, result.actors);
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
        span.set_together(evidence.together);
        span.set_child(evidence.child);
      }
    }
  };
  fill(found.topics, article.mutable_topics());
  fill(found.actors, article.mutable_actors());
  article.set_pack(packs_->label);
}

}  // namespace vigie::extractor::tagging
