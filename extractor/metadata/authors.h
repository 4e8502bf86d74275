#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vigie::extractor::metadata {

/// Where names of authors were written, which says what may stand around them.
enum class AuthorForm {
  kPerson,  // the name of a Person object: one name, but for "A and B" and lists of full names
  kList,    // a meta element, a feed: one or more names
  kCited,   // a meta element of Highwire or Dublin Core: "Last, First"
  kByline,  // a line of the page: "By A and B in Taipei"
};

/// A list of names: "By Jane Doe and John Roe, Reuters" → {"Jane Doe", "John Roe"}, without labels,
/// places, roles, agencies, photographers and markup. Empty for what is no name of a person.
/// `language` (BCP 47, may be empty) tells names with a space in Japanese.
std::vector<std::string> clean_authors(const std::vector<std::string>& claims,
                                       std::string_view site_name,
                                       AuthorForm form = AuthorForm::kByline,
                                       std::string_view language = {});
/// The same for claims that name an agency, a desk or the paper itself, where no person is named.
std::vector<std::string> clean_organisations(const std::vector<std::string>& claims);
/// Beside `persons`, which were read of the same list in a page's data: `organisations`, which it
/// says are such, and of its other `claims` those that are an agency or the paper (`site_name`) and
/// nothing else. Desks are none.
std::vector<std::string> organisations_beside(const std::vector<std::string>& persons,
                                              const std::vector<std::string>& organisations,
                                              const std::vector<std::string>& claims,
                                              std::string_view site_name);
/// Lines of bylines that name a news agency and nobody else: "Von AFP" → {"AFP"}.
std::vector<std::string> agencies_in(const std::vector<std::string>& lines);

/// Names in a byline of Chinese, Japanese or Korean: "記者王小明／台北報導" → {"王小明"}. Whether
/// the line is one is for is_cjk_line to say.
bool is_cjk_line(std::string_view line);
std::vector<std::string> cjk_names(std::string_view line, std::string_view language);

}  // namespace vigie::extractor::metadata
