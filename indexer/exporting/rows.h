#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/json/json.h"
#include "platform/result/result.h"
#include "proto/article.pb.h"

namespace vigie::indexer::exporting {

enum class Format { kCsv, kJsonLines, kAtom, kRis, kBibtex };

/// csv jsonl atom ris bibtex, as calls and commands name them.
std::optional<Format> format_named(std::string_view name);
std::string_view media_type(Format format);
std::string_view file_ending(Format format);

/// A column of CSV, a member of JSON lines.
struct Field {
  std::string_view name;
  Json (*value)(const v1::ArticleRecord& article, const std::string& story);
};

/// Columns by their names, comma separated; empty: those of every article, and `text` where
/// `with_text`. Errors (kQuarantine): bad_parameter, with the nearest name.
Result<std::vector<Field>> fields_named(std::string_view names, bool with_text);
/// Every name, comma separated.
std::string all_field_names();

/// What a file says of itself.
struct About {
  std::string query;  // as typed
  std::string id;     // of what was exported; the same for the same articles
  std::int64_t now_unix_ms = 0;
};

/// Writes articles in one format. Pure; any thread.
class Rows {
 public:
  virtual ~Rows() = default;
  /// Before the first row.
  virtual std::string head() const { return {}; }
  virtual std::string row(const v1::ArticleRecord& article, const std::string& story) const = 0;
  /// Behind the last row.
  virtual std::string foot() const { return {}; }
};

/// `fields` count for CSV and JSON lines; the others have a form of their own, with the text where
/// `with_text`.
std::unique_ptr<Rows> make_rows(Format format, std::vector<Field> fields, bool with_text,
                                About about);

/// A cell of CSV (RFC 4180) that a spreadsheet takes for text (OWASP, CSV Injection): in quotation
/// marks, and with an apostrophe in front where it begins with = + - @, their full-width forms, a
/// tab or a line break. Pure.
std::string csv_cell(std::string_view text);

}  // namespace vigie::indexer::exporting
