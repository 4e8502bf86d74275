#pragma once

#include <string_view>

namespace vigie::extractor::language {

/// Whether text of mostly Han is Japanese: by its kana and the characters that Japan alone writes
/// so, against those of the Chinese reform and the words of Chinese grammar. `declared_japanese`
/// counts where the text itself does not tell. In: valid UTF-8.
bool is_japanese(std::string_view text, bool declared_japanese);

/// "da", "no" or "sv" by words, endings and letters that only one of them has; empty where they do
/// not tell. For text that is one of the three.
std::string_view scandinavian(std::string_view text);

}  // namespace vigie::extractor::language
