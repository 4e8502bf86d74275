#pragma once

#include <string>
#include <string_view>

/// Countries (ISO 3166-1) and languages (ISO 639) and what people call them. Pure, thread-safe.
namespace vigie::text {

/// Two capital letters in use; EU and XK too.
bool is_country(std::string_view code);
/// Two or three small letters in use.
bool is_language(std::string_view code);

/// The code of a country by its name, or something near it, in one of a dozen languages; or by the
/// code of its language (EN → GB). Empty: none is near.
std::string country_called(std::string_view name);
/// The code of a language by its name or something near it; or by the code of a country (jp → ja).
std::string language_called(std::string_view name);

}  // namespace vigie::text
