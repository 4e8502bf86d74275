#pragma once

#include <string>
#include <string_view>

namespace vigie::extractor::language {

struct Language {
  std::string code;    // ISO 639-1, lower case; empty if it cannot be told
  std::string script;  // ISO 15924, empty if it cannot be told
  bool reliable = false;
};

/// Language and script of a text. `declared` (BCP 47, may be empty or wrong) decides only where the
/// text itself is too short to tell. zh in both scripts is "zh" with script Hans or Hant; nb and nn
/// are "no"; iw is "he". Deterministic, thread-safe; reads at most 8 KiB of the text. In: valid
/// UTF-8.
Language identify(std::string_view text, std::string_view declared = {});

/// ISO 639-1 of a BCP 47 tag ("pt-BR" → "pt", "iw" → "he", "nb-NO" → "no"), or "" for anything
/// else.
std::string primary_language(std::string_view tag);

}  // namespace vigie::extractor::language
