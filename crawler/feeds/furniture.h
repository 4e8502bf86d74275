#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace vigie::crawler::feeds {

/// What stands on every page of a site, learned from pages of it: menus, imprints, lists. Kept in
/// memory alone, bounded. One thread.
class Furniture {
 public:
  /// Pages of one site that are looked at.
  static constexpr std::size_t kMaxPages = 12;
  static constexpr std::size_t kMaxLinksOfPage = 1'000;
  static constexpr std::size_t kMaxSites = 2'000;
  /// With fewer pages than these nothing is known of a site.
  static constexpr std::size_t kLeastPages = 2;

  /// Whether a page of a site would tell anything more.
  bool wants(const std::string& site) const;
  /// Takes the links of a page, normalised. A page that was taken already tells nothing new.
  void note_page(const std::string& site, std::string_view page,
                 const std::vector<std::string>& links);
  /// How many pages of a site were looked at, `page` left out.
  std::size_t pages_beside(const std::string& site, std::string_view page) const;
  /// Whether a link stands on most of them.
  bool stands_everywhere(const std::string& site, std::string_view page,
                         std::string_view link) const;

 private:
  struct Site {
    std::unordered_map<std::string, std::unordered_set<std::size_t>> pages;  // → hashes of links
  };
  std::unordered_map<std::string, Site> sites_;
};

}  // namespace vigie::crawler::feeds
