#include "indexer/shard/leaf.h"

#include <algorithm>
#include <cmath>

#include "indexer/segments/coding.h"

namespace vigie::indexer {
namespace {

/// Documents without the rarer word between two that hold it, from which on they are looked at by
/// themselves.
constexpr std::uint32_t kFarAway = 512;

}  // namespace

Averages::Averages(const Statistics& statistics)
    : documents(static_cast<double>(std::max<std::uint64_t>(statistics.documents, 1))),
      length{std::max(1.0, static_cast<double>(statistics.length[0]) / documents),
             std::max(1.0, static_cast<double>(statistics.length[1]) / documents)} {}

Leaf::Leaf(const segments::Columns& columns, const Averages& averages, double frequency, bool title)
    : columns_(columns),
      averages_(averages),
      rarity_(std::log(1.0 + (averages.documents - frequency + 0.5) / (frequency + 0.5))),
      title_(title),
      formula_{{static_cast<float>(segments::kB / averages.length[0]),
                static_cast<float>(segments::kB / averages.length[1])},
               title ? 0.0F : 1.0F,
               static_cast<float>(rarity_ * (kK1 + 1))} {}

void Leaf::add_unit(const UnitWords& words) {
  units_.emplace_back();
  units_.back().reserve(words.lists.size());
  apart_ = apart_ && words.apart;
  double weight = 0;
  for (const UnitWord& word : words.lists) {
    double scale = 1;
    for (std::size_t field = 0; field < 2; ++field)
      scale = std::max(scale, averages_.length[field] / word.list.average[field]);
    units_.back().push_back(std::make_unique<Term>(word, scale));
    weight = words.apart ? std::max(weight, word.list.weight * scale)
                         : weight + word.list.weight * scale;
  }
  weight_ = std::min(weight_, weight);
}

Result<void> Leaf::count(const UnitWords& words, const Bitmap& documents) {
  counted_.assign(columns_.documents(), {0, 0});
  for (const UnitWord& word : words.lists) {
    Cursor cursor(word.list);
    for (std::uint32_t part = 0; part < cursor.parts(); ++part) {
      VIGIE_TRY(cursor.load(part));
      VIGIE_TRY(cursor.load_frequencies());
      const segments::Unpacked& found = cursor.unpacked();
      for (std::uint32_t i = 0; i < found.count; ++i) {
        if (!documents.has(found.documents[i])) continue;
        for (std::size_t field = 0; field < 2; ++field)
          counted_[found.documents[i]][field] += found.frequencies[field][i];
      }
    }
  }
  return {};
}

Result<double> Leaf::most_within(std::uint32_t begin, std::uint32_t& end) {
  double least = weight_;
  for (Unit& unit : units_) {
    double weight = 0;
    for (const auto& term : unit) {
      VIGIE_ASSIGN(const double one, term_within(*term, begin, end));
      weight = together(weight, one);
    }
    least = std::min(least, weight);
  }
  return score_of(least);
}

double Leaf::most_between(std::uint32_t begin, std::uint32_t end) {
  double least = weight_;
  for (Unit& unit : units_) {
    double weight = 0;
    for (const auto& term : unit) {
      Cursor& cursor = term->cursor;
      if (!cursor.skip_to(begin)) continue;
      double one = 0;
      for (std::uint32_t part = cursor.part(); part < cursor.parts(); ++part) {
        one = std::max(one, cursor.weight(part));
        if (cursor.last(part) >= end) break;
      }
      weight = together(weight, one * term->scale);
    }
    least = std::min(least, weight);
  }
  return score_of(least);
}

Result<double> Leaf::term_within(Term& term, std::uint32_t begin, std::uint32_t& end) {
  Cursor& cursor = term.cursor;
  if (!cursor.skip_to(begin)) return 0.0;
  const double weight = cursor.weight(cursor.part()) * term.scale;
  if (cursor.part() + 1 < cursor.parts()) {
    end = std::min(end, cursor.last(cursor.part()));
    return weight;
  }
  // The last part of a rare word reaches over all documents that are left, and holds few.
  VIGIE_TRY(cursor.load());
  std::uint32_t place = 0;
  cursor.find(begin, place);
  const segments::Unpacked& found = cursor.unpacked();
  if (place == found.count) return 0.0;
  if (found.documents[place] > begin + kFarAway) {
    end = std::min(end, found.documents[place] - 1);
    return 0.0;
  }
  while (place + 1 < found.count && found.documents[place + 1] <= end &&
         found.documents[place + 1] - found.documents[place] <= kFarAway)
    ++place;
  end = std::min(end, found.documents[place]);
  return weight;
}

Result<void> Leaf::add_bounds(std::uint32_t base, std::uint32_t begin, std::uint32_t end,
                              float* sums) {
  if (!counted_.empty()) {
    for (std::uint32_t document = begin; document <= end; ++document)
      sums[document - base] += static_cast<float>(score_of(counted_[document], document));
    return {};
  }
  if (units_.empty()) return {};
  for (const auto& term : units_[0]) {
    if (term->cursor.at_end()) continue;
    if (!bound_part(*term)) return segments::corrupt("posting block");
    const segments::Unpacked& found = term->cursor.unpacked();
    std::uint32_t i = 0;
    if (found.documents[0] < begin) term->cursor.find(begin, i);
    for (; i < found.count && found.documents[i] <= end; ++i)
      sums[found.documents[i] - base] += term->scores[i];
  }
  return {};
}

double Leaf::bound_of(std::uint32_t document) {
  if (!counted_.empty()) return score_of(counted_[document], document);
  double least = weight_;
  for (Unit& unit : units_) {
    double weight = 0;
    for (const auto& term : unit) {
      Cursor& cursor = term->cursor;
      if (!counts_in(*term, document) || !cursor.may_hold(document) || !cursor.skip_to(document))
        continue;
      weight = together(weight, cursor.weight(cursor.part()) * term->scale);
    }
    least = std::min(least, weight);
  }
  return score_of(least);
}

bool Leaf::may_hold(std::uint32_t document) {
  if (!counted_.empty()) return true;
  return std::all_of(units_.begin(), units_.end(), [&](Unit& unit) {
    return std::any_of(unit.begin(), unit.end(), [&](const auto& term) {
      Cursor& cursor = term->cursor;
      if (!counts_in(*term, document) || !cursor.may_hold(document) || !cursor.skip_to(document))
        return false;
      std::uint32_t place = 0;
      return !cursor.ready() || cursor.find(document, place);
    });
  });
}

double Leaf::score(std::uint32_t document) {
  segments::Frequencies counts{0, 0};
  if (!counted_.empty()) counts = counted_[document];
  // A run of words counts as often as its rarest word.
  for (std::size_t unit = 0; unit < units_.size(); ++unit) {
    segments::Frequencies its{0, 0};
    for (const auto& term : units_[unit]) {
      if (!add_counts(*term, document, its)) return std::numeric_limits<double>::quiet_NaN();
    }
    for (std::size_t field = 0; field < 2; ++field)
      counts[field] = unit == 0 ? its[field] : std::min(counts[field], its[field]);
  }
  return score_of(counts, document);
}

double Leaf::score_of(const segments::Frequencies& found, std::uint32_t document) const {
  segments::Frequencies counts = found;
  if (title_) counts[1] = 0;
  const double weight = segments::weight_of(
      counts, {columns_.length[0][document], columns_.length[1][document]}, averages_.length);
  return weight > 0 ? rarity_ * weight * (kK1 + 1) / (kK1 + weight) : 0.0;
}

double Leaf::score_of(double weight) const {
  return std::isinf(weight) ? rarity_ * (kK1 + 1) : rarity_ * (kK1 + 1) * weight / (kK1 + weight);
}

bool Leaf::add_counts(Term& term, std::uint32_t document, segments::Frequencies& counts) {
  Cursor& cursor = term.cursor;
  if (!counts_in(term, document) || !cursor.skip_to(document)) return true;
  if (!cursor.ready()) return false;
  std::uint32_t place = 0;
  if (!cursor.find(document, place)) return true;
  if (!cursor.frequencies_ready()) return false;
  for (std::size_t field = 0; field < 2; ++field)
    counts[field] += cursor.unpacked().frequencies[field][place];
  return true;
}

bool Leaf::open_part(std::size_t word, std::uint32_t part, Part& out) {
  Term& term = *units_[0][word];
  if (!term.cursor.go_to(part) || !bound_part(term)) return false;
  out = {term.cursor.unpacked().documents, term.scores, term.cursor.unpacked().count};
  return true;
}

void Leaf::rewind() {
  for (Unit& unit : units_) {
    for (const auto& term : unit) term->cursor.rewind();
  }
}

bool Leaf::bound_part(Term& term) {
  Cursor& cursor = term.cursor;
  if (term.scored == cursor.part()) return true;
  if (!cursor.ready() || !cursor.frequencies_ready()) return false;
  const segments::Unpacked& found = cursor.unpacked();
  BlockLengths lengths;
  const std::uint32_t* const title = columns_.length[0].data();
  const std::uint32_t* const text = columns_.length[1].data();
  for (std::uint32_t i = 0; i < found.count; ++i) {
    lengths.title[i] = title[found.documents[i]];
    lengths.text[i] = text[found.documents[i]];
  }
  score_block(found, lengths, formula_, term.scores);
  if (term.stems != kEveryStem) {
    for (std::uint32_t i = 0; i < found.count; ++i) {
      if (!counts_in(term, found.documents[i])) term.scores[i] = 0;
    }
  }
  term.scored = cursor.part();
  return true;
}

}  // namespace vigie::indexer
