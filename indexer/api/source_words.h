#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/status.pb.h"

/// What a source's state and failures mean, as a person would say it. Private to indexer/api.
namespace vigie::indexer::api {

/// One or two sentences: how the source does, and what helps. `paused`: by a person, whatever the
/// crawler said last. `now_unix_ms`: the wall clock.
std::string sentence_of(const v1::SourceStatus& source, bool paused, std::int64_t now_unix_ms);

/// What the reason of a failure means; of one that is not known: the reason in words.
std::string words_of_reason(std::string_view reason);

}  // namespace vigie::indexer::api
