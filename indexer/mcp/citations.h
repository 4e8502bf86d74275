#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "indexer/mcp/api_reader.h"
#include "platform/json/json.h"
#include "platform/result/result.h"

/// Articles as the tools show them: whose, when, where, and what they say word by word. Private to
/// indexer/mcp.
namespace vigie::indexer::mcp {

inline constexpr std::size_t kQuotationBytes = 600;  // a long sentence; a longer one is cut
inline constexpr std::size_t kOpeningBytes = 400;    // of the text, where no words are asked for
inline constexpr std::size_t kQuotations = 3;        // of an article in a list
inline constexpr std::size_t kTitleBytes = 400;

/// {"field","offset","length","text"}: the bytes [offset, offset + length) of the field, which is
/// the `title` or the `text` of the article: the sentence around the words of one piece of
/// evidence, cut at code points where it is longer than kQuotationBytes. Null where the evidence
/// does not lie in the field.
Json quotation_of(const Json& article, const Json& evidence);

/// At most `most` of them, none twice: sentences with the words that `article["evidence"]` names;
/// where there are none, the beginning of the text, else the title.
Json quotations_of(const Json& article, std::size_t most);

/// An article or a hit in short: ids, URL, title, times, source, language, tags.
Json brief_of(const Json& article);

/// brief_of with `quotations`: `id` is looked up, with the evidence of `query` (may be empty).
/// Errors: as ApiReader::get.
Result<Json> cite(ApiReader& api, const std::string& id, const std::string& query);

/// The articles of a list of hits, cited. One that is gone meanwhile is left out; a query that
/// cannot show evidence does without. Errors: as ApiReader::get, but for not_found.
Result<Json> cite_all(ApiReader& api, const Json& hits, const std::string& query, std::size_t most);

}  // namespace vigie::indexer::mcp
