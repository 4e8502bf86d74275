#include "indexer/segments/postings.h"

#include <algorithm>
#include <cstring>

#include "indexer/segments/coding.h"

namespace vigie::indexer::segments {
namespace {

constexpr unsigned kMaxFrequencyBits = 31;
constexpr std::uint64_t kPositionUnit = 2;

/// Words of a block in `.postings`, or null where they lie outside.
const std::uint32_t* packed_at(const List& list, const Block& block) {
  const std::uint64_t begin = block.packed * kPackedUnit;
  const std::uint64_t size = 4 * (packed_words(block.document_bits) +
                                  packed_words(block.title_bits) + packed_words(block.text_bits));
  if (block.document_bits > kDocumentBits || block.title_bits > kMaxFrequencyBits ||
      block.text_bits > kMaxFrequencyBits || begin > list.packed.size() ||
      size > list.packed.size() - begin)
    return nullptr;
  return reinterpret_cast<const std::uint32_t*>(list.packed.data() + begin);
}

}  // namespace

void LooseList::unpack(std::uint32_t part, Unpacked& out) const {
  Arena::Reader reader(*arena, part == 0 ? documents_begin : marks[part - 1].documents);
  std::uint32_t document = part == 0 ? 0 : marks[part - 1].last;
  const auto begin = part * static_cast<std::uint32_t>(kBlockPostings);
  out.count = std::min(static_cast<std::uint32_t>(kBlockPostings), documents - begin);
  for (std::uint32_t i = 0; i < out.count; ++i) {
    out.documents[i] = document += reader.varint32();
    const std::uint64_t code = reader.varint();
    out.frequencies[0][i] = (code & 1) != 0 ? reader.varint32() : 0;
    out.frequencies[1][i] = static_cast<std::uint32_t>(code / 2);
  }
}

void LooseList::read_positions(std::uint32_t part, const Unpacked& unpacked,
                               std::vector<std::uint32_t>& out) const {
  Arena::Reader reader(*arena, part == 0 ? positions_begin : marks[part - 1].positions);
  out.clear();
  for (std::uint32_t i = 0; i < unpacked.count; ++i) {
    for (const std::uint32_t frequency : unpacked.of(i)) {
      std::uint32_t position = 0;
      for (std::uint32_t j = 0; j < frequency; ++j) out.push_back(position += reader.varint32());
    }
  }
}

bool List::unpack_tail(Unpacked& out, bool frequencies) const {
  Reader reader(tail);
  std::uint64_t document = blocks_count == 0 ? 0 : blocks[blocks_count - 1].last;
  for (std::uint32_t i = 0; i < tail_count; ++i) {
    const std::uint32_t step = reader.varint32();
    if (step == 0 && (i > 0 || blocks_count > 0)) return false;
    document += step;
    const std::uint64_t code = reader.varint();
    const std::uint32_t title = (code & 1) != 0 ? reader.varint32() : 0;
    if (document >= segment_documents || code / 2 > UINT32_MAX) return false;
    out.documents[i] = static_cast<std::uint32_t>(document);
    if (!frequencies) continue;
    out.frequencies[0][i] = title;
    out.frequencies[1][i] = static_cast<std::uint32_t>(code / 2);
  }
  out.count = tail_count;
  return reader.ok() && reader.left() == 0;
}

bool List::unpack_documents(std::uint32_t part, Unpacked& out) const {
  if (part >= blocks_count) return unpack_tail(out, false);
  const Block& block = blocks[part];
  const std::uint32_t* words = packed_at(*this, block);
  if (words == nullptr || block.last >= segment_documents || base(part) > block.last) return false;
  unpack(words, block.document_bits, out.documents);
  add_up(out.documents, base(part));
  out.count = kBlockPostings;
  return out.documents[kBlockPostings - 1] == block.last;
}

bool List::unpack_frequencies(std::uint32_t part, Unpacked& out) const {
  if (part >= blocks_count) return unpack_tail(out, true);
  const Block& block = blocks[part];
  const std::uint32_t* words = packed_at(*this, block);
  if (words == nullptr) return false;
  words += packed_words(block.document_bits);
  unpack(words, block.title_bits, out.frequencies[0]);
  unpack(words + packed_words(block.title_bits), block.text_bits, out.frequencies[1]);
  return true;
}

bool List::PositionReader::open(const List& list, std::uint32_t part, const Unpacked& unpacked) {
  unpacked_ = &unpacked;
  const bool in_tail = part >= list.blocks_count;
  const std::uint64_t skip =
      kPositionUnit * (in_tail ? list.tail_positions : list.blocks[part].positions);
  wide_ = in_tail ? list.tail_wide : list.blocks[part].wide != 0;
  if (skip > list.positions.size()) return false;
  bytes_ = list.positions.substr(skip);
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < unpacked.count; ++i) {
    begin_[i] = static_cast<std::uint32_t>(sum);
    sum += static_cast<std::uint64_t>(unpacked.frequencies[0][i]) + unpacked.frequencies[1][i];
    if (sum > bytes_.size()) return false;
  }
  begin_[unpacked.count] = static_cast<std::uint32_t>(sum);
  return sum * (wide_ ? 4 : kPositionUnit) <= bytes_.size();
}

std::uint32_t List::PositionReader::at(std::uint64_t index) const {
  if (wide_) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes_.data() + index * sizeof value, sizeof value);
    return value;
  }
  std::uint16_t value = 0;
  std::memcpy(&value, bytes_.data() + index * sizeof value, sizeof value);
  return value;
}

void List::PositionReader::read(std::uint32_t i, Positions& out) const {
  std::uint64_t index = begin_[i];
  for (std::size_t field = 0; field < out.size(); ++field) {
    for (std::uint32_t j = unpacked_->frequencies[field][i]; j > 0; --j)
      out[field].push_back(at(index++));
  }
}

void List::PositionReader::read_flat(std::uint32_t i, std::vector<std::uint32_t>& out) const {
  out.resize(begin_[i + 1] - begin_[i]);
  for (std::size_t j = 0; j < out.size(); ++j) out[j] = at(begin_[i] + j);
}

std::string encode_stem(const std::vector<StemGroup>& groups, std::string_view list) {
  std::string out;
  append_text(out, list);
  append_varint(out, groups.size());
  for (const StemGroup& group : groups) {
    append_varint(out, group.language);
    append_varint(out, group.documents);
    append_varint(out, group.terms.size());
  }
  // behind the numbers, which is all that most questions need
  for (const StemGroup& group : groups) {
    std::uint32_t last = 0;
    for (std::uint32_t term : group.terms) {
      append_varint(out, term - last);
      last = term;
    }
  }
  return out;
}

Result<void> decode_stem(std::string_view bytes, std::uint32_t terms, bool words, StemEntry& out) {
  Reader reader(bytes);
  out.list = reader.text();
  const std::uint64_t count = reader.varint();
  if (!reader.ok() || count == 0 || count > reader.left()) return corrupt("stem");
  out.groups.resize(count);
  for (StemGroup& group : out.groups) {
    group.language = static_cast<std::uint16_t>(reader.varint32());
    group.documents = reader.varint32();
    const std::uint64_t many = reader.varint();
    if (many == 0 || many > reader.left()) return corrupt("stem");
    group.terms.resize(words ? many : 1);
  }
  for (StemGroup& group : out.groups) {
    std::uint64_t term = 0;
    for (std::uint32_t& word : group.terms) {
      term += reader.varint32();
      if (!reader.ok() || term >= terms) return corrupt("a stem of no word");
      word = static_cast<std::uint32_t>(term);
      if (!words) return {};
    }
  }
  if (!reader.ok() || reader.left() != 0) return corrupt("stem");
  return {};
}

std::string_view stem_list(std::string_view bytes) { return Reader(bytes).text(); }

ListKind kind_of(std::string_view key) {
  const char first = key.empty() ? kFilterKey : key[0];
  if (first == kWordKey) return ListKind::kWord;
  return first == kStemKey ? ListKind::kStem : ListKind::kFilter;
}

Result<List> decode_list(std::string_view bytes, ListKind kind, const ListPlace& place) {
  Reader reader(bytes);
  List out;
  out.packed = place.packed;
  out.segment_documents = place.segment_documents;
  out.documents = reader.varint32();
  if (out.documents > place.segment_documents) return corrupt("posting list");
  out.blocks_count = out.documents / kBlockPostings;
  out.tail_count = out.documents % kBlockPostings;
  if (out.blocks_count > 0) {
    const std::uint64_t first = reader.varint();
    if (first > place.blocks_count || out.blocks_count > place.blocks_count - first)
      return corrupt("posting list");
    out.blocks = place.blocks + first;
    const std::uint64_t bitmap = reader.varint();
    const std::uint64_t bitmap_bytes = (place.segment_documents + 63ULL) / 64 * 8;
    if (bitmap > place.packed.size() / kPackedUnit ||
        (bitmap > 0 && bitmap_bytes > place.packed.size() - (bitmap - 1) * kPackedUnit))
      return corrupt("posting bitmap");
    if (bitmap > 0) {
      out.bitmap =
          reinterpret_cast<const std::uint64_t*>(place.packed.data() + (bitmap - 1) * kPackedUnit);
      const std::uint32_t beyond = place.segment_documents % 64;
      if (beyond != 0 && out.bitmap[place.segment_documents / 64] >> beyond != 0)
        return corrupt("posting bitmap");
    }
  }
  if (kind != ListKind::kFilter) {
    const std::string_view weight = reader.bytes(sizeof out.weight);
    if (!weight.empty()) std::memcpy(&out.weight, weight.data(), sizeof out.weight);
  }
  if (kind == ListKind::kWord) {
    out.outside = reader.varint32();
    if (out.outside > out.documents) return corrupt("posting list");
    const std::uint64_t begin = reader.varint();
    if (begin > place.positions.size() / kPositionUnit) return corrupt("positions");
    out.positions = place.positions.substr(begin * kPositionUnit);
    if (out.tail_count > 0) {
      const std::uint64_t tail = reader.varint();
      out.tail_wide = (tail & 1) != 0;
      if (tail / 2 > UINT32_MAX) return corrupt("positions");
      out.tail_positions = static_cast<std::uint32_t>(tail / 2);
    }
  }
  if (!reader.ok()) return corrupt("posting list");
  out.tail = reader.bytes(reader.left());
  return out;
}

}  // namespace vigie::indexer::segments
