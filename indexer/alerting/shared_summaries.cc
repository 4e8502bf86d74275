#include "indexer/alerting/shared_summaries.h"

#include <utility>

#include "proto/identity.h"

namespace vigie::indexer::alerting {
namespace {

// Bytes of a row: kShared, a byte for the number of names, the names, and an AlertGroup without
// what these hold. No record of Protocol Buffers begins with 0: what does not begin with it is a
// whole AlertGroup. What a name holds is an AlertGroup that has nothing else.
constexpr char kShared = '\0';
constexpr std::size_t kNameBytes = 16;
constexpr std::size_t kHeadBytes = 2;

tl::unexpected<Error> damaged() {
  return failure(Disposition::kStop, "corrupt",
                 "an alert of the alerter's state is damaged; delete its folder, it is built again "
                 "from the log");
}

/// Moves all but the snippet.
void take_summary(v1::ArticleSummary& from, v1::ArticleSummary& to) {
  std::string snippet = std::move(*from.mutable_snippet());
  from.clear_snippet();
  to.Swap(&from);
  from.set_snippet(std::move(snippet));
}

}  // namespace

std::string SharedSummaries::share(storage::Batch& batch, std::string_view user,
                                   const v1::AlertGroup& part) const {
  const std::string bytes = part.SerializeAsString();
  std::string name = proto::sha256(bytes).substr(0, kNameBytes);
  batch.put(families_.summaries, name, bytes);
  batch.put(families_.users, name + std::string(user), {});
  return name;
}

std::string SharedSummaries::pack(storage::Batch& batch, std::string_view user,
                                  v1::AlertGroup group) const {
  v1::AlertGroup article;
  article.set_fingerprint(std::move(*group.mutable_fingerprint()));
  group.clear_fingerprint();
  if (group.has_article()) take_summary(*group.mutable_article(), *article.mutable_article());
  std::string names = share(batch, user, article);
  if (group.has_first()) {
    v1::AlertGroup first;
    take_summary(*group.mutable_first(), *first.mutable_first());
    names += share(batch, user, first);
  }
  const std::string head{kShared, static_cast<char>(names.size() / kNameBytes)};
  return head + names + group.SerializeAsString();
}

Result<v1::AlertGroup> SharedSummaries::unpack(std::string_view bytes) const {
  const std::vector<std::string> names = names_in(bytes);
  if (!names.empty()) bytes.remove_prefix(kHeadBytes + names.size() * kNameBytes);
  v1::AlertGroup group;
  if (!group.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return damaged();
  for (const std::string& name : names) {
    VIGIE_ASSIGN(const std::optional<std::string> kept, database_.get(families_.summaries, name));
    if (!kept || !group.MergeFromString(*kept)) return damaged();
  }
  return group;
}

std::vector<std::string> SharedSummaries::names_in(std::string_view bytes) {
  std::vector<std::string> out;
  if (bytes.size() < kHeadBytes || bytes.front() != kShared) return out;
  const auto count = static_cast<std::size_t>(static_cast<unsigned char>(bytes[1]));
  if (bytes.size() < kHeadBytes + count * kNameBytes) return out;
  for (std::size_t i = 0; i < count; ++i)
    out.emplace_back(bytes.substr(kHeadBytes + i * kNameBytes, kNameBytes));
  return out;
}

void SharedSummaries::leave(storage::Batch& batch, std::string_view name,
                            std::string_view user) const {
  batch.remove(families_.users, std::string(name) + std::string(user));
}

Result<void> SharedSummaries::forget_unused(storage::Batch& batch, std::string_view name,
                                            const InUse& in_use) const {
  const auto cursor =
      database_.cursor(families_.users, {std::string(name), storage::after_prefix(name)});
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    VIGIE_ASSIGN(const bool used, in_use(cursor->key().substr(name.size()), name));
    if (used) return {};
    batch.remove(families_.users, cursor->key());
  }
  VIGIE_TRY(cursor->status());
  batch.remove(families_.summaries, name);
  return {};
}

}  // namespace vigie::indexer::alerting
