#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "indexer/api/catalogue.h"
#include "indexer/query/query.h"
#include "platform/result/result.h"

namespace vigie::indexer::api {

/// The topics and actors that a query may name: their ids, aliases and names. Immutable.
class Vocabulary {
 public:
  explicit Vocabulary(std::shared_ptr<const Catalogue> catalogue);

  /// Replaces aliases of topics by their ids. Errors: kQuarantine bad_query, with the nearest name,
  /// for a topic or an actor that does not exist; `offset`, if given, gets its byte. Without packs
  /// nothing is checked.
  Result<void> resolve(query::Query& query, std::size_t* offset = nullptr) const;
  /// "actor:org:nvidia" for what is no id behind the colon at `offset` of a query (actor:nvidia,
  /// topic:"export controls"); empty where it is of another filter, or nothing is near.
  std::string meant_at(std::string_view text, std::size_t offset) const;
  /// The text of a query with ids instead of aliases; the same text where it cannot be read.
  std::string with_ids(std::string_view text) const;

  /// A topic or an actor whose name, in any language, or id the words are.
  struct Named {
    const CatalogueEntry* entry = nullptr;
    bool is_topic = false;
  };
  Named named(std::string_view words) const;

 private:
  const std::string* topic_id(std::string_view id) const;
  bool has_actor(std::string_view id) const;
  /// "topic:ID" or "actor:ID", or whatever the field is, with the value that was perhaps meant.
  std::string meant(query::Filter filter, std::string_view value) const;

  std::shared_ptr<const Catalogue> catalogue_;
  std::map<std::string, std::string, std::less<>> topics_;  // id or alias → id
  std::map<std::string, const CatalogueEntry*, std::less<>> actors_;
  std::map<std::string, Named, std::less<>> names_;  // folded
};

/// The vocabulary of the catalogue as it is now, made anew where that has changed. Thread-safe.
class CurrentVocabulary {
 public:
  explicit CurrentVocabulary(CurrentCatalogue catalogue) : catalogue_(std::move(catalogue)) {}
  std::shared_ptr<const Vocabulary> now() const;

 private:
  CurrentCatalogue catalogue_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Catalogue> made_of_;
  mutable std::shared_ptr<const Vocabulary> vocabulary_;
};

}  // namespace vigie::indexer::api
