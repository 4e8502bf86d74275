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

struct CompiledPacks;

struct EvidenceSpan {
  bool in_title = false;
  std::uint32_t offset = 0;  // UTF-8 bytes of the title or of the text exactly as given
  std::uint32_t length = 0;
  std::string rule;       // language/pattern of the pack
  bool together = false;  // of another tag, which counts together with others
  std::string child;      // of this topic, a part of the one that is tagged; empty: of itself
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

/// A place where a term matched, whether it counts or not.
struct HitExplained {
  bool in_title = false;
  std::uint32_t offset = 0;  // UTF-8 bytes of the title or of the text exactly as given
  std::uint32_t length = 0;
  std::string rule;       // language/pattern of the pack
  std::string_view role;  // term, unsure, short, needs, not, veto, context
  double weight = 0;
  bool sure = false;
  std::string_view fate;  // counts, or why it does not
};

/// What was found of a topic, an actor or a context, and what came of it.
struct TagExplained {
  std::string id;
  std::string_view sort;  // topic, actor, context
  double raw = 0;         // weights times places
  double score = 0;       // damped by the length of the text
  double standing = 0;    // of a topic: against the article's others; 0 if it is not given
  std::string_view why;   // the level with its reason, or why it is not given
  std::string child;      // the topic that the level is from, or empty
  std::vector<std::vector<std::string>> together;  // combinations that are complete
  std::vector<HitExplained> hits;
};

/// Evidence kept of one tag: pages show a few, an article repeats its subject often.
inline constexpr std::size_t kEvidenceOfTag = 64;

/// Tags texts with the topics and actors of all packs by one pass over title and text, each laid
/// out once. Immutable and thread-safe.
class Tagger {
 public:
  /// Loads every pack found in `topics_dirs` and compiles them (≤ 2 s).
  /// Errors: kStop bad_pack, no_pack, io; `where` is the place in the pack.
  static Result<std::shared_ptr<const Tagger>> load(const std::vector<std::string>& topics_dirs);
  static std::shared_ptr<const Tagger> compile(std::vector<topic_packs::Pack> packs);
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

  /// In: as tag_text. Every tag that something was found of, given or not: topics, actors,
  /// contexts, each in the order of the pack.
  std::vector<TagExplained> explain(std::string_view title, std::string_view text,
                                    std::string_view language) const;

  const std::vector<topic_packs::Pack>& packs() const;
  /// "name@version" of each pack, comma separated.
  const std::string& label() const;
  /// Every literal that is looked for, laid out; for the benchmark against a bare scan.
  std::vector<std::string> literals() const;

 private:
  explicit Tagger(std::unique_ptr<const CompiledPacks> packs);
  std::unique_ptr<const CompiledPacks> packs_;
};

}  // namespace vigie::extractor::tagging
