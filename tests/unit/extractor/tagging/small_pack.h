#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "extractor/tagging/tagger.h"

namespace vigie::extractor::tagging {

/// A tagger of one pack, written in YAML.
inline std::shared_ptr<const Tagger> tagger_of(const std::string& yaml) {
  std::vector<topic_packs::Problem> problems;
  topic_packs::Pack pack = topic_packs::read_pack({{"pack.yaml", "pack: p\n" + yaml}}, problems);
  EXPECT_TRUE(problems.empty()) << problems.front().to_string();
  return Tagger::compile({std::move(pack)});
}

/// A topic of a pack in one line of YAML.
inline std::string topic(const std::string& id, const std::string& keys) {
  return "  - {id: " + id + ", name: T, definition: d, " + keys +
         ", tests: {must: {any: x}, must_not: {any: y}}}\n";
}

/// "about", "mention" or "" of a topic or an actor.
inline std::string level(const TagResult& result, std::string_view id) {
  for (const auto* list : {&result.topics, &result.actors}) {
    for (const TagFound& tag : *list) {
      if (tag.id == id) return tag.about ? "about" : "mention";
    }
  }
  return "";
}

}  // namespace vigie::extractor::tagging
