#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vigie::extractor::commands {

/// A phrase that stands in some documents more often than in the others.
struct MinedPhrase {
  std::string phrase;         // as the text has it
  std::size_t near = 0;       // documents of the chosen ones that hold it
  std::size_t elsewhere = 0;  // of the others
  double score = 0;           // Dunning's log-likelihood ratio
  std::string example;        // text around it
};

/// Documents of one language, made ready to compare. Not thread-safe.
class PhraseMine {
 public:
  void add(std::string text);
  std::size_t size() const { return documents_.size(); }

  /// How like each document is to the texts together: cosine of tf-idf over words, or over pairs of
  /// characters in scripts without spaces. 0 to 1.
  std::vector<double> likeness(const std::vector<std::string>& texts) const;
  /// The best phrases of one to three words, or two to six characters, of the documents named, of
  /// which `is_new` holds.
  std::vector<MinedPhrase> phrases_of(
      const std::vector<std::size_t>& chosen, std::size_t limit,
      const std::function<bool(const std::string& phrase)>& is_new) const;

 private:
  struct Document {
    std::string text;
    std::vector<std::uint64_t> words;    // sorted, each once
    std::vector<std::uint64_t> phrases;  // sorted, each once
  };
  struct Candidate {
    std::uint64_t hash = 0;
    std::size_t near = 0;
    std::size_t elsewhere = 0;
    double score = 0;
  };
  std::vector<Candidate> candidates_of(const std::vector<std::size_t>& chosen,
                                       std::size_t most) const;

  std::vector<Document> documents_;
  std::unordered_map<std::uint64_t, double> holders_;  // documents that hold a word
};

}  // namespace vigie::extractor::commands
