#pragma once

#include <functional>

#include "extractor/service/page_stage.h"
#include "extractor/service/rewrite.h"
#include "platform/log/log.h"
#include "platform/result/result.h"

namespace vigie::extractor::service {

/// Tags every stored article again, and appends those whose tags are others now (rewrite.h).
/// Errors: as rewrite.
Result<RewriteCounts> retag(log::Log& log, const Tagging& tagging,
                            const std::function<void(const RewriteCounts&)>& progress = {});

}  // namespace vigie::extractor::service
