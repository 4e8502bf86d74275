#include "indexer/segments/segment.h"

#include <algorithm>

#include "indexer/segments/coding.h"

namespace vigie::indexer::segments {
namespace {

constexpr char kColumnKey = '\0';
constexpr char kMainColumn = 'm';
constexpr std::size_t kNumberBytes = 4;

std::string column_key(std::uint32_t number, char name) {
  std::string key;
  storage::append_u32(key, number);
  key.push_back(kColumnKey);
  key.push_back(name);
  return key;
}

char facet_name(std::size_t field) { return static_cast<char>('0' + field); }

std::string chunk_key(std::string row_key, std::uint32_t chunk) {
  if (chunk > 0) storage::append_u32(row_key, chunk);
  return row_key;
}

/// Writes the rows of one segment; keys come in ascending order.
class RowWriter {
 public:
  RowWriter(std::uint32_t number, const storage::Database::Emit& postings,
            const storage::Database::Emit& positions)
      : postings_(postings), positions_(positions) {
    storage::append_u32(prefix_, number);
  }
  Result<void> column(char name, std::string_view bytes) {
    std::string key = prefix_;
    key.push_back(kColumnKey);
    key.push_back(name);
    return postings_(key, bytes);
  }
  Result<void> list(std::string_view key, PostingWriter& writer) {
    if (writer.empty()) return {};
    const auto chunks = writer.finish();
    std::string row = prefix_;
    row += key;
    row.push_back('\0');
    for (std::uint32_t i = 0; i < chunks.size(); ++i) {
      const std::string name = chunk_key(row, i);
      VIGIE_TRY(postings_(name, chunks[i].postings));
      if (!chunks[i].positions.empty()) VIGIE_TRY(positions_(name, chunks[i].positions));
    }
    return {};
  }

 private:
  std::string prefix_;
  const storage::Database::Emit& postings_;
  const storage::Database::Emit& positions_;
};

/// Positions are on disk before postings are; the manifest comes later still.
Result<std::uint64_t> write_rows(const Home& home, std::uint32_t number,
                                 const std::function<Result<void>(RowWriter&)>& rows) {
  std::uint64_t positions_bytes = 0;
  const auto written = home.database->ingest(
      home.postings_family, [&](const storage::Database::Emit& postings) -> Result<void> {
        const auto inner = home.database->ingest(
            home.positions_family, [&](const storage::Database::Emit& positions) -> Result<void> {
              RowWriter writer(number, postings, positions);
              return rows(writer);
            });
        if (!inner) return failure(inner.error());
        positions_bytes = *inner;
        return {};
      });
  if (!written) return failure(written.error());
  return *written + positions_bytes;
}

/// Rows of term keys of one segment, first chunks only.
class TermCursor {
 public:
  TermCursor(const Home& home, std::uint32_t number) {
    storage::KeyRange range;
    storage::append_u32(range.begin, number);
    range.end = storage::after_prefix(range.begin);
    range.begin.push_back(kWordKey);
    begin_ = range.begin;
    cursor_ = home.database->cursor(home.postings_family, range);
    cursor_->seek(begin_);
    skip();
  }
  bool valid() const { return cursor_->valid(); }
  std::string_view key() const {
    const std::string_view row = cursor_->key();
    return row.substr(kNumberBytes, row.size() - kNumberBytes - 1);
  }
  std::string_view value() const { return cursor_->value(); }
  void next() {
    cursor_->next();
    skip();
  }
  Result<void> status() const { return cursor_->status(); }

 private:
  /// A first chunk's key has its one NUL at the end.
  void skip() {
    while (cursor_->valid()) {
      const std::string_view row = cursor_->key();
      const std::size_t end = row.find('\0', kNumberBytes + 1);
      if (end != std::string_view::npos && end + 1 == row.size()) return;
      cursor_->next();
    }
  }
  std::string begin_;
  std::unique_ptr<storage::Cursor> cursor_;
};

}  // namespace

Result<std::shared_ptr<Segment>> Segment::open(const Home& home, std::uint32_t number) {
  std::shared_ptr<Segment> out(new Segment(home, number));
  VIGIE_ASSIGN(const auto bytes,
               home.database->get(home.postings_family, column_key(number, kMainColumn)));
  if (!bytes) return corrupt("a segment without columns");
  VIGIE_ASSIGN(out->columns_, Columns::decode(*bytes));
  VIGIE_ASSIGN(
      const auto languages,
      home.database->get(
          home.postings_family,
          column_key(number, facet_name(static_cast<std::size_t>(FacetField::kLanguage)))));
  if (!languages) return corrupt("a segment without languages");
  VIGIE_ASSIGN(auto column, FacetColumn::decode(*languages, out->columns_.documents()));
  out->languages_ = column.values;
  std::sort(out->languages_.begin(), out->languages_.end());
  return out;
}

std::string Segment::row_key(std::string_view key) const {
  std::string row;
  storage::append_u32(row, number_);
  row += key;
  row.push_back('\0');
  return row;
}

Result<void> Segment::attach(std::string_view key, std::string first, PostingReader& out) const {
  const std::string row = row_key(key);
  const auto load = [this, row](std::size_t family, std::uint32_t chunk) -> Result<std::string> {
    VIGIE_ASSIGN(auto bytes, home_.database->get(family, chunk_key(row, chunk)));
    if (!bytes) return corrupt("a missing chunk of postings");
    return std::move(*bytes);
  };
  return out.open(
      std::move(first),
      [this, load](std::uint32_t chunk) { return load(home_.postings_family, chunk); },
      [this, load](std::uint32_t chunk) { return load(home_.positions_family, chunk); });
}

Result<bool> Segment::open_list(std::string_view key, PostingReader& out) const {
  VIGIE_ASSIGN(auto first, home_.database->get(home_.postings_family, row_key(key)));
  if (!first) return false;
  VIGIE_TRY(attach(key, std::move(*first), out));
  return true;
}

Result<std::uint32_t> Segment::document_frequency(std::string_view key) const {
  VIGIE_ASSIGN(const auto first, home_.database->get(home_.postings_family, row_key(key)));
  if (!first) return 0U;
  return Reader(*first).varint32();
}

Result<void> Segment::postings(std::string_view key, const std::vector<std::uint32_t>* among,
                               Postings& out) const {
  out.clear();
  PostingReader list;
  VIGIE_ASSIGN(const bool there, open_list(key, list));
  if (!there) return {};
  VIGIE_TRY(list.read(among, out));
  if (!out.documents.empty() && out.documents.back() >= columns_.documents())
    return corrupt("a posting beyond its segment");
  return {};
}

Result<void> Segment::positions(std::string_view key, const std::vector<std::uint32_t>& documents,
                                std::vector<Positions>& out) const {
  PostingReader list;
  VIGIE_ASSIGN(const bool there, open_list(key, list));
  if (!there) return {};
  return list.read_positions(documents, out);
}

Result<std::vector<std::string>> Segment::keys(std::string_view prefix, std::size_t limit) const {
  storage::KeyRange range;
  storage::append_u32(range.begin, number_);
  range.begin += prefix;
  range.end = storage::after_prefix(range.begin);
  std::vector<std::string> out;
  const auto cursor = home_.database->cursor(home_.postings_family, range);
  for (cursor->seek(range.begin); cursor->valid(); cursor->next()) {
    const std::string_view row = cursor->key();
    const std::size_t end = row.find('\0', kNumberBytes + 1);
    if (end + 1 != row.size()) continue;
    if (out.size() == limit)
      return failure(Disposition::kQuarantine, "prefix_too_broad",
                     "too many words begin like this; write more letters before the *");
    out.emplace_back(row.substr(kNumberBytes, end - kNumberBytes));
  }
  VIGIE_TRY(cursor->status());
  return out;
}

Result<std::shared_ptr<const FacetColumn>> Segment::facet(FacetField field) const {
  const auto index = static_cast<std::size_t>(field);
  const std::lock_guard lock(facets_mutex_);
  if (!facets_[index]) {
    VIGIE_ASSIGN(const auto bytes, home_.database->get(home_.postings_family,
                                                       column_key(number_, facet_name(index))));
    if (!bytes) return corrupt("a segment without a facet column");
    VIGIE_ASSIGN(auto column, FacetColumn::decode(*bytes, columns_.documents()));
    facets_[index] = std::make_shared<const FacetColumn>(std::move(column));
  }
  return facets_[index];
}

bool Segment::has_language(std::string_view language) const {
  return std::binary_search(languages_.begin(), languages_.end(), language);
}

Result<std::uint64_t> seal(const Home& home, std::uint32_t number, const Head& head,
                           const Dropped& dropped) {
  return write_rows(home, number, [&](RowWriter& rows) -> Result<void> {
    const Columns& from = head.columns();
    for (std::size_t field = 0; field < kFacetFields; ++field) {
      const FacetColumn& column = head.facet_column(static_cast<FacetField>(field));
      VIGIE_TRY(rows.column(facet_name(field), column.encode()));
    }
    Columns columns;
    for (std::uint32_t i = 0; i < from.documents(); ++i) {
      if (dropped(i)) {
        columns.add_none();
      } else {
        columns.add(from.time_unix_ms[i], from.length[0][i], from.length[1][i], from.article_id(i));
      }
    }
    VIGIE_TRY(rows.column(kMainColumn, columns.encode()));
    PostingWriter writer;
    for (std::string_view key : head.sorted_keys()) {
      VIGIE_TRY(head.write(key, dropped, writer));
      VIGIE_TRY(rows.list(key, writer));
    }
    return {};
  });
}

class Merger {
 public:
  explicit Merger(const std::vector<MergeInput>& inputs) : inputs_(inputs) {
    for (const MergeInput& input : inputs_) {
      bases_.push_back(documents_);
      documents_ += input.segment->columns().documents();
    }
  }

  Result<void> write(const Home& home, RowWriter& rows) {
    for (std::size_t field = 0; field < kFacetFields; ++field) VIGIE_TRY(write_facet(field, rows));
    VIGIE_TRY(write_columns(rows));
    return write_lists(home, rows);
  }

 private:
  Result<void> write_facet(std::size_t field, RowWriter& rows) {
    FacetColumn out;
    for (const MergeInput& input : inputs_) {
      VIGIE_ASSIGN(const auto column, input.segment->facet(static_cast<FacetField>(field)));
      std::vector<std::string> values;
      for (std::uint32_t i = 0; i < input.segment->columns().documents(); ++i) {
        values.clear();
        if (!input.dropped(i)) {
          for (std::uint32_t j = column->begin[i]; j < column->begin[i + 1]; ++j)
            values.push_back(column->values[column->numbers[j]]);
        }
        out.add(values);
      }
    }
    return rows.column(facet_name(field), out.encode());
  }

  Result<void> write_columns(RowWriter& rows) {
    Columns out;
    for (const MergeInput& input : inputs_) {
      const Columns& from = input.segment->columns();
      for (std::uint32_t i = 0; i < from.documents(); ++i) {
        if (input.dropped(i)) {
          out.add_none();
        } else {
          out.add(from.time_unix_ms[i], from.length[0][i], from.length[1][i], from.article_id(i));
        }
      }
    }
    return rows.column(kMainColumn, out.encode());
  }

  Result<void> write_lists(const Home& home, RowWriter& rows) {
    std::vector<TermCursor> cursors;
    // read in step with the postings: a look-up each would cost more than all the rest
    std::vector<std::unique_ptr<storage::Cursor>> position_rows;
    for (const MergeInput& input : inputs_) {
      cursors.emplace_back(home, input.segment->number());
      std::string prefix;
      storage::append_u32(prefix, input.segment->number());
      position_rows.push_back(
          home.database->cursor(home.positions_family, {prefix, storage::after_prefix(prefix)}));
      position_rows.back()->seek_to_first();
    }
    PostingWriter writer;
    std::string key;
    for (;;) {
      bool any = false;
      for (const TermCursor& cursor : cursors) {
        if (cursor.valid() && (!any || cursor.key() < key)) {
          key = cursor.key();
          any = true;
        }
      }
      if (!any) break;
      for (std::size_t i = 0; i < cursors.size(); ++i) {
        if (!cursors[i].valid() || cursors[i].key() != key) continue;
        PostingReader list;
        const std::string row = inputs_[i].segment->row_key(key);
        storage::Cursor& at = *position_rows[i];
        VIGIE_TRY(list.open(
            std::string(cursors[i].value()),
            [&](std::uint32_t chunk) -> Result<std::string> {
              VIGIE_ASSIGN(auto bytes,
                           home.database->get(home.postings_family, chunk_key(row, chunk)));
              if (!bytes) return corrupt("a missing chunk of postings");
              return std::move(*bytes);
            },
            [&](std::uint32_t chunk) -> Result<std::string> {
              const std::string wanted = chunk_key(row, chunk);
              while (at.valid() && at.key() < wanted) at.next();
              if (const auto status = at.status(); !status) return failure(status.error());
              if (!at.valid() || at.key() != wanted) return corrupt("missing positions");
              return std::string(at.value());
            }));
        const std::uint32_t documents = inputs_[i].segment->columns().documents();
        bool beyond = false;
        VIGIE_TRY(list.each(key[0] != kFilterKey,
                            [&](std::uint32_t document, const Frequencies& frequencies,
                                std::string_view positions) {
                              beyond = beyond || document >= documents;
                              if (!beyond && !inputs_[i].dropped(document))
                                writer.add(bases_[i] + document, frequencies, positions);
                            }));
        if (beyond) return corrupt("a posting beyond its segment");
        cursors[i].next();
      }
      VIGIE_TRY(rows.list(key, writer));
    }
    for (const TermCursor& cursor : cursors) VIGIE_TRY(cursor.status());
    return {};
  }

  const std::vector<MergeInput>& inputs_;
  std::vector<std::uint32_t> bases_;
  std::uint32_t documents_ = 0;
};

Result<std::uint64_t> merge(const Home& home, std::uint32_t number,
                            const std::vector<MergeInput>& inputs) {
  Merger merger(inputs);
  return write_rows(home, number, [&](RowWriter& rows) { return merger.write(home, rows); });
}

Result<void> remove(const Home& home, std::uint32_t number) {
  std::string begin;
  storage::append_u32(begin, number);
  const std::string end = storage::after_prefix(begin);
  VIGIE_TRY(home.database->drop_range(home.positions_family, begin, end));
  return home.database->drop_range(home.postings_family, begin, end);
}

Result<std::vector<std::uint32_t>> numbers(const Home& home) {
  std::vector<std::uint32_t> out;
  for (std::size_t family : {home.postings_family, home.positions_family}) {
    const auto cursor = home.database->cursor(family);
    cursor->seek_to_first();
    while (cursor->valid()) {
      if (cursor->key().size() < kNumberBytes) return corrupt("a key without a segment");
      out.push_back(storage::read_u32(cursor->key()));
      if (out.back() == UINT32_MAX) break;
      std::string next;
      storage::append_u32(next, out.back() + 1);
      cursor->seek(next);
    }
    VIGIE_TRY(cursor->status());
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace vigie::indexer::segments
