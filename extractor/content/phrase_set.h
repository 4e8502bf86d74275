#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::extractor::content {

/// Phrases that are looked for anywhere in a line, all in one pass: by the hash of their first four
/// bytes. A phrase of fewer bytes is left out. May be read by several threads at once.
class PhraseSet {
 public:
  template <class List>
  explicit PhraseSet(const List& phrases) : by_hash_(kSlots) {
    for (const auto& phrase : phrases) add(std::string(phrase));
  }

  bool stand_in(std::string_view line) const {
    for (std::size_t at = 0; at + kPrefix <= line.size(); ++at) {
      const std::size_t hash = hash_of(line.data() + at);
      if (!begins_.test(hash)) continue;
      for (const std::string& phrase : by_hash_[hash]) {
        if (line.substr(at, phrase.size()) == phrase) return true;
      }
    }
    return false;
  }

 private:
  static constexpr std::size_t kSlots = 8192;
  static constexpr std::size_t kPrefix = 4;

  static std::size_t hash_of(const char* four) {
    std::uint32_t bytes = 0;
    std::memcpy(&bytes, four, kPrefix);
    return (bytes * 2654435761U) >> 19U;
  }

  void add(std::string phrase) {
    if (phrase.size() < kPrefix) return;
    const std::size_t hash = hash_of(phrase.data());
    begins_.set(hash);
    by_hash_[hash].push_back(std::move(phrase));
  }

  std::bitset<kSlots> begins_;
  std::vector<std::vector<std::string>> by_hash_;
};

}  // namespace vigie::extractor::content
