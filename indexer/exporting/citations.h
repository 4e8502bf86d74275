#pragma once

#include <memory>

#include "indexer/exporting/rows.h"

namespace vigie::indexer::exporting {

/// References for RIS (a line a tag, `TY  - NEWS` to `ER  -`) and for BibTeX (an @article each,
/// whose key is the id of the article). Private to indexer/exporting.
std::unique_ptr<Rows> make_ris(bool with_text);
std::unique_ptr<Rows> make_bibtex(bool with_text);

}  // namespace vigie::indexer::exporting
