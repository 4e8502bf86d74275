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

constexpr const char* kPrevious = "/previous";

struct Opened {
  std::string text;
  Keeping keeping = Keeping::kSealed;
};

Opened opened(const std::string& plain, const std::string& sealed, const std::string& context,
              const secrets::Sealer* sealer) {
  if (sealed.empty())
    return {plain, sealer != nullptr && !plain.empty() ? Keeping::kOtherwise : Keeping::kSealed};
  auto text = sealer == nullptr ? std::nullopt : sealer->open(sealed, context);
  if (!text) return {{}, Keeping::kUnreadable};
  return {std::move(text->text), text->by_first ? Keeping::kSealed : Keeping::kOtherwise};
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
    if (!channel.secret().empty()) {
      channel.set_sealed_secret(sealer->seal(channel.secret(), context_of(record, channel)));
      channel.clear_secret();
    }
    if (!channel.previous_secret().empty()) {
      channel.set_sealed_previous_secret(
          sealer->seal(channel.previous_secret(), context_of(record, channel) + kPrevious));
      channel.clear_previous_secret();
    }
  }
  return record;
}

Keeping unseal(v1::SubscriptionRecord& record, const secrets::Sealer* sealer) {
  Keeping out = Keeping::kSealed;
  for (v1::Channel& channel : *record.mutable_channels()) {
    const std::string context = context_of(record, channel);
    Opened secret = opened(channel.secret(), channel.sealed_secret(), context, sealer);
    channel.set_secret(std::move(secret.text));
    channel.clear_sealed_secret();
    Opened before = opened(channel.previous_secret(), channel.sealed_previous_secret(),
                           context + kPrevious, sealer);
    channel.set_previous_secret(std::move(before.text));
    channel.clear_sealed_previous_secret();
    // one that is on its way out anyway stops no start
    if (before.keeping == Keeping::kUnreadable) before.keeping = Keeping::kSealed;
    out = std::max({out, secret.keeping, before.keeping});
  }
  return out;
}

}  // namespace vigie::indexer::subscriptions
