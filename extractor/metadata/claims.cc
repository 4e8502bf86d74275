#include "extractor/metadata/claims.h"

#include <algorithm>

#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostClaims = 400;       // of a page; the longest list seen has 60
constexpr std::size_t kMostClaimBytes = 1000;  // of a value that is kept

}  // namespace

void Claims::begin(std::string_view field) {
  field_ = field;
  won_ = false;
  rank_ = 0;
}

bool Claims::offer(std::string_view carrier, std::string_view value) {
  if (value.empty()) return false;
  ++rank_;
  const bool wins = !won_;
  won_ = true;
  if ((wins || all_) && list_.size() < kMostClaims)
    list_.push_back({field_, std::string(carrier),
                     std::string(text::prefix(value, kMostClaimBytes)), rank_, wins});
  return wins;
}

void Claims::note(std::string_view field, std::string_view carrier, std::string_view value,
                  bool chosen) {
  if (value.empty() || (!chosen && !all_) || list_.size() >= kMostClaims) return;
  const auto before = std::count_if(list_.begin(), list_.end(),
                                    [&](const Claim& claim) { return claim.field == field; });
  list_.push_back({std::string(field), std::string(carrier),
                   std::string(text::prefix(value, kMostClaimBytes)), static_cast<int>(before) + 1,
                   chosen});
}

}  // namespace vigie::extractor::metadata
