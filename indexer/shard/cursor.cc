#include "indexer/shard/cursor.h"

#include <algorithm>

#include "indexer/segments/coding.h"

namespace vigie::indexer {

bool Cursor::skip_parts(std::uint32_t document) {
  const std::uint32_t count = parts();
  while (part_ < count && last(part_) < document) {
    std::uint32_t step = 1;  // galloping: where the next part is near, it is found at once
    while (part_ + step < count && last(part_ + step) < document) {
      part_ += step;
      step *= 2;
    }
    ++part_;
  }
  return part_ < count;
}

Result<void> Cursor::load(std::uint32_t part) {
  part_ = part;
  loaded_ = kNone;
  frequencies_ = false;
  place_ = 0;
  if (list_.loose) {
    const std::uint32_t begin = part * kPart;
    unpacked_.count = std::min(kPart, documents() - begin);
    for (std::uint32_t i = 0; i < unpacked_.count; ++i) {
      unpacked_.documents[i] = list_.loose->documents[begin + i];
      for (std::size_t field = 0; field < 2; ++field)
        unpacked_.frequencies[field][i] = list_.loose->frequencies[begin + i][field];
    }
    frequencies_ = true;
  } else if (!list_.packed.unpack_documents(part, unpacked_)) {
    return segments::corrupt("posting block");
  }
  loaded_ = part;
  return {};
}

Result<void> Cursor::load_frequencies() {
  if (frequencies_) return {};
  if (!list_.packed.unpack_frequencies(loaded_, unpacked_))
    return segments::corrupt("posting block");
  frequencies_ = true;
  return {};
}

bool Cursor::find(std::uint32_t document, std::uint32_t& place) {
  const std::uint32_t* const begin = unpacked_.documents;
  const std::uint32_t* const end = begin + unpacked_.count;
  const std::uint32_t* at = begin + place_;
  if (at != begin && *(at - 1) >= document) at = begin;
  // mostly one of the next ones
  for (int step = 0; step < 4 && at != end && *at < document; ++step) ++at;
  if (at != end && *at < document) at = std::lower_bound(at, end, document);
  place_ = place = static_cast<std::uint32_t>(at - begin);
  return at != end && *at == document;
}

Result<void> PlaceCursor::read(std::uint32_t document, segments::Positions& out) {
  if (!cursor_.skip_to(document)) return {};
  VIGIE_TRY(cursor_.load());
  std::uint32_t place = 0;
  if (!cursor_.find(document, place)) return {};
  VIGIE_TRY(cursor_.load_frequencies());
  if (cursor_.list().loose) {
    const segments::Postings& loose = *cursor_.list().loose;
    const std::uint32_t i = cursor_.part() * segments::kBlockPostings + place;
    const std::uint32_t* at = loose.positions.data() + loose.positions_begin[i];
    for (std::size_t field = 0; field < 2; ++field) {
      out[field].insert(out[field].end(), at, at + loose.frequencies[i][field]);
      at += loose.frequencies[i][field];
    }
    return {};
  }
  if (opened_ != cursor_.part()) {
    if (!reader_.open(cursor_.list().packed, cursor_.part(), cursor_.unpacked()))
      return segments::corrupt("positions");
    opened_ = cursor_.part();
  }
  reader_.read(place, out);
  return {};
}

namespace {

void collect_bitmap(const std::uint64_t* bits, const Narrowing& narrowing, Bitmap& out) {
  std::uint64_t* const words = out.words();
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint64_t word = bits[i];
    if (narrowing.among != nullptr) word &= narrowing.among->words()[i];
    if (narrowing.language != nullptr) word &= narrowing.language->words()[i];
    words[i] |= word;
  }
  out.trim();
}

}  // namespace

Result<void> collect(const segments::OpenList& list, const Narrowing& narrowing, Bitmap& out) {
  if (!list.loose && list.packed.bitmap != nullptr && !narrowing.title) {
    collect_bitmap(list.packed.bitmap, narrowing, out);
    return {};
  }
  const bool narrow = narrowing.among != nullptr || narrowing.language != nullptr;
  Cursor cursor(list);
  std::uint32_t base = 0;
  for (std::uint32_t part = 0; part < cursor.parts(); ++part) {
    const std::uint32_t last = std::min(cursor.last(part), out.documents() - 1);
    if (narrowing.among != nullptr && base <= last && !narrowing.among->any(base, last)) {
      base = last;
      continue;
    }
    base = last;
    VIGIE_TRY(cursor.load(part));
    if (narrowing.title) VIGIE_TRY(cursor.load_frequencies());
    const segments::Unpacked& unpacked = cursor.unpacked();
    if (!narrow && !narrowing.title) {
      for (std::uint32_t i = 0; i < unpacked.count; ++i) out.set(unpacked.documents[i]);
      continue;
    }
    for (std::uint32_t i = 0; i < unpacked.count; ++i) {
      const std::uint32_t document = unpacked.documents[i];
      if ((narrowing.among == nullptr || narrowing.among->has(document)) &&
          (narrowing.language == nullptr || narrowing.language->has(document)) &&
          (!narrowing.title || unpacked.frequencies[0][i] > 0))
        out.set(document);
    }
  }
  return {};
}

}  // namespace vigie::indexer
