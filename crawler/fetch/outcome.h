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
  std::string url = {};  // that gave them; "": the one that is asked for first
};

/// The response gave something, or said that nothing has changed.
struct Served {
  std::optional<Validators> validators;  // nothing: those of before stay, as after a 304
  std::string body_sha256;               // "": that of before stays
  std::optional<std::size_t> fresh;      // of a poll: how many of what its listing named were new
  // of a poll: prints of what its listing named for other crawlers; nothing: those of before stay
  std::optional<std::vector<std::uint64_t>> handed_over;
  bool left_to_another = false;  // a redirect led to a URL that another crawler owns
  std::string moved_to = {};     // of a poll: where permanent redirects alone led
  bool at_moved = false;         // of a poll: it began there
  bool told_by_hub = false;      // of a poll: a hub asked for it, since there is something new
  std::string text_digest = {};  // of a page
  std::string alias_of = {};     // of a page: the one with the same text
};

/// The fetch gave nothing.
struct Failed {
  std::string reason;              // a slug for metrics and status
  std::string detail;              // a sentence for people
  bool refused = false;            // the response says that there is no such page
  bool legal = false;              // it may not be read (401, 402, 451): final where it lasts
  bool permanent = false;          // trying again would be in vain
  bool backs_off = false;          // the host asked for a back-off (429, 503)
  std::int64_t not_before_ms = 0;  // Unix time; 0: whenever the retry schedule says
};

using Outcome = std::variant<Served, Failed>;

/// The reason slug of a status that is neither a redirect nor 2xx: http_404, http_5xx, …
std::string failure_reason(int status);

}  // namespace vigie::crawler::fetch
