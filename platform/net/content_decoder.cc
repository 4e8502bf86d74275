#include "platform/net/content_decoder.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "platform/text/ascii.h"

namespace vigie::net {
namespace {

constexpr std::size_t kChunkBytes = 16 << 10;
/// So many bytes are held back until it is known whether they are coded at all: a wrong label shows
/// within far fewer.
constexpr std::size_t kProbationBytes = 4096;

enum class Coding { kGzip, kDeflate, kBrotli, kZstd };

std::optional<Coding> coding_of(std::string_view token) {
  const std::string name = text::ascii::lower(text::ascii::trim(token));
  if (name == "gzip" || name == "x-gzip") return Coding::kGzip;
  if (name == "deflate" || name == "x-deflate") return Coding::kDeflate;
  if (name == "br") return Coding::kBrotli;
  if (name == "zstd") return Coding::kZstd;
  return std::nullopt;
}

unsigned char byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

/// How far a codec came with what it was given.
enum class Progress { kMore, kEnded, kBroken, kEnough };

/// One coding's library.
class Codec {
 public:
  virtual ~Codec() = default;
  /// Decodes all of `bytes`. kEnded: the coded bytes are over, and the rest is passed over.
  virtual Progress take(std::string_view bytes, const ContentDecoder::Sink& out) = 0;
  /// Whether the coded bytes may end here.
  virtual bool complete() const = 0;
};

/// gzip, zlib and bare deflate.
class Inflater final : public Codec {
 public:
  explicit Inflater(int window_bits) : members_(window_bits > MAX_WBITS) {
    good_ = inflateInit2(&stream_, window_bits) == Z_OK;
  }
  ~Inflater() override {
    if (good_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  Progress take(std::string_view bytes, const ContentDecoder::Sink& out) override {
    if (!good_) return Progress::kBroken;
    while (!bytes.empty()) {
      if (between_) {
        if (!members_ || !begins_member(bytes)) return Progress::kEnded;
        if (magic_ < kMagic.size()) return Progress::kMore;
        start_member();
        std::string_view magic = kMagic;
        inflate_some(magic, out);
        continue;
      }
      if (const Progress progress = inflate_some(bytes, out); progress != Progress::kMore)
        return progress;
    }
    return Progress::kMore;
  }
  bool complete() const override { return between_; }

 private:
  static constexpr std::string_view kMagic = "\x1f\x8b";

  /// RFC 1952 §2.2: members follow each other. Takes the bytes that may begin the next.
  bool begins_member(std::string_view& bytes) {
    for (; magic_ < kMagic.size() && !bytes.empty(); ++magic_, bytes.remove_prefix(1)) {
      if (bytes.front() != kMagic[magic_]) return false;
    }
    return true;
  }
  void start_member() {
    inflateReset(&stream_);
    between_ = false;
    magic_ = 0;
    ++members_done_;
  }

  Progress inflate_some(std::string_view& bytes, const ContentDecoder::Sink& out) {
    std::array<char, kChunkBytes> room;
    // zlib takes a pointer to bytes that it does not change.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    for (;;) {
      stream_.next_out = reinterpret_cast<Bytef*>(room.data());
      stream_.avail_out = static_cast<uInt>(room.size());
      const int result = inflate(&stream_, Z_NO_FLUSH);
      const std::size_t made = room.size() - stream_.avail_out;
      bytes.remove_prefix(bytes.size() - stream_.avail_in);
      if (made > 0 && !out({room.data(), made})) return Progress::kEnough;
      if (result == Z_STREAM_END) {
        between_ = true;
        return Progress::kMore;
      }
      if (result == Z_DATA_ERROR) return after_error();
      if (result != Z_OK && result != Z_BUF_ERROR) return Progress::kBroken;
      if (stream_.avail_out > 0) return Progress::kMore;
    }
  }

  /// A wrong checksum at the end spoils nothing, as in browsers; what only looks like a further
  /// member is what stands behind.
  Progress after_error() {
    const std::string_view why = stream_.msg == nullptr ? "" : stream_.msg;
    const bool at_the_end = why == "incorrect data check" || why == "incorrect length check";
    if (!at_the_end && (members_done_ == 0 || stream_.total_out > 0)) return Progress::kBroken;
    between_ = true;
    return Progress::kEnded;
  }

  z_stream stream_{};
  bool members_;
  bool good_ = false;
  bool between_ = false;  // behind the end of a member
  std::size_t magic_ = 0;
  int members_done_ = 0;
};

class Brotli final : public Codec {
 public:
  Progress take(std::string_view bytes, const ContentDecoder::Sink& out) override {
    std::array<std::uint8_t, kChunkBytes> room;
    std::size_t left = bytes.size();
    const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    for (;;) {
      std::size_t free = room.size();
      std::uint8_t* at = room.data();
      const auto result =
          BrotliDecoderDecompressStream(state_.get(), &left, &in, &free, &at, nullptr);
      const std::size_t made = room.size() - free;
      if (made > 0 && !out({reinterpret_cast<const char*>(room.data()), made}))
        return Progress::kEnough;
      complete_ = result == BROTLI_DECODER_RESULT_SUCCESS;
      if (complete_) return Progress::kEnded;
      if (result == BROTLI_DECODER_RESULT_ERROR) return Progress::kBroken;
      if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) return Progress::kMore;
    }
  }
  bool complete() const override { return complete_; }

 private:
  struct Free {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliDecoderState, Free> state_{
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)};
  bool complete_ = false;
};

class Zstd final : public Codec {
 public:
  Zstd() {
    // RFC 9659: no window above 8 MB in responses of the web.
    ZSTD_DCtx_setParameter(state_.get(), ZSTD_d_windowLogMax, kWindowLog);
  }

  Progress take(std::string_view bytes, const ContentDecoder::Sink& out) override {
    std::array<char, kChunkBytes> room;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer made{room.data(), room.size(), 0};
      const std::size_t result = ZSTD_decompressStream(state_.get(), &made, &in);
      if (ZSTD_isError(result) != 0) return complete_ ? Progress::kEnded : Progress::kBroken;
      if (made.pos > 0 && !out({room.data(), made.pos})) return Progress::kEnough;
      complete_ = result == 0;
      if (in.pos == in.size && made.pos < made.size) return Progress::kMore;
    }
  }
  bool complete() const override { return complete_; }

 private:
  static constexpr int kWindowLog = 23;
  struct Free {
    void operator()(ZSTD_DCtx* state) const { ZSTD_freeDCtx(state); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> state_{ZSTD_createDCtx()};
  bool complete_ = false;
};

/// Whether bytes begin as those of a coding do. Bare deflate and br have no such beginning.
bool may_begin(Coding coding, std::string_view bytes) {
  switch (coding) {
    case Coding::kGzip: return bytes.starts_with("\x1f\x8b");
    case Coding::kZstd:
      return bytes.size() >= 4 &&
             (bytes.starts_with("\x28\xb5\x2f\xfd") ||
              ((byte_at(bytes, 0) & 0xF0U) == 0x50 && bytes.substr(1, 3) == "\x2a\x4d\x18"));
    case Coding::kDeflate:
    case Coding::kBrotli: break;
  }
  return true;
}

/// RFC 1950 §2.2.
bool begins_like_zlib(std::string_view bytes) {
  return bytes.size() >= 2 && (byte_at(bytes, 0) & 0x0FU) == Z_DEFLATED &&
         (byte_at(bytes, 0) * 256U + byte_at(bytes, 1)) % 31 == 0;
}

std::unique_ptr<Codec> make_codec(Coding coding, std::string_view bytes) {
  constexpr int kGzipBits = MAX_WBITS + 16;
  switch (coding) {
    case Coding::kGzip: return std::make_unique<Inflater>(kGzipBits);
    case Coding::kDeflate:
      return std::make_unique<Inflater>(begins_like_zlib(bytes) ? MAX_WBITS : -MAX_WBITS);
    case Coding::kZstd: return std::make_unique<Zstd>();
    case Coding::kBrotli: break;
  }
  return std::make_unique<Brotli>();
}

}  // namespace

/// Holds the first bytes back until they show whether they are coded.
class ContentDecoder::Stage {
 public:
  explicit Stage(Coding coding) : coding_(coding) {}

  bool take(std::string_view bytes, const Sink& out) {
    switch (mode_) {
      case Mode::kPlain: return out(bytes);
      case Mode::kOver: return true;
      case Mode::kDecoding: return go_on(codec_->take(bytes, out));
      case Mode::kProbation: break;
    }
    held_.append(bytes);
    return held_.size() < kProbationBytes || decide(out);
  }

  /// False: the sink has enough.
  bool finish(const Sink& out) {
    const bool enough = mode_ == Mode::kProbation && !held_.empty() && !decide(out);
    if (mode_ == Mode::kDecoding) complete_ = codec_->complete();
    return !enough;
  }
  bool complete() const { return complete_; }

 private:
  enum class Mode { kProbation, kDecoding, kPlain, kOver };

  bool go_on(Progress progress) {
    if (progress == Progress::kEnough) return false;
    if (progress == Progress::kMore) return true;
    mode_ = Mode::kOver;
    complete_ = progress == Progress::kEnded;
    return true;
  }

  bool decide(const Sink& out) {
    const std::string held = std::exchange(held_, {});
    if (may_begin(coding_, held)) {
      codec_ = make_codec(coding_, held);
      // By its mark, or because so much came of it.
      bool sure = coding_ == Coding::kGzip || coding_ == Coding::kZstd;
      bool given = false;
      std::string first;
      const Progress progress = codec_->take(held, [&](std::string_view bytes) {
        first += bytes;
        sure = sure || first.size() >= kConvincingBytes;
        given = given || sure;
        return !sure || out(std::exchange(first, {}));
      });
      if (progress != Progress::kBroken || given) {
        mode_ = Mode::kDecoding;
        return (first.empty() || out(first)) && go_on(progress);
      }
    }
    mode_ = Mode::kPlain;
    return out(held);
  }

  /// No text becomes so long by an error.
  static constexpr std::size_t kConvincingBytes = 64 << 10;

  Coding coding_;
  Mode mode_ = Mode::kProbation;
  bool complete_ = true;
  std::string held_;
  std::unique_ptr<Codec> codec_;
};

ContentDecoder::ContentDecoder(std::string_view codings, std::size_t most_between, Sink sink)
    : sink_(std::move(sink)) {
  std::vector<Coding> known;
  for (;;) {
    const std::size_t comma = codings.find(',');
    if (const auto coding = coding_of(codings.substr(0, comma))) known.push_back(*coding);
    if (comma == std::string_view::npos) break;
    codings.remove_prefix(comma + 1);
  }
  too_many_ = known.size() > kMaxCodings;
  if (too_many_) return;
  // The one that was named last was done last (RFC 9110 §8.4).
  for (auto coding = known.rbegin(); coding != known.rend(); ++coding)
    stages_.push_back(std::make_unique<Stage>(*coding));
  for (std::size_t i = stages_.size(); i-- > 0;) {
    const bool last = i + 1 == stages_.size();
    outlets_.insert(
        outlets_.begin(), last ? sink_ : Sink([this, i, most_between](std::string_view bytes) {
          between_bytes_ += bytes.size();
          return between_bytes_ <= most_between && stages_[i + 1]->take(bytes, outlets_[i + 1]);
        }));
  }
}

ContentDecoder::~ContentDecoder() = default;

bool ContentDecoder::take(std::string_view bytes) {
  return stages_.empty() ? sink_(bytes) : stages_.front()->take(bytes, outlets_.front());
}

bool ContentDecoder::finish() {
  bool complete = true;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    if (!stages_[i]->finish(outlets_[i])) return true;  // cut: what follows does not count
    complete = complete && stages_[i]->complete();
  }
  return complete;
}

}  // namespace vigie::net
