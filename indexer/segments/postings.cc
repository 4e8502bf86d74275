#include "indexer/segments/postings.h"

#include <algorithm>

#include "indexer/segments/coding.h"

namespace vigie::indexer::segments {
namespace {

/// Decodes the positions of one document; false for bytes that no writer made.
bool read_one(Reader& reader, const Frequencies& frequencies, Positions* out) {
  for (std::size_t field = 0; field < 2; ++field) {
    if (frequencies[field] > reader.left()) return false;
    std::uint64_t position = 0;
    for (std::uint32_t i = 0; i < frequencies[field]; ++i) {
      position += reader.varint();
      if (out != nullptr) (*out)[field].push_back(static_cast<std::uint32_t>(position));
    }
  }
  return reader.ok();
}

}  // namespace

void append_positions(std::string& out, const Positions& positions) {
  for (const auto& field : positions) {
    std::uint32_t last = 0;
    for (std::uint32_t position : field) {
      append_varint(out, position - last);
      last = position;
    }
  }
}

void PostingWriter::add(std::uint32_t document, const Frequencies& frequencies,
                        std::string_view positions) {
  VIGIE_INVARIANT(documents_.empty() || document > documents_.back());
  documents_.push_back(document);
  frequencies_.push_back(frequencies);
  positions_ += positions;
  position_ends_.push_back(static_cast<std::uint32_t>(positions_.size()));
}

std::vector<PostingWriter::Chunk> PostingWriter::finish() {
  std::vector<Chunk> out;
  const std::size_t count = documents_.size();
  std::string head;
  append_varint(head, count);
  append_varint(head, (count + kChunkPostings - 1) / kChunkPostings);
  for (std::size_t begin = 0; begin < count; begin += kChunkPostings)
    append_varint(head, documents_[std::min(count, begin + kChunkPostings) - 1]);
  std::uint32_t last = 0;
  std::uint32_t positions_at = 0;
  for (std::size_t begin = 0; begin < count; begin += kChunkPostings) {
    const std::size_t end = std::min(count, begin + kChunkPostings);
    Chunk chunk;
    if (begin == 0) chunk.postings = head;
    append_varint(chunk.postings, end - begin);
    std::string body;
    const std::uint32_t chunk_positions = positions_at;
    for (std::size_t block = begin; block < end; block += kBlockPostings) {
      const std::size_t block_end = std::min(end, block + kBlockPostings);
      const std::size_t body_before = body.size();
      const std::uint32_t base = last;
      for (std::size_t i = block; i < block_end; ++i) {
        append_varint(body, documents_[i] - last);
        last = documents_[i];
        append_varint(body, static_cast<std::uint64_t>(frequencies_[i][1]) * 2 +
                                (frequencies_[i][0] > 0 ? 1 : 0));
        if (frequencies_[i][0] > 0) append_varint(body, frequencies_[i][0]);
      }
      append_varint(chunk.postings, last - base);
      append_varint(chunk.postings, body.size() - body_before);
      append_varint(chunk.postings, position_ends_[block_end - 1] - positions_at);
      positions_at = position_ends_[block_end - 1];
    }
    chunk.postings += body;
    chunk.positions = positions_.substr(chunk_positions, positions_at - chunk_positions);
    out.push_back(std::move(chunk));
  }
  documents_.clear();
  frequencies_.clear();
  position_ends_.clear();
  positions_.clear();
  return out;
}

Result<void> PostingReader::open(std::string first, Load load_postings, Load load_positions) {
  first_ = std::move(first);
  chunk_last_.clear();
  Reader reader(first_);
  document_frequency_ = reader.varint32();
  const std::uint64_t chunks = reader.varint();
  if (document_frequency_ > kMaxSegmentDocuments ||
      chunks != (document_frequency_ + kChunkPostings - 1) / kChunkPostings || chunks == 0)
    return corrupt("posting list");
  for (std::uint64_t i = 0; i < chunks && reader.ok(); ++i) {
    chunk_last_.push_back(reader.varint32());
    if (i > 0 && chunk_last_[i] <= chunk_last_[i - 1]) return corrupt("posting list");
  }
  if (!reader.ok()) return corrupt("posting list");
  first_body_ = reader.bytes(reader.left());
  load_postings_ = std::move(load_postings);
  load_positions_ = std::move(load_positions);
  return {};
}

Result<std::vector<PostingReader::Block>> PostingReader::blocks(std::string_view chunk,
                                                                std::uint32_t base) {
  Reader reader(chunk);
  std::uint64_t left = reader.varint();
  if (left == 0 || left > kChunkPostings) return corrupt("posting chunk");
  std::vector<Block> out;
  std::vector<std::uint64_t> sizes;
  std::uint64_t positions_at = 0;
  std::uint64_t last = base;
  while (left > 0) {
    Block block;
    block.count = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kBlockPostings));
    block.first_base = static_cast<std::uint32_t>(last);
    last += reader.varint32();
    if (last > kMaxSegmentDocuments) return corrupt("posting block");
    block.last = static_cast<std::uint32_t>(last);
    sizes.push_back(reader.varint());
    block.positions_begin = positions_at;
    block.positions_size = reader.varint32();
    positions_at += block.positions_size;
    out.push_back(block);
    left -= block.count;
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i].bytes = reader.bytes(sizes[i]);
  if (!reader.ok() || reader.left() != 0) return corrupt("posting chunk");
  return out;
}

Result<void> PostingReader::decode(const Block& block, Postings& out) {
  Reader reader(block.bytes);
  std::uint32_t document = block.first_base;
  for (std::uint32_t i = 0; i < block.count; ++i) {
    const std::uint64_t step = reader.varint();
    if ((step == 0 && (i > 0 || block.first_base != 0)) || step > block.last - document)
      return corrupt("posting block");
    document += static_cast<std::uint32_t>(step);
    const std::uint64_t code = reader.varint();
    const std::uint64_t title = (code & 1) != 0 ? reader.varint() : 0;
    if (code / 2 > UINT32_MAX || title > UINT32_MAX) return corrupt("posting block");
    out.documents.push_back(document);
    out.frequencies.push_back(
        {static_cast<std::uint32_t>(title), static_cast<std::uint32_t>(code / 2)});
  }
  if (!reader.ok() || reader.left() != 0 || document != block.last) return corrupt("posting block");
  return {};
}

Result<void> PostingReader::visit(const std::vector<std::uint32_t>* among, bool with_positions,
                                  const VisitBlock& call) const {
  std::size_t next = 0;
  for (std::uint32_t number = 0; number < chunk_last_.size(); ++number) {
    if (among != nullptr) {
      while (next < among->size() && number > 0 && (*among)[next] <= chunk_last_[number - 1])
        ++next;
      if (next == among->size()) return {};
      if ((*among)[next] > chunk_last_[number]) continue;
    }
    std::string loaded;
    std::string_view body = first_body_;
    if (number > 0) {
      VIGIE_ASSIGN(loaded, load_postings_(number));
      body = loaded;
    }
    VIGIE_ASSIGN(const auto list, blocks(body, number == 0 ? 0 : chunk_last_[number - 1]));
    if (list.back().last != chunk_last_[number]) return corrupt("posting chunk");
    std::string positions;
    if (with_positions) {
      VIGIE_ASSIGN(positions, load_positions_(number));
      if (positions.size() != list.back().positions_begin + list.back().positions_size)
        return corrupt("positions");
    }
    for (const Block& block : list) {
      if (among != nullptr) {
        const auto place =
            std::lower_bound(among->begin() + static_cast<std::ptrdiff_t>(next), among->end(),
                             block.first_base + (number == 0 && block.first_base == 0 ? 0U : 1U));
        next = static_cast<std::size_t>(place - among->begin());
        if (next == among->size()) return {};
        if ((*among)[next] > block.last) continue;
      }
      const std::string_view block_positions =
          with_positions
              ? std::string_view(positions).substr(block.positions_begin, block.positions_size)
              : std::string_view();
      VIGIE_TRY(call(block, block_positions));
    }
  }
  return {};
}

Result<void> PostingReader::read(const std::vector<std::uint32_t>* among, Postings& out) const {
  if (among == nullptr) {
    out.documents.reserve(out.documents.size() + document_frequency_);
    out.frequencies.reserve(out.frequencies.size() + document_frequency_);
    return visit(nullptr, false,
                 [&](const Block& block, std::string_view) { return decode(block, out); });
  }
  Postings decoded;
  std::size_t next = 0;
  return visit(among, false, [&](const Block& block, std::string_view) -> Result<void> {
    decoded.clear();
    VIGIE_TRY(decode(block, decoded));
    std::size_t i = 0;
    while (next < among->size() && i < decoded.documents.size()) {
      if ((*among)[next] < decoded.documents[i]) {
        ++next;
      } else if (decoded.documents[i] < (*among)[next]) {
        ++i;
      } else {
        out.documents.push_back(decoded.documents[i]);
        out.frequencies.push_back(decoded.frequencies[i]);
        ++next;
        ++i;
      }
    }
    return {};
  });
}

Result<void> PostingReader::read_positions(const std::vector<std::uint32_t>& documents,
                                           std::vector<Positions>& out) const {
  Postings decoded;
  std::size_t next = 0;
  return visit(
      &documents, true, [&](const Block& block, std::string_view positions) -> Result<void> {
        decoded.clear();
        VIGIE_TRY(decode(block, decoded));
        Reader reader(positions);
        for (std::size_t i = 0; i < decoded.documents.size(); ++i) {
          while (next < documents.size() && documents[next] < decoded.documents[i]) ++next;
          const bool wanted = next < documents.size() && documents[next] == decoded.documents[i];
          if (!read_one(reader, decoded.frequencies[i], wanted ? &out[next] : nullptr))
            return corrupt("positions");
        }
        return {};
      });
}

Result<void> PostingReader::each(bool with_positions, const Each& call) const {
  Postings decoded;
  return visit(nullptr, with_positions,
               [&](const Block& block, std::string_view positions) -> Result<void> {
                 decoded.clear();
                 VIGIE_TRY(decode(block, decoded));
                 Reader reader(positions);
                 for (std::size_t i = 0; i < decoded.documents.size(); ++i) {
                   const std::size_t before = positions.size() - reader.left();
                   if (with_positions && !read_one(reader, decoded.frequencies[i], nullptr))
                     return corrupt("positions");
                   call(decoded.documents[i], decoded.frequencies[i],
                        positions.substr(before, positions.size() - reader.left() - before));
                 }
                 return {};
               });
}

}  // namespace vigie::indexer::segments
