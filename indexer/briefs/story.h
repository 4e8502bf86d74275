#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "indexer/briefs/brief.h"

/// What every format says, and in which words. Private to indexer/briefs.
namespace vigie::indexer::briefs {

/// A story of a brief, in plain text.
struct Story {
  std::string title;
  std::string language;           // BCP 47, or empty
  std::string url;                // http or https, or empty
  std::string source;             // Xinhua (CN, state-run)
  std::string times;              // First seen … · published …
  std::vector<std::string> note;  // paragraphs
  std::string quotation;          // or empty
  std::string place;              // of the quotation in the text, or empty
  std::string hash;               // hexadecimal digits, or empty
};

struct Told {
  std::string title;
  std::vector<std::string> summary;  // paragraphs
  std::vector<Story> stories;
  std::string foot;
};

Told told(const v1::CollectionRecord& collection, const Look& look);

/// Whether a text is to be read from right to left: its first letter that has a direction says so.
/// Source: UAX #9, P2 and P3, with the blocks of right-to-left scripts.
bool is_rtl(std::string_view utf8);

std::string html(const Told& brief);
std::string markdown(const Told& brief);
Result<std::string> docx(const Told& brief, std::int64_t now_unix_ms);

}  // namespace vigie::indexer::briefs
