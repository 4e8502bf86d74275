#include "indexer/api/facet_names.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "indexer/api/topic_views.h"

namespace vigie::indexer::api {
namespace {

std::string name_of(const std::vector<CatalogueEntry>& entries, const std::string& id) {
  const auto entry = std::find_if(entries.begin(), entries.end(),
                                  [&](const CatalogueEntry& one) { return one.id == id; });
  return entry == entries.end() ? std::string() : entry->name;
}

}  // namespace

FacetNames::FacetNames(StatusView& status, std::shared_ptr<const Catalogue> catalogue)
    : catalogue_(std::move(catalogue)) {
  const auto now = status.now();
  if (!now) return;  // ids do as well
  for (const v1::SourceStatus& source : now->sources) sources_[source.source_id()] = source.name();
}

std::string FacetNames::of(Facet facet, const std::string& value) const {
  if (facet == Facet::kSource) {
    const auto source = sources_.find(value);
    return source == sources_.end() ? value : source->second;
  }
  if (facet != Facet::kTopic && facet != Facet::kActor) return value;
  std::string name =
      name_of(facet == Facet::kTopic ? catalogue_->topics : catalogue_->actors, value);
  return name.empty() ? value : name;
}

std::string FacetNames::country(const std::string& code) const {
  std::string name = name_of(catalogue_->actors, "country:" + code);
  return name.empty() ? code : name;
}

Result<std::vector<Facet>> fields_of(const http::Request& request, std::vector<Facet> otherwise) {
  std::vector<Facet> fields;
  for (const auto& [name, value] : request.query) {
    if (name != "field") continue;
    for (std::size_t begin = 0; begin <= value.size();) {
      const std::size_t end = std::min(value.find(',', begin), value.size());
      VIGIE_ASSIGN(const Facet facet,
                   search::facet_from_name(std::string_view(value).substr(begin, end - begin)));
      if (std::find(fields.begin(), fields.end(), facet) == fields.end()) fields.push_back(facet);
      begin = end + 1;
    }
  }
  return fields.empty() ? std::move(otherwise) : fields;
}

}  // namespace vigie::indexer::api
