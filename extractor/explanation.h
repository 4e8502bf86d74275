#pragma once

#include "extractor/content/content.h"
#include "extractor/metadata/metadata.h"

namespace vigie::extractor {

/// What an extraction knows beyond the article record: for people and tools that look at one page.
/// Views in `trace` point to constants; texts are copies.
struct Explanation {
  // asked for by the caller: every claim and every block, not only what was chosen
  bool in_full = false;
  metadata::Metadata metadata;
  // paragraphs as in the text of the record, with kinds and links; link URLs are absolute
  content::MainText main_text;
  content::Trace trace;
};

}  // namespace vigie::extractor
