#pragma once

#include <span>
#include <string_view>

namespace vigie::indexer::pages {

/// One file of the web pages, as build.mjs wrote it into the program.
struct Asset {
  std::string_view name;  // app.js
  std::string_view type;  // media type
  std::string_view etag;  // quoted
  std::string_view plain;
  std::string_view gzip;
};

std::span<const Asset> assets();

}  // namespace vigie::indexer::pages
