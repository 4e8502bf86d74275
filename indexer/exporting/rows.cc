#include "indexer/exporting/rows.h"

#include <algorithm>
#include <array>
#include <utility>

#include "indexer/exporting/citations.h"
#include "indexer/exporting/feed.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::exporting {
namespace {

struct Kind {
  std::string_view name;
  Format format;
  std::string_view media_type;
  std::string_view ending;
};
constexpr std::array<Kind, 5> kKinds{
    {{"csv", Format::kCsv, "text/csv; charset=utf-8; header=present", "csv"},
     {"jsonl", Format::kJsonLines, "application/x-ndjson", "jsonl"},
     {"atom", Format::kAtom, "application/atom+xml; charset=utf-8", "atom"},
     {"ris", Format::kRis, "application/x-research-info-systems; charset=utf-8", "ris"},
     {"bibtex", Format::kBibtex, "application/x-bibtex; charset=utf-8", "bib"}}};

const Kind& kind_of(Format format) {
  return *std::find_if(kKinds.begin(), kKinds.end(),
                       [format](const Kind& one) { return one.format == format; });
}

/// What spreadsheets take for the beginning of a formula. Source: OWASP, CSV Injection.
bool begins_formula(std::string_view text) {
  static constexpr std::array<std::string_view, 11> kBeginnings{
      "=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view one) { return text.starts_with(one); });
}

/// A list is its values with semicolons between.
std::string as_text(const Json& value) {
  if (value.is_string()) return value.as_string();
  std::string out;
  for (const Json& one : value.as_array()) out += (out.empty() ? "" : ";") + one.as_string();
  return out;
}

class CsvRows final : public Rows {
 public:
  explicit CsvRows(std::vector<Field> fields) : fields_(std::move(fields)) {}

  std::string head() const override {
    std::string out;
    for (const Field& field : fields_) append(out, field.name);
    return out + "\r\n";
  }
  std::string row(const v1::ArticleRecord& article, const std::string& story) const override {
    std::string out;
    for (const Field& field : fields_) append(out, as_text(field.value(article, story)));
    return out + "\r\n";
  }

 private:
  static void append(std::string& line, std::string_view text) {
    if (!line.empty()) line += ',';
    line += csv_cell(text);
  }
  std::vector<Field> fields_;
};

class JsonRows final : public Rows {
 public:
  explicit JsonRows(std::vector<Field> fields) : fields_(std::move(fields)) {}
  std::string row(const v1::ArticleRecord& article, const std::string& story) const override {
    Json out = Json::object();
    for (const Field& field : fields_) out.set(field.name, field.value(article, story));
    return out.dump() + "\n";
  }

 private:
  std::vector<Field> fields_;
};

}  // namespace

std::optional<Format> format_named(std::string_view name) {
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return kind.format;
  }
  return std::nullopt;
}
std::string_view media_type(Format format) { return kind_of(format).media_type; }
std::string_view file_ending(Format format) { return kind_of(format).ending; }

std::string csv_cell(std::string_view text) {
  std::string out = "\"";
  if (begins_formula(text)) out += '\'';
  for (const char c : text) {
    if (c == '\0') continue;  // ends a line for many readers
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::unique_ptr<Rows> make_rows(Format format, std::vector<Field> fields, bool with_text,
                                About about) {
  switch (format) {
    case Format::kCsv: return std::make_unique<CsvRows>(std::move(fields));
    case Format::kJsonLines: return std::make_unique<JsonRows>(std::move(fields));
    case Format::kAtom: return make_feed(with_text, std::move(about));
    case Format::kRis: return make_ris(with_text);
    case Format::kBibtex: return make_bibtex(with_text);
  }
  return nullptr;
}

}  // namespace vigie::indexer::exporting
