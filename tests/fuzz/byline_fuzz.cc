// libs: extractor/metadata platform/text
// Names of authors and lines of carriers: valid text, no markup of ours, bounded, and cleaning what
// is clean changes nothing of its bytes' validity.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "extractor/metadata/authors.h"
#include "extractor/metadata/plain_line.h"
#include "platform/text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vigie::extractor::metadata::AuthorForm;
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::string line = vigie::extractor::metadata::plain_line(input);
  if (!vigie::text::is_valid_utf8(line)) std::abort();
  for (const AuthorForm form :
       {AuthorForm::kPerson, AuthorForm::kList, AuthorForm::kCited, AuthorForm::kByline}) {
    const auto names =
        vigie::extractor::metadata::clean_authors({input}, "The Lookout", form, "ja");
    if (names.size() > 20) std::abort();
    for (const std::string& name : names) {
      if (name.empty() || name.size() > 200 || !vigie::text::is_valid_utf8(name)) std::abort();
    }
  }
  return 0;
}
