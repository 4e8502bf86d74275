// libs: platform/text
// Text of strangers: repaired, folded with its way back, cut into words and sentences; every place
// lies inside the text at a code point.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "platform/result/result.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"
#include "platform/text/words.h"

namespace {

bool at_boundary(std::string_view text, std::size_t offset) {
  return offset == text.size() ||
         (offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0U) != 0x80);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace text = vigie::text;
  const std::string source =
      text::to_valid_utf8(std::string_view(reinterpret_cast<const char*>(data), size));
  VIGIE_INVARIANT(text::is_valid_utf8(source));
  const text::Folded folded = text::fold(source);
  VIGIE_INVARIANT(text::is_valid_utf8(folded.text));
  VIGIE_INVARIANT(folded.source.size() == folded.text.size() + 1 &&
                  folded.source.back() == source.size());
  for (std::size_t i = 0; i < folded.text.size(); ++i) {
    VIGIE_INVARIANT(folded.source[i] < folded.end_of(i + 1) &&
                    folded.end_of(i + 1) <= source.size());
    VIGIE_INVARIANT(at_boundary(source, folded.source[i]) &&
                    at_boundary(source, folded.end_of(i + 1)));
  }
  VIGIE_INVARIANT(text::fold_text(folded.text) == folded.text);
  std::size_t behind = 0;
  for (const text::Word& word : text::words(source)) {
    VIGIE_INVARIANT(word.offset >= behind && word.length > 0 &&
                    word.offset + word.length <= source.size());
    VIGIE_INVARIANT(at_boundary(source, word.offset) &&
                    at_boundary(source, word.offset + word.length));
    behind = word.offset + word.length;
    static_cast<void>(text::stem(std::string_view(source).substr(word.offset, word.length), "es"));
  }
  for (const text::Sentence& sentence : text::sentences(source)) {
    VIGIE_INVARIANT(sentence.begin < sentence.end && sentence.end <= source.size());
    if (source.size() > text::kSentenceReachBytes) break;
    const text::Sentence found = text::sentence_at(source, sentence.begin);
    VIGIE_INVARIANT(found.begin == sentence.begin && found.end == sentence.end);
  }
  return 0;
}
