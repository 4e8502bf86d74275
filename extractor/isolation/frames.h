#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/result/result.h"
#include "proto/article.pb.h"

/// What supervisor and worker say to each other over a stream socket: frames of a length (4 bytes,
/// little endian) and so many bytes.
namespace vigie::extractor::isolation {

inline constexpr std::size_t kFrameHeaderBytes = 4;
// a page record may be 67 MiB of body at most (extract.max_page_bytes)
inline constexpr std::size_t kMaxFrameBytes = 96ULL << 20;

std::string frame_header(std::size_t size);
/// The size that a header says; of at least kFrameHeaderBytes bytes.
std::size_t frame_size(std::string_view header);
/// The first frame of `buffer` from `offset` on, which moves behind it; nullopt where it is not
/// whole yet. `broken` is set where its length cannot be.
std::optional<std::string_view> take_frame(std::string_view buffer, std::size_t& offset,
                                           bool& broken);

/// The first word of a worker. A worker of another version would be a mistake of ours.
std::string hello();
std::string response_of(const Result<v1::ArticleRecord>& article);
/// nullopt for bytes that no worker of ours sends.
std::optional<Result<v1::ArticleRecord>> article_of(std::string_view response);

}  // namespace vigie::extractor::isolation
