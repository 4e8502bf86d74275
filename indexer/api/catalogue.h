#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace vigie::indexer::api {

/// A topic or an actor as pages and completion show it.
struct CatalogueEntry {
  std::string id;                                          // export-controls, org:nvidia
  std::string name;                                        // in English
  std::string definition;                                  // one sentence; empty for actors without
  std::vector<std::pair<std::string, std::string>> names;  // language → name
  std::string qid;                                         // Wikidata, or empty
  std::string pack;
  std::vector<std::string> aliases = {};  // older ids of a topic
};
/// What the loaded packs declare.
struct Catalogue {
  std::vector<CatalogueEntry> topics;
  std::vector<CatalogueEntry> actors;
};

/// What they declare now; may be empty. Any thread.
using CurrentCatalogue = std::function<std::shared_ptr<const Catalogue>()>;

/// Never nullptr.
inline std::shared_ptr<const Catalogue> now(const CurrentCatalogue& catalogue) {
  std::shared_ptr<const Catalogue> current = catalogue ? catalogue() : nullptr;
  return current != nullptr ? current : std::make_shared<const Catalogue>();
}

}  // namespace vigie::indexer::api
