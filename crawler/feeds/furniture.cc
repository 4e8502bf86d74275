#include "crawler/feeds/furniture.h"

#include <functional>

namespace vigie::crawler::feeds {

bool Furniture::wants(const std::string& site) const {
  const auto found = sites_.find(site);
  return found == sites_.end() || found->second.pages.size() < kMaxPages;
}

void Furniture::note_page(const std::string& site, std::string_view page,
                          const std::vector<std::string>& links) {
  if (sites_.size() >= kMaxSites && sites_.count(site) == 0) sites_.clear();
  auto& pages = sites_[site].pages;
  const bool known = pages.count(std::string(page)) != 0;
  if (!known && pages.size() >= kMaxPages) return;
  auto& hashes = pages[std::string(page)];
  hashes.clear();
  for (const std::string& link : links) {
    if (hashes.size() >= kMaxLinksOfPage) break;
    hashes.insert(std::hash<std::string_view>()(link));
  }
}

std::size_t Furniture::pages_beside(const std::string& site, std::string_view page) const {
  const auto found = sites_.find(site);
  if (found == sites_.end()) return 0;
  const auto& pages = found->second.pages;
  return pages.size() - pages.count(std::string(page));
}

bool Furniture::stands_everywhere(const std::string& site, std::string_view page,
                                  std::string_view link) const {
  const auto found = sites_.find(site);
  if (found == sites_.end()) return false;
  const std::size_t hash = std::hash<std::string_view>()(link);
  std::size_t on = 0;
  std::size_t pages = 0;
  for (const auto& [url, hashes] : found->second.pages) {
    if (url == page || url == link) continue;
    ++pages;
    on += hashes.count(hash);
  }
  return on >= kLeastPages && on * 2 > pages;
}

}  // namespace vigie::crawler::feeds
