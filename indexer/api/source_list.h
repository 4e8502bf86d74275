#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"
#include "platform/url/url.h"
#include "proto/page.pb.h"
#include "proto/status.pb.h"

namespace vigie::indexer::api {

/// The sources that are crawled, by their homepages: which of them published a page. Immutable.
class SourceList {
 public:
  explicit SourceList(const std::vector<v1::SourceStatus>& sources);

  /// The source whose homepage is the longest beginning of the URL, by host (of which "www." is
  /// no part), then by path; else one at a domain above or beside it; else the site itself, of
  /// which nothing but its name is known.
  v1::Source of(const url::Url& page) const;
  /// The source with this id or name. Errors: kQuarantine bad_record, with the nearest.
  Result<v1::Source> named(std::string_view name) const;

 private:
  struct Entry {
    v1::Source source;
    std::string host;  // without "www."
    std::string path;  // ends with '/'
    std::string domain;
    bool general = false;  // stands for its whole domain: lemonde.fr, english.news.cn
  };
  const Entry* find(const std::string& host, std::string_view path) const;

  std::vector<Entry> entries_;  // in order of id
};

}  // namespace vigie::indexer::api
