#include "extractor/commands/phrase_mine.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "platform/text/matchable.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::commands {
namespace {

constexpr std::size_t kDocumentBytes = 4096;  // title and lead and a little more say the subject
constexpr std::size_t kMostWords = 3;
constexpr std::size_t kLeastCharacters = 2;
constexpr std::size_t kMostCharacters = 6;
constexpr std::size_t kLeastNear = 2;      // a phrase of one document says nothing
constexpr double kMostElsewhere = 0.05;    // of all other documents: more is a common phrase
constexpr std::size_t kContextBytes = 60;  // of an example, on each side
constexpr std::size_t kLookedAt = 20;      // candidates for each phrase that is wanted

/// A piece of a text: a word, a character of a script without spaces, or a sign.
struct Piece {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  text::Standing standing = text::Standing::kSign;
};

std::vector<Piece> pieces_of(const std::string& laid) {
  std::vector<Piece> out;
  for (std::size_t at = 0; at < laid.size();) {
    if (laid[at] == ' ') {
      ++at;
      continue;
    }
    Piece piece;
    piece.begin = static_cast<std::uint32_t>(at);
    piece.standing = text::standing_of(text::next_code_point(laid, at));
    if (piece.standing == text::Standing::kWord) at = std::min(laid.find(' ', at), laid.size());
    piece.end = static_cast<std::uint32_t>(at);
    out.push_back(piece);
  }
  return out;
}

/// A hash whose last hexadecimal digit is the number of pieces.
std::uint64_t hash_of(std::string_view bytes, std::size_t pieces) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return (hash & ~std::uint64_t{15}) | pieces;
}
std::size_t pieces_of_hash(std::uint64_t hash) { return hash & 15; }

bool joins(const Piece& a, const Piece& b) {
  return a.standing == b.standing && a.standing != text::Standing::kSign;
}

/// Calls `each` for every phrase of a text that was laid out: its place.
template <class Each>
void for_phrases(const std::string& laid, Each&& each) {
  const std::vector<Piece> pieces = pieces_of(laid);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].standing == text::Standing::kSign) continue;
    const bool unspaced = pieces[i].standing == text::Standing::kUnspaced;
    const std::size_t least = unspaced ? kLeastCharacters : 1;
    const std::size_t most = unspaced ? kMostCharacters : kMostWords;
    for (std::size_t n = 1; n <= most && i + n <= pieces.size(); ++n) {
      if (n > 1 && !joins(pieces[i + n - 2], pieces[i + n - 1])) break;
      if (n >= least) each(pieces[i].begin, pieces[i + n - 1].end, n);
    }
  }
}

/// Words, or pairs of characters.
template <class Each>
void for_words(const std::string& laid, Each&& each) {
  const std::vector<Piece> pieces = pieces_of(laid);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].standing == text::Standing::kWord) each(pieces[i].begin, pieces[i].end, 1);
    if (pieces[i].standing == text::Standing::kUnspaced && i + 1 < pieces.size() &&
        joins(pieces[i], pieces[i + 1]))
      each(pieces[i].begin, pieces[i + 1].end, 2);
  }
}

template <class ForEach>
std::vector<std::uint64_t> hashes_of(const std::string& laid, ForEach&& for_each) {
  std::vector<std::uint64_t> out;
  for_each(laid, [&](std::uint32_t begin, std::uint32_t end, std::size_t pieces) {
    out.push_back(hash_of(std::string_view(laid).substr(begin, end - begin), pieces));
  });
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// Dunning's G² of a phrase in `a` of `all_a` documents and in `b` of `all_b` others.
double log_likelihood(double a, double all_a, double b, double all_b) {
  const double share = (a + b) / (all_a + all_b);
  const auto term = [](double seen, double expected) {
    return seen > 0 && expected > 0 ? seen * std::log(seen / expected) : 0;
  };
  return 2 * (term(a, all_a * share) + term(all_a - a, all_a * (1 - share)) +
              term(b, all_b * share) + term(all_b - b, all_b * (1 - share)));
}

/// The phrase with this hash in a text, with what stands around it.
bool show(const std::string& text, std::uint64_t hash, MinedPhrase& out) {
  const text::Matchable made = text::matchable(text);
  bool found = false;
  for_phrases(made.text, [&](std::uint32_t begin, std::uint32_t end, std::size_t pieces) {
    if (found || hash_of(std::string_view(made.text).substr(begin, end - begin), pieces) != hash)
      return;
    found = true;
    const auto [from, to] = text::source_span(text, made, begin, end);
    out.phrase = text::collapse_spaces(std::string_view(text).substr(from, to - from));
    const auto is_inside = [&](std::size_t at) {
      return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    };
    std::size_t left = from - std::min<std::size_t>(from, kContextBytes);
    while (is_inside(left)) ++left;
    std::size_t right = std::min<std::size_t>(text.size(), to + kContextBytes);
    while (is_inside(right)) ++right;
    out.example = text::collapse_spaces(std::string_view(text).substr(left, right - left));
  });
  return found;
}

}  // namespace

void PhraseMine::add(std::string text) {
  Document document;
  document.text = text::prefix(text, kDocumentBytes);
  const std::string laid = text::matchable(document.text).text;
  const auto words = [](const std::string& of, auto&& each) { for_words(of, each); };
  const auto phrases = [](const std::string& of, auto&& each) { for_phrases(of, each); };
  document.words = hashes_of(laid, words);
  document.phrases = hashes_of(laid, phrases);
  for (const std::uint64_t word : document.words) holders_[word] += 1;
  documents_.push_back(std::move(document));
}

std::vector<double> PhraseMine::likeness(const std::vector<std::string>& texts) const {
  std::unordered_map<std::uint64_t, double> wanted;
  for (const std::string& text : texts) {
    const std::string laid = text::matchable(text).text;
    for_words(laid, [&](std::uint32_t begin, std::uint32_t end, std::size_t pieces) {
      wanted[hash_of(std::string_view(laid).substr(begin, end - begin), pieces)] += 1;
    });
  }
  const auto idf = [&](std::uint64_t word) {
    const auto place = holders_.find(word);
    return std::log((1.0 + static_cast<double>(documents_.size())) /
                    (1.0 + (place == holders_.end() ? 0 : place->second)));
  };
  double length = 0;
  for (auto& [word, weight] : wanted) {
    weight *= idf(word);
    length += weight * weight;
  }
  std::vector<double> out;
  for (const Document& document : documents_) {
    double product = 0;
    double own = 0;
    for (const std::uint64_t word : document.words) {
      const double weight = idf(word);
      own += weight * weight;
      if (const auto place = wanted.find(word); place != wanted.end())
        product += weight * place->second;
    }
    out.push_back(own > 0 && length > 0 ? product / std::sqrt(own * length) : 0);
  }
  return out;
}

/// Phrases of the documents chosen that stand there more often than elsewhere, best first.
std::vector<PhraseMine::Candidate> PhraseMine::candidates_of(const std::vector<std::size_t>& chosen,
                                                             std::size_t most) const {
  std::unordered_map<std::uint64_t, Candidate> counted;
  std::vector<bool> is_chosen(documents_.size());
  for (const std::size_t document : chosen) {
    is_chosen[document] = true;
    for (const std::uint64_t phrase : documents_[document].phrases) ++counted[phrase].near;
  }
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    if (is_chosen[i]) continue;
    for (const std::uint64_t phrase : documents_[i].phrases) {
      if (const auto place = counted.find(phrase); place != counted.end())
        ++place->second.elsewhere;
    }
  }
  const auto near = static_cast<double>(chosen.size());
  const auto others = static_cast<double>(documents_.size() - chosen.size());
  std::vector<Candidate> candidates;
  for (auto& [hash, candidate] : counted) {
    const auto elsewhere = static_cast<double>(candidate.elsewhere);
    if (candidate.near < kLeastNear || elsewhere > kMostElsewhere * others) continue;
    if (static_cast<double>(candidate.near) * others <= elsewhere * near) continue;
    candidate.hash = hash;
    candidate.score = log_likelihood(static_cast<double>(candidate.near), near, elsewhere, others);
    candidates.push_back(candidate);
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    // Of phrases that say as much the longer comes first, and its parts are left out then.
    return std::make_tuple(-a.score, -static_cast<int>(pieces_of_hash(a.hash)), a.hash) <
           std::make_tuple(-b.score, -static_cast<int>(pieces_of_hash(b.hash)), b.hash);
  });
  if (candidates.size() > most) candidates.resize(most);
  return candidates;
}

std::vector<MinedPhrase> PhraseMine::phrases_of(
    const std::vector<std::size_t>& chosen, std::size_t limit,
    const std::function<bool(const std::string& phrase)>& is_new) const {
  const std::vector<Candidate> candidates = candidates_of(chosen, limit * kLookedAt);
  std::vector<MinedPhrase> out;
  std::vector<MinedPhrase> looked_at;
  for (const Candidate& candidate : candidates) {
    if (out.size() == limit) break;
    MinedPhrase phrase{{}, candidate.near, candidate.elsewhere, candidate.score, {}};
    const auto holder = std::find_if(chosen.begin(), chosen.end(), [&](std::size_t document) {
      const auto& phrases = documents_[document].phrases;
      return std::binary_search(phrases.begin(), phrases.end(), candidate.hash);
    });
    if (holder == chosen.end() || !show(documents_[*holder].text, candidate.hash, phrase)) continue;
    // A part of a phrase that stands nowhere else says no more than the phrase.
    const auto holds = [&](const MinedPhrase& other) {
      return other.near == phrase.near && other.phrase.find(phrase.phrase) != std::string::npos;
    };
    if (std::any_of(looked_at.begin(), looked_at.end(), holds)) continue;
    looked_at.push_back(phrase);
    if (is_new(phrase.phrase)) out.push_back(std::move(phrase));
  }
  return out;
}

}  // namespace vigie::extractor::commands
