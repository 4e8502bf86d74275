#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the fetch of a URL came to, once it needs no further request.
namespace vigie::crawler::fetch {

/// Validators as the last response of a chain gave them.
struct Validators {
  std::string etag;
  std::string last_modified;
  bool redirected = false;  // they are those of another URL than the one that was asked for first
};

/// The response gave something, or said that nothing has changed.
struct Served {
  std::optional<Validators> validators;  // nothing: those of before stay, as after a 304
  std::string body_sha256;               // "": that of before stays
  std::optional<bool> had_new;           // of a poll: whether its listing named anything new
  // of a poll: prints of what its listing named for other crawlers; nothing: those of before stay
  std::optional<std::vector<std::uint64_t>> handed_over;
  bool left_to_another = false;  // a redirect led to a URL that another crawler owns
};

/// The fetch gave nothing.
struct Failed {
  std::string reason;              // a slug for metrics and status
  std::string detail;              // a sentence for people
  bool refused = false;            // the response says that there is no such page
  bool permanent = false;          // trying again would be in vain
  bool backs_off = false;          // the host asked for a back-off (429, 503)
  std::int64_t not_before_ms = 0;  // Unix time; 0: whenever the retry schedule says
};

using Outcome = std::variant<Served, Failed>;

/// A page is dropped after so many responses in a row that say that there is no such page (404,
/// 403, no HTML). One is not enough: feeds name pages before they are there.
inline constexpr std::uint32_t kMaxRefusals = 3;

/// The reason slug of a status that is neither a redirect nor 2xx: http_404, http_5xx, …
std::string failure_reason(int status);

}  // namespace vigie::crawler::fetch
