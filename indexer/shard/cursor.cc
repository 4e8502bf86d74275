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
    list_.loose->unpack(part, unpacked_);
    frequencies_ = true;
  } else if (part >= list_.packed.blocks_count) {
    // the tail is not packed: its frequencies are read over in any case
    if (!list_.packed.unpack_frequencies(part, unpacked_))
      return segments::corrupt("posting block");
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
    read_loose(place, out);
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

void PlaceCursor::read_loose(std::uint32_t place, segments::Positions& out) {
  const segments::Unpacked& unpacked = cursor_.unpacked();
  if (opened_ != cursor_.part()) {
    cursor_.list().loose->read_positions(cursor_.part(), unpacked, positions_);
    begins_.assign(1, 0);
    for (std::uint32_t i = 0; i < unpacked.count; ++i)
      begins_.push_back(begins_.back() + unpacked.frequencies[0][i] + unpacked.frequencies[1][i]);
    opened_ = cursor_.part();
  }
  const std::uint32_t* at = positions_.data() + begins_[place];
  for (std::size_t field = 0; field < 2; ++field) {
    out[field].insert(out[field].end(), at, at + unpacked.frequencies[field][place]);
    at += unpacked.frequencies[field][place];
  }
}

namespace {

void collect_bitmap(const std::uint64_t* bits, const Narrowing& narrowing, Bitmap& out) {
  std::uint64_t* const words = out.words();
  const std::uint64_t* const among =
      narrowing.among != nullptr ? narrowing.among->words() : nullptr;
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint64_t word = bits[i];
    if (among != nullptr) word &= among[i];
    if (word != 0 && narrowing.stems != kEveryStem) {
      std::uint64_t speakers = 0;
      for (const Bitmap& one : narrowing.speakers) speakers |= one.words()[i];
      word &= speakers;
    }
    words[i] |= word;
  }
}

}  // namespace

Result<void> collect(const segments::OpenList& list, const Narrowing& narrowing, Bitmap& out) {
  if (!list.loose && list.packed.bitmap != nullptr && !narrowing.title) {
    collect_bitmap(list.packed.bitmap, narrowing, out);
    return {};
  }
  Cursor cursor(list);
  std::uint64_t* const words = out.words();
  const auto add = [words](std::uint32_t document) {
    words[document / 64] |= 1ULL << (document % 64);
  };
  const auto speaks = [&narrowing](std::uint32_t document) {
    return narrowing.stems == kEveryStem ||
           (narrowing.stems >> narrowing.stem_numbers[document] & 1) != 0;
  };
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
    if (narrowing.among == nullptr && narrowing.stems == kEveryStem && !narrowing.title) {
      for (std::uint32_t i = 0; i < unpacked.count; ++i) add(unpacked.documents[i]);
      continue;
    }
    for (std::uint32_t i = 0; i < unpacked.count; ++i) {
      const std::uint32_t document = unpacked.documents[i];
      if ((narrowing.among == nullptr || narrowing.among->has(document)) &&
          (!narrowing.title || unpacked.frequencies[0][i] > 0) && speaks(document))
        add(document);
    }
  }
  return {};
}

}  // namespace vigie::indexer
