#include "extractor/isolation/extractor.h"

#include <utility>

#include "proto/page.pb.h"

namespace vigie::extractor::isolation {
namespace {

class DirectExtractor final : public Extractor {
 public:
  explicit DirectExtractor(const ExtractLimits& limits) : limits_(limits) {}

  Result<void> run(const Next& next, const Done& done) override {
    for (const std::string* page = next(); page != nullptr; page = next())
      done(parse_record(*page, limits_), 1);
    return {};
  }

 private:
  ExtractLimits limits_;
};

}  // namespace

Result<v1::ArticleRecord> parse_record(const std::string& page, const ExtractLimits& limits) {
  v1::PageRecord record;
  if (!record.ParseFromString(page)) {
    return failure(Disposition::kQuarantine, "bad_record",
                   "The record is no PageRecord; look at what wrote it to the topic.");
  }
  return extract(record, limits);
}

Result<v1::ArticleRecord> extract_one(Extractor& extractor, const std::string& page) {
  const std::string* next = &page;
  Result<v1::ArticleRecord> out;
  VIGIE_TRY(
      extractor.run([&next] { return std::exchange(next, nullptr); },
                    [&out](Result<v1::ArticleRecord> article, int) { out = std::move(article); }));
  return out;
}

std::unique_ptr<Extractor> make_direct(const ExtractLimits& limits) {
  return std::make_unique<DirectExtractor>(limits);
}

}  // namespace vigie::extractor::isolation
