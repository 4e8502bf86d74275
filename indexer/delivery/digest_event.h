#pragma once

#include <string>

#include "indexer/delivery/delivery.h"
#include "indexer/delivery/notice.h"

/// A digest in the forms in which it leaves vigie. Pure.
namespace vigie::indexer::delivery {

/// What channels for people say of a digest, one item for each entry.
Notice notice_of_digest(const v1::Digest& digest, const std::string& subscription_id,
                        const std::string& subscription_name, const std::string& query);

/// The body of ops/spec/http_api.md, "Digests": a CloudEvent 1.0 of type vigie.digest.v1 with all
/// entries. `message` has a digest. The same bytes at every attempt.
std::string digest_event(const Message& message);

}  // namespace vigie::indexer::delivery
