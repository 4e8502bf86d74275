#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::extractor::commands {

/// `vigie tag` as typed.
struct TagArguments {
  std::string manifest;            // JSON lines {"id","title","text"}; "-" is `in`
  std::vector<std::string> packs;  // folders of packs
  int jobs = 1;                    // threads, 1 to 256
};

/// ISO 639-1 of a text, or "".
using LanguageDetector = std::function<std::string(std::string_view text)>;

/// The language of an article: of its text, with the title where the text is short. Empty where it
/// cannot be told, or without a detector.
std::string language_of(const LanguageDetector& detect, std::string_view title,
                        std::string_view text);

/// One line of ops/spec/command_line.md a text, in the order of the manifest. A line that is no
/// object with id, title and text is one line on `err` with its number, and work goes on. The
/// manifest is streamed. `detect` is called from several threads. Returns the exit code: 0, 1 some
/// lines failed, 3 the manifest or a pack cannot be read.
int run_tag(const TagArguments& arguments, const LanguageDetector& detect, std::istream& in,
            std::ostream& out, std::ostream& err);

}  // namespace vigie::extractor::commands
