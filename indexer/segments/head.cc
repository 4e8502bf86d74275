#include "indexer/segments/head.h"

#include <algorithm>
#include <utility>

#include "indexer/segments/coding.h"

namespace vigie::indexer::segments {
namespace {

// What a list costs beside its bytes: the entry, its strings and the table's slot.
constexpr std::size_t kListBytes = 200;
constexpr std::size_t kDocumentBytes = 64;

constexpr std::size_t kFirstSlots = 1U << 12;
constexpr std::uint64_t kHashHalf = 0xFFFFFFFF00000000;

std::uint64_t hash_of(std::string_view key) {
  return static_cast<std::uint64_t>(std::hash<std::string_view>()(key));
}

}  // namespace

Head::Head() : slots_(kFirstSlots), facets_(kFacetFields) {}

const Head::List* Head::find(std::string_view key) const {
  const std::uint64_t hash = hash_of(key);
  for (std::size_t slot = hash & (slots_.size() - 1); slots_[slot] != 0;
       slot = (slot + 1) & (slots_.size() - 1)) {
    if ((slots_[slot] & kHashHalf) != (hash & kHashHalf)) continue;
    const Entry& entry = entries_[static_cast<std::uint32_t>(slots_[slot]) - 1];
    if (entry.key == key) return &entry.list;
  }
  return nullptr;
}

Head::List& Head::list(std::string_view key) {
  const std::uint64_t hash = hash_of(key);
  std::size_t slot = hash & (slots_.size() - 1);
  for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    if ((slots_[slot] & kHashHalf) != (hash & kHashHalf)) continue;
    Entry& entry = entries_[static_cast<std::uint32_t>(slots_[slot]) - 1];
    if (entry.key == key) return entry.list;
  }
  bytes_ += kListBytes + key.size();
  entries_.push_back({std::string(key), List()});
  slots_[slot] = (hash & kHashHalf) | entries_.size();
  if (entries_.size() * 2 > slots_.size()) grow();
  return entries_.back().list;
}

void Head::grow() {
  std::vector<std::uint64_t> larger(slots_.size() * 2);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::uint64_t hash = hash_of(entries_[i].key);
    std::size_t slot = hash & (larger.size() - 1);
    while (larger[slot] != 0) slot = (slot + 1) & (larger.size() - 1);
    larger[slot] = (hash & kHashHalf) | (i + 1);
  }
  slots_ = std::move(larger);
}

void Head::close(List& list) {
  append_varint(list.documents, list.current - 1 - list.last);
  append_varint(list.documents, list.frequencies[0]);
  append_varint(list.documents, list.frequencies[1]);
  list.last = list.current - 1;
  ++list.count;
}

void Head::open(List& list, std::uint32_t document) {
  if (list.current == document + 1) return;
  if (list.current != 0) close(list);
  list.current = document + 1;
  list.frequencies = {0, 0};
  list.position = 0;
  list.field = 0;
}

void Head::add(const Analysed& article) {
  const std::uint32_t document = columns_.documents();
  for (std::size_t field = 0; field < analysis::kFields; ++field) {
    for (const analysis::Posting& posting : article.postings[field]) {
      key_.assign(1, posting.term.find('~') == std::string::npos ? kWordKey : kStemKey);
      key_ += posting.term;
      List& entry = list(key_);
      open(entry, document);
      if (entry.field != field) {
        entry.field = field;
        entry.position = 0;
      }
      append_varint(entry.positions, posting.position - entry.position);
      entry.position = posting.position;
      ++entry.frequencies[field];
    }
    bytes_ += article.postings[field].size() * 3;
  }
  for (const std::string& key : filter_keys(article.attributes)) open(list(key), document);
  columns_.add(article.attributes.time_unix_ms, article.words[0], article.words[1],
               article.article_id);
  for (std::size_t i = 0; i < kFacetFields; ++i)
    facets_[i].add(facet_values(article.attributes, static_cast<FacetField>(i)));
  bytes_ += kDocumentBytes + article.article_id.size();
}

void Head::add_none() {
  columns_.add_none();
  for (FacetColumn& column : facets_) column.add_none();
  bytes_ += kDocumentBytes;
}

template <class Call>
void Head::each(const List& list, const Call& call) {
  Reader reader(list.documents);
  std::uint32_t document = 0;
  for (std::uint32_t i = 0; i < list.count; ++i) {
    document += reader.varint32();
    const std::uint32_t title = reader.varint32();
    if (!call(document, Frequencies{title, reader.varint32()})) return;
  }
  if (list.current != 0) call(list.current - 1, list.frequencies);
}

std::vector<std::string_view> Head::sorted_keys() const {
  std::vector<std::string_view> out;
  out.reserve(entries_.size());
  for (const Entry& entry : entries_) out.emplace_back(entry.key);
  std::sort(out.begin(), out.end());
  return out;
}

Result<void> Head::write(std::string_view key, const std::function<bool(std::uint32_t)>& dropped,
                         PostingWriter& out) const {
  const List* place = find(key);
  if (place == nullptr) return {};
  const bool placed = key[0] != kFilterKey;
  const std::string_view positions = place->positions;
  Reader reader(positions);
  each(*place, [&](std::uint32_t document, const Frequencies& frequencies) {
    const std::size_t before = positions.size() - reader.left();
    if (placed) {
      for (std::uint32_t i = 0; i < frequencies[0] + frequencies[1]; ++i) reader.varint();
    }
    if (!dropped(document))
      out.add(document, frequencies,
              positions.substr(before, positions.size() - reader.left() - before));
    return true;
  });
  return {};
}

Result<std::uint32_t> Head::document_frequency(std::string_view key) const {
  const List* place = find(key);
  if (place == nullptr) return 0U;
  return place->count + (place->current != 0 ? 1U : 0U);
}

Result<void> Head::postings(std::string_view key, const std::vector<std::uint32_t>* among,
                            Postings& out) const {
  out.clear();
  const List* place = find(key);
  if (place == nullptr) return {};
  std::size_t next = 0;
  each(*place, [&](std::uint32_t document, const Frequencies& frequencies) {
    if (among != nullptr) {
      while (next < among->size() && (*among)[next] < document) ++next;
      if (next == among->size()) return false;
      if ((*among)[next] != document) return true;
    }
    out.documents.push_back(document);
    out.frequencies.push_back(frequencies);
    return true;
  });
  return {};
}

Result<void> Head::positions(std::string_view key, const std::vector<std::uint32_t>& documents,
                             std::vector<Positions>& out) const {
  const List* place = find(key);
  if (place == nullptr) return {};
  Reader reader(place->positions);
  std::size_t next = 0;
  each(*place, [&](std::uint32_t document, const Frequencies& frequencies) {
    while (next < documents.size() && documents[next] < document) ++next;
    if (next == documents.size()) return false;
    const bool wanted = documents[next] == document;
    for (std::size_t field = 0; field < frequencies.size(); ++field) {
      std::uint32_t position = 0;
      for (std::uint32_t i = 0; i < frequencies[field]; ++i) {
        position += reader.varint32();
        if (wanted) out[next][field].push_back(position);
      }
    }
    return true;
  });
  return {};
}

Result<std::vector<std::string>> Head::keys(std::string_view prefix, std::size_t limit) const {
  std::vector<std::string> out;
  for (const Entry& entry : entries_) {
    if (!std::string_view(entry.key).starts_with(prefix)) continue;
    if (out.size() == limit)
      return failure(Disposition::kQuarantine, "prefix_too_broad",
                     "too many words begin like this; write more letters before the *");
    out.push_back(entry.key);
  }
  return out;
}

Result<std::shared_ptr<const FacetColumn>> Head::facet(FacetField field) const {
  return std::shared_ptr<const FacetColumn>(std::shared_ptr<const FacetColumn>(),
                                            &facets_[static_cast<std::size_t>(field)]);
}

bool Head::has_language(std::string_view language) const {
  return find(filter_key(Attribute::kLanguage, language)) != nullptr;
}

}  // namespace vigie::indexer::segments
