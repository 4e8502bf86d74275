#include "extractor/metadata/visible_date.h"

#include <algorithm>
#include <array>
#include <string>

#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

using dom::Tag;

constexpr std::size_t kMostLine = 120;  // bytes of a line that is little more than a date
// runs of text behind the headline in which the date stands
constexpr std::uint32_t kMostTextsBeside = 40;
// in front of the headline in which an element that calls itself a date is its own
constexpr std::uint32_t kNodesBefore = 30;
constexpr std::uint32_t kNodesBehind = 80;
constexpr std::uint32_t kNodesOfHead = 200;  // behind the headline, in which the story's <time> is
constexpr std::uint32_t kMostNodesOfDate = 12;  // of an element that calls itself a date
constexpr std::size_t kMostBlock = 300;       // bytes of the block around a date that are looked at
constexpr std::size_t kMostLabel = 48;        // bytes of a label in an element of its own
constexpr std::uint32_t kLabelReach = 6;      // nodes in front of a date in which its label stands
constexpr std::int64_t kMostHoursAhead = 12;  // of UTC, where newsrooms are
constexpr std::int64_t kMostHoursBehind = 8;
constexpr std::int64_t kMsPerHour = 3'600'000;
constexpr std::int64_t kMsPerDay = 24 * kMsPerHour;

// A digit of any script, or a Han numeral: the text of a date has one.
bool has_number(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= '0' && byte <= '9') return true;
    // Arabic to Myanmar and Khmer digits, full-width forms; characters of Han
    if (byte == 0xD9 || byte == 0xDB || (byte >= 0xE0 && byte <= 0xE1) ||
        (byte >= 0xE4 && byte <= 0xE9) || byte == 0xEF)
      return true;
  }
  return false;
}

bool has_ascii_digit(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos;
}

bool may_be_date(const dom::Node& node) {
  return node.tag == Tag::kText && node.text.size() >= 6 && node.text.size() <= kMostLine &&
         has_number(node.text);
}

bool is_in_link(const dom::Document& document, std::uint32_t node) {
  for (int level = 0; level < 4 && node != dom::kNoNode;
       ++level, node = document.nodes[node].parent) {
    if (document.nodes[node].tag == Tag::kA) return true;
  }
  return false;
}

// What the class of an element says: that it is a date, and of what.
struct NamedDate {
  bool is_date = false;
  bool is_modified = false;
  bool is_other = false;
};

NamedDate name_of(const dom::Document& document, std::uint32_t node) {
  NamedDate out;
  const std::uint32_t source = document.nodes[node].source;
  if (source == dom::kNoNode) return out;
  std::string names = text::ascii_lower(dom::find_attribute(document.tags[source], "class")
                                            .value_or(std::string_view{})
                                            .substr(0, 100));
  if (names.empty()) return out;
  const auto has = [&names](std::string_view word) {
    return names.find(word) != std::string::npos;
  };
  static constexpr std::array kOfOthers = std::to_array<std::string_view>(
      {"event", "deadline", "expir", "start-date", "end-date", "startdate", "enddate", "due-date"});
  out.is_other = std::any_of(kOfOthers.begin(), kOfOthers.end(), has);
  out.is_modified = has("update") || has("modif") || has("lastmod");
  // "update" holds a date, "candidate" and "mandate" are none
  for (const std::string_view word : {"update", "candidate", "mandate", "validate"}) {
    for (std::size_t at = names.find(word); at != std::string::npos; at = names.find(word))
      names.erase(at, word.size());
  }
  static constexpr std::array kNames =
      std::to_array<std::string_view>({"date", "datum", "fecha", "published", "pubtime", "posted",
                                       "timestamp", "publish-time", "post-time", "news-time"});
  out.is_date = std::any_of(kNames.begin(), kNames.end(), has);
  return out;
}

// From a node on, then from the beginning up to it.
template <class Visit>
void from(std::uint32_t begin, std::uint32_t count, const Visit& visit) {
  for (std::uint32_t step = 0; step < count; ++step) {
    if (visit(begin < count ? (begin + step) % count : step)) return;
  }
}

bool says_nothing(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0xC3;
  });
}

}  // namespace

VisibleDates::VisibleDates(const dom::Document& document, const DateHints& hints,
                           std::string_view headline, std::int64_t latest_unix_ms)
    : document_(document), hints_(hints), place_(document, headline), latest_(latest_unix_ms) {}

std::optional<Date> VisibleDates::acceptable(const dates::WrittenDate& written) const {
  Date date = as_date(written);
  if (latest_ != 0 && date.unix_ms > latest_) return std::nullopt;
  date.carrier = "text";
  return date;
}

// The text of a label in an element of its own in front of a node.
std::string VisibleDates::label_in_front(std::uint32_t node) const {
  for (std::uint32_t back = 1; back <= kLabelReach && back <= node; ++back) {
    const dom::Node& before = document_.nodes[node - back];
    if (before.tag != Tag::kText) continue;
    const std::string text = text::collapse_spaces(dom::decoded(text::prefix(before.text, 400)));
    if (text.empty() || says_nothing(text)) continue;
    const bool in_heading = node - back > place_.headline() && place_.has_headline() &&
                            node - back < document_.nodes[place_.headline()].end;
    return text.size() <= kMostLabel && !in_heading && !has_ascii_digit(text) ? text
                                                                              : std::string{};
  }
  return {};
}

// Whether a text node is a piece of a longer run of prose.
bool VisibleDates::is_in_prose(std::uint32_t node) const {
  std::uint32_t block = document_.nodes[node].parent;
  while (block != dom::kNoNode && !dom::is_block(document_.nodes[block].tag))
    block = document_.nodes[block].parent;
  if (block == dom::kNoNode) return false;
  const Tag tag = document_.nodes[block].tag;
  if (tag != Tag::kP && tag != Tag::kBlockquote && tag != Tag::kTd) return false;
  const std::string text = text::collapse_spaces(document_.text_of(block, kMostBlock));
  return text.size() > kMostLine * 2;
}

std::vector<VisibleDates::Reading> VisibleDates::readings(std::string_view line,
                                                          std::uint32_t node) const {
  std::vector<Reading> out;
  const std::vector<dates::WrittenDate> found = dates::read_dates(line, written_hints(hints_));
  std::size_t previous = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::optional<Date> date = acceptable(found[i]);
    const std::string_view before = line.substr(previous, found[i].begin - previous);
    const std::size_t next = i + 1 < found.size() ? found[i + 1].begin : line.size();
    const std::string_view behind = line.substr(found[i].end, next - found[i].end);
    previous = found[i].end;
    if (!date) continue;
    Reading reading;
    reading.date = *date;
    reading.role = role_of(before, i + 1 < found.size() ? std::string_view{} : behind);
    if (i == 0 && reading.role == DateRole::kNone && says_nothing(before))
      reading.role = role_of(label_in_front(node), {});
    reading.prose = is_prose(before, behind);
    // "Дата проведения: …": a label that is not known may be of anything
    const std::string_view label = text::trim(before);
    reading.wordy = is_wordy(before, behind) ||
                    (!says_nothing(label) && (label.ends_with(':') || label.ends_with("：")));
    out.push_back(std::move(reading));
  }
  return out;
}

std::optional<VisibleDates::Reading> VisibleDates::best(std::vector<Reading> readings) {
  std::optional<Reading> out;
  for (Reading& reading : readings) {
    if (!out || reading.rank() < out->rank()) out = std::move(reading);
  }
  return out;
}

std::vector<VisibleDates::Reading> VisibleDates::named(std::uint32_t node) const {
  if (document_.nodes[node].tag == Tag::kText ||
      document_.nodes[node].end - node > kMostNodesOfDate)
    return {};
  const NamedDate name = name_of(document_, node);
  if (!name.is_date) return {};
  const std::string line = text::collapse_spaces(document_.text_of(node, kMostLine + 1));
  if (line.size() > kMostLine) return {};
  std::vector<Reading> found = readings(line, node);
  if (!found.empty() && place_.is_elsewhere(node)) return {};
  for (Reading& reading : found) {
    if (reading.role != DateRole::kNone) continue;
    if (name.is_modified) reading.role = DateRole::kModified;
    if (name.is_other) reading.role = DateRole::kOther;
  }
  return found;
}

std::vector<VisibleDates::Reading> VisibleDates::of_text(std::uint32_t node) const {
  if (!may_be_date(document_.nodes[node])) return {};
  const std::string line = text::collapse_spaces(dom::decoded(document_.nodes[node].text));
  std::vector<Reading> found = readings(line, node);
  if (found.empty() || place_.is_elsewhere(node)) return {};
  const bool in_prose = is_in_prose(node);
  for (Reading& reading : found) reading.prose = reading.prose || in_prose;
  return found;
}

void VisibleDates::consider(std::vector<Reading> readings, int order) {
  for (const Reading& reading : readings) {
    if (reading.role == DateRole::kModified && !modified_ && !reading.prose)
      modified_ = reading.date;
  }
  std::optional<Reading> reading = best(std::move(readings));
  if (!reading) return;
  const int rank = reading->rank() * 4 + order;
  if (near_ && rank >= near_rank_) return;
  near_ = std::move(*reading);
  near_rank_ = rank;
}

// Elements that call themselves a date, behind the headline, then in front of it; then lines behind
// it. A label decides before the order does.
void VisibleDates::look_near() {
  if (looked_) return;
  looked_ = true;
  const auto count = static_cast<std::uint32_t>(document_.nodes.size());
  const std::uint32_t begin = place_.headline();
  if (begin >= count) return;
  for (std::uint32_t i = begin; i < std::min(count, begin + kNodesBehind); ++i)
    consider(named(i), 0);
  for (std::uint32_t i = begin; i > 0 && begin - i < kNodesBefore; --i) consider(named(i - 1), 1);
  std::uint32_t texts = 0;
  for (std::uint32_t i = document_.nodes[begin].end; i < count && texts < kMostTextsBeside; ++i) {
    if (document_.nodes[i].tag != Tag::kText) continue;
    ++texts;
    if (is_in_link(document_, i)) continue;
    consider(of_text(i), 2);
  }
}

std::optional<Date> VisibleDates::near_headline() {
  look_near();
  if (!near_ || !near_->says_published()) return std::nullopt;
  return near_->date;
}

std::optional<Date> VisibleDates::modified_near_headline() {
  look_near();
  return modified_;
}

std::optional<Date> VisibleDates::beside_headline() const {
  const auto count = static_cast<std::uint32_t>(document_.nodes.size());
  const std::uint32_t begin = place_.headline();
  if (begin >= count) return std::nullopt;
  std::uint32_t texts = 0;
  for (std::uint32_t i = document_.nodes[begin].end; i < count && texts < kMostTextsBeside; ++i) {
    if (document_.nodes[i].tag != Tag::kText) continue;
    ++texts;
    if (!may_be_date(document_.nodes[i]) || is_in_link(document_, i)) continue;
    const std::optional<Reading> found = best(of_text(i));
    if (found && found->says_published()) return found->date;
  }
  return std::nullopt;
}

std::optional<Date> VisibleDates::anywhere() {
  std::optional<Reading> found;
  std::optional<Date> second;  // of a change, or said within a sentence
  const auto count = static_cast<std::uint32_t>(document_.nodes.size());
  const std::uint32_t begin = place_.headline();
  const auto take = [&](std::optional<Reading> reading) {
    if (!reading) return false;
    if (reading->says_published()) {
      found = std::move(reading);
    } else if (!second &&
               (reading->role == DateRole::kModified || reading->role == DateRole::kPublished)) {
      second = reading->date;
    }
    return found.has_value();
  };
  from(begin, count, [&](std::uint32_t i) { return take(best(named(i))); });
  for (const bool links : {false, true}) {
    if (found) break;
    from(begin, count, [&](std::uint32_t i) {
      return may_be_date(document_.nodes[i]) && is_in_link(document_, i) == links &&
             take(best(of_text(i)));
    });
  }
  return found ? std::optional<Date>(found->date) : second;
}

std::optional<Date> VisibleDates::of_element(std::uint32_t node, std::string_view carrier) const {
  const dom::SourceTag& tag = document_.tags[document_.nodes[node].source];
  const std::string value =
      dom::decoded(dom::find_attribute(tag, "datetime")
                       .value_or(dom::find_attribute(tag, "content").value_or(std::string_view{})),
                   true);
  std::optional<Date> found = parse_date(value, hints_);
  if (!found) found = parse_date(text::collapse_spaces(document_.text_of(node, 200)), hints_);
  if (found && latest_ != 0 && found->unix_ms > latest_) return std::nullopt;
  if (found) found->carrier = carrier;
  return found;
}

// The role of a <time>: by its class, the words in it, the label in front.
DateRole VisibleDates::role_of_time(std::uint32_t node) const {
  const NamedDate name = name_of(document_, node);
  const std::string text = text::collapse_spaces(document_.text_of(node, kMostLine));
  DateRole role = role_of(text, {});
  if (role == DateRole::kNone) role = role_of(label_in_front(node), {});
  if (role == DateRole::kNone && name.is_modified) role = DateRole::kModified;
  if (role == DateRole::kNone && name.is_other) role = DateRole::kOther;
  return role;
}

std::optional<Date> VisibleDates::time_of_story() const { return time_at(true); }
std::optional<Date> VisibleDates::time_elsewhere() const { return time_at(false); }

std::optional<Date> VisibleDates::time_at(bool in_story) const {
  std::optional<Date> first;
  std::optional<Date> in_front;  // of the headline, with no title of another story between
  std::optional<Date> behind;    // the headline, near it
  const auto count = static_cast<std::uint32_t>(document_.nodes.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    if (document_.nodes[i].tag != Tag::kTime || document_.nodes[i].source == dom::kNoNode) continue;
    // far behind the headline stand times of updates, readers and sources
    const bool near = !place_.has_headline() || i < place_.headline() + kNodesOfHead;
    if (in_story ? !near || !place_.is_in_story(i) : place_.is_elsewhere(i)) continue;
    const DateRole role = role_of_time(i);
    if (role == DateRole::kModified || role == DateRole::kOther) continue;
    std::optional<Date> found = of_element(i, in_story ? "time" : "time:page");
    if (!found) continue;
    if (role == DateRole::kPublished) return found;
    if (!in_story && place_.has_headline()) {
      if (i > place_.headline() && near && !behind) behind = found;
      if (i < place_.headline() && place_.is_beside_headline(i)) in_front = found;
    }
    if (!first) first = std::move(found);
  }
  return behind ? behind : in_front ? in_front : first;
}

std::optional<Date> date_in_scripts(std::string_view page, const DateHints& hints) {
  static constexpr std::array kKeys = std::to_array<std::string_view>(
      {"datePublished", "published_at", "publishedAt", "publishedDate", "publishDate",
       "publish_date", "publicationDate", "datePublication", "firstPublished", "pubDate",
       "createdAt", "created_at"});
  constexpr std::size_t kMostValue = 40;   // bytes behind the key that hold the day
  constexpr std::size_t kMostTried = 8;    // places of one key
  constexpr std::size_t kMostQuoted = 64;  // quoted values that begin like a year
  for (const std::string_view key : kKeys) {
    std::size_t tried = 0;
    for (std::size_t at = page.find(key); at != std::string_view::npos && tried < kMostTried;
         at = page.find(key, at + key.size()), ++tried) {
      std::string_view value = page.substr(at + key.size(), kMostValue + 16);
      const std::size_t digit = value.find_first_of("0123456789");
      const std::size_t colon = value.find(':');
      if (digit == std::string_view::npos || colon == std::string_view::npos || colon > digit ||
          digit > 20)
        continue;
      value.remove_prefix(digit);
      value = value.substr(0, value.find_first_of("\"\\&'<,}"));
      if (std::optional<Date> found = parse_date(value.substr(0, kMostValue), hints)) {
        found->carrier = "script";
        return found;
      }
    }
  }
  std::size_t tried = 0;
  for (std::size_t at = page.find("\"20"); at != std::string_view::npos && tried < kMostQuoted;
       at = page.find("\"20", at + 1), ++tried) {
    const std::string_view value =
        page.substr(at + 1, kMostValue).substr(0, page.substr(at + 1, kMostValue).find('"'));
    if (value.size() < 16 || value.find(':') == std::string_view::npos ||
        value.find_first_not_of("0123456789-/:.TZ+ ") != std::string_view::npos)
      continue;
    if (std::optional<Date> found = parse_date(value, hints)) {
      found->carrier = "script";
      return found;
    }
  }
  return std::nullopt;
}

Date on_day_shown(const Date& written, const std::optional<Date>& shown,
                  const std::optional<Date>& modified) {
  const bool in_utc = !written.day_only && !written.text.empty() &&
                      (written.text.back() == 'Z' || written.text.ends_with("+00:00"));
  if (!in_utc || !shown || written.text.size() < 19) return written;
  const auto day_of = [](const Date& date) { return date.text.substr(0, 10); };
  const std::int64_t own_day =
      written.unix_ms - (written.unix_ms % kMsPerDay + kMsPerDay) % kMsPerDay;
  const std::optional<Date> shown_day = parse_date(day_of(*shown));
  if (!shown_day) return written;
  const std::int64_t days = (shown_day->unix_ms - own_day) / kMsPerDay;
  if (days != 1 && days != -1) return written;
  const std::int64_t into_day = written.unix_ms - own_day;
  const bool on_the_hour = into_day % kMsPerHour == 0;
  // the day of the change is shown
  if (modified && !on_the_hour && day_of(*modified) == day_of(*shown)) return written;
  const std::int64_t hours = days == 1 ? (kMsPerDay - into_day + kMsPerHour - 1) / kMsPerHour
                                       : -(into_day / kMsPerHour + 1);
  if (hours > kMostHoursAhead || hours < -kMostHoursBehind) return written;
  Date out = written;
  out.text = day_of(*shown);
  return out;
}

}  // namespace vigie::extractor::metadata
