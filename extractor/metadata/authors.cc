#include "extractor/metadata/authors.h"

#include <algorithm>

#include "extractor/dom/document.h"
#include "extractor/metadata/author_words.h"
#include "extractor/metadata/plain_line.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostNameBytes = 80;     // of one name in a line
constexpr std::size_t kMostPersonBytes = 120;  // of a Person's name
constexpr std::size_t kMostWords = 6;
constexpr std::size_t kMostPersonWords = 10;
constexpr std::size_t kMostAuthors = 20;
constexpr std::size_t kMostLine = 400;  // bytes of what may name several

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!(text = text::trim(text)).empty()) {
    const std::size_t space = text.find(' ');
    out.push_back(text.substr(0, space));
    if (space == std::string_view::npos) break;
    text.remove_prefix(space);
  }
  return out;
}

std::size_t count_words(std::string_view text) { return words_of(text).size(); }

// "Mara H.", "Mara J.R.", "Анна В.": a full stop that belongs to the name.
bool ends_with_initial(std::string_view name) {
  if (name.size() < 3) return false;
  const auto before = static_cast<unsigned char>(name[name.size() - 2]);
  if (before < 0x80) return before < 'a' || before > 'z';
  const std::string_view word = name.substr(name.rfind(' ') + 1);  // npos + 1 is 0: all of it
  return text::count_code_points(word) <= 2 || word.find('.') + 1 < word.size();
}

std::string_view without_ends(std::string_view name) {
  while (!name.empty() && (name.back() == '.' || name.back() == ':' || name.back() == '-' ||
                           name.back() == '*' || name.back() == ',')) {
    if (name.back() == '.' && ends_with_initial(name)) break;
    name.remove_suffix(1);
  }
  while (!name.empty() && (name.front() == ':' || name.front() == '-' || name.front() == ','))
    name.remove_prefix(1);
  return text::trim(name);
}

// Whether a label ends with a word for "by": "by", "written by", "ein Kommentar von"; no "Text:".
bool says_by(std::string_view label) {
  label = text::trim(label);
  const std::string_view last = label.substr(label.rfind(' ') + 1);  // npos + 1 is 0: all of it
  return last == "by" || byline_particle(std::string(last) + " ") != 0;
}

// "By", "Written by", "Text:" in front of names; "Von", "Par", "Di" only where they cannot be a
// part of the name.
std::string_view without_prefix(std::string_view name, AuthorForm form, bool* by = nullptr) {
  bool said_by = false;
  for (bool changed = true; changed;) {
    changed = false;
    name = text::trim(name);
    const std::string lower = lower_in_place(name);
    const std::size_t label = byline_label(lower);
    // a Person called "By Hansen" has a given name that is also a label
    const bool is_given_name = form == AuthorForm::kPerson &&
                               lower.find(':') == std::string::npos &&
                               count_words(name.substr(label)) == 1;
    if (label != 0 && !is_given_name) {
      said_by = says_by(std::string_view(lower).substr(0, label));
      name = without_ends(name.substr(label));
      changed = true;
      continue;
    }
    // behind "By" a particle is of the name: "By De Wei"
    const bool of_name = said_by || form == AuthorForm::kPerson || form == AuthorForm::kCited;
    const std::size_t particle = of_name ? 0 : byline_particle(lower);
    if (particle == 0) continue;
    const std::string_view rest = text::trim(name.substr(particle));
    if (form == AuthorForm::kList && count_words(rest) < 2) continue;
    name = rest;
    changed = form == AuthorForm::kByline && byline_label(lower_in_place(rest)) != 0;
  }
  if (by != nullptr) *by = said_by;
  return name;
}

// A joint that is also a part of names ("Olmedo y Gascón", "von und zu") parts full names alone.
bool parts_names(std::string_view left, std::string_view right, const Joint& joint,
                 AuthorForm form) {
  if (joint.always) return true;
  const std::vector<std::string_view> before = words_of(left);
  const std::vector<std::string_view> behind =
      words_of(right.substr(0, right.find_first_of(",;|/")));
  if (before.empty() || behind.empty()) return true;
  if (is_particle(before.back()) || is_particle(behind.front())) return false;
  if (!joint.of_names) return true;
  return form != AuthorForm::kPerson && before.size() >= 2 && behind.size() >= 2;
}

std::vector<std::string> split_at_joints(std::string_view claim, AuthorForm form) {
  std::vector<std::string> parts{std::string(claim)};
  for (const Joint& joint : joints()) {
    std::vector<std::string> next;
    for (const std::string& part : parts) {
      std::size_t from = 0;
      const std::string lower = lower_in_place(part);
      for (std::size_t at = lower.find(joint.text); at != std::string::npos;
           at = lower.find(joint.text, at + joint.text.size())) {
        const std::string_view left = std::string_view(part).substr(from, at - from);
        const std::string_view right = std::string_view(part).substr(at + joint.text.size());
        if (!parts_names(left, right, joint, form)) continue;
        next.emplace_back(left);
        from = at + joint.text.size();
      }
      next.push_back(part.substr(from));
    }
    parts = std::move(next);
  }
  return parts;
}

bool is_capital(std::string_view word) {
  std::size_t offset = 0;
  const char32_t c = text::next_code_point(word, offset);
  return (c >= 'A' && c <= 'Z') || c >= 0xC0;
}

// "Lindqvist, Mara", "Von Kessel, Anna": the surname in front of a comma.
std::string last_first(std::string_view part, AuthorForm form) {
  const std::size_t comma = part.find(',');
  if (comma == std::string_view::npos || part.find(',', comma + 1) != std::string_view::npos)
    return {};
  const std::string_view last = text::trim(part.substr(0, comma));
  const std::string_view first = text::trim(part.substr(comma + 1));
  const std::vector<std::string_view> surname = words_of(last);
  const std::vector<std::string_view> given = words_of(first);
  if (surname.empty() || given.empty() || surname.size() > 4 || given.size() > 3) return {};
  if (is_suffix(first) || is_no_person(first) || has_role(first) || is_no_person(last) ||
      has_digit(part) || !is_capital(given.front()))
    return {};
  const bool plain = surname.size() == 1 || is_particle(surname.front());
  if (form == AuthorForm::kByline || (!plain && form != AuthorForm::kCited)) return {};
  return std::string(first) + " " + std::string(last);
}

// A comma joins names, or sets off a title or a place.
std::vector<std::string> split(std::string_view claim, AuthorForm form) {
  std::vector<std::string> out;
  for (const std::string& part : split_at_joints(claim, form)) {
    if (std::string turned = last_first(part, form); !turned.empty()) {
      out.push_back(std::move(turned));
      continue;
    }
    std::string_view rest = part;
    while (true) {
      const std::size_t comma = rest.find(',');
      out.emplace_back(text::trim(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return out;
}

// "Mara Holm - Reuters": what follows the dash is no person.
std::string_view without_agency(std::string_view name) {
  const std::size_t dash = name.find(" - ");
  if (dash == std::string_view::npos) return name;
  const std::string_view behind = text::trim(name.substr(dash + 3));
  return count_words(behind) < 2 || is_no_person(behind) || has_role(behind)
             ? text::trim(name.substr(0, dash))
             : name;
}

// "Mara Holm @mara", "Mara Holm mara@lookout.example": the name in front of the address.
std::string_view without_address(std::string_view name) {
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos) return name;
  const std::size_t space = name.substr(0, at).rfind(' ');
  return space == std::string_view::npos ? std::string_view{} : text::trim(name.substr(0, space));
}

// "Reporter Mara Holm", "unserem Korrespondenten Jan Weiß": two words or more behind a role.
std::string_view without_role_in_front(std::string_view name) {
  const std::vector<std::string_view> words = words_of(name);
  std::size_t first = 0;
  bool role = false;
  while (first < words.size() && first < 4 &&
         (has_role(words[first]) || is_role_rank(words[first]) || is_our(words[first]))) {
    role = role || has_role(words[first]);
    ++first;
  }
  if (!role || first + 2 > words.size()) return name;
  return name.substr(static_cast<std::size_t>(words[first].data() - name.data()));
}

// "Mara Holm in Taipei", "Mara Holm Senior Writer", "Mara Holm PhD": the name alone.
std::string without_place_and_role(std::string_view name, AuthorForm form) {
  const std::string lower = lower_in_place(name);
  std::size_t end = name.size();
  if (form != AuthorForm::kPerson) end = std::min(end, place_behind(lower));
  name = text::trim(name.substr(0, end));
  std::vector<std::string_view> words = words_of(name);
  std::size_t keep = words.size();
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (has_role(words[i])) {
      keep = i;
      while (keep > 2 && is_role_rank(words[keep - 1])) --keep;
      break;
    }
  }
  while (keep > 2 && is_degree(words[keep - 1])) --keep;
  // "Executive Content Editor", "Letters to the Editor" are nobody
  if (keep < words.size() && (is_role_rank(words[0]) || is_particle(words[keep - 1]) ||
                              text::ascii_iequals(words[keep - 1], "the")))
    return {};
  std::string out;
  for (std::size_t i = 0; i < keep; ++i) out += (i == 0 ? "" : " ") + std::string(words[i]);
  return out;
}

// Character references that were written twice: "Mara&nbsp;Holm".
std::string decoded_again(const std::string& claim) {
  const std::size_t reference = claim.find('&');
  return reference == std::string::npos || claim.find(';', reference) == std::string::npos
             ? claim
             : dom::decoded(claim, true);
}

bool holds_words(std::string_view text, std::string_view words) {
  for (std::size_t at = text.find(words); at != std::string_view::npos;
       at = text.find(words, at + 1)) {
    const std::size_t end = at + words.size();
    if ((at == 0 || text[at - 1] == ' ') && (end == text.size() || text[end] == ' ')) return true;
  }
  return false;
}

class Names {
 public:
  Names(std::string_view site_name, AuthorForm form)
      : form_(form), site_(lower_in_place(site_name)) {}

  // `said_by`: "by" stood in front, and what looks like it is of the name
  void add(std::string_view part, bool first, bool said_by) {
    std::string_view name = without_prefix(part, said_by ? AuthorForm::kCited : form_);
    // behind a name stands what its bearer is
    if (!first && (has_role(name) || begins_with_place(text::trim(part)))) return;
    const std::size_t paren = name.find_first_of("([<");
    if (paren != std::string_view::npos && is_credit_of_others(name.substr(paren + 1))) return;
    name = without_address(without_agency(text::trim(name.substr(0, paren))));
    name = without_role_in_front(name);
    const std::string clean(without_ends(without_place_and_role(without_ends(name), form_)));
    if (is_acceptable(clean, first)) take(clean);
  }
  void take(const std::string& name) {
    const std::string lower = lower_in_place(name);
    const bool known = std::any_of(out_.begin(), out_.end(), [&](const std::string& other) {
      return lower_in_place(other) == lower;
    });
    if (!known && out_.size() < kMostAuthors) out_.push_back(name);
  }
  std::vector<std::string> done() { return std::move(out_); }

 private:
  bool is_acceptable(std::string_view name, bool first) const {
    const bool person = form_ == AuthorForm::kPerson;
    const std::size_t words = count_words(name);
    if (name.size() < 3 || name.size() > (person ? kMostPersonBytes : kMostNameBytes) ||
        words > (person ? kMostPersonWords : kMostWords) || has_digit(name))
      return false;
    if (is_no_person(name) || name.find_first_of("?!:)") != std::string_view::npos) return false;
    // behind a comma a word alone is a place
    if (!first && words < 2 && static_cast<unsigned char>(name[0]) < 0x80) return false;
    const std::string lower = lower_in_place(name);
    return site_.empty() || (lower != site_ && (site_.size() <= 5 || !holds_words(lower, site_)));
  }
  AuthorForm form_;
  std::string site_;
  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> clean_authors(const std::vector<std::string>& claims,
                                       std::string_view site_name, AuthorForm form,
                                       std::string_view language) {
  Names names(site_name, form);
  for (const std::string& claim : claims) {
    const std::string whole = plain_line(decoded_again(claim));
    std::string_view line = text::prefix(whole, kMostLine);
    if (is_cjk_line(line)) {
      for (const std::string& name : cjk_names(line, language)) names.take(name);
      continue;
    }
    bool said_by = false;
    line = without_prefix(line, form, &said_by);
    line = line.substr(0, credit_of_others(lower_in_place(line)));
    bool first = true;
    for (const std::string& part : split(line, form)) {
      names.add(part, first, first && said_by);
      first = false;
    }
  }
  return names.done();
}

std::vector<std::string> clean_organisations(const std::vector<std::string>& claims) {
  std::vector<std::string> out;
  for (const std::string& claim : claims) {
    const std::string line = plain_line(claim);
    const std::string name(text::trim(without_prefix(line, AuthorForm::kPerson)));
    const std::string lower = lower_in_place(name);
    if (name.size() < 2 || name.size() > kMostNameBytes || count_words(name) > kMostWords) continue;
    if (is_account(name)) continue;
    if (lower.find("http") != std::string::npos || lower.find("www.") != std::string::npos ||
        lower.find('@') != std::string::npos)
      continue;
    if (std::find(out.begin(), out.end(), name) == out.end() && out.size() < kMostAuthors)
      out.push_back(name);
  }
  return out;
}

std::vector<std::string> organisations_beside(const std::vector<std::string>& persons,
                                              const std::vector<std::string>& organisations,
                                              const std::vector<std::string>& claims,
                                              std::string_view site_name) {
  const std::string site = lower_in_place(site_name);
  std::vector<std::string> named = organisations;
  for (const std::string& claim : claims) {
    const std::string line = plain_line(claim);
    if (is_agency(line) || (!site.empty() && lower_in_place(line) == site)) named.push_back(line);
  }
  std::vector<std::string> out;
  for (std::string& name : clean_organisations(named)) {
    const std::string lower = lower_in_place(name);
    const bool desk = is_no_person(name) && !is_agency(name) && lower != site;
    const bool known = std::any_of(persons.begin(), persons.end(), [&](const std::string& person) {
      return lower_in_place(person) == lower;
    });
    if (!desk && !known && persons.size() + out.size() < kMostAuthors)
      out.push_back(std::move(name));
  }
  return out;
}

std::vector<std::string> agencies_in(const std::vector<std::string>& lines) {
  std::vector<std::string> named;
  for (const std::string& line : lines) {
    const std::string whole = plain_line(line);
    const std::string_view name = without_ends(without_prefix(whole, AuthorForm::kByline));
    if (is_agency(name)) named.emplace_back(name);
  }
  return clean_organisations(named);
}

}  // namespace vigie::extractor::metadata
