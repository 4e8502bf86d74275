#pragma once

#include <filesystem>
#include <memory>

#include "platform/clock/clock.h"
#include "platform/config/settings.h"
#include "platform/result/result.h"
#include "platform/secrets/sealer.h"
#include "proto/subscription.pb.h"

/// Secrets of channels as the log keeps them: encrypted by a key that is not in the log.
namespace vigie::indexer::subscriptions {

/// By `webhook.key_file`. Where it is not set: on the embedded log a file of the data directory,
/// made with mode 0600; on Kafka none, since every indexer needs the same, which is said in the
/// log. Null: secrets are kept as they are. `random` must outlive it.
/// Errors: kStop bad_keys_file.
Result<std::shared_ptr<const secrets::Sealer>> open_sealer(const config::Settings& settings,
                                                           const std::filesystem::path& data_dir,
                                                           Random& random);

/// The record for the log. `sealer` may be null.
v1::SubscriptionRecord sealed(v1::SubscriptionRecord record, const secrets::Sealer* sealer);

/// How a record of the log keeps its secrets.
enum class Keeping {
  kSealed,      // as sealed() would, or it has none
  kOtherwise,   // plain, though there is a key, or by a key that is on its way out
  kUnreadable,  // by a key that is not there: its channels have no secret
};

/// Puts the secrets where readers look for them. `sealer` may be null.
Keeping unseal(v1::SubscriptionRecord& record, const secrets::Sealer* sealer);

}  // namespace vigie::indexer::subscriptions
