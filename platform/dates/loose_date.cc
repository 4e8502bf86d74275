#include "platform/dates/loose_date.h"

#include "platform/dates/written_date.h"

namespace vigie::dates {
namespace {

/// A date that is longer than this is no date.
constexpr std::size_t kMaxDateBytes = 150;

}  // namespace

std::optional<LooseDate> read_loose(std::string_view text, const LooseHints& hints) {
  if (text.size() > kMaxDateBytes) return std::nullopt;
  DateHints how;
  how.language = hints.language;
  how.country = hints.country;
  how.month_first = false;
  how.short_years = true;
  how.least_year = 1900;
  how.most_year = 2199;
  std::optional<WrittenDate> found = read_date(text, how);
  if (!found) return std::nullopt;
  if (found->has_time && !found->zone && hints.utc_without_zone) found->zone = 0;
  found->utc = found->zone == 0;
  found->millisecond = 0;
  return LooseDate{found->text(), found->unix_ms(), found->day_only()};
}

}  // namespace vigie::dates
