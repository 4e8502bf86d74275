// Words that stand for more than one topic: for the linter.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "platform/text/matchable.h"
#include "platform/text/utf8.h"
#include "platform/topic_packs/pattern.h"
#include "platform/topic_packs/topic_packs.h"

namespace vigie::topic_packs {
namespace {

constexpr double kCounts = 3;  // weaker terms decide nothing alone, and may serve several topics
constexpr std::size_t kMaxWarnings = 500;

using Word = std::pair<std::string, std::string>;  // language, folded alternative

/// The words of a term that stand alone; those near others mean what the others make of them.
std::vector<Word> words_of(const Term& term) {
  std::vector<Word> out;
  if (term.weight < kCounts || term.pattern.find_first_of("<$") != std::string::npos) return out;
  const auto alternatives = expand_alternatives(term.pattern);
  if (!alternatives) return out;
  for (const std::string& alternative : *alternatives)
    out.emplace_back(term.language, text::matchable(text::trim(alternative)).text);
  return out;
}

bool is_parent(const Topic& topic, const Topic& other) {
  return std::find(topic.parents.begin(), topic.parents.end(), other.id) != topic.parents.end();
}

}  // namespace

std::vector<Problem> shared_words(const Pack& pack) {
  std::vector<Problem> out;
  std::map<Word, const Topic*> first;
  for (const Topic& topic : pack.topics) {
    for (const Term& term : topic.terms) {
      for (const Word& word : words_of(term)) {
        const auto [place, fresh] = first.try_emplace(word, &topic);
        const Topic& other = *place->second;
        if (fresh || &other == &topic || is_parent(topic, other) || is_parent(other, topic))
          continue;
        if (out.size() == kMaxWarnings) return out;
        out.push_back({topic.file, term.line, term.column,
                       "'" + text::ellipsize(text::trim(word.second), 80) + "' stands for '" +
                           other.id +
                           "' too; write near it what makes it this topic, or leave it to one",
                       true});
      }
    }
  }
  return out;
}

}  // namespace vigie::topic_packs
