#include "platform/net/response_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "platform/text/ascii.h"

namespace vigie::net {
namespace {

constexpr int kHexBase = 16;

/// The status of a line that names HTTP, or "ICY" as old servers of streams do, and three digits
/// behind a blank; 0: it is none.
int status_in(std::string_view line) {
  const std::string head = text::ascii::lower(line.substr(0, 5));
  if (!head.starts_with("http") && !head.starts_with("icy ")) return 0;
  std::size_t at = line.find(' ');
  at = at == std::string_view::npos ? at : line.find_first_not_of(' ', at);
  if (at == std::string_view::npos || line.size() < at + 3) return 0;
  int status = 0;
  for (const char c : line.substr(at, 3)) {
    if (c < '0' || c > '9') return 0;
    status = status * 10 + (c - '0');
  }
  return status >= 100 ? status : 0;
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

ResponseReader::State ResponseReader::take(std::string_view bytes) {
  while (!bytes.empty()) {
    State state = State::kMore;
    if (part_ == Part::kLength || part_ == Part::kChunk || part_ == Part::kToEnd) {
      state = take_body(bytes);
    } else {
      const std::size_t end = bytes.find('\n');
      line_.append(bytes.substr(0, end));
      if (line_.size() > kMaxLineBytes) return State::kNoHttp;
      if (end == std::string_view::npos) return State::kMore;
      bytes.remove_prefix(end + 1);
      if (line_.ends_with('\r')) line_.pop_back();
      const std::string line = std::exchange(line_, {});
      state = take_line(line);
    }
    if (state != State::kMore) return state;
  }
  return State::kMore;
}

ResponseReader::State ResponseReader::take_line(std::string_view line) {
  switch (part_) {
    case Part::kStatus: return take_status(line);
    case Part::kHeader: return take_header(line);
    case Part::kChunkSize: return take_chunk_size(line);
    case Part::kChunkEnd: part_ = Part::kChunkSize; return State::kMore;
    default: break;
  }
  return line.empty() ? State::kDone : State::kMore;  // trailers
}

ResponseReader::State ResponseReader::take_status(std::string_view line) {
  if (text::ascii::trim(line).empty()) return State::kMore;
  status_ = status_in(line);
  if (status_ == 0) return State::kNoHttp;
  part_ = Part::kHeader;
  chunked_ = has_length_ = false;
  return header_("HTTP/1.1 " + std::to_string(status_)) ? State::kMore : State::kEnough;
}

ResponseReader::State ResponseReader::take_header(std::string_view line) {
  if (line.empty()) return end_header();
  const bool continues = line.front() == ' ' || line.front() == '\t';
  if (continues && !pending_.empty() && pending_.size() + line.size() <= kMaxLineBytes) {
    pending_ += ' ';
    pending_ += text::ascii::trim(line);
    return State::kMore;
  }
  if (!flush_header()) return State::kEnough;
  pending_ = line;
  return State::kMore;
}

bool ResponseReader::flush_header() {
  const std::string line = std::exchange(pending_, {});
  if (line.empty()) return true;
  note_framing(line);
  return header_(line);
}

/// A length that is no number, and a coding of transfer that is not chunked, are as good as absent:
/// then the end of the connection ends the body.
void ResponseReader::note_framing(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string name = text::ascii::lower(text::ascii::trim(line.substr(0, colon)));
  const std::string_view value = text::ascii::trim(line.substr(colon + 1));
  if (name == "transfer-encoding" &&
      text::ascii::lower(value).find("chunked") != std::string::npos) {
    chunked_ = true;
  } else if (name == "content-length" && !has_length_) {
    std::uint64_t length = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), length);
    has_length_ = read.ec == std::errc() && read.ptr == value.data() + value.size();
    left_ = length;
  }
}

ResponseReader::State ResponseReader::end_header() {
  if (!flush_header() || !header_({})) return State::kEnough;
  if (status_ < 200) {
    part_ = Part::kStatus;
    return State::kMore;
  }
  if (!has_body(status_)) return State::kDone;
  part_ = chunked_ ? Part::kChunkSize : has_length_ ? Part::kLength : Part::kToEnd;
  return part_ == Part::kLength && left_ == 0 ? State::kDone : State::kMore;
}

ResponseReader::State ResponseReader::take_chunk_size(std::string_view line) {
  line = text::ascii::trim(line);
  left_ = 0;
  const auto read = std::from_chars(line.data(), line.data() + line.size(), left_, kHexBase);
  if (read.ec != std::errc()) return State::kCut;
  part_ = left_ == 0 ? Part::kTrailer : Part::kChunk;
  return State::kMore;
}

ResponseReader::State ResponseReader::take_body(std::string_view& bytes) {
  const std::size_t size = part_ == Part::kToEnd
                               ? bytes.size()
                               : static_cast<std::size_t>(std::min<std::uint64_t>(
                                     left_, static_cast<std::uint64_t>(bytes.size())));
  if (!body_(bytes.substr(0, size))) return State::kEnough;
  bytes.remove_prefix(size);
  if (part_ == Part::kToEnd) return State::kMore;
  left_ -= size;
  if (left_ > 0) return State::kMore;
  if (part_ == Part::kLength) return State::kDone;
  part_ = Part::kChunkEnd;
  return State::kMore;
}

ResponseReader::State ResponseReader::closed() const {
  if (part_ == Part::kStatus) return State::kNoHttp;
  const bool whole = part_ == Part::kToEnd || part_ == Part::kTrailer;
  return whole ? State::kDone : State::kCut;
}

}  // namespace vigie::net
