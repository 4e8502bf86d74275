#include "indexer/subscriptions/sealed_secrets.h"

#include <algorithm>

#include "platform/logging/logging.h"

namespace vigie::indexer::subscriptions {
namespace {

constexpr const char* kSetting = "webhook.key_file";
constexpr const char* kOwnFile = "webhook.key";

/// A secret is of one channel and cannot be put into another, whose receiver would then be told
/// what the first is told, or could sign as it.
std::string context_of(const v1::SubscriptionRecord& record, const v1::Channel& channel) {
  return record.id() + "/" + channel.id();
}

}  // namespace

Result<std::shared_ptr<const secrets::Sealer>> open_sealer(const config::Settings& settings,
                                                           const std::filesystem::path& data_dir,
                                                           Random& random) {
  const std::string file = settings.text(kSetting);
  if (!file.empty()) {
    VIGIE_ASSIGN(secrets::Sealer sealer, secrets::Sealer::read(file, kSetting, random));
    return std::make_shared<const secrets::Sealer>(std::move(sealer));
  }
  if (settings.text("log.engine") == "kafka") {
    logging::warn(
        "secrets of webhooks are not encrypted in the log: set webhook.key_file to one "
        "file for all indexers; `vigie keys FILE` makes it");
    return std::shared_ptr<const secrets::Sealer>();
  }
  VIGIE_ASSIGN(secrets::Sealer sealer,
               secrets::Sealer::read_or_make(data_dir / kOwnFile, kSetting, random));
  return std::make_shared<const secrets::Sealer>(std::move(sealer));
}

v1::SubscriptionRecord sealed(v1::SubscriptionRecord record, const secrets::Sealer* sealer) {
  if (sealer == nullptr) return record;
  for (v1::Channel& channel : *record.mutable_channels()) {
    if (channel.secret().empty()) continue;
    channel.set_sealed_secret(sealer->seal(channel.secret(), context_of(record, channel)));
    channel.clear_secret();
  }
  return record;
}

Keeping unseal(v1::SubscriptionRecord& record, const secrets::Sealer* sealer) {
  Keeping out = Keeping::kSealed;
  for (v1::Channel& channel : *record.mutable_channels()) {
    Keeping this_one = Keeping::kSealed;
    if (channel.sealed_secret().empty()) {
      if (sealer != nullptr && !channel.secret().empty()) this_one = Keeping::kOtherwise;
    } else {
      auto opened = sealer == nullptr
                        ? std::nullopt
                        : sealer->open(channel.sealed_secret(), context_of(record, channel));
      if (!opened) this_one = Keeping::kUnreadable;
      else if (!opened->by_first) this_one = Keeping::kOtherwise;
      channel.set_secret(opened ? std::move(opened->text) : std::string());
      channel.clear_sealed_secret();
    }
    out = std::max(out, this_one);
  }
  return out;
}

}  // namespace vigie::indexer::subscriptions
