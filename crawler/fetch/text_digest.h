#pragma once

#include <string>
#include <string_view>

namespace vigie::crawler::fetch {

/// A hash of the title and the paragraphs of a page, 16 bytes, for telling that two URLs of a
/// source lead to one text: what surrounds the text, and what differs from one response to the
/// next, is left out. "" where a page has no title, or too little text to tell. `listed_as`: the
/// title by which its listing knows the page: what is called differently is two, whatever both
/// answered, as where one wall stands before many stories. Linear, total, pure.
std::string text_digest(std::string_view html, std::string_view listed_as = {});

}  // namespace vigie::crawler::fetch
