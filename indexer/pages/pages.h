#pragma once

#include <optional>

#include "platform/http/http.h"

/// The web pages, embedded in the program.
namespace vigie::indexer::pages {

/// Answers GET for / /a/ID /t/ID /w/ID /alerts /ingestion /searches and others (one shell, which
/// draws the view that the URL names), /assets/NAME, /favicon.ico, and for the pages of
/// ops/runbooks under /runbooks, which need no script. Any other path is answered with that shell
/// and 404 where Accept has text/html, else nullopt. With the policy that no page may load or send
/// anything elsewhere, ETags, and gzip where it is accepted. Pure, thread-safe.
std::optional<http::Response> page(const http::Request& request);

}  // namespace vigie::indexer::pages
