#include <algorithm>
#include <map>
#include <queue>
#include <unordered_map>

#include "indexer/segments/coding.h"
#include "indexer/segments/segment.h"
#include "indexer/segments/writer.h"

namespace vigie::indexer::segments {
namespace {

class Merger {
 public:
  explicit Merger(const std::vector<MergeInput>& inputs) : inputs_(inputs) {
    for (const MergeInput& input : inputs_) {
      bases_.push_back(documents_);
      documents_ += input.segment->columns().documents();
      new_term_.emplace_back(input.segment->terms().size(), SegmentWriter::kNoTerm);
      left_out_.emplace_back();
    }
  }

  void read_columns(ColumnStore& out) const {
    for (const MergeInput& input : inputs_) {
      const Columns from = input.segment->columns();
      for (std::uint32_t i = 0; i < from.documents(); ++i) {
        if (input.dropped(i)) {
          out.add_none();
        } else {
          out.add(from, i);
        }
      }
    }
  }

  Result<void> write(SegmentWriter& out, const ColumnStore& columns) {
    for (std::size_t field = 0; field < kFacetFields; ++field) VIGIE_TRY(write_facet(field, out));
    // the next term of each input, least key first
    const auto later = [&](const Place& a, const Place& b) {
      const int order = key_of(a).compare(key_of(b));
      return order != 0 ? order > 0 : a.input > b.input;
    };
    std::priority_queue<Place, std::vector<Place>, decltype(later)> next(later);
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_[i].segment->terms().size() > 0) next.push({i, 0});
    }
    std::vector<Place> same;
    while (!next.empty()) {
      same.clear();
      do {
        same.push_back(next.top());
        next.pop();
      } while (!next.empty() && key_of(next.top()) == key_of(same[0]));
      const std::string_view key = key_of(same[0]);
      if (key.empty()) return corrupt("a term");
      if (key[0] == kStemKey) {
        VIGIE_TRY(write_stem(same, columns, out));
      } else {
        VIGIE_TRY(write_list(same, out));
      }
      for (const Place& place : same) {
        if (place.term + 1 < inputs_[place.input].segment->terms().size())
          next.push({place.input, place.term + 1});
      }
    }
    return {};
  }

 private:
  struct Place {
    std::size_t input = 0;
    std::uint32_t term = 0;
  };
  std::string_view key_of(const Place& place) const {
    return inputs_[place.input].segment->terms().key(place.term);
  }

  Result<void> write_facet(std::size_t field, SegmentWriter& writer) {
    FacetColumn out;
    std::vector<std::string> values;
    for (const MergeInput& input : inputs_) {
      VIGIE_ASSIGN(const auto column, input.segment->facet(static_cast<FacetField>(field)));
      for (std::uint32_t i = 0; i < input.segment->columns().documents(); ++i) {
        values.clear();
        if (!input.dropped(i)) {
          for (std::uint32_t j = column->begin[i]; j < column->begin[i + 1]; ++j)
            values.push_back(column->values[column->numbers[j]]);
        }
        out.add(values);
      }
    }
    writer.facet(static_cast<FacetField>(field), out.encode());
    return {};
  }

  Result<void> write_list(const std::vector<Place>& same, SegmentWriter& out) {
    std::uint64_t most = 0;
    std::vector<List> lists;
    for (const Place& place : same) {
      VIGIE_ASSIGN(List list, inputs_[place.input].segment->list_of(place.term));
      most += list.documents;
      lists.push_back(list);
    }
    const std::string_view key = key_of(same[0]);
    out.begin(key, most);
    for (std::size_t i = 0; i < same.size(); ++i)
      VIGIE_TRY(add_list(same[i], lists[i], key[0] != kFilterKey, out));
    const std::uint32_t term = out.end();
    for (const Place& place : same) new_term_[place.input][place.term] = term;
    return {};
  }

  Result<void> add_list(const Place& place, const List& list, bool positioned, SegmentWriter& out) {
    const MergeInput& input = inputs_[place.input];
    Unpacked part;
    List::PositionReader reader;
    std::vector<std::uint32_t> positions;
    std::vector<std::uint32_t> dropped;
    std::uint64_t last = 0;
    for (std::uint32_t i = 0; i < list.parts(); ++i) {
      if (!list.unpack_documents(i, part) || !list.unpack_frequencies(i, part) ||
          (positioned && !reader.open(list, i, part)))
        return corrupt("posting block");
      for (std::uint32_t j = 0; j < part.count; ++j) {
        const std::uint32_t document = part.documents[j];
        if (document < last) return corrupt("posting block");
        last = document + 1ULL;
        if (input.dropped(document)) {
          dropped.push_back(document);
          continue;
        }
        if (positioned) reader.read_flat(j, positions);
        out.add(bases_[place.input] + document, part.of(j), positions);
      }
    }
    if (positioned && !dropped.empty())
      left_out_[place.input].emplace(place.term, std::move(dropped));
    return {};
  }

  /// Documents of the group that are left out now.
  std::uint32_t leaving(std::size_t input, const StemGroup& group) const {
    if (left_out_[input].empty()) return 0;
    const Columns columns = inputs_[input].segment->columns();
    std::vector<std::uint32_t> gone;
    for (std::uint32_t term : group.terms) {
      const auto place = left_out_[input].find(term);
      if (place == left_out_[input].end()) continue;
      for (std::uint32_t document : place->second) {
        if (columns.language[document] == group.language) gone.push_back(document);
      }
    }
    std::sort(gone.begin(), gone.end());
    return static_cast<std::uint32_t>(std::unique(gone.begin(), gone.end()) - gone.begin());
  }

  Result<void> write_stem(const std::vector<Place>& same, const ColumnStore& columns,
                          SegmentWriter& out) {
    std::map<std::uint16_t, StemGroup> groups;
    StemEntry entry;
    for (const Place& place : same) {
      const Segment& segment = *inputs_[place.input].segment;
      VIGIE_TRY(decode_stem(segment.terms().rest(place.term), segment.terms().size(), true, entry));
      const auto& names = *segment.columns().languages;
      for (const StemGroup& group : entry.groups) {
        const std::uint32_t gone = leaving(place.input, group);
        if (group.language >= names.size() || gone > group.documents) return corrupt("stem");
        const std::uint16_t language = columns.language_number(names[group.language]);
        if (language == kNoLanguage) continue;  // every document of it was left out
        StemGroup& joined = groups[language];
        joined.language = language;
        joined.documents += group.documents - gone;
        for (std::uint32_t term : group.terms) {
          if (new_term_[place.input][term] != SegmentWriter::kNoTerm)
            joined.terms.push_back(new_term_[place.input][term]);
        }
      }
    }
    std::vector<StemGroup> joined;
    for (auto& [language, group] : groups) {
      std::sort(group.terms.begin(), group.terms.end());
      group.terms.erase(std::unique(group.terms.begin(), group.terms.end()), group.terms.end());
      joined.push_back(std::move(group));
    }
    if (!out.begin_stem(key_of(same[0]), std::move(joined))) return {};
    Stem stem;
    for (const Place& place : same) {
      const Segment& segment = *inputs_[place.input].segment;
      VIGIE_TRY(segment.stem(key_of(place), false, stem));
      if (!stem.list) return corrupt("stem");
      VIGIE_ASSIGN(const List list, segment.list_of(*stem.list));
      VIGIE_TRY(add_list({place.input, *stem.list}, list, false, out));
    }
    out.end_stem();
    return {};
  }

  const std::vector<MergeInput>& inputs_;
  std::vector<std::uint32_t> bases_;
  std::uint32_t documents_ = 0;
  std::vector<std::vector<std::uint32_t>> new_term_;  // by input and its term
  // by input and its word: documents that are left out
  std::vector<std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>> left_out_;
};

}  // namespace

Result<std::uint64_t> merge(const std::filesystem::path& folder, std::uint32_t number,
                            const std::vector<MergeInput>& inputs) {
  Merger merger(inputs);
  ColumnStore store;
  merger.read_columns(store);
  const Columns columns = store.view();
  SegmentWriter writer(paths_of(folder, number), columns);
  VIGIE_TRY(writer.open());
  VIGIE_TRY(merger.write(writer, store));
  return writer.finish();
}

}  // namespace vigie::indexer::segments
