#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"
#include "platform/topic_packs/topic_packs.h"

namespace vigie::v1 {
class ArticleRecord;
}

namespace vigie::extractor::tagging {

struct EvidenceSpan {
  bool in_title = false;
  std::uint32_t offset = 0;  // UTF-8 bytes of the title or of the text exactly as given
  std::uint32_t length = 0;
  std::string rule;  // language/pattern of the pack
};

struct TagFound {
  std::string id;
  bool about = false;                  // else mention
  double score = 0;                    // > 0, finite, two decimals
  std::vector<EvidenceSpan> evidence;  // 1 to 64, title first, then by offset
};

struct TagResult {
  std::vector<TagFound> topics;  // by descending score, then id
  std::vector<TagFound> actors;
};

/// Evidence kept of one tag: pages show a few, an article repeats its subject often.
inline constexpr std::size_t kEvidenceOfTag = 64;

/// Tags texts with the topics and actors of all packs by one Vectorscan pass over the folded title
/// and text. Immutable and thread-safe: each thread has its own scratch.
class Tagger {
 public:
  /// Loads every pack found in `topics_dirs` and compiles the automaton (≤ 5 s).
  /// Errors: kStop bad_pack, no_pack, io, automaton; `where` is the place in the pack.
  static Result<std::shared_ptr<const Tagger>> load(const std::vector<std::string>& topics_dirs);
  static Result<std::shared_ptr<const Tagger>> compile(std::vector<topic_packs::Pack> packs);
  ~Tagger();
  Tagger(const Tagger&) = delete;
  Tagger& operator=(const Tagger&) = delete;

  /// Fills topics, actors and pack of the record; its title and text must be valid UTF-8. Tags that
  /// were there are replaced.
  void tag(v1::ArticleRecord& article) const;
  /// In: valid UTF-8; `language` ISO 639-1, empty if unknown (then the terms of every language
  /// count).
  TagResult tag_text(std::string_view title, std::string_view text,
                     std::string_view language) const;

  const std::vector<topic_packs::Pack>& packs() const;
  /// "name@version" of each pack, comma separated.
  const std::string& label() const;
  /// Every literal of the automaton, folded; for the benchmark against a bare scan.
  std::vector<std::string> literals() const;

 private:
  struct Impl;
  explicit Tagger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::extractor::tagging
