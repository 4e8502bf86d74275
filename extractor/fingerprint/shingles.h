#pragma once

#include <string>
#include <string_view>

namespace vigie::extractor::fingerprint {

/// Near-duplicate fingerprint of a text: its shingles of five lower-cased tokens (runs of letters
/// and digits; one character of a script without spaces is a token), hashed and handed to
/// platform/fingerprint. Empty for a text too short; of a longer text than 1 MiB its beginning
/// counts. In: valid UTF-8. Pure, linear.
std::string of_text(std::string_view text);

}  // namespace vigie::extractor::fingerprint
