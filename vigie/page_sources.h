#pragma once

#include <functional>
#include <memory>
#include <string>

#include "extractor/commands/extract_command.h"
#include "platform/config/settings.h"

namespace vigie::cli {

/// A page from the web for `vigie extract`, as the crawler would get it: robots.txt is asked first,
/// each redirect and each peer is judged, fetch.min_gap_ms passes between two requests, and only
/// networks of fetch.allow_networks beside the global ones are contacted. Thread-safe: one request
/// at a time. Errors: kStop of the settings. The function's: kQuarantine refused_by_robots,
/// bad_url, status_NNN; what the client says.
Result<std::function<Result<v1::PageRecord>(const std::string& url)>> make_page_fetcher(
    const config::Settings& settings);

/// The pages of a WARC file one by one. Errors: kStop not_found.
Result<extractor::commands::ExtractArguments::NextPage> open_archive(const std::string& path,
                                                                     std::size_t max_page_bytes);

}  // namespace vigie::cli
