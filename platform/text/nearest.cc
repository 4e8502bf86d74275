#include "platform/text/nearest.h"

#include <algorithm>
#include <vector>

namespace vigie::text {
namespace {

// no name of ours is longer; what a stranger sends may be, and the distance costs length × length
constexpr std::size_t kMaxNameBytes = 128;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string_view nearest(std::string_view name, std::span<const std::string_view> known) {
  name = name.substr(0, kMaxNameBytes);
  std::string_view best;
  std::size_t least = 0;
  for (const std::string_view one : known) {
    const std::size_t far = edit_distance(one, name);
    if (!best.empty() && far >= least) continue;
    best = one;
    least = far;
  }
  return best;
}

}  // namespace vigie::text
