#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "extractor/metadata/fields.h"

namespace vigie::extractor::metadata {

/// One value that one carrier gives for a field.
struct Claim {
  Field field{};
  std::string carrier;  // json-ld, meta:og:title, microdata, time, url, text, feed, …
  std::string value;    // as it would be stored
  int rank = 0;         // 1 is asked first
  bool chosen = false;
};

/// The claims of a page. Not thread-safe.
class Claims {
 public:
  /// With `all`, claims behind the winner are asked for and kept too (for people who want to know
  /// why); else only winners are.
  explicit Claims(bool all) : all_(all) {}

  bool keeps_all() const { return all_; }
  /// A value that was weighed against others, and whether it was taken. Empty ones are no claims.
  void note(Field field, std::string_view carrier, std::string_view value, bool chosen);
  std::vector<Claim> take() { return std::move(list_); }

 private:
  template <Field F>
  friend class FieldClaims;
  void add(Field field, std::string_view carrier, std::string_view value, int rank, bool chosen);

  bool all_;
  std::vector<Claim> list_;
};

/// A value in one line, as it is shown to people.
std::string shown(const std::string& value);
std::string shown(const std::vector<std::string>& values);
std::string shown(const std::optional<Date>& date);

/// The claims of one field, in the order of their rank: the first that is not empty wins and is
/// stored.
template <Field F>
class FieldClaims {
 public:
  FieldClaims(Claims& page, Of<F>& to) : page_(page), to_(to) {}

  /// Whether another value is of interest: none has won, or all are wanted.
  bool wants() const { return page_.keeps_all() || !won_; }
  bool won() const { return won_; }
  /// Of the winner; empty while there is none.
  const std::string& carrier() const { return carrier_; }

  void offer(std::string_view carrier, ValueOf<F> value) {
    const std::string line = shown(value);
    if (line.empty()) return;
    ++rank_;
    const bool wins = !std::exchange(won_, true);
    if (wins || page_.keeps_all()) page_.add(F, carrier, line, rank_, wins);
    if (!wins) return;
    to_ = Of<F>(std::move(value));
    carrier_ = carrier;
  }
  /// One more of a field that gathers what all carriers give.
  void gather(std::string_view carrier, std::string one) {
    page_.note(F, carrier, one, true);
    to_.push_back(std::move(one));
  }
  const Of<F>& value() const { return to_; }

 private:
  Claims& page_;
  Of<F>& to_;
  bool won_ = false;
  int rank_ = 0;
  std::string carrier_;
};

}  // namespace vigie::extractor::metadata
