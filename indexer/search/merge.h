#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "indexer/shard/shard.h"
#include "proto/peer.pb.h"

/// The one place where partial results are joined, those of the shards of one process and those of
/// processes alike: a leaf adds its shards and writes a LeafResponse, the asking process adds the
/// LeafResponses and reads the sum. Private to indexer/search.
namespace vigie::indexer::search {

/// Values of a field with their counts.
class CountSum {
 public:
  void add(const std::vector<Count>& counts);
  void add(const google::protobuf::RepeatedPtrField<v1::PeerCount>& counts);
  /// By value.
  void write(google::protobuf::RepeatedPtrField<v1::PeerCount>& out) const;
  /// By count, descending, then by value.
  std::vector<Count> sorted() const;

 private:
  std::map<std::string, std::uint64_t> counts_;
};

/// The bins of a timeline.
class TimelineSum {
 public:
  void add(const std::vector<TimelineBin>& bins);
  void add(const v1::LeafResponse& response);
  void write(v1::LeafResponse& out) const;
  /// In order of time.
  std::vector<TimelineBin> bins() const;

 private:
  struct Bin {
    std::uint64_t count = 0;
    CountSum split;
  };
  std::map<std::int64_t, Bin> bins_;  // by begin, ms since 1970
};

/// The values of several fields, in the order in which they were asked for.
class FacetSum {
 public:
  explicit FacetSum(std::vector<Facet> fields);
  void add(const std::vector<std::pair<Facet, std::vector<Count>>>& found);
  void add(const v1::LeafResponse& response);
  void write(v1::LeafResponse& out) const;
  std::vector<std::pair<Facet, std::vector<Count>>> facets() const;

 private:
  std::vector<Facet> fields_;
  std::vector<CountSum> sums_;
};

/// The best hits of several leaves.
class HitSum {
 public:
  HitSum(Sort sort, std::size_t limit) : sort_(sort), limit_(limit) {}
  void add(v1::LeafResponse& response);
  void add(v1::PeerHit hit) { hits_.push_back(std::move(hit)); }
  void add_total(std::uint64_t total, bool exact);
  std::uint64_t total() const { return total_; }
  bool exact() const { return exact_; }
  /// At most `limit`, in the order of the sort. May be called once.
  std::vector<v1::PeerHit> take();

 private:
  Sort sort_;
  std::size_t limit_;
  std::uint64_t total_ = 0;
  bool exact_ = true;
  std::vector<v1::PeerHit> hits_;
};

/// The order of hits, over all shards.
bool better(Sort sort, const v1::PeerPlace& a, const v1::PeerPlace& b);

v1::PeerStatistics to_record(const Statistics& statistics);
Statistics from_record(const v1::PeerStatistics& record);

}  // namespace vigie::indexer::search
