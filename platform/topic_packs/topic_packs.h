#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/result/result.h"

/// Topic packs: what articles are tagged with, as declared in YAML (ops/topics/README.md describes
/// the format).
namespace vigie::topic_packs {

/// One complaint of the linter.
struct Problem {
  std::string file;      // path of the file inside the pack
  int line = 0;          // from 1
  int column = 0;        // from 1
  std::string message;   // what is wrong and what to write instead
  bool warning = false;  // worth a look; the pack loads all the same

  /// "FILE:LINE:COL: message", "FILE:LINE:COL: warning: message".
  std::string to_string() const;
};

/// Language (ISO 639-1, or "any") and text, in the order of the file.
using LocalTexts = std::vector<std::pair<std::string, std::string>>;

/// A pattern that counts; platform/topic_packs/pattern.h reads its syntax.
struct Term {
  std::string language;  // ISO 639-1, or "any": counts whatever the language of the article
  std::string pattern;
  double weight = 1;
  bool sure = false;    // means the topic wherever it stands; alone in a title it is enough
  bool unseen = false;  // was met in no text yet; tools count it, tagging does not care
  int line = 0;
  int column = 0;
};

/// A text that must, or must not, get the tag.
struct Example {
  std::string language;  // ISO 639-1, or "any"
  std::string text;
  bool must = true;
  int line = 0;
  int column = 0;
  std::string file;
};

/// `weight` is added once if every one of `all` (topic and actor ids) was found by its own terms.
struct Combination {
  std::vector<std::string> all;
  double weight = 0;
};

struct Topic {
  std::string id;  // slug, never reused
  // ids that this topic had, or that were folded into it: searches and subscriptions may hold them
  std::vector<std::string> aliases;
  // topics of this pack that an article with this one has too, at the same level
  std::vector<std::string> parents;
  LocalTexts names;
  std::string definition;  // one sentence
  std::vector<Term> terms;
  std::vector<Term> context;   // `needs`: at least one must be in the article, where any are given
  std::vector<Term> excluded;  // `not`: terms that overlap one of these do not count
  std::vector<Term> veto;      // found in the article, the topic is not given
  std::vector<Combination> combinations;
  std::vector<Example> examples;
  std::string file;
  int line = 0;
  int column = 0;
};

struct Actor {
  std::string id;    // kind:slug
  std::string kind;  // country org body agency person product place law concept
  std::string qid;   // Wikidata, or empty where none is proven
  LocalTexts names;
  std::string definition;         // may be empty
  double weight = 1;              // of each occurrence; less for what only hints at the actor
  std::vector<Term> terms;        // names and other forms; `low` ones count half
  std::vector<Term> unsure;       // forms that count only where one of `context` is in the article
  std::vector<Term> short_forms;  // forms that count only where one of `terms` is in the article
  std::vector<Term> context;
  std::vector<Term> excluded;
  std::vector<Example> examples;
  std::string file;
  int line = 0;
  int column = 0;
};

/// Words that make a lone term believable: of artificial intelligence, of chips, of states.
struct Context {
  std::string name;  // slug
  std::vector<Term> terms;
};

/// Words that a term stands for by one name: "$chip".
struct WordClass {
  std::string name;  // slug
  std::vector<Term> terms;

  /// Whether it has words in this language, or such that count in every language.
  bool has_words_in(std::string_view language) const;
};

struct Pack {
  std::string name;
  // 12 hexadecimal digits of a hash of all its files: the same files give the same version
  std::string version;
  std::string description;
  std::vector<Topic> topics;  // in order of file name and place
  std::vector<Actor> actors;
  std::vector<Context> contexts;
  std::vector<WordClass> classes;

  const WordClass* find_class(std::string_view id) const;
  /// The topic with this id or alias.
  const Topic* find_topic(std::string_view id) const;
  const Actor* find_actor(std::string_view id) const;
  /// "name@version", as in ArticleRecord.pack.
  std::string label() const { return name + "@" + version; }
};

/// Name in a language, else in English, else the first, else the id.
std::string name_in(const LocalTexts& names, std::string_view language, std::string_view fallback);

/// Bounds of a pack; a pack is written by the operator, yet a slip must not eat the memory of a
/// service.
struct PackLimits {
  std::size_t file_bytes = 4ULL << 20;  // of one YAML file
  std::size_t files = 256;              // of one pack
  // patterns of one pack; the automaton of this many still compiles in seconds
  std::size_t terms = 200'000;
};

/// Files of a pack as bytes, for callers without a disk.
struct PackFile {
  std::string name;
  std::string text;
};

/// Reads a pack from its folder: pack.yaml, topics/*.yaml, actors/*.yaml. Reads the disk; keeps
/// nothing open. Errors: kStop bad_pack with the first problem and the number of the others; kStop
/// io.
Result<Pack> load_pack(const std::string& dir, const PackLimits& limits = {});
/// The same from memory. Total: any bytes give a pack or problems; none of them a warning.
Pack read_pack(const std::vector<PackFile>& files, std::vector<Problem>& problems,
               const PackLimits& limits = {});
/// All problems and warnings of the pack in `dir`, by file and place; without a problem it loads.
std::vector<Problem> lint(const std::string& dir, const PackLimits& limits = {});

/// The folders of packs among `dirs`: each that holds a pack.yaml, and each sub-folder that does;
/// sorted, each once. Errors: kStop no_pack, if one of `dirs` cannot be read or holds none.
Result<std::vector<std::string>> find_packs(const std::vector<std::string>& dirs);
Result<std::vector<Pack>> load_packs(const std::vector<std::string>& dirs,
                                     const PackLimits& limits = {});
/// Words that stand for two topics with weight 3 or more, neither of them the other's parent.
std::vector<Problem> shared_words(const Pack& pack);

/// Changes whenever a file of these packs is added, removed or written. For watchers. 0 where the
/// folders cannot be read.
std::uint64_t stamp_of(const std::vector<std::string>& dirs);

}  // namespace vigie::topic_packs
