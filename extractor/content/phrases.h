#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::extractor::content {

/// Letters and digits only, lower-case ASCII: enough to see that two lines say the same.
std::string squeezed(std::string_view line);

/// What stands over or in place of things that are no part of the story, as a whole line. Words of
/// the trade in the languages of the news, not of sites. In: a squeezed line.
bool is_label(const std::string& squeezed_line);

/// Requests to the reader that stand among paragraphs, told by how they begin and a few by what
/// they hold. In: a squeezed line.
bool is_request(const std::string& squeezed_line);

/// An appeal for money or for a subscription, however long, told by what it holds. In: a squeezed
/// line.
bool is_appeal(const std::string& squeezed_line);

/// Speaks of journalism that wants support, as what stands around an appeal does. In: a squeezed
/// line.
bool speaks_of_support(const std::string& squeezed_line);

/// What publishers say of their rights and of themselves at the foot of a page. In: a squeezed
/// line.
bool is_imprint(const std::string& squeezed_line);

/// What screen readers say at the end of a link, and no more. In: text as it stands.
bool says_how_a_link_opens(std::string_view text);

/// What stands over the comments of readers, told by how it begins. In: a squeezed line.
bool begins_comments(const std::string& squeezed_line);

/// Says where a picture is from, and no more. In: a line of text.
bool is_credit(std::string_view line);

/// A day with or without a time of day, and little else: what stands over a story or between posts.
bool is_timestamp(std::string_view line);

}  // namespace vigie::extractor::content
