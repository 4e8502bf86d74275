#include "indexer/segments/segment.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <system_error>

#include "indexer/segments/coding.h"
#include "indexer/segments/writer.h"

namespace vigie::indexer::segments {
namespace {

namespace fs = std::filesystem;

template <class Value>
std::span<const Value> values_of(std::string_view bytes) {
  return {reinterpret_cast<const Value*>(bytes.data()), bytes.size() / sizeof(Value)};
}

tl::unexpected<Error> io(const std::string& what, const std::error_code& error,
                         const fs::path& where) {
  return failure(Disposition::kStop, "io", what + ": " + error.message(), where.string());
}

}  // namespace

Result<std::shared_ptr<Segment>> Segment::open(const fs::path& folder, std::uint32_t number) {
  std::shared_ptr<Segment> out(new Segment(number));
  const SegmentPaths paths = paths_of(folder, number);
  VIGIE_TRY(out->index_.open(paths.index));
  VIGIE_TRY(out->postings_.open(paths.postings));
  VIGIE_TRY(out->positions_.open(paths.positions));
  VIGIE_TRY(out->read_header());
  VIGIE_TRY(out->read_columns());
  return out;
}

std::string_view Segment::section(std::size_t number) const {
  const SectionPlace& place = header_.sections[number];
  return index_.bytes().substr(place.begin, place.size);
}

Result<void> Segment::read_header() {
  const std::string_view bytes = index_.bytes();
  if (bytes.size() < sizeof(Header)) return corrupt("a segment without a header");
  std::memcpy(&header_, bytes.data(), sizeof header_);
  if (header_.magic != kMagic || header_.format != kFormat ||
      header_.checksum != hash_of(bytes.substr(0, offsetof(Header, checksum)), header_.seed))
    return corrupt("the header of a segment");
  if (header_.documents > kMaxSegmentDocuments ||
      header_.postings_bytes != postings_.bytes().size() ||
      header_.positions_bytes != positions_.bytes().size())
    return corrupt("a segment of the wrong size");
  for (const SectionPlace& place : header_.sections) {
    if (place.begin % kAlignment != 0 || place.begin > bytes.size() ||
        place.size > bytes.size() - place.begin)
      return corrupt("a section of a segment");
  }
  const auto size = [&](Section name) {
    return header_.sections[static_cast<std::size_t>(name)].size;
  };
  const std::uint64_t documents = header_.documents;
  const bool fits =
      size(Section::kTermBegins) == (header_.terms + 1ULL) * 4 && header_.slots > 0 &&
      (header_.slots & (header_.slots - 1)) == 0 && size(Section::kSlots) == header_.slots * 4ULL &&
      size(Section::kBlocks) % sizeof(Block) == 0 && size(Section::kTimes) == documents * 8 &&
      size(Section::kTitleWords) == documents * 4 && size(Section::kTextWords) == documents * 4 &&
      size(Section::kLanguages) == documents * 2 && size(Section::kIdBegins) == (documents + 1) * 4;
  if (!fits) return corrupt("a section of a segment");
  return {};
}

Result<void> Segment::read_columns() {
  const auto bytes = [&](Section name) { return section(static_cast<std::size_t>(name)); };
  terms_ = Terms(bytes(Section::kTerms), values_of<std::uint32_t>(bytes(Section::kTermBegins)),
                 values_of<std::uint32_t>(bytes(Section::kSlots)), header_.seed);
  place_ = {postings_.bytes(), positions_.bytes(),
            reinterpret_cast<const Block*>(bytes(Section::kBlocks).data()),
            bytes(Section::kBlocks).size() / sizeof(Block), header_.documents};
  Reader names(bytes(Section::kLanguageNames));
  while (names.left() > 0) languages_.emplace_back(names.text());
  if (!names.ok()) return corrupt("the languages of a segment");
  for (const std::string& name : languages_) {
    stem_bits_.push_back(analysis::stem_bit(name));
    columns_.all_stem_bits |= stem_bits_.back();
  }
  columns_.time_unix_ms = values_of<std::int64_t>(bytes(Section::kTimes));
  columns_.length = {values_of<std::uint32_t>(bytes(Section::kTitleWords)),
                     values_of<std::uint32_t>(bytes(Section::kTextWords))};
  columns_.language = values_of<std::uint16_t>(bytes(Section::kLanguages));
  columns_.id_begin = values_of<std::uint32_t>(bytes(Section::kIdBegins));
  columns_.ids = bytes(Section::kIds);
  columns_.languages = &languages_;
  columns_.stem_bits = stem_bits_;
  for (std::uint32_t i = 0; i < columns_.documents(); ++i)
    times_.add(columns_.time_unix_ms[i], columns_.id_begin[i] != columns_.id_begin[i + 1]);
  for (const std::uint16_t language : columns_.language) stems_.add(language, stem_bits_);
  columns_.stem_numbers = stems_.numbers();
  columns_.outside = stems_.outside();
  columns_.latest = times_.latest();
  columns_.newest = times_.newest();
  columns_.spans = times_.spans();
  columns_.all_times = times_.all();
  return {};
}

Result<List> Segment::list_of(std::uint32_t term) const {
  const std::string_view key = terms_.key(term);
  if (key.empty()) return corrupt("a term");
  const ListKind kind = kind_of(key);
  const std::string_view rest = terms_.rest(term);
  return decode_list(kind == ListKind::kStem ? stem_list(rest) : rest, kind, place_);
}

std::optional<std::uint32_t> Segment::term(std::string_view key) const { return terms_.find(key); }

std::string_view Segment::key(std::uint32_t term) const { return terms_.key(term); }

Result<std::uint32_t> Segment::document_frequency(std::uint32_t term) const {
  return Reader(terms_.rest(term)).varint32();
}

Result<void> Segment::open(std::uint32_t term, bool /*placed*/, OpenList& out) const {
  VIGIE_ASSIGN(out.packed, list_of(term));
  out.weight = out.packed.weight;
  for (std::size_t field = 0; field < 2; ++field) out.average[field] = header_.average[field];
  return {};
}

Result<void> Segment::stem(std::string_view key, bool words, Stem& out) const {
  out.groups.clear();
  out.list.reset();
  const auto term = terms_.find(key);
  if (!term) return {};
  StemEntry entry;
  std::swap(entry.groups, out.groups);
  VIGIE_TRY(decode_stem(terms_.rest(*term), terms_.size(), words, entry));
  std::swap(entry.groups, out.groups);
  out.list = entry.list.empty() ? out.groups[0].terms[0] : *term;
  // the list of one word, or of a stem
  if (entry.list.empty() && kind_of(terms_.key(*out.list)) != ListKind::kWord)
    return corrupt("a stem of no word");
  if (!words) return {};
  for (const StemGroup& group : out.groups) {
    for (const std::uint32_t word : group.terms) terms_.prefetch(word);
  }
  return {};
}

Result<std::vector<std::string>> Segment::keys(std::string_view prefix, std::size_t limit) const {
  std::vector<std::string> out;
  for (std::uint32_t term = terms_.lower_bound(prefix);
       term < terms_.size() && terms_.key(term).starts_with(prefix); ++term) {
    if (out.size() == limit)
      return failure(Disposition::kQuarantine, "prefix_too_broad",
                     "too many words begin like this; write more letters before the *");
    out.emplace_back(terms_.key(term));
  }
  return out;
}

Result<std::shared_ptr<const FacetColumn>> Segment::facet(FacetField field) const {
  const auto index = static_cast<std::size_t>(field);
  const std::lock_guard lock(facets_mutex_);
  if (!facets_[index]) {
    VIGIE_ASSIGN(auto column,
                 FacetColumn::decode(section(static_cast<std::size_t>(Section::kFacets) + index),
                                     header_.documents));
    facets_[index] = std::make_shared<const FacetColumn>(std::move(column));
  }
  return facets_[index];
}

Result<std::uint64_t> seal(const fs::path& folder, std::uint32_t number, const Head& head,
                           const Dropped& dropped) {
  const Columns from = head.columns();
  ColumnStore store;
  for (std::uint32_t i = 0; i < from.documents(); ++i) {
    if (i == 0) {
      // the numbers of languages in the head stand with its stems
      for (const std::string& language : *from.languages) store.name(language);
    }
    if (dropped(i)) {
      store.add_none();
    } else {
      store.add(from, i);
    }
  }
  const Columns columns = store.view();
  SegmentWriter writer(paths_of(folder, number), columns);
  VIGIE_TRY(writer.open());
  head.write(writer, dropped);
  return writer.finish();
}

Result<void> remove(const fs::path& folder, std::uint32_t number) {
  const SegmentPaths paths = paths_of(folder, number);
  for (const fs::path* path : {&paths.index, &paths.postings, &paths.positions}) {
    std::error_code error;
    fs::remove(*path, error);
    if (error) return io("a file of a segment cannot be removed", error, *path);
  }
  return {};
}

Result<std::vector<std::uint32_t>> numbers(const fs::path& folder) {
  std::vector<std::uint32_t> out;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return io("the folder of segments cannot be made", error, folder);
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().stem().string();
    std::uint32_t number = 0;
    const auto [stop, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (problem == std::errc() && stop == name.data() + name.size()) out.push_back(number);
  }
  if (error) return io("the folder of segments cannot be read", error, folder);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<void> copy(const fs::path& from, std::uint32_t number, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to, error);
  if (error) return io("the folder of segments cannot be made", error, to);
  const SegmentPaths source = paths_of(from, number);
  const SegmentPaths target = paths_of(to, number);
  const std::pair<const fs::path*, const fs::path*> files[] = {
      {&source.index, &target.index},
      {&source.postings, &target.postings},
      {&source.positions, &target.positions}};
  for (const auto& [file, place] : files) {
    fs::create_hard_link(*file, *place, error);
    if (!error) continue;
    fs::copy_file(*file, *place, error);  // another file system
    if (error) return io("a file of a segment cannot be copied", error, *place);
  }
  return {};
}

}  // namespace vigie::indexer::segments
