#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "indexer/api/catalogue.h"
#include "indexer/api/vocabulary.h"
#include "indexer/query/query.h"
#include "platform/json/json.h"
#include "platform/result/result.h"

namespace vigie::indexer::search {
class Index;
}

namespace vigie::indexer::api {

class StatusView;

/// What queries name, held against what there is. Thread-safe.
class QueryNames {
 public:
  QueryNames(CurrentCatalogue catalogue, StatusView& status, search::Index& index)
      : vocabulary_(std::move(catalogue)), status_(status), index_(index) {}

  /// Of the catalogue as it is now.
  std::shared_ptr<const Vocabulary> vocabulary() const { return vocabulary_.now(); }

  /// parse(), then Vocabulary::resolve().
  Result<query::Query> parse(std::string_view text, query::Use use, std::size_t* offset) const;

  /// At the price of the query's budget; what it does not allow is left out.
  /// Hints for people: those of the parser, names of sources that do not exist, and what else the
  /// words are. `found`: articles that answer the query; where none does, which part of it is to
  /// blame.
  Json hints(const query::Query& query, bool found) const;

 private:
  std::uint64_t count(const query::Query& query) const;
  std::uint64_t count(const std::string& query) const;
  void add_sources(const query::Query& query, Json& out) const;
  void add_entry(const query::Query& query, Json& out) const;
  void add_empty(const query::Query& query, Json& out) const;
  /// The host of a listed homepage that is near; empty where none is.
  std::string nearest_site(const std::string& host) const;
  std::string nearest_source(const std::string& name, const query::Budget* budget) const;

  CurrentVocabulary vocabulary_;
  StatusView& status_;
  search::Index& index_;
};

}  // namespace vigie::indexer::api
