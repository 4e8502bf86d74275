#include "platform/dates/calendars.h"

namespace vigie::dates {
namespace {

constexpr int kLeastPersianYear = 1178;
constexpr int kMostPersianYear = 1633;
// 1 Farvardin 1 in days since 1970-01-01: its Julian day less that of 1970-01-01
constexpr std::int64_t kPersianEpoch = 1'948'320 - 2'440'588;

bool is_persian_leap(int year) { return (25 * year + 11) % 33 < 8; }

}  // namespace

std::optional<Civil> civil_of_persian(int year, unsigned month, unsigned day) {
  if (year < kLeastPersianYear || year > kMostPersianYear || month < 1 || month > 12 || day < 1)
    return std::nullopt;
  const unsigned days = month <= 6 ? 31 : month < 12 || is_persian_leap(year) ? 30 : 29;
  if (day > days) return std::nullopt;
  const std::int64_t before_month = month <= 7 ? (month - 1) * 31 : (month - 1) * 30 + 6;
  const std::int64_t since_1970 =
      kPersianEpoch + 365LL * (year - 1) + (8LL * year + 21) / 33 + before_month + day - 1;
  Civil out = civil_of(since_1970 * kMsPerDay);
  return out;
}

}  // namespace vigie::dates
