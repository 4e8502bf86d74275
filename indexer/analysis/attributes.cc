#include <algorithm>

#include "indexer/analysis/analysis.h"
#include "platform/text/utf8.h"
#include "platform/url/host.h"

namespace vigie::indexer::analysis {
namespace {

std::vector<std::pair<std::string, bool>> tags(
    const google::protobuf::RepeatedPtrField<v1::Tag>& from) {
  std::vector<std::pair<std::string, bool>> out;
  out.reserve(static_cast<std::size_t>(from.size()));
  for (const v1::Tag& tag : from) out.emplace_back(tag.id(), tag.level() == v1::TAG_LEVEL_ABOUT);
  return out;
}

// Words of a name that are found in any number; of a longer name all of them, too.
constexpr std::size_t kMaxNameWords = 8;
constexpr std::size_t kMaxAuthors = 16;

/// Words from `begin` on with one space between; none between characters of unspaced scripts.
std::string joined(const std::vector<Token>& words, std::size_t begin, std::size_t count) {
  std::string out;
  for (std::size_t i = begin; i < begin + count; ++i) {
    const bool glued = i > begin && is_unspaced(words[i].form) && is_unspaced(words[i - 1].form);
    if (i > begin && !glued) out += ' ';
    out += words[i].form;
  }
  return out;
}

/// Adds what a name is found by.
void add_parts(std::string_view name, std::vector<std::string>& out) {
  const std::vector<Token> words = tokens(text::nfc(name));
  const auto add = [&](std::size_t begin, std::size_t count) {
    std::string part = joined(words, begin, count);
    if (std::find(out.begin(), out.end(), part) == out.end()) out.push_back(std::move(part));
  };
  if (!words.empty()) add(0, words.size());
  const std::size_t shown = std::min(words.size(), kMaxNameWords);
  for (std::size_t begin = 0; begin < shown; ++begin) {
    for (std::size_t count = 1; begin + count <= shown; ++count) {
      // One character of a Chinese name says nothing.
      if (count == 1 && words.size() > 1 && is_unspaced(words[begin].form)) continue;
      add(begin, count);
    }
  }
}

std::vector<std::string> sites_of(const v1::ArticleRecord& article) {
  std::string host =
      normalise_host(article.canonical_url().empty() ? article.url() : article.canonical_url());
  std::vector<std::string> out;
  const bool address = url::is_address_host(host);
  while (!host.empty()) {
    out.push_back(host);
    const std::size_t stop = host.find('.');
    if (address || stop == std::string::npos) break;
    host.erase(0, stop + 1);
  }
  return out;
}

}  // namespace

std::string normalise_language(std::string_view language) {
  std::string primary = text::ascii_lower(language.substr(0, language.find_first_of("-_")));
  if (primary == "iw") return "he";
  if (primary == "in") return "id";
  if (primary == "nb" || primary == "nn") return "no";
  return primary;
}

std::string normalise_name(std::string_view name) {
  std::vector<Token> words = tokens(text::nfc(name));
  return joined(words, 0, words.size());
}

std::string normalise_host(std::string_view address) {
  if (const std::size_t scheme = address.find("://"); scheme != std::string_view::npos)
    address.remove_prefix(scheme + 3);
  address = address.substr(0, address.find_first_of("/?#:"));
  while (address.starts_with('.') || address.starts_with('*')) address.remove_prefix(1);
  const auto host = url::parse_host(address, true);
  if (!host || host->empty()) return {};
  std::string_view out = *host;
  if (out.starts_with("www.") && out.size() > 4) out.remove_prefix(4);
  while (out.ends_with('.')) out.remove_suffix(1);
  return std::string(out);
}

std::vector<std::string> tag_values(const std::vector<std::pair<std::string, bool>>& tags,
                                    bool about) {
  std::vector<std::string> out;
  const auto add = [&](std::string value) {
    if (std::find(out.begin(), out.end(), value) == out.end()) out.push_back(std::move(value));
  };
  for (const auto& [id, is_about] : tags) {
    if (is_about != about) continue;
    add(id);
    add("*");
    if (const std::size_t colon = id.find(':'); colon != std::string::npos)
      add(id.substr(0, colon + 1) + "*");
  }
  return out;
}

bool is_tag_of(std::string_view id, std::string_view value) {
  if (!value.ends_with('*')) return id == value;
  return id.starts_with(value.substr(0, value.size() - 1));
}

std::int64_t article_time_unix_ms(const v1::ArticleRecord& article) {
  const bool known =
      article.has_published() && article.published().precision() != v1::DATE_PRECISION_NONE;
  if (known && article.published().unix_ms() <= article.discovered_at_unix_ms())
    return article.published().unix_ms();
  return article.discovered_at_unix_ms();
}

std::int64_t first_time_unix_ms(std::int64_t published_unix_ms, std::string_view published,
                                std::int64_t discovered_at_unix_ms) {
  constexpr std::size_t kDayOnly = 10;  // YYYY-MM-DD
  constexpr std::int64_t kRestOfDayMs = 24LL * 3600 * 1000 - 1;
  if (published_unix_ms == 0 || published_unix_ms > discovered_at_unix_ms)
    return discovered_at_unix_ms;
  if (published.size() > kDayOnly) return published_unix_ms;
  return std::min(published_unix_ms + kRestOfDayMs, discovered_at_unix_ms);
}

Attributes attributes(const v1::ArticleRecord& article) {
  Attributes out;
  out.language = normalise_language(article.language());
  out.country = article.source().country();
  out.source_id = article.source().id();
  add_parts(article.source().name(), out.source_names);
  add_parts(article.source().id(), out.source_names);
  for (int i = 0; i < article.authors_size() && i < static_cast<int>(kMaxAuthors); ++i)
    add_parts(article.authors(i), out.authors);
  add_parts(article.section(), out.sections);
  out.sites = sites_of(article);
  out.kind = article.source().kind();
  out.affiliation = article.source().affiliation();
  out.genre = article.genre();
  out.topics = tags(article.topics());
  out.actors = tags(article.actors());
  out.time_unix_ms = article_time_unix_ms(article);
  return out;
}

Prepared prepare(const v1::ArticleRecord& article) {
  return {{tokens(article.title()), tokens(article.text())}, attributes(article)};
}

}  // namespace vigie::indexer::analysis
