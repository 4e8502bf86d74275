#include "indexer/subscriptions/kind.h"

#include <algorithm>
#include <array>

#include "platform/text/ascii.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::subscriptions {
namespace {

constexpr std::array<std::string_view, 2> kKinds{kArticles, kSpike};
constexpr std::array<std::string_view, 3> kSensitivities{"low", "medium", "high"};
constexpr std::size_t kShownBytes = 64;

tl::unexpected<Error> bad(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_subscription", std::move(detail));
}

template <std::size_t N>
Result<std::string> one_of(std::string_view member, std::string_view given,
                           const std::array<std::string_view, N>& known) {
  const std::string word = text::ascii::lower(given);
  if (std::find(known.begin(), known.end(), word) != known.end()) return word;
  std::string all;
  for (const std::string_view one : known) all += (all.empty() ? "" : ", ") + std::string(one);
  const std::string_view near = text::nearest(word, known);
  return bad("\"" + std::string(member) + "\": there is no \"" +
             text::ellipsize(text::to_valid_utf8(given), kShownBytes) + "\", only " + all +
             (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
}

Result<void> settle_spike(v1::SubscriptionRecord& record) {
  if (record.one_per_event())
    return bad(
        "\"one_per_event\" is of subscriptions that tell articles; a spike is told once in "
        "24 hours");
  if (record.sensitivity().empty()) record.set_sensitivity("medium");
  VIGIE_ASSIGN(std::string sensitivity,
               one_of("sensitivity", record.sensitivity(), kSensitivities));
  record.set_sensitivity(std::move(sensitivity));
  return {};
}

}  // namespace

Result<void> settle_kind(v1::SubscriptionRecord& record, const v1::SubscriptionRecord* before) {
  if (!record.kind().empty()) {
    VIGIE_ASSIGN(std::string kind, one_of("kind", record.kind(), kKinds));
    record.set_kind(kind == kArticles ? std::string() : std::move(kind));
  }
  if (before != nullptr && before->kind() != record.kind())
    return bad("a subscription keeps its kind, which is " +
               std::string(before->kind().empty() ? kArticles : kSpike) +
               "; make another one, and delete this one");
  if (record.kind() == kSpike) return settle_spike(record);
  if (!record.sensitivity().empty() || record.drops())
    return bad("\"sensitivity\" and \"drops\" are of the kind spike alone");
  return {};
}

}  // namespace vigie::indexer::subscriptions
