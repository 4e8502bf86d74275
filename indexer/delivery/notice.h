#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// What a channel for people says: one alert, or a digest of many. Every adapter renders a Notice;
/// it never looks at a match. Texts are UTF-8 as articles have them: adapters escape, shorten and
/// bound them by the rules of their service.
namespace vigie::indexer::delivery {

/// One line of a notice: an article, an event with the first of its articles, or a day that is
/// unusual, with the newest.
struct NoticeItem {
  std::string headline;            // "" : the URL is shown
  std::string url;                 // of the article; http or https, or "" : no link
  std::string source;              // name for people, "" if unknown
  std::string language;            // BCP 47, "" if unknown
  std::string sentence;            // that says why it was found; "" : left out
  std::int64_t first_unix_ms = 0;  // published, else discovered; 0 if unknown
  std::uint64_t also = 0;  // further articles of the same event or story: "and 3 more on it"
  // how far its event is reported; 0 where that is not known: "also reported: 5 languages, 10
  // sources"
  std::uint64_t languages = 0;
  std::uint64_t sources = 0;
  std::string article_id;  // id in this vigie, for the machine-readable body
};

/// A list of items, the newest first, with what is said around it.
struct Notice {
  enum class Kind {
    kAlert,   // one item, told at once
    kDigest,  // what came in a slot; no items: "nothing new"
    kSample,  // somebody asked for a test
  };
  Kind kind = Kind::kAlert;
  std::string subscription_id;
  std::string subscription_name;
  std::string why;                // the query, as typed
  std::vector<NoticeItem> items;  // adapters show as many as their service takes
  std::uint64_t further = 0;      // beyond `items`: "and 12 more"; adapters add what they cut
  std::int64_t at_unix_ms = 0;    // when it came about; the same at every attempt
  // a digest: the slot that it tells of, begin included, end not; 0 for an alert
  std::int64_t begin_unix_ms = 0;
  std::int64_t end_unix_ms = 0;
  std::string time_zone;  // IANA name by which times are shown; "" : UTC
};

}  // namespace vigie::indexer::delivery
