#include "indexer/service/catalogue.h"

#include "platform/logging/logging.h"
#include "platform/topic_packs/topic_packs.h"

namespace vigie::indexer::service {
namespace {

constexpr std::chrono::seconds kLookEvery{2};

template <class Declared>
api::CatalogueEntry entry_of(const Declared& declared, const topic_packs::Pack& pack) {
  api::CatalogueEntry entry;
  entry.id = declared.id;
  entry.name = topic_packs::name_in(declared.names, "en", declared.id);
  entry.definition = declared.definition;
  entry.names = declared.names;
  entry.pack = pack.name;
  return entry;
}

}  // namespace

Result<void> CatalogueWatcher::open(std::vector<std::string> dirs) {
  const std::lock_guard lock(mutex_);
  dirs_ = std::move(dirs);
  VIGIE_TRY(load());
  reloads_.note("catalogue", true, clock_.now_unix_ms());
  return {};
}

void CatalogueWatcher::load_again() {
  const auto loaded = load();
  reloads_.note("catalogue", loaded.has_value(), clock_.now_unix_ms());
  if (!loaded)
    logging::warn("topic packs stay as they were", {{"error", loaded.error().to_string()}});
}

Result<void> CatalogueWatcher::load() {
  stamp_ = topic_packs::stamp_of(dirs_);
  VIGIE_ASSIGN(const std::vector<topic_packs::Pack> packs, topic_packs::load_packs(dirs_));
  auto made = std::make_shared<api::Catalogue>();
  for (const topic_packs::Pack& pack : packs) {
    for (const topic_packs::Topic& topic : pack.topics) {
      made->topics.push_back(entry_of(topic, pack));
      made->topics.back().aliases = topic.aliases;
    }
    for (const topic_packs::Actor& actor : pack.actors) {
      made->actors.push_back(entry_of(actor, pack));
      made->actors.back().qid = actor.qid;
    }
  }
  catalogue_ = std::move(made);
  return {};
}

std::shared_ptr<const api::Catalogue> CatalogueWatcher::current() {
  const std::lock_guard lock(mutex_);
  const std::chrono::milliseconds now = clock_.since_boot();
  if (!looked_ || now - *looked_ >= kLookEvery) {
    looked_ = now;
    if (topic_packs::stamp_of(dirs_) != stamp_) load_again();
  }
  return catalogue_;
}

void CatalogueWatcher::reload() {
  const std::lock_guard lock(mutex_);
  load_again();
}

}  // namespace vigie::indexer::service
