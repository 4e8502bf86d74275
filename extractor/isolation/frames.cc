#include "extractor/isolation/frames.h"

#include <array>

#include "extractor/extract.h"

namespace vigie::extractor::isolation {
namespace {

constexpr char kArticle = 'a';
constexpr char kFailure = 'f';

void append_text(std::string& out, std::string_view text) {
  out += frame_header(text.size());
  out += text;
}

}  // namespace

std::string frame_header(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < kFrameHeaderBytes; ++i)
    out += static_cast<char>(size >> (8 * i) & 0xFF);
  return out;
}

std::size_t frame_size(std::string_view header) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < kFrameHeaderBytes; ++i)
    size |= static_cast<std::size_t>(static_cast<unsigned char>(header[i])) << (8 * i);
  return size;
}

std::optional<std::string_view> take_frame(std::string_view buffer, std::size_t& offset,
                                           bool& broken) {
  broken = false;
  if (buffer.size() - offset < kFrameHeaderBytes) return std::nullopt;
  const std::size_t size = frame_size(buffer.substr(offset));
  broken = size > kMaxFrameBytes;
  if (broken || buffer.size() - offset - kFrameHeaderBytes < size) return std::nullopt;
  const std::string_view out = buffer.substr(offset + kFrameHeaderBytes, size);
  offset += kFrameHeaderBytes + size;
  return out;
}

std::string hello() { return std::string("vigie worker ") + kExtractorVersion; }

std::string response_of(const Result<v1::ArticleRecord>& article) {
  if (article) return kArticle + article->SerializeAsString();
  const Error& error = article.error();
  std::string out{kFailure, static_cast<char>('0' + static_cast<int>(error.disposition))};
  append_text(out, error.code.text());
  append_text(out, error.detail);
  append_text(out, error.where);
  return out;
}

std::optional<Result<v1::ArticleRecord>> article_of(std::string_view response) {
  if (response.empty()) return std::nullopt;
  if (response[0] == kArticle) {
    v1::ArticleRecord article;
    if (!article.ParseFromString(std::string(response.substr(1)))) return std::nullopt;
    return Result<v1::ArticleRecord>(std::move(article));
  }
  if (response[0] != kFailure || response.size() < 2 || response[1] < '0' || response[1] > '2')
    return std::nullopt;
  std::size_t offset = 2;
  std::array<std::string, 3> texts;
  for (std::string& text : texts) {
    bool broken = false;
    const std::optional<std::string_view> frame = take_frame(response, offset, broken);
    if (!frame) return std::nullopt;
    text = *frame;
  }
  return Result<v1::ArticleRecord>(failure(static_cast<Disposition>(response[1] - '0'),
                                           ErrorCode::from_text(texts[0]), texts[1], texts[2]));
}

}  // namespace vigie::extractor::isolation
