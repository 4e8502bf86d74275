#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::net {

/// Undoes the content codings of one response as browsers do: gzip of any number of members,
/// deflate with and without its zlib frame, br, zstd. A coding that nobody knows counts as none, as
/// does one that the bytes contradict; what stands behind the end of the coded bytes is passed
/// over. Total: any bytes give something, bounded by the limit. One thread.
class ContentDecoder {
 public:
  /// Takes decoded bytes. False: enough.
  using Sink = std::function<bool(std::string_view)>;

  /// `codings`: the values of Content-Encoding, joined by commas. `most_between`: bytes that one
  /// coding may give to the next, so that codings in a row stay bounded.
  ContentDecoder(std::string_view codings, std::size_t most_between, Sink sink);
  ~ContentDecoder();
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;

  /// More known codings in a row are refused: too_many().
  static constexpr std::size_t kMaxCodings = 5;
  bool too_many() const { return too_many_; }

  /// The next bytes as they were received. False: the sink has enough.
  bool take(std::string_view bytes);
  /// No more bytes come. True: every coding came to its end.
  bool finish();

  class Stage;  // one coding

 private:
  std::vector<std::unique_ptr<Stage>> stages_;  // in the order in which bytes pass through
  std::vector<Sink> outlets_;                   // where each of them gives its bytes
  Sink sink_;
  std::size_t between_bytes_ = 0;
  bool too_many_ = false;
};

/// The codings that may be asked for, as Accept-Encoding names them.
inline constexpr const char* kAcceptedCodings = "gzip, deflate, br, zstd";

}  // namespace vigie::net
