#pragma once

#include "indexer/api/call.h"
#include "indexer/keys/store.h"

namespace vigie::indexer::api {

class KeyRing;

/// The named keys: made, listed, revoked. Thread-safe.
class KeyApi {
 public:
  /// `ring` has the keys of files, which are listed too.
  KeyApi(const KeyRing& ring, keys::KeyStore& store) : ring_(ring), store_(store) {}
  Routes routes();

 private:
  http::Response list(const Call& call);
  http::Response create(const Call& call);
  http::Response revoke(const Call& call);

  const KeyRing& ring_;
  keys::KeyStore& store_;
};

}  // namespace vigie::indexer::api
