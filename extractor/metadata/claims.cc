#include "extractor/metadata/claims.h"

#include <algorithm>

#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostClaims = 400;       // of a page; the longest list seen has 60
constexpr std::size_t kMostClaimBytes = 1000;  // of a value that is kept

}  // namespace

void Claims::add(Field field, std::string_view carrier, std::string_view value, int rank,
                 bool chosen) {
  if (list_.size() >= kMostClaims) return;
  list_.push_back({field, std::string(carrier), std::string(text::prefix(value, kMostClaimBytes)),
                   rank, chosen});
}

void Claims::note(Field field, std::string_view carrier, std::string_view value, bool chosen) {
  if (value.empty() || (!chosen && !all_)) return;
  const auto before = std::count_if(list_.begin(), list_.end(),
                                    [&](const Claim& claim) { return claim.field == field; });
  add(field, carrier, value, static_cast<int>(before) + 1, chosen);
}

std::string shown(const std::string& value) { return value; }

std::string shown(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : "; ") + value;
  return out;
}

std::string shown(const std::optional<Date>& date) { return date ? date->text : std::string{}; }

}  // namespace vigie::extractor::metadata
