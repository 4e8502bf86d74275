#include "indexer/segments/writer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <random>

#include "indexer/segments/coding.h"
#include "indexer/segments/terms.h"

namespace vigie::indexer::segments {
namespace {

constexpr std::uint64_t kPositionUnit = 2;
constexpr std::size_t kFirstSlots = 16;

template <class Value>
std::string_view bytes_of(std::span<const Value> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}
template <class Value>
std::string_view bytes_of(const std::vector<Value>& values) {
  return bytes_of(std::span<const Value>(values));
}

/// As a float that is no less.
float rounded_up(double weight) {
  return std::nextafter(static_cast<float>(weight), std::numeric_limits<float>::max());
}

}  // namespace

SegmentPaths paths_of(const std::filesystem::path& folder, std::uint32_t number) {
  std::string name = std::to_string(number);
  name.insert(0, 10 - name.size(), '0');
  return {folder / (name + ".index"), folder / (name + ".postings"),
          folder / (name + ".positions")};
}

SegmentWriter::SegmentWriter(SegmentPaths paths, const Columns& columns)
    : paths_(std::move(paths)), columns_(columns), bitmap_((columns.documents() + 63ULL) / 64) {
  for (std::size_t field = 0; field < 2; ++field) {
    std::uint64_t sum = 0;
    for (std::uint32_t words : columns.length[field]) sum += words;
    average_[field] =
        std::max(1.0, static_cast<double>(sum) / std::max<std::uint32_t>(columns.documents(), 1));
  }
}

Result<void> SegmentWriter::open() {
  VIGIE_TRY(postings_.open(paths_.postings));
  return positions_.open(paths_.positions);
}

void SegmentWriter::begin(std::string_view key, std::uint64_t most) {
  key_ = key;
  kind_ = kind_of(key);
  outside_ = 0;
  count_ = 0;
  weight_ = 0;
  last_ = 0;
  first_block_ = blocks_.size();
  positions_begin_ = positions_.size();
  block_.count = 0;
  block_positions_.clear();
  greatest_position_ = 0;
  marks_ = most > columns_.documents() / kDenseShare && most >= kBlockPostings;
  if (marks_) std::fill(bitmap_.begin(), bitmap_.end(), 0);
}

void SegmentWriter::add(std::uint32_t document, const Frequencies& frequencies,
                        std::span<const std::uint32_t> positions) {
  block_.documents[block_.count] = document;
  block_.frequencies[0][block_.count] = frequencies[0];
  block_.frequencies[1][block_.count] = frequencies[1];
  ++block_.count;
  ++count_;
  if (columns_.stem_numbers[document] == kNoStems) ++outside_;
  for (std::uint32_t position : positions) {
    block_positions_.push_back(position);
    greatest_position_ = std::max(greatest_position_, position);
  }
  if (marks_) bitmap_[document / 64] |= 1ULL << (document % 64);
  if (block_.count == kBlockPostings) flush_block();
}

void SegmentWriter::append_positions(std::uint8_t& wide, std::uint32_t& at) {
  at = static_cast<std::uint32_t>((positions_.size() - positions_begin_) / kPositionUnit);
  wide = greatest_position_ > UINT16_MAX ? 1 : 0;
  if (wide != 0) {
    positions_.append(bytes_of(block_positions_));
  } else {
    const std::vector<std::uint16_t> narrow(block_positions_.begin(), block_positions_.end());
    positions_.append(bytes_of(narrow));
  }
  block_positions_.clear();
  greatest_position_ = 0;
}

void SegmentWriter::pad_postings() {
  const std::uint64_t beyond = postings_.size() % kPackedUnit;
  if (beyond != 0) postings_.append(std::string(kPackedUnit - beyond, '\0'));
}

double SegmentWriter::block_weight() {
  double weight = 0;
  for (std::uint32_t i = 0; i < block_.count; ++i) {
    const std::uint32_t document = block_.documents[i];
    const Frequencies length{columns_.length[0][document], columns_.length[1][document]};
    weight = std::max(weight, weight_of(block_.of(i), length, average_));
  }
  weight_ = std::max(weight_, weight);
  return weight;
}

void SegmentWriter::flush_block() {
  Block block;
  block.last = block_.documents[kBlockPostings - 1];
  block.packed = static_cast<std::uint32_t>(postings_.size() / kPackedUnit);
  const double weight = block_weight();
  alignas(16) std::uint32_t steps[kBlockPostings];
  for (std::uint32_t i = 0; i < kBlockPostings; ++i) {
    const std::uint32_t document = block_.documents[i];
    steps[i] = document - last_;
    last_ = document;
  }
  block.weight = rounded_up(weight);
  block.document_bits = static_cast<std::uint8_t>(width_of(steps));
  block.title_bits = static_cast<std::uint8_t>(width_of(block_.frequencies[0]));
  block.text_bits = static_cast<std::uint8_t>(width_of(block_.frequencies[1]));
  std::uint32_t words[kBlockPostings];
  const auto put = [&](const std::uint32_t* values, unsigned bits) {
    pack(values, bits, words);
    postings_.append(bytes_of(std::span<const std::uint32_t>(words, packed_words(bits))));
  };
  put(steps, block.document_bits);
  put(block_.frequencies[0], block.title_bits);
  put(block_.frequencies[1], block.text_bits);
  append_positions(block.wide, block.positions);
  blocks_.push_back(block);
  block_.count = 0;
}

void SegmentWriter::append_tail(std::string& out, bool positioned) {
  if (positioned) {
    std::uint8_t wide = 0;
    std::uint32_t at = 0;
    append_positions(wide, at);
    append_varint(out, static_cast<std::uint64_t>(at) * 2 + wide);
  }
  for (std::uint32_t i = 0; i < block_.count; ++i) {
    append_varint(out, block_.documents[i] - last_);
    last_ = block_.documents[i];
    const Frequencies frequencies = block_.of(i);
    append_varint(out,
                  static_cast<std::uint64_t>(frequencies[1]) * 2 + (frequencies[0] > 0 ? 1 : 0));
    if (frequencies[0] > 0) append_varint(out, frequencies[0]);
  }
}

std::uint32_t SegmentWriter::append_bitmap() {
  const auto at = static_cast<std::uint32_t>(postings_.size() / kPackedUnit);
  postings_.append(bytes_of(bitmap_));
  pad_postings();
  return at;
}

std::uint32_t SegmentWriter::add_term(std::string_view key, std::string_view rest) {
  term_begins_.push_back(static_cast<std::uint32_t>(terms_.size()));
  append_text(terms_, key);
  terms_ += rest;
  return static_cast<std::uint32_t>(term_begins_.size() - 1);
}

std::uint32_t SegmentWriter::end() { return count_ == 0 ? kNoTerm : add_term(key_, end_list()); }

std::string SegmentWriter::end_list() {
  std::string rest;
  append_varint(rest, count_);
  if (count_ >= kBlockPostings) {
    append_varint(rest, first_block_);
    const bool dense = marks_ && count_ > columns_.documents() / kDenseShare;
    append_varint(rest, dense ? append_bitmap() + 1ULL : 0);
  }
  if (kind_ != ListKind::kFilter) {
    block_weight();
    const float weight = rounded_up(weight_);
    rest.append(reinterpret_cast<const char*>(&weight), sizeof weight);
  }
  if (kind_ == ListKind::kWord) {
    append_varint(rest, outside_);
    append_varint(rest, positions_begin_ / kPositionUnit);
  }
  if (block_.count > 0) append_tail(rest, kind_ == ListKind::kWord);
  return rest;
}

std::uint32_t SegmentWriter::documents_of(std::uint32_t term) const {
  Reader reader(std::string_view(terms_).substr(term_begins_[term]));
  reader.text();
  return reader.varint32();
}

bool SegmentWriter::begin_stem(std::string_view key, std::vector<StemGroup> groups) {
  std::erase_if(groups,
                [](const StemGroup& group) { return group.documents == 0 || group.terms.empty(); });
  if (groups.empty()) return false;
  std::uint64_t documents = 0;
  bool one_word = true;
  for (StemGroup& group : groups) {
    std::sort(group.terms.begin(), group.terms.end());
    documents += group.documents;
    one_word = one_word && group.terms.size() == 1 && group.terms[0] == groups[0].terms[0];
  }
  if (one_word && documents == documents_of(groups[0].terms[0])) {
    add_term(key, encode_stem(groups, {}));
    return false;
  }
  begin(key, documents);
  groups_ = std::move(groups);
  return true;
}

void SegmentWriter::end_stem() {
  if (count_ > 0) add_term(key_, encode_stem(groups_, end_list()));
}

std::string SegmentWriter::slots(std::uint64_t seed) const {
  const std::size_t count = std::bit_ceil(std::max(kFirstSlots, term_begins_.size() * 2));
  std::vector<std::uint32_t> out(count);
  std::vector<std::uint32_t> begins = term_begins_;
  begins.push_back(static_cast<std::uint32_t>(terms_.size()));
  const Terms terms(terms_, begins, {}, seed);
  for (std::uint32_t term = 0; term < terms.size(); ++term) {
    const std::uint64_t hash = hash_of(terms.key(term), seed);
    std::size_t slot = hash & (count - 1);
    while (out[slot] != 0) slot = (slot + 1) & (count - 1);
    out[slot] = slot_of(term, hash, count);
  }
  return std::string(bytes_of(out));
}

Result<std::uint64_t> SegmentWriter::finish() {
  if (terms_.size() > UINT32_MAX)
    return failure(Disposition::kStop, "io", "a segment has too many terms", paths_.index.string());
  Header header;
  header.documents = columns_.documents();
  header.terms = static_cast<std::uint32_t>(term_begins_.size());
  std::random_device random;
  header.seed = static_cast<std::uint64_t>(random()) << 32 | random();
  for (std::size_t field = 0; field < 2; ++field) header.average[field] = average_[field];
  const std::string table = slots(header.seed);
  header.slots = static_cast<std::uint32_t>(table.size() / sizeof(std::uint32_t));
  term_begins_.push_back(static_cast<std::uint32_t>(terms_.size()));
  std::string names;
  for (const std::string& name : *columns_.languages) append_text(names, name);
  header.postings_bytes = postings_.size();
  header.positions_bytes = positions_.size();

  std::array<std::string_view, kSections> sections{bytes_of(term_begins_),
                                                   terms_,
                                                   table,
                                                   bytes_of(blocks_),
                                                   bytes_of(columns_.time_unix_ms),
                                                   bytes_of(columns_.length[0]),
                                                   bytes_of(columns_.length[1]),
                                                   bytes_of(columns_.language),
                                                   bytes_of(columns_.id_begin),
                                                   columns_.ids,
                                                   names};
  for (std::size_t i = 0; i < kFacetSections; ++i)
    sections[static_cast<std::size_t>(Section::kFacets) + i] = facets_[i];
  std::uint64_t at = sizeof(Header);
  const auto aligned = [](std::uint64_t value) {
    return (value + kAlignment - 1) / kAlignment * kAlignment;
  };
  for (std::size_t i = 0; i < kSections; ++i) {
    header.sections[i] = {aligned(at), sections[i].size()};
    at = header.sections[i].begin + sections[i].size();
  }
  const auto head = [&header](std::size_t size) {
    return std::string_view(reinterpret_cast<const char*>(&header), size);
  };
  header.checksum = hash_of(head(offsetof(Header, checksum)), header.seed);
  FileWriter index;
  VIGIE_TRY(index.open(paths_.index));
  index.append(head(sizeof header));
  for (std::size_t i = 0; i < kSections; ++i) {
    index.append(std::string(header.sections[i].begin - index.size(), '\0'));
    index.append(sections[i]);
  }
  VIGIE_TRY(postings_.finish());
  VIGIE_TRY(positions_.finish());
  VIGIE_TRY(index.finish());
  VIGIE_TRY(sync_folder(paths_.index.parent_path()));
  return index.size() + postings_.size() + positions_.size();
}

}  // namespace vigie::indexer::segments
