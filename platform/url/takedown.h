#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace vigie::url {

/// What a command takes down: an article by its id, or all of a URL, a host (and the hosts below
/// it) or a source. Written "ID", "url:URL", "host:HOST", "source:ID".
struct Takedown {
  enum class Kind { kArticle, kUrl, kHost, kSource };
  Kind kind = Kind::kArticle;
  std::string value;  // of a URL its normalised form; of a host its ASCII form
};

/// Total: what cannot be read as a URL or host stays as it is written, and matches nothing.
Takedown read_takedown(std::string_view target);

/// URLs, hosts and sources that were taken down.
class TakenDown {
 public:
  /// False: it was known, or is an article.
  bool add(const Takedown& takedown);
  bool has_url(std::string_view url) const;
  bool has_source(const std::string& source_id) const { return sources_.contains(source_id); }
  bool empty() const { return urls_.empty() && hosts_.empty() && sources_.empty(); }

 private:
  std::set<std::string, std::less<>> urls_;
  std::set<std::string, std::less<>> hosts_;
  std::set<std::string, std::less<>> sources_;
};

}  // namespace vigie::url
