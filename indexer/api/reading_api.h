#pragma once

#include "indexer/api/call.h"

namespace vigie::indexer::search {
class Index;
}
namespace vigie::indexer::translation {
class Translator;
}

namespace vigie::indexer::api {

/// What helps to read an article in a language that one does not know. Thread-safe.
class ReadingApi {
 public:
  /// `translator`: nullptr where none is set up. Both must outlive it.
  ReadingApi(search::Index& index, translation::Translator* translator)
      : index_(index), translator_(translator) {}
  Routes routes();

 private:
  http::Response reading(const Call& call);

  search::Index& index_;
  translation::Translator* translator_;
};

}  // namespace vigie::indexer::api
