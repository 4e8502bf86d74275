#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace vigie::net {

/// Reads a response of HTTP/1 from the bytes of a connection as browsers do, for servers whose form
/// libcurl refuses: header lines without a colon, lengths that are none, codings of transfer that
/// nobody knows, blank lines before the status. Total; keeps no more than one line. One thread.
class ResponseReader {
 public:
  /// Take one line of the header, status lines included, without its end; bytes of the body. False:
  /// no more is wanted.
  using Sink = std::function<bool(std::string_view)>;
  ResponseReader(Sink header, Sink body) : header_(std::move(header)), body_(std::move(body)) {}

  enum class State {
    kMore,    // bytes are missing
    kDone,    // the response is whole
    kCut,     // it broke off
    kEnough,  // a sink wants no more
    kNoHttp,  // this is no response of HTTP
  };
  State take(std::string_view bytes);
  /// The connection was closed.
  State closed() const;

  /// A longer line is none.
  static constexpr std::size_t kMaxLineBytes = 256ULL << 10;

 private:
  enum class Part { kStatus, kHeader, kLength, kChunkSize, kChunk, kChunkEnd, kTrailer, kToEnd };

  State take_line(std::string_view line);
  State take_status(std::string_view line);
  State take_header(std::string_view line);
  State end_header();
  State take_chunk_size(std::string_view line);
  State take_body(std::string_view& bytes);
  bool flush_header();
  void note_framing(std::string_view line);

  Sink header_;
  Sink body_;
  Part part_ = Part::kStatus;
  std::string line_;     // begun and not ended
  std::string pending_;  // a header line that the next may continue
  int status_ = 0;
  bool chunked_ = false;
  bool has_length_ = false;
  std::uint64_t left_ = 0;  // of the body, or of the chunk
};

}  // namespace vigie::net
