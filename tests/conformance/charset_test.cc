// libs: platform/charset extractor/commands platform/text icu
// Real pages and sentences, transcoded as the web was before UTF-8, labelled right, wrong and not
// at all, come out as the page they were made from. WHATWG Encoding and HTML §13.2.3.2.
#include <gtest/gtest.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "extractor/commands/page_file.h"
#include "platform/charset/charset.h"
#include "platform/text/utf8.h"

namespace vigie::charset {
namespace {

const std::filesystem::path kCorpus = "../shared/corpus";
constexpr std::size_t kPagesOfEach = 60;
constexpr std::size_t kMostBytes = 300'000;  // of a page, so that the test stays quick
constexpr std::size_t kLeastLetters = 20;    // of the script

struct Target {
  const char* label;
  const char* converter;  // ICU's
  const char* other;      // a label that it is often mistaken for
  char32_t first;         // of the script's letters
  char32_t last;
};

constexpr std::array kTargets = std::to_array<Target>({
    {"gbk", "GBK", "big5", 0x4E00, 0x9FFF},
    {"big5", "Big5-HKSCS", "gbk", 0x4E00, 0x9FFF},
    {"euc-kr", "windows-949", "gbk", 0xAC00, 0xD7A3},
    {"shift_jis", "windows-31j", "gbk", 0x3040, 0x30FF},
    {"windows-1251", "windows-1251", "koi8-r", 0x400, 0x45F},
    {"koi8-r", "KOI8-R", "windows-1251", 0x400, 0x45F},
    {"windows-1253", "windows-1253", "windows-1251", 0x370, 0x3FF},
    {"windows-1256", "windows-1256", "windows-1251", 0x600, 0x6FF},
    {"iso-8859-1", "ISO-8859-1", "windows-1251", 0xC0, 0xFF},
});

std::string without_labels(std::string page) {
  const std::string lower = text::ascii_lower(page);
  for (const std::string_view word : {"charset", "encoding="}) {
    for (std::size_t at = lower.find(word); at != std::string::npos; at = lower.find(word, at + 1))
      page[at + 4] = '_';
  }
  return page;
}

// Pages in UTF-8: those of the corpus, and ten news sentences each of 75 languages.
std::vector<std::string> pages() {
  std::vector<std::string> out;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus / "langid"))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    std::ifstream in(path);
    std::string page;
    std::size_t lines = 0;
    for (std::string line; std::getline(in, line);) {
      if (page.empty()) page = "<html><head><title>" + line + "</title></head><body>";
      page += "<p>" + line + "</p>\n";
      if (++lines % 10 == 0) out.push_back(std::exchange(page, {}) + "</body></html>");
    }
  }
  paths.clear();
  for (const char* source : {"dan", "fun", "hda", "trf"}) {
    for (const auto& entry : std::filesystem::directory_iterator(kCorpus / source / "html"))
      paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    const auto body = extractor::commands::read_page_file(path.string(), kMostBytes);
    if (body && text::is_valid_utf8(*body) && body->find("\uFFFD") == std::string::npos &&
        body->compare(0, 3, "\xEF\xBB\xBF") != 0)
      out.push_back(without_labels(*body));
  }
  return out;
}

struct Transcoded {
  std::string bytes;
  // in UTF-8; what the encoding has no character for is a character reference in both
  std::string page;
};

std::optional<Transcoded> transcode(const std::string& page, const Target& target) {
  std::size_t letters = 0;
  std::size_t beyond = 0;
  for (std::size_t offset = 0; offset < page.size();) {
    const char32_t c = text::next_code_point(page, offset);
    if (c >= target.first && c <= target.last) ++letters;
    if (c >= 0x80) ++beyond;
    // to the web, these bytes are other characters
    if (c >= 0x80 && c < 0xA0) return std::nullopt;
    // Japanese was not written in the encodings of Chinese
    if (c >= 0x3040 && c <= 0x30FF && target.first == 0x4E00) return std::nullopt;
  }
  if (letters < kLeastLetters || letters * 3 < beyond) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, void (*)(UConverter*)> converter(
      ucnv_open(target.converter, &status), ucnv_close);
  if (U_FAILURE(status)) return std::nullopt;
  ucnv_setFallback(converter.get(), 0);
  const icu::UnicodeString utf16 = icu::UnicodeString::fromUTF8(page);
  const auto encode = [&](UConverterFromUCallback callback, const void* context, std::string& out) {
    UErrorCode failed = U_ZERO_ERROR;
    ucnv_setFromUCallBack(converter.get(), callback, context, nullptr, nullptr, &failed);
    out.resize(page.size() * 12 + 16);
    const std::int32_t size =
        ucnv_fromUChars(converter.get(), out.data(), static_cast<std::int32_t>(out.size()),
                        utf16.getBuffer(), utf16.length(), &failed);
    out.resize(U_SUCCESS(failed) ? static_cast<std::size_t>(size) : 0);
    return U_SUCCESS(failed);
  };
  Transcoded out;
  std::string kept;  // without what there is no character for
  if (!encode(UCNV_FROM_U_CALLBACK_SKIP, nullptr, kept) ||
      !encode(UCNV_FROM_U_CALLBACK_ESCAPE, UCNV_ESCAPE_XML_DEC, out.bytes))
    return std::nullopt;
  const auto decode = [&](const std::string& bytes) {
    UErrorCode failed = U_ZERO_ERROR;
    icu::UnicodeString text(bytes.data(), static_cast<std::int32_t>(bytes.size()), converter.get(),
                            failed);
    std::string utf8;
    text.toUTF8String(utf8);
    return utf8;
  };
  // A page that hardly fits the encoding was never written in it.
  const std::string left = decode(kept);
  if (text::count_code_points(page) - text::count_code_points(left) > beyond / 50)
    return std::nullopt;
  out.page = decode(out.bytes);
  return out;
}

TEST(Transcoded, PagesComeOutAsTheyWere) {
  if (!std::filesystem::exists(kCorpus))
    GTEST_SKIP() << "the corpus is not at " << kCorpus << "; put it there to transcode real pages";
  const std::vector<std::string> all = pages();
  std::map<std::string, std::array<std::size_t, 2>> sums;  // right and all, by kind of label
  for (const Target& target : kTargets) {
    std::size_t count = 0;
    std::map<std::string, std::array<std::size_t, 2>> own;
    for (const std::string& page : all) {
      if (count >= kPagesOfEach) break;
      const std::optional<Transcoded> made = transcode(page, target);
      if (!made) continue;
      ++count;
      const std::string type = "text/html; charset=";
      const std::string_view latin =
          target.label == std::string_view("iso-8859-1") ? "windows-1251" : "iso-8859-1";
      for (const auto& [kind, label] :
           {std::pair<const char*, std::string>{"right", type + target.label},
            {"missing", "text/html"},
            {"wrong", type + "utf-8"},
            {"wrong", type + std::string(latin)},
            {"wrong", type + target.other}}) {
        const bool same = decode(made->bytes, label).text == made->page;
        for (auto* counts : {&own[kind], &sums[kind]}) {
          (*counts)[0] += same ? 1 : 0;
          ++(*counts)[1];
        }
      }
    }
    EXPECT_GT(count, 10U) << target.label;
    std::printf("%-13s", target.label);
    for (const auto& [kind, counts] : own)
      std::printf(" %s %zu/%zu", kind.c_str(), counts[0], counts[1]);
    std::printf("\n");
  }
  const auto share = [&](const char* kind) {
    return static_cast<double>(sums[kind][0]) / static_cast<double>(sums[kind][1]);
  };
  EXPECT_GE(share("right"), 0.99);
  EXPECT_GE(share("missing"), 0.99);
  EXPECT_GE(share("wrong"), 0.95);
}

}  // namespace
}  // namespace vigie::charset
