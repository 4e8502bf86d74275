#include "indexer/segments/head.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <random>

#include "indexer/segments/coding.h"
#include "indexer/segments/terms.h"
#include "indexer/segments/writer.h"
#include "platform/text/words.h"

namespace vigie::indexer::segments {
namespace {

constexpr std::size_t kDocumentBytes = 128;  // in columns and facets, without the id
constexpr std::size_t kFirstSlots = 1U << 12;
constexpr std::uint64_t kHashHalf = 0xFFFFFFFF00000000;

tl::unexpected<Error> too_broad() {
  return failure(Disposition::kQuarantine, "prefix_too_broad",
                 "too many words begin like this; write more letters before the *");
}

}  // namespace

Head::Head(const std::array<double, 2>& average)
    : slots_(kFirstSlots),
      facets_(kFacetFields),
      average_{std::max(1.0, average[0]), std::max(1.0, average[1])} {
  std::random_device random;
  seed_ = static_cast<std::uint64_t>(random()) << 32 | random();
}

std::size_t Head::bytes() const {
  return arena_.bytes() + entries_.capacity() * sizeof(Entry) +
         slots_.size() * sizeof(std::uint64_t) + groups_.capacity() * sizeof(Group) +
         links_.capacity() * sizeof(Link) + column_bytes_;
}

const Head::Entry* Head::find(std::string_view key) const {
  const std::uint64_t hash = hash_of(key, seed_);
  for (std::size_t slot = hash & (slots_.size() - 1); slots_[slot] != 0;
       slot = (slot + 1) & (slots_.size() - 1)) {
    if ((slots_[slot] & kHashHalf) != (hash & kHashHalf)) continue;
    const Entry& entry = entries_[static_cast<std::uint32_t>(slots_[slot]) - 1];
    if (key_of(entry) == key) return &entry;
  }
  return nullptr;
}

std::uint32_t Head::entry(std::string_view key) {
  const std::uint64_t hash = hash_of(key, seed_);
  std::size_t slot = hash & (slots_.size() - 1);
  for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    if ((slots_[slot] & kHashHalf) != (hash & kHashHalf)) continue;
    const std::uint32_t number = static_cast<std::uint32_t>(slots_[slot]) - 1;
    if (key_of(entries_[number]) == key) return number;
  }
  Entry fresh;
  fresh.key_at = arena_.store(key);
  fresh.key_size = static_cast<std::uint32_t>(key.size());
  entries_.push_back(fresh);
  slots_[slot] = (hash & kHashHalf) | entries_.size();
  if (entries_.size() * 2 > slots_.size()) grow();
  return static_cast<std::uint32_t>(entries_.size() - 1);
}

void Head::grow() {
  std::vector<std::uint64_t> larger(slots_.size() * 2);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::uint64_t hash = hash_of(key_of(entries_[i]), seed_);
    std::size_t slot = hash & (larger.size() - 1);
    while (larger[slot] != 0) slot = (slot + 1) & (larger.size() - 1);
    larger[slot] = (hash & kHashHalf) | (i + 1);
  }
  slots_ = std::move(larger);
}

std::uint32_t Head::add_word(const Analysed::Word& word, std::uint32_t document,
                             const Frequencies& length) {
  const std::uint32_t number = entry(key_);
  Entry& list = entries_[number];
  const Frequencies& frequencies = word.frequencies;
  arena_.append_varint(list.documents, document - list.last);
  arena_.append_varint(list.documents, static_cast<std::uint64_t>(frequencies[1]) * 2 +
                                           (frequencies[0] > 0 ? 1 : 0));
  if (frequencies[0] > 0) arena_.append_varint(list.documents, frequencies[0]);
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < word.positions.size(); ++i) {
    if (i == frequencies[0]) before = 0;
    arena_.append_varint(list.positions, word.positions[i] - before);
    before = word.positions[i];
  }
  // as a float that is no less
  const float weight =
      std::nextafter(static_cast<float>(weight_of(frequencies, length, average_)), 1e30F);
  list.weight = std::max(list.weight, weight);
  list.block_weight = std::max(list.block_weight, weight);
  count(list, document);
  return number;
}

void Head::count(Entry& list, std::uint32_t document) {
  list.last = document;
  if (++list.count % kBlockPostings != 0) return;
  const LooseList::Mark mark{list.block_weight, document, Arena::end_of(list.documents),
                             Arena::end_of(list.positions)};
  arena_.append(list.marks, {reinterpret_cast<const char*>(&mark), sizeof mark});
  list.block_weight = 0;
}

void Head::add_filter(std::string_view key, std::uint32_t document) {
  Entry& list = entries_[entry(key)];
  if (list.count > 0 && list.last == document) return;
  arena_.append_varint(list.documents, document - list.last);
  arena_.append_varint(list.documents, 0);
  count(list, document);
}

std::uint32_t Head::group_of(std::uint32_t word, std::string_view form, const std::string& language,
                             std::uint16_t number) {
  std::uint32_t* place = &entries_[word].first;
  for (; *place != kNone; place = &links_[*place].next_of_word) {
    const Link& link = links_[*place];
    if (link.language == number) return link.group;
  }
  const std::string stem = text::stem(form, language);
  if (stem.empty()) return kNone;
  const auto link = static_cast<std::uint32_t>(links_.size());
  *place = link;
  links_.push_back({word, kNone, kNone, kNone, number});
  const std::uint32_t holder = entry(stem_key(stem));
  std::uint32_t* at = &entries_[holder].first;
  while (*at != kNone && groups_[*at].language != number) at = &groups_[*at].next;
  if (*at == kNone) {
    *at = static_cast<std::uint32_t>(groups_.size());
    groups_.emplace_back();
    groups_.back().language = number;
    links_[link].group = static_cast<std::uint32_t>(groups_.size() - 1);
  } else {
    links_[link].group = *at;
  }
  Group& group = groups_[links_[link].group];
  links_[link].next_of_group = group.first_link;
  group.first_link = link;
  return links_[link].group;
}

void Head::add_stem(std::uint32_t word, std::string_view form, const std::string& language,
                    std::uint16_t number, std::uint32_t document) {
  const std::uint32_t found = group_of(word, form, language, number);
  if (found == kNone) return;
  Group& group = groups_[found];
  if (group.last == document) return;
  group.last = document;
  ++group.documents;
}

void Head::add(const Analysed& article) {
  const std::uint32_t document = columns_.documents();
  columns_.add(article.attributes.time_unix_ms, article.length[0], article.length[1],
               article.attributes.language, article.article_id);
  const std::uint16_t number = columns_.language_number(article.attributes.language);
  for (const Analysed::Word& word : article.words) {
    if (word.form.size() >= Arena::kPageBytes) continue;
    key_.assign(1, kWordKey);
    key_ += word.form;
    const std::uint32_t added = add_word(word, document, {article.length[0], article.length[1]});
    if (!article.stem_language.empty() && number != kNoLanguage && analysis::takes_stem(word.form))
      add_stem(added, word.form, article.stem_language, number, document);
  }
  for (const std::string& key : filter_keys(article.attributes)) {
    if (key.size() < Arena::kPageBytes) add_filter(key, document);
  }
  for (std::size_t i = 0; i < kFacetFields; ++i)
    facets_[i].add(facet_values(article.attributes, static_cast<FacetField>(i)));
  column_bytes_ += kDocumentBytes + article.article_id.size();
}

void Head::add_none() {
  columns_.add_none();
  for (FacetColumn& column : facets_) column.add_none();
  column_bytes_ += kDocumentBytes;
}

template <class Call>
void Head::each(const Entry& entry, const Call& call) const {
  std::string bytes;
  arena_.read(entry.documents, bytes);
  Reader reader(bytes);
  std::uint32_t document = 0;
  for (std::uint32_t i = 0; i < entry.count; ++i) {
    document += reader.varint32();
    const std::uint64_t code = reader.varint();
    const std::uint32_t title = (code & 1) != 0 ? reader.varint32() : 0;
    if (!call(document, Frequencies{title, static_cast<std::uint32_t>(code / 2)})) return;
  }
}

std::optional<std::uint32_t> Head::term(std::string_view key) const {
  const Entry* found = find(key);
  if (found == nullptr) return std::nullopt;
  return static_cast<std::uint32_t>(found - entries_.data());
}

std::string_view Head::key(std::uint32_t term) const { return key_of(entries_[term]); }

Result<std::uint32_t> Head::document_frequency(std::uint32_t term) const {
  return entries_[term].count;
}

Result<void> Head::open(std::uint32_t term, bool /*placed*/, OpenList& out) const {
  const Entry& list = entries_[term];
  auto loose = std::make_shared<LooseList>();
  loose->arena = &arena_;
  loose->documents = list.count;
  loose->last = list.last;
  loose->tail_weight = list.block_weight;
  loose->documents_begin = arena_.begin_of(list.documents);
  loose->positions_begin = arena_.begin_of(list.positions);
  if (list.marks.first != 0) {
    std::string bytes;
    arena_.read(list.marks, bytes);
    loose->marks.resize(bytes.size() / sizeof(LooseList::Mark));
    std::memcpy(loose->marks.data(), bytes.data(), loose->marks.size() * sizeof(LooseList::Mark));
  }
  out.loose = std::move(loose);
  out.weight = list.weight;
  for (std::size_t field = 0; field < 2; ++field) out.average[field] = average_[field];
  return {};
}

Result<void> Head::stem(std::string_view key, bool /*words*/, Stem& out) const {
  out.groups.clear();
  out.list.reset();
  const Entry* holder = find(key);
  if (holder == nullptr) return {};
  for (std::uint32_t at = holder->first; at != kNone; at = groups_[at].next) {
    StemGroup& group = out.groups.emplace_back();
    group.language = groups_[at].language;
    group.documents = groups_[at].documents;
    for (std::uint32_t link = groups_[at].first_link; link != kNone;
         link = links_[link].next_of_group)
      group.terms.push_back(links_[link].word);
  }
  return {};
}

Result<std::vector<std::string>> Head::keys(std::string_view prefix, std::size_t limit) const {
  std::vector<std::string> out;
  for (const Entry& entry : entries_) {
    if (!key_of(entry).starts_with(prefix)) continue;
    if (out.size() == limit) return too_broad();
    out.emplace_back(key_of(entry));
  }
  return out;
}

Result<std::shared_ptr<const FacetColumn>> Head::facet(FacetField field) const {
  return std::shared_ptr<const FacetColumn>(std::shared_ptr<const FacetColumn>(),
                                            &facets_[static_cast<std::size_t>(field)]);
}

std::vector<std::uint32_t> Head::sorted() const {
  // by the first bytes as a number, so that most pairs are told apart without a look at the keys
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order(entries_.size());
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    const std::string_view key = key_of(entries_[i]);
    std::uint64_t front = 0;
    for (std::size_t j = 0; j < sizeof front; ++j)
      front = front << 8 | (j < key.size() ? static_cast<unsigned char>(key[j]) : 0U);
    order[i] = {front, i};
  }
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first
                              : key_of(entries_[a.second]) < key_of(entries_[b.second]);
  });
  std::vector<std::uint32_t> out;
  out.reserve(order.size());
  for (const auto& one : order) out.push_back(one.second);
  return out;
}

void Head::write_list(const Entry& entry, SegmentWriter& out, const Dropped& dropped,
                      std::vector<std::uint32_t>& dropped_documents) const {
  std::string bytes;
  arena_.read(entry.positions, bytes);
  Reader reader(bytes);
  std::vector<std::uint32_t> positions;
  each(entry, [&](std::uint32_t document, const Frequencies& frequencies) {
    positions.clear();
    if (!bytes.empty()) {
      for (std::uint32_t frequency : frequencies) {
        std::uint32_t position = 0;
        for (std::uint32_t i = 0; i < frequency; ++i)
          positions.push_back(position += reader.varint32());
      }
    }
    if (dropped(document)) {
      dropped_documents.push_back(document);
    } else {
      out.add(document, frequencies, positions);
    }
    return true;
  });
}

void Head::write_stem(const Entry& entry, SegmentWriter& out, const Dropped& dropped) const {
  const Columns columns = columns_.view();
  std::vector<std::pair<std::uint32_t, Frequencies>> found;
  for (std::uint32_t at = entry.first; at != kNone; at = groups_[at].next) {
    const std::uint16_t language = groups_[at].language;
    for (std::uint32_t link = groups_[at].first_link; link != kNone;
         link = links_[link].next_of_group) {
      each(entries_[links_[link].word],
           [&](std::uint32_t document, const Frequencies& frequencies) {
             if (columns.language[document] == language && !dropped(document))
               found.emplace_back(document, frequencies);
             return true;
           });
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < found.size();) {
    Frequencies sum{0, 0};
    const std::uint32_t document = found[i].first;
    for (; i < found.size() && found[i].first == document; ++i) {
      for (std::size_t field = 0; field < sum.size(); ++field) sum[field] += found[i].second[field];
    }
    out.add(document, sum, {});
  }
}

void Head::write(SegmentWriter& out, const Dropped& dropped) const {
  const Columns columns = columns_.view();
  std::vector<std::uint32_t> terms(entries_.size(), SegmentWriter::kNoTerm);
  // words of documents that are left out: what their stems must not count
  std::map<std::uint32_t, std::vector<std::uint32_t>> left_out;
  for (std::uint32_t number : sorted()) {
    const Entry& entry = entries_[number];
    const std::string_view key = key_of(entry);
    if (key[0] != kStemKey) {
      std::vector<std::uint32_t> documents;
      out.begin(key, entry.count);
      write_list(entry, out, dropped, documents);
      terms[number] = out.end();
      if (!documents.empty()) left_out.emplace(number, std::move(documents));
      continue;
    }
    std::vector<StemGroup> groups;
    for (std::uint32_t at = entry.first; at != kNone; at = groups_[at].next) {
      StemGroup group{groups_[at].language, groups_[at].documents, {}};
      std::vector<std::uint32_t> gone;
      for (std::uint32_t link = groups_[at].first_link; link != kNone;
           link = links_[link].next_of_group) {
        const std::uint32_t word = links_[link].word;
        if (terms[word] != SegmentWriter::kNoTerm) group.terms.push_back(terms[word]);
        const auto place = left_out.find(word);
        if (place == left_out.end()) continue;
        for (std::uint32_t document : place->second) {
          if (columns.language[document] == group.language) gone.push_back(document);
        }
      }
      std::sort(gone.begin(), gone.end());
      group.documents -=
          static_cast<std::uint32_t>(std::unique(gone.begin(), gone.end()) - gone.begin());
      groups.push_back(std::move(group));
    }
    if (!out.begin_stem(key, std::move(groups))) continue;
    write_stem(entry, out, dropped);
    out.end_stem();
  }
  for (std::size_t field = 0; field < kFacetFields; ++field)
    out.facet(static_cast<FacetField>(field), facets_[field].encode());
}

}  // namespace vigie::indexer::segments
