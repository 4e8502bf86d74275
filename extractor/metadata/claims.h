#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vigie::extractor::metadata {

/// One value that one carrier gives for a field.
struct Claim {
  std::string field;    // title, authors, published, …
  std::string carrier;  // json-ld, meta:og:title, microdata, time, url, text, feed, …
  std::string value;    // as it would be stored
  int rank = 0;         // 1 is asked first
  bool chosen = false;
};

/// The claims of a page, field by field. A resolver begins a field and offers values in the order
/// of their rank; the first one that is not empty wins. Not thread-safe.
class Claims {
 public:
  /// With `all`, claims behind the winner are asked for and kept too (for people who want to know
  /// why); else only winners are.
  explicit Claims(bool all) : all_(all) {}

  void begin(std::string_view field);
  /// Whether another value of the field is of interest: none has won, or all are wanted.
  bool wants() const { return all_ || !won_; }
  /// True if this value wins.
  bool offer(std::string_view carrier, std::string_view value);
  /// A value that a resolver weighed against others on its own, and whether it took it.
  void note(std::string_view field, std::string_view carrier, std::string_view value, bool chosen);

  bool keeps_all() const { return all_; }
  bool won() const { return won_; }
  std::vector<Claim> take() { return std::move(list_); }

 private:
  bool all_;
  bool won_ = false;
  int rank_ = 0;
  std::string field_;
  std::vector<Claim> list_;
};

}  // namespace vigie::extractor::metadata
