#include "indexer/api/vocabulary.h"

#include <algorithm>
#include <utility>

#include "indexer/query/filter.h"
#include "platform/text/fold.h"
#include "platform/text/iso_codes.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::api {
namespace {

using query::Filter;

bool names_tag(const query::Node& node) {
  if (node.kind != query::Node::Kind::kFilter || node.value.ends_with('*')) return false;
  return node.filter == Filter::kTopic || node.filter == Filter::kAbout ||
         node.filter == Filter::kMention || node.filter == Filter::kActor;
}

bool is_actor(const query::Node& node) {
  return node.filter == Filter::kActor || node.value.find(':') != std::string::npos;
}

/// Words as names are compared: folded, hyphens and underscores as spaces.
std::string as_name(std::string_view words) {
  std::string out = text::fold_text(words);
  std::replace_if(out.begin(), out.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
  out.erase(std::remove(out.begin(), out.end(), '"'), out.end());
  return text::collapse_spaces(out);
}

/// Without what people put between words: exportcontrols, export_controls.
std::string bare(std::string_view words) {
  std::string out = as_name(words);
  out.erase(std::remove(out.begin(), out.end(), ' '), out.end());
  return out;
}

std::string_view slug_of(std::string_view id) { return id.substr(id.find(':') + 1); }

/// A third of the letters may differ.
constexpr std::size_t kLettersForOneMistake = 3;

/// The one of `ids` whose bare form is nearest, if it is near.
template <class Map, class Key>
std::string nearest_of(std::string_view value, const Map& map, Key&& key) {
  const std::string wanted = bare(value);
  std::string best;
  std::size_t least = std::max<std::size_t>(wanted.size() / kLettersForOneMistake, 1) + 1;
  for (const auto& entry : map) {
    const std::size_t far = text::edit_distance(bare(key(entry.first)), wanted);
    if (far >= least) continue;
    least = far;
    best = entry.first;
  }
  return best;
}

}  // namespace

Vocabulary::Vocabulary(std::shared_ptr<const Catalogue> catalogue)
    : catalogue_(std::move(catalogue)) {
  const auto name_all = [this](const CatalogueEntry& entry, bool is_topic) {
    const Named named{&entry, is_topic};
    names_.try_emplace(as_name(slug_of(entry.id)), named);
    names_.try_emplace(as_name(entry.name), named);
    for (const auto& [language, name] : entry.names) names_.try_emplace(as_name(name), named);
  };
  for (const CatalogueEntry& actor : catalogue_->actors) {
    actors_.try_emplace(actor.id, &actor);
    name_all(actor, false);
  }
  for (const CatalogueEntry& topic : catalogue_->topics) {
    topics_[topic.id] = topic.id;
    name_all(topic, true);
  }
  for (const CatalogueEntry& topic : catalogue_->topics) {
    for (const std::string& alias : topic.aliases) topics_.try_emplace(alias, topic.id);
  }
}

const std::string* Vocabulary::topic_id(std::string_view id) const {
  const auto known = topics_.find(id);
  return known == topics_.end() ? nullptr : &known->second;
}

bool Vocabulary::has_actor(std::string_view id) const {
  if (actors_.contains(id)) return true;
  return id.starts_with("country:") && text::is_country(slug_of(id));
}

std::string Vocabulary::meant(Filter filter, std::string_view value) const {
  const std::string field(query::filter_name(filter));
  const bool takes_topic = filter != Filter::kActor;
  const bool takes_actor = filter != Filter::kTopic;
  if (const Named same = named(slug_of(value)); same.entry != nullptr) {
    if (same.is_topic) return (takes_topic ? field : "topic") + ":" + same.entry->id;
    return (takes_actor ? field : "actor") + ":" + same.entry->id;
  }
  const bool wants_actor = value.find(':') != std::string_view::npos || !takes_topic;
  std::string best = wants_actor
                         ? nearest_of(slug_of(value), actors_, slug_of)
                         : nearest_of(value, topics_, [](std::string_view id) { return id; });
  if (!best.empty() && !wants_actor) best = topics_.find(best)->second;
  return best.empty() ? best : field + ":" + best;
}

std::string Vocabulary::meant_at(std::string_view text, std::size_t offset) const {
  if (offset > text.size()) return {};
  const std::string before = text::fold_text(text.substr(0, offset));
  std::string value = text::fold_text(text.substr(offset));
  const bool quoted = value.starts_with('"');
  if (quoted) value.erase(0, 1);
  value.erase(std::min(value.find_first_of(quoted ? "\"" : " ()"), value.size()));
  if (value.empty()) return {};
  for (const Filter filter : {Filter::kTopic, Filter::kAbout, Filter::kMention, Filter::kActor}) {
    if (before.ends_with(std::string(query::filter_name(filter)) + ':'))
      return meant(filter, value);
  }
  return {};
}

Result<void> Vocabulary::resolve(query::Query& query, std::size_t* offset) const {
  if (topics_.empty() && actors_.empty()) return {};
  for (query::Node& node : query.nodes) {
    if (!names_tag(node)) continue;
    const bool actor = is_actor(node);
    if (actor && has_actor(node.value)) continue;
    if (const std::string* id = actor ? nullptr : topic_id(node.value)) {
      node.value = *id;
      continue;
    }
    if (offset != nullptr) *offset = node.begin;
    const std::string kind = actor ? "an actor" : "a topic";
    const std::string list = actor ? "actors" : "topics";
    const std::string near = meant(node.filter, node.value);
    const std::size_t column =
        text::count_code_points(std::string_view(query.text).substr(0, node.begin)) + 1;
    return failure(
        Disposition::kQuarantine, "bad_query",
        "expected " + kind + " of the topic packs; \"" + node.value + "\" is none" +
            (near.empty() ? ": GET /v1/" + list + " lists them" : "; did you mean " + near + "?"),
        "column " + std::to_string(column));
  }
  return {};
}

std::string Vocabulary::with_ids(std::string_view text) const {
  std::string out(text);
  const auto parsed = query::parse(text);
  if (!parsed) return out;
  // From the end, so that places before stay true; one node may stand at each place.
  std::vector<const query::Node*> found;
  for (const query::Node& node : parsed->nodes) {
    if (names_tag(node) && !is_actor(node)) found.push_back(&node);
  }
  std::sort(found.begin(), found.end(),
            [](const query::Node* a, const query::Node* b) { return a->begin > b->begin; });
  for (const query::Node* node : found) {
    const std::string* id = topic_id(node->value);
    if (id == nullptr || *id == node->value) continue;
    out.replace(node->begin, node->end - node->begin,
                std::string(query::filter_name(node->filter)) + ":" + *id);
  }
  return out;
}

Vocabulary::Named Vocabulary::named(std::string_view words) const {
  const auto known = names_.find(as_name(words));
  return known == names_.end() ? Named() : known->second;
}

std::shared_ptr<const Vocabulary> CurrentVocabulary::now() const {
  const std::shared_ptr<const Catalogue> current = api::now(catalogue_);
  const std::lock_guard lock(mutex_);
  if (vocabulary_ == nullptr || made_of_ != current) {
    vocabulary_ = std::make_shared<const Vocabulary>(current);
    made_of_ = current;
  }
  return vocabulary_;
}

}  // namespace vigie::indexer::api
