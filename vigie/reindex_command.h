#pragma once

#include <iosfwd>

#include "platform/config/settings.h"

namespace vigie::cli {

/// Gives every stored article the source that the source files have for it now, and appends those
/// whose source is another; raises no alerts. An article keeps the source whose id it has, with
/// what the files say of that one now; one of no listed source gets the listed one whose homepage
/// its URL begins with, or that stands for its domain. With the embedded log only while no process
/// holds the data. A line {"from","to","articles"} a change on `out`, then
/// {"articles","changed","unreadable"}. 0; 1 some records could not be read; 3 the source files or
/// the log cannot be read.
int run_reindex_sources(const config::Settings& settings, bool progress, std::ostream& out,
                        std::ostream& err);

}  // namespace vigie::cli
