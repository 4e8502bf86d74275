#pragma once

#include "platform/json/json.h"
#include "proto/spike.pb.h"

/// Parts that alerts, digests and what the API shows of them have in common. Pure.
namespace vigie::indexer::delivery {

/// begin, end, count, usual {expected, low, high}, direction, verdict, sentence: as /v1/trend says
/// it.
Json spike_json(const v1::Spike& spike);

/// articles, languages and sources of an event, as searches say it; null where it is not known how
/// far it is reported.
Json reported_json(const v1::EventReach& reach);

}  // namespace vigie::indexer::delivery
