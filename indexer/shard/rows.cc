#include "indexer/shard/rows.h"

#include "indexer/segments/coding.h"
#include "platform/storage/storage.h"
#include "proto/identity.h"

namespace vigie::indexer {

using segments::append_text;
using segments::append_varint;
using segments::corrupt;
using segments::Reader;

std::string row(char kind, std::uint64_t ordinal) {
  std::string key(1, kind);
  storage::append_u64(key, ordinal);
  return key;
}

std::string document_key(std::uint64_t ordinal) {
  std::string key;
  storage::append_u64(key, ordinal);
  return key;
}

std::string Maker::encode() const {
  std::string out;
  append_varint(out, schema);
  append_varint(out, format);
  append_varint(out, analyzer);
  return out;
}

Result<Maker> Maker::decode(std::string_view bytes) {
  Reader reader(bytes);
  Maker out{reader.varint(), 0, 0};
  if (reader.left() > 0) {  // schema 1 wrote nothing more
    out.format = reader.varint();
    out.analyzer = reader.varint();
  }
  if (!reader.ok()) return corrupt("schema");
  return out;
}

std::string State::encode() const {
  std::string out;
  append_varint(out, static_cast<std::uint64_t>(next_offset));
  append_varint(out, static_cast<std::uint64_t>(stories_offset));
  append_varint(out, next_ordinal);
  append_varint(out, cutoff);
  append_varint(out, next_match);
  append_varint(out, documents);
  append_varint(out, static_cast<std::uint64_t>(skipped_to + 1));
  return out;
}

Result<State> State::decode(std::string_view bytes) {
  Reader reader(bytes);
  State out;
  out.next_offset = static_cast<std::int64_t>(reader.varint());
  out.stories_offset = static_cast<std::int64_t>(reader.varint());
  out.next_ordinal = reader.varint();
  out.cutoff = reader.varint();
  out.next_match = reader.varint();
  out.documents = reader.varint();
  // older versions wrote none
  if (reader.left() > 0) out.skipped_to = static_cast<std::int64_t>(reader.varint()) - 1;
  if (!reader.ok() || out.cutoff > out.next_ordinal) return corrupt("state");
  return out;
}

std::string ManifestRow::encode() const {
  std::string out;
  append_varint(out, level);
  append_varint(out, begin);
  append_varint(out, end);
  return out;
}

Result<ManifestRow> ManifestRow::decode(std::string_view key, std::string_view bytes) {
  if (key.size() != 5) return corrupt("manifest");
  ManifestRow out;
  out.number = storage::read_u32(key.substr(1));
  Reader reader(bytes);
  out.level = reader.varint32();
  out.begin = reader.varint();
  out.end = reader.varint();
  if (!reader.ok() || out.end <= out.begin) return corrupt("manifest");
  return out;
}

Rank rank_of(const v1::ArticleRecord& article, std::string_view bytes) {
  return {article.fetched_at_unix_ms(), article.version_id(), article.extractor_version(),
          article.pack(), proto::to_bytes(proto::digest128(bytes))};
}

bool is_version(const Rank& stored, const Rank& rank, const v1::ArticleRecord& article) {
  if (stored == rank) return true;
  const bool tie = stored.fetched_at_unix_ms == rank.fetched_at_unix_ms &&
                   stored.version_id == rank.version_id &&
                   stored.extractor_version == rank.extractor_version && stored.pack == rank.pack;
  return tie &&
         stored.record_hash == proto::to_bytes(proto::digest128(article.SerializeAsString()));
}

std::string ArticleRow::encode() const {
  std::string out;
  append_varint(out, hidden ? 1 : 0);
  append_varint(out, versions.size());
  for (const Version& version : versions) {
    append_varint(out, static_cast<std::uint64_t>(version.rank.fetched_at_unix_ms));
    append_text(out, version.rank.version_id);
    append_text(out, version.rank.extractor_version);
    append_text(out, version.rank.pack);
    append_text(out, version.rank.record_hash);
    append_varint(out, version.ordinal);
  }
  return out;
}

Result<ArticleRow> ArticleRow::decode(std::string_view bytes) {
  Reader reader(bytes);
  ArticleRow out;
  out.hidden = reader.varint() != 0;
  const std::uint64_t count = reader.varint();
  if (count > reader.left()) return corrupt("article row");
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    Version version;
    version.rank.fetched_at_unix_ms = static_cast<std::int64_t>(reader.varint());
    version.rank.version_id = reader.text();
    version.rank.extractor_version = reader.text();
    version.rank.pack = reader.text();
    version.rank.record_hash = reader.text();
    version.ordinal = reader.varint();
    out.versions.push_back(std::move(version));
  }
  if (!reader.ok() || reader.left() != 0) return corrupt("article row");
  return out;
}

}  // namespace vigie::indexer
