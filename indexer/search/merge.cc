#include "indexer/search/merge.h"

#include <algorithm>
#include <utility>

#include "indexer/search/facet.h"

namespace vigie::indexer::search {

void CountSum::add(const std::vector<Count>& counts) {
  for (const Count& count : counts) counts_[count.value] += count.count;
}

void CountSum::add(const google::protobuf::RepeatedPtrField<v1::PeerCount>& counts) {
  for (const v1::PeerCount& count : counts) counts_[count.value()] += count.count();
}

void CountSum::write(google::protobuf::RepeatedPtrField<v1::PeerCount>& out) const {
  for (const auto& [value, count] : counts_) {
    v1::PeerCount& added = *out.Add();
    added.set_value(value);
    added.set_count(count);
  }
}

std::vector<Count> CountSum::sorted() const {
  std::vector<Count> out;
  for (const auto& [value, count] : counts_) out.push_back({value, count});
  std::stable_sort(out.begin(), out.end(),
                   [](const Count& a, const Count& b) { return a.count > b.count; });
  return out;
}

void TimelineSum::add(const std::vector<TimelineBin>& bins) {
  for (const TimelineBin& bin : bins) {
    Bin& sum = bins_[bin.begin_unix_ms];
    sum.count += bin.count;
    sum.split.add(bin.split);
  }
}

void TimelineSum::add(const v1::LeafResponse& response) {
  for (const v1::PeerBin& bin : response.bins()) {
    Bin& sum = bins_[bin.begin_unix_ms()];
    sum.count += bin.count();
    sum.split.add(bin.split());
  }
}

void TimelineSum::write(v1::LeafResponse& out) const {
  for (const auto& [begin, bin] : bins_) {
    v1::PeerBin& added = *out.add_bins();
    added.set_begin_unix_ms(begin);
    added.set_count(bin.count);
    bin.split.write(*added.mutable_split());
  }
}

std::vector<TimelineBin> TimelineSum::bins() const {
  std::vector<TimelineBin> out;
  for (const auto& [begin, bin] : bins_) out.push_back({begin, bin.count, bin.split.sorted()});
  return out;
}

FacetSum::FacetSum(std::vector<Facet> fields) : fields_(std::move(fields)), sums_(fields_.size()) {}

void FacetSum::add(const std::vector<std::pair<Facet, std::vector<Count>>>& found) {
  for (std::size_t i = 0; i < found.size(); ++i) sums_[i].add(found[i].second);
}

void FacetSum::add(const v1::LeafResponse& response) {
  for (const v1::PeerFacet& facet : response.facets()) {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (facet.field() == facet_name(fields_[i])) sums_[i].add(facet.values());
    }
  }
}

void FacetSum::write(v1::LeafResponse& out) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    v1::PeerFacet& facet = *out.add_facets();
    facet.set_field(std::string(facet_name(fields_[i])));
    sums_[i].write(*facet.mutable_values());
  }
}

std::vector<std::pair<Facet, std::vector<Count>>> FacetSum::facets() const {
  std::vector<std::pair<Facet, std::vector<Count>>> out;
  for (std::size_t i = 0; i < fields_.size(); ++i) out.emplace_back(fields_[i], sums_[i].sorted());
  return out;
}

void HitSum::add(v1::LeafResponse& response) {
  add_total(response.total(), !response.inexact());
  for (v1::PeerHit& hit : *response.mutable_hits()) hits_.push_back(std::move(hit));
}

void HitSum::add_total(std::uint64_t total, bool exact) {
  total_ += total;
  exact_ = exact_ && exact;
}

std::vector<v1::PeerHit> HitSum::take() {
  std::sort(hits_.begin(), hits_.end(), [this](const v1::PeerHit& a, const v1::PeerHit& b) {
    return better(sort_, a.place(), b.place());
  });
  if (hits_.size() > limit_) hits_.resize(limit_);
  return std::move(hits_);
}

bool better(Sort sort, const v1::PeerPlace& a, const v1::PeerPlace& b) {
  if (sort == Sort::kRelevance && a.score() != b.score()) return a.score() > b.score();
  if (sort == Sort::kNewest && a.time_unix_ms() != b.time_unix_ms())
    return a.time_unix_ms() > b.time_unix_ms();
  return a.article_id() < b.article_id();
}

v1::PeerStatistics to_record(const Statistics& statistics) {
  v1::PeerStatistics out;
  out.set_documents(statistics.documents);
  out.set_title_words(statistics.length[0]);
  out.set_text_words(statistics.length[1]);
  for (const std::uint64_t frequency : statistics.document_frequency)
    out.add_document_frequency(frequency);
  return out;
}

Statistics from_record(const v1::PeerStatistics& record) {
  Statistics out;
  out.documents = record.documents();
  out.length[0] = record.title_words();
  out.length[1] = record.text_words();
  out.document_frequency.assign(record.document_frequency().begin(),
                                record.document_frequency().end());
  return out;
}

}  // namespace vigie::indexer::search
