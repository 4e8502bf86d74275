#pragma once

#include <memory>

#include "indexer/exporting/rows.h"

namespace vigie::indexer::exporting {

/// An Atom feed. Source: RFC 4287. Private to indexer/exporting.
std::unique_ptr<Rows> make_feed(bool with_text, About about);

}  // namespace vigie::indexer::exporting
