#pragma once

#include <string>
#include <string_view>

namespace vigie::charset {

/// A language's part in the choice of an encoding of one byte a character.
struct Alphabetic {
  std::string encoding;  // ICU name; "" where none fits
  // of the characters beyond ASCII: how many stand as the language best suited does not write
  double strange = 1;
};

/// Which encoding gives text that one language writes: its letters (CLDR's exemplar characters),
/// capitals where they belong, signs between words. Tries the encodings that the web has for each
/// language, those of `language` alone where it is not empty. Of what fits as well `preferred`,
/// then the web's default of a language, then others. Total; reads 16 KiB.
Alphabetic by_alphabet(std::string_view body, std::string_view language,
                       std::string_view preferred);

/// The same judgement of `body` read as `encoding`, by the alphabet of `language`, or, where it is
/// empty, of the language that suits it best and is written in it. 1 where there is none.
double strangeness(std::string_view body, std::string_view encoding, std::string_view language);

/// The language that markup declares (lang, xml:lang, <language>) in the first 4 KiB: two or three
/// lower-case letters, or "".
std::string declared_language(std::string_view body);

}  // namespace vigie::charset
