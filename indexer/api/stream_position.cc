#include "indexer/api/stream_position.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace vigie::indexer::api {
namespace {

using proto::Topic;

constexpr std::array kTopics{Topic::kArticles, Topic::kMatches};

void write(char letter, const std::vector<std::int64_t>& offsets, std::string& out) {
  out += letter;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, offsets[i], 36).ptr;
    if (i > 0) out += '.';
    out.append(digits, end);
  }
}

/// False if there are not so many, or what is there is no offset.
bool read_offsets(std::string_view text, char letter, std::vector<std::int64_t>& offsets) {
  const std::size_t at = text.find(letter);
  if (at == std::string_view::npos) return false;
  const char* next = text.data() + at + 1;
  // Not beyond this list: 'M' is a digit of base 36 to from_chars, which takes capitals too.
  const char* end = text.data() + std::min(text.find_first_of("AM", at + 1), text.size());
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (i > 0 && (next == end || *next++ != '.')) return false;
    const auto [stop, problem] = std::from_chars(next, end, offsets[i], 36);
    if (problem != std::errc() || offsets[i] < 0) return false;
    next = stop;
  }
  return next == end;
}

template <class Choose>
StreamPosition joined(StreamPosition a, const StreamPosition& b, const Choose& choose) {
  for (const Topic topic : kTopics) {
    auto& own = a.of(topic);
    for (std::size_t i = 0; i < own.size(); ++i) own[i] = choose(own[i], b.of(topic)[i]);
  }
  return a;
}

Result<StreamPosition> ranges(log::Log& log, std::int64_t log::OffsetRange::*side) {
  StreamPosition out;
  for (const Topic topic : kTopics) {
    VIGIE_ASSIGN(const std::int32_t partitions, log.partitions(topic));
    for (std::int32_t partition = 0; partition < partitions; ++partition) {
      VIGIE_ASSIGN(const log::OffsetRange range, log.offsets({topic, partition}));
      out.of(topic).push_back(range.*side);
    }
  }
  return out;
}

}  // namespace

std::string StreamPosition::to_text() const {
  std::string out;
  write('A', articles, out);
  write('M', matches, out);
  return out;
}

std::optional<StreamPosition> StreamPosition::read(std::string_view text,
                                                   const StreamPosition& like) {
  StreamPosition out = like;
  if (!read_offsets(text, 'A', out.articles) || !read_offsets(text, 'M', out.matches))
    return std::nullopt;
  return out;
}

bool StreamPosition::has_reached(const StreamPosition& other) const {
  return std::ranges::all_of(kTopics, [&](Topic topic) {
    return std::ranges::equal(of(topic), other.of(topic), std::ranges::greater_equal());
  });
}

StreamPosition StreamPosition::later(StreamPosition a, const StreamPosition& b) {
  return joined(std::move(a), b,
                [](std::int64_t one, std::int64_t other) { return std::max(one, other); });
}

StreamPosition StreamPosition::earlier(StreamPosition a, const StreamPosition& b) {
  return joined(std::move(a), b,
                [](std::int64_t one, std::int64_t other) { return std::min(one, other); });
}

std::int64_t StreamPosition::records_to(const StreamPosition& end) const {
  std::int64_t out = 0;
  for (const Topic topic : kTopics) {
    for (std::size_t i = 0; i < of(topic).size(); ++i)
      out += std::max<std::int64_t>(0, end.of(topic)[i] - of(topic)[i]);
  }
  return out;
}

Result<StreamPosition> end_of_log(log::Log& log) { return ranges(log, &log::OffsetRange::end); }
Result<StreamPosition> begin_of_log(log::Log& log) { return ranges(log, &log::OffsetRange::begin); }

}  // namespace vigie::indexer::api
