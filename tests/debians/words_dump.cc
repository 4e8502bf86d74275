// What the index makes of texts, line by line, so that two machines can be compared byte for byte.
//
//   words_dump --characters      every character of Unicode: its NFC, its folding, its words
//   words_dump < TEXTS           a text a line: its words with their other forms, then, for all
//                                texts together, the stem of each form in each language
//   words_dump --sentences < TEXTS   where their sentences lie
//
// Compiled by debians_test.py with nothing but indexer/analysis/ and platform/text/.
#include <cstdio>
#include <iostream>
#include <set>
#include <string>
#include <string_view>

#include "indexer/analysis/analysis.h"
#include "platform/text/digits.h"
#include "platform/text/fold.h"
#include "platform/text/matchable.h"
#include "platform/text/utf8.h"
#include "platform/text/words.h"

namespace {

namespace analysis = vigie::indexer::analysis;
namespace text = vigie::text;

constexpr char32_t kCodePoints = 0x110000;

bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

/// FORM/VARIANT/VARIANT@OFFSET+LENGTH of each word.
std::string told(std::string_view field, std::set<std::string>* forms) {
  std::string out;
  for (const analysis::Token& token : analysis::tokens(field)) {
    out += ' ' + token.form;
    if (forms != nullptr) forms->insert(token.form);
    for (const analysis::Variant& variant : token.variants) {
      out += '/' + variant.form;
      if (forms != nullptr) forms->insert(variant.form);
    }
    out += '@' + std::to_string(token.offset) + '+' + std::to_string(token.length);
  }
  return out;
}

void characters() {
  for (char32_t c = 0; c < kCodePoints; ++c) {
    if (is_surrogate(c)) continue;
    std::string one;
    text::append_utf8(one, c);
    const std::string within = "a" + one + "b";
    std::printf("%X|%s|%s|%s|%s|%s|%d%d%d\n", static_cast<unsigned>(c), text::nfc(one).c_str(),
                text::nfc("e" + one).c_str(), text::fold_text(one).c_str(),
                told(one, nullptr).c_str(), told(within, nullptr).c_str(),
                text::is_unspaced_script(c) ? 1 : 0, text::is_capital(c) ? 1 : 0,
                text::digit_value(c));
  }
}

void texts() {
  std::set<std::string> forms;
  for (std::string line; std::getline(std::cin, line);)
    std::printf("%s\n", told(text::nfc(line), &forms).c_str());
  for (const std::string& form : forms) {
    if (!analysis::takes_stem(form)) continue;
    std::string stems;
    for (const std::string& language : analysis::stem_languages())
      stems += ' ' + analysis::stem_term(form, language);
    std::printf("%s:%s\n", form.c_str(), stems.c_str());
  }
}

void sentences() {
  for (std::string line; std::getline(std::cin, line);) {
    for (const text::Sentence& sentence : text::sentences(line))
      std::printf(" %u-%u", sentence.begin, sentence.end);
    std::printf("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "--characters") characters();
  else if (mode == "--sentences") sentences();
  else texts();
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 ? 0 : 1;
}
