#include "crawler/sources/sources.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "platform/process/process.h"
#include "platform/source_rules/source_rules.h"
#include "platform/text/utf8.h"
#include "platform/yaml/yaml.h"

namespace vigie::crawler::sources {
namespace {

constexpr std::size_t kMaxFileBytes = 64ULL << 20;
constexpr std::array<std::string_view, 10> kKeys{"name",        "homepage", "feeds",    "sitemaps",
                                                 "sections",    "country",  "language", "kind",
                                                 "affiliation", "rules"};

template <std::size_t N>
std::string joined(const std::array<std::string_view, N>& words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : " ") + std::string(word);
  return out;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Reads the entries of one file.
class SourceReader {
 public:
  explicit SourceReader(std::string_view file) : file_(file) {}

  SourceList read(std::string_view yaml) {
    auto root = parse_yaml(yaml, file_);
    if (!root) {
      list_.problems.push_back({root.error().where, root.error().detail});
      return std::move(list_);
    }
    const Yaml* sources = root->find("sources");
    if (sources == nullptr || !sources->is_sequence()) {
      problem(sources == nullptr ? *root : *sources,
              "a source file is a map with the list `sources`");
      return std::move(list_);
    }
    for (const Yaml::Entry& entry : root->entries) {
      if (entry.key != "sources")
        problem_at(entry.line, entry.column,
                   "unknown key `" + text::ellipsize(entry.key, 60) +
                       "`; the only key at the top is `sources`");
    }
    for (const Yaml& item : sources->items) {
      if (list_.sources.size() >= source_rules::kMaxSources) {
        problem(item,
                "there are more than " + std::to_string(source_rules::kMaxSources) + " sources");
        break;
      }
      read_source(item);
    }
    return std::move(list_);
  }

 private:
  std::string place(int line, int column) const {
    return std::string(file_) + ":" + std::to_string(line) + ":" + std::to_string(column);
  }
  void problem_at(int line, int column, std::string message) {
    list_.problems.push_back({place(line, column), std::move(message)});
  }
  void problem(const Yaml& node, std::string message) {
    problem_at(node.line, node.column, std::move(message));
  }

  void read_source(const Yaml& node) {
    if (!node.is_map()) return problem(node, "a source is a map with name, homepage and feeds");
    const std::size_t before = list_.problems.size();
    SourceEntry entry;
    entry.where = place(node.line, node.column);
    for (const Yaml::Entry& member : node.entries) {
      if (!is_one_of(kKeys, member.key))
        problem_at(
            member.line, member.column,
            "unknown key `" + text::ellipsize(member.key, 60) + "`; known are: " + joined(kKeys));
    }
    entry.source.set_name(name(node));
    entry.source.set_homepage(homepage(node));
    entry.feeds = urls(node, "feeds");
    entry.sitemaps = urls(node, "sitemaps");
    entry.sections = urls(node, "sections");
    if (entry.feeds.empty() && entry.sitemaps.empty() && entry.sections.empty() &&
        list_.problems.size() == before) {
      problem(node,
              "the source names no feed, no sitemap and no section, so nothing of it would ever be "
              "read");
    }
    entry.source.set_country(checked(node, "country", source_rules::check_country));
    entry.source.set_language(checked(node, "language", source_rules::check_language));
    entry.source.set_kind(checked(node, "kind", source_rules::check_kind));
    entry.source.set_affiliation(checked(node, "affiliation", source_rules::check_affiliation));
    if (const Yaml* rules = node.find("rules"))
      entry.rules = read_rules(*rules, [this](int line, int column, std::string what) {
        problem_at(line, column, std::move(what));
      });
    if (list_.problems.size() == before) list_.sources.push_back(std::move(entry));
  }

  /// The scalar of that key, "" (with a problem, unless absent) if it is something else.
  std::string scalar(const Yaml& node, std::string_view key) {
    const Yaml* value = node.find(key);
    if (value == nullptr || value->kind == Yaml::Kind::kNull) return {};
    if (!value->is_scalar()) {
      problem(*value, "`" + std::string(key) + "` must be text");
      return {};
    }
    return text::collapse_spaces(value->scalar);
  }

  std::string name(const Yaml& node) {
    std::string value = scalar(node, "name");
    if (value.empty()) problem(node, "the source has no `name`");
    if (value.size() > source_rules::kMaxNameBytes)
      problem(*node.find("name"),
              "the name is longer than " + std::to_string(source_rules::kMaxNameBytes) + " bytes");
    return value;
  }

  std::string homepage(const Yaml& node) {
    const std::string value = scalar(node, "homepage");
    if (value.empty()) {
      problem(node, "the source has no `homepage`");
      return {};
    }
    return url(*node.find("homepage"), value);
  }

  std::string url(const Yaml& node, const std::string& written) {
    auto read = source_rules::http_url(written);
    if (read) return std::move(*read);
    problem(node, read.error().detail);
    return {};
  }

  std::vector<std::string> urls(const Yaml& node, std::string_view key) {
    std::vector<std::string> out;
    const Yaml* value = node.find(key);
    if (value == nullptr || value->kind == Yaml::Kind::kNull) return out;
    const bool single = value->is_scalar();
    if (!single && !value->is_sequence()) {
      problem(*value, "`" + std::string(key) + "` must be a list of URLs");
      return out;
    }
    const std::size_t count = single ? 1 : value->items.size();
    if (count > source_rules::kMaxUrls)
      problem(*value, "there are more than " + std::to_string(source_rules::kMaxUrls) + " URLs");
    for (std::size_t i = 0; i < std::min(count, source_rules::kMaxUrls); ++i) {
      const Yaml& item = single ? *value : value->items[i];
      if (!item.is_scalar()) {
        problem(item, "`" + std::string(key) + "` must be a list of URLs");
        continue;
      }
      std::string read = url(item, item.scalar);
      if (read.empty()) continue;
      const auto [first, fresh] = seen_.try_emplace(read, place(item.line, item.column));
      if (!fresh) {
        problem(item,
                "`" + text::ellipsize(read, 200) + "` stands at " + first->second + " already");
        continue;
      }
      out.push_back(std::move(read));
    }
    return out;
  }

  /// The scalar of that key, "" (with a problem) where a rule refuses it.
  std::string checked(const Yaml& node, std::string_view key,
                      Result<void> (*rule)(std::string_view)) {
    std::string value = scalar(node, key);
    const auto passes = rule(value);
    if (passes) return value;
    problem(*node.find(key), passes.error().detail);
    return {};
  }

  std::string_view file_;
  SourceList list_;
  std::unordered_map<std::string, std::string> seen_;
};

void give_ids(std::vector<SourceEntry>& sources) {
  std::unordered_set<std::string> taken;
  for (SourceEntry& entry : sources) {
    const std::string slug = source_rules::id_base(entry.source.name(), entry.source.homepage());
    std::string id = slug;
    for (int number = 2; !taken.insert(id).second; ++number)
      id = slug + "-" + std::to_string(number);
    entry.source.set_id(id);
  }
}

}  // namespace

SourceList read_sources(std::string_view yaml, std::string_view file) {
  SourceList list = SourceReader(file).read(yaml);
  give_ids(list.sources);
  return list;
}

Result<SourceList> load_sources(const std::vector<std::string>& files) {
  SourceList all;
  std::unordered_map<std::string, std::string> seen;
  for (const std::string& file : files) {
    auto text = process::read_file(file, kMaxFileBytes);
    if (!text) {
      Error error = text.error();
      error.disposition = Disposition::kStop;
      if (error.where.empty()) error.where = file;
      error.detail += "; name the source files in sources.files";
      return failure(std::move(error));
    }
    SourceList list = SourceReader(file).read(*text);
    std::move(list.problems.begin(), list.problems.end(), std::back_inserter(all.problems));
    for (SourceEntry& entry : list.sources) {
      for (auto* addresses : {&entry.feeds, &entry.sitemaps, &entry.sections}) {
        addresses->erase(std::remove_if(addresses->begin(), addresses->end(),
                                        [&](const std::string& address) {
                                          const auto [first, fresh] =
                                              seen.try_emplace(address, entry.where);
                                          if (fresh || files.size() < 2) return false;
                                          all.problems.push_back(
                                              {entry.where, "`" + text::ellipsize(address, 200) +
                                                                "` belongs to the source at " +
                                                                first->second + " already"});
                                          return true;
                                        }),
                         addresses->end());
      }
      all.sources.push_back(std::move(entry));
    }
  }
  give_ids(all.sources);
  return all;
}

}  // namespace vigie::crawler::sources
