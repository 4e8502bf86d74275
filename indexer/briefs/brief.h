#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/dates/time_zone.h"
#include "platform/result/result.h"
#include "proto/collection.pb.h"

/// A collection as a file for people: title, summary, and of each story headline, source, times,
/// note, quotation, link and archive hash.
namespace vigie::indexer::briefs {

enum class Format {
  kHtml,      // one file that needs no other, with rules for two A4 pages when it is printed
  kDocx,      // Office Open XML (ECMA-376), as word processors read it
  kMarkdown,  // CommonMark
};

/// html docx md, as calls name them.
std::optional<Format> format_named(std::string_view name);
std::string_view media_type(Format format);
std::string_view file_ending(Format format);

struct Look {
  dates::TimeZone zone;          // that times are shown in
  std::int64_t now_unix_ms = 0;  // when it is made
};

/// Whatever the texts hold, they are text in the file: no markup, no script, no link of theirs but
/// http and https. Pure: the same in, the same bytes out. Errors: those of zip::ZipWriter.
Result<std::string> write(Format format, const v1::CollectionRecord& collection, const Look& look);

/// 2026-11-30 09:14 UTC+01:00, as the clocks of a zone show it.
std::string moment(std::int64_t unix_ms, const dates::TimeZone& zone);

}  // namespace vigie::indexer::briefs
