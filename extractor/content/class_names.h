#pragma once

#include <cstdint>
#include <string_view>

namespace vigie::extractor::content {

/// What class, id and role of an element say about its content, by the words that publishers and
/// content systems commonly use.
enum Hint : std::uint32_t {
  kArticleBody = 1U << 0,  // article-body, entry-content, story-text …
  kArticle = 1U << 1,      // article, story, post, content, main
  // share bars, menus, related items, newsletters, advertisements, tags, bylines …
  kNotContent = 1U << 2,
  kComments = 1U << 3,
  kCaption = 1U << 4,  // captions and credits
  kHidden = 1U << 5,
  kTeaser = 1U << 6,   // lead, summary, standfirst: often part of the text though it stands alone
  kPost = 1U << 7,     // a post of a social network, embedded
  kBreaks = 1U << 8,   // by its own style it stands on lines of its own
  kControl = 1U << 9,  // a button and its like, by its role
  kAdvertisement = 1U << 10,
};

/// Of the lower-cased words of class and id together.
std::uint32_t class_name_hints(std::string_view class_and_id);

}  // namespace vigie::extractor::content
