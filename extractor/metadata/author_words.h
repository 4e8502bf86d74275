#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The words that stand around names of authors, in many languages. Texts are given in small
/// letters (lower_in_place) where the comment says so, else as written.
namespace vigie::extractor::metadata {

/// Small letters of Latin, Greek and Cyrillic; each byte stays where it stood.
std::string lower_in_place(std::string_view text);

/// What joins names.
struct Joint {
  std::string text;       // lower case, with its spaces
  bool always = false;    // a mark that stands in no name
  bool of_names = false;  // it joins surnames, too: "Olmedo y Gascón"
};
std::span<const Joint> joints();

/// Words of Chinese, Japanese and Korean bylines as written, the longest first.
struct EastAsianWords {
  std::vector<std::string_view> writers;  // labels in front of who wrote: 記者
  std::vector<std::string_view> others;   // in front of others, places and sources: 编辑
  std::vector<std::string_view> reports;  // ends of a piece that names a place or an agency: 報導
  std::vector<std::string_view> titles;   // behind a name: 기자
  std::vector<std::string_view> reporters;  // between an office and a name: 中央社記者王小明
};
const EastAsianWords& east_asian_words();

/// Bytes of a label in front of names ("written by ", "texte : "), 0 if there is none. Lower case.
std::size_t byline_label(std::string_view lower);
/// Bytes of a word for "by" that also begins surnames ("von ", "di ", "de "). Lower case.
std::size_t byline_particle(std::string_view lower);
/// Where what photographers, editors and translators did begins; npos if nowhere. Lower case.
std::size_t credit_of_others(std::string_view lower);
/// Where the place begins that a name is in ("… in Taipei"); npos if there is none. Lower case.
std::size_t place_behind(std::string_view lower);

/// "in Taipei", "en Bruselas": a word for a place, in small letters, and what stands behind it.
bool begins_with_place(std::string_view part);
bool is_particle(std::string_view word);  // von, de, bin: of surnames
bool is_suffix(std::string_view text);    // Jr., PhD, Dr.
bool is_degree(std::string_view word);    // PhD, MD, MS
bool has_role(std::string_view text);     // a word of it is a role: Editor, Korrespondentin
bool is_our(std::string_view word);       // our, unser, notre: in front of a role
/// A word in brackets behind a name: (Fotos), (photos).
bool is_credit_of_others(std::string_view text);
bool is_role_rank(std::string_view word);  // Senior, Chief: in front of a role
bool is_agency(std::string_view text);     // a news agency's name or sign is all of it
bool is_account(std::string_view text);    // "admin": no name of anybody
/// Desks, agencies, buttons: a whole word of the text says that it is nobody.
bool is_no_person(std::string_view text);

}  // namespace vigie::extractor::metadata
