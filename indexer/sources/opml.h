#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

/// Lists of sources as other readers of feeds write and read them.
/// Source: OPML 2.0 (opml.org/spec2.opml), subscription lists.
namespace vigie::indexer::sources {

/// A source as a list has it. What is not known is empty.
struct OpmlSource {
  std::string id = {};
  std::string name = {};
  std::string homepage = {};
  std::vector<std::string> feeds = {};
  std::vector<std::string> sitemaps = {};
  std::vector<std::string> sections = {};
  std::string country = {};
  std::string language = {};
  std::string kind = {};
  std::string affiliation = {};
  std::uint32_t poll_every_s = 0;
  friend bool operator==(const OpmlSource&, const OpmlSource&) = default;
};

/// Bounds of reading a list.
struct OpmlLimits {
  std::size_t bytes = 8ULL << 20;
  std::size_t nodes = 200'000;
  std::size_t depth = 32;  // of folders in folders
  std::size_t sources = 20'000;
};

/// A subscription list: an outline a feed, with title, xmlUrl and htmlUrl, and, in attributes of
/// our own namespace, what else is known, so that read_opml gives the same sources again. A source
/// without a feed is an outline of type "link", which others show as a bookmark. Pure.
std::string write_opml(const std::vector<OpmlSource>& sources, std::string_view title);

/// Reads a subscription list of whatever reader. Folders are looked into and not kept. Feeds are
/// one source where they have the same id of ours, else where they name the same htmlUrl. Outlines
/// that name nothing to be polled are passed over. URLs and words are as they are written: the
/// store judges them. Errors (kQuarantine): too_large; bad_xml; bad_source for what is no OPML, has
/// a document type (no list needs one), or is nested too deep. Pure.
Result<std::vector<OpmlSource>> read_opml(std::string_view bytes, const OpmlLimits& limits = {});

}  // namespace vigie::indexer::sources
