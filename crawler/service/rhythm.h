#pragma once

#include <chrono>
#include <cstdint>

#include "proto/frontier.pb.h"

/// When a URL is due again; pure functions.
namespace vigie::crawler {

/// Notes whether a poll brought something new; the last ten are kept.
void note_poll(v1::UrlState& state, bool had_new);

/// Pause until the next poll of a feed, sitemap or section: the floor while it is new (fewer than
/// ten polls) or had a new item at one of its last ten, else half as long again as the pause
/// before, up to half of its own rhythm between items (0: unknown) and an hour. Sections and
/// sitemaps that are no news sitemap are pages to look through: five floors.
std::chrono::milliseconds poll_pause(const v1::UrlState& state, std::chrono::milliseconds floor,
                                     double rhythm_s, std::chrono::milliseconds last_pause);

/// Pause after `failures` in a row, doubled from the floor (within 1 s and 30 s) up to ten floors
/// (within 10 s and an hour): what comes back is seen soon.
std::chrono::milliseconds failure_pause(std::uint32_t failures, std::chrono::milliseconds floor);

/// When a page that was fetched is looked at again for silent edits: 10 min, 1 h, 6 h and 24 h
/// after its discovery; with a floor of two seconds or less, as tests and the demonstration have
/// it, also after 20 s, 1, 2 and 4 min. A page that claims to be older than three days is not. 0:
/// never again.
std::int64_t next_revisit(const v1::UrlState& state, std::chrono::milliseconds floor,
                          std::int64_t claimed_unix_ms, std::int64_t now_unix_ms);

}  // namespace vigie::crawler
