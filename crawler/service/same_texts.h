#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

namespace vigie::crawler::service {

/// What this process knows of texts that came twice: pages that were sent and are not in the store
/// yet, and how many of the URLs that a listing named last were such. Bounded; nothing is lost with
/// it but that a copy is sent. One thread.
class SameTexts {
 public:
  static constexpr std::size_t kMaxTexts = 20'000;
  static constexpr std::size_t kMaxListings = 20'000;

  void sent(const std::string& source_id, const std::string& digest, const std::string& url) {
    if (texts_.size() >= kMaxTexts) texts_.clear();
    texts_.try_emplace(key(source_id, digest), url);
  }
  /// "" for none.
  std::string page(const std::string& source_id, const std::string& digest) const {
    const auto found = texts_.find(key(source_id, digest));
    return found == texts_.end() ? std::string() : found->second;
  }

  /// A listing named so many URLs that nobody knew.
  void listed(const std::string& listing, std::size_t fresh) {
    if (listings_.size() >= kMaxListings) listings_.clear();
    if (fresh > 0) listings_[listing] = fresh;
  }
  /// One of them has the text of a known page. True: so had all.
  bool was_alias(const std::string& listing) {
    const auto found = listings_.find(listing);
    if (found == listings_.end() || --found->second > 0) return false;
    listings_.erase(found);
    return true;
  }

 private:
  static std::string key(const std::string& source_id, const std::string& digest) {
    return source_id + "\n" + digest;
  }
  std::unordered_map<std::string, std::string> texts_;
  std::unordered_map<std::string, std::size_t> listings_;  // → those that may be news still
};

}  // namespace vigie::crawler::service
