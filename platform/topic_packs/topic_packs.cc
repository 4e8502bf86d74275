#include "platform/topic_packs/topic_packs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace vigie::topic_packs {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> io(const std::string& where, std::string detail) {
  return failure(Disposition::kStop, "io", std::move(detail), where);
}

bool is_yaml(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

/// pack.yaml and the YAML files of its sub-folders topics and actors, as sorted paths.
Result<std::vector<fs::path>> paths_of(const std::string& dir) {
  std::vector<fs::path> out;
  std::error_code error;
  for (const fs::path& folder :
       {fs::path(dir), fs::path(dir) / "topics", fs::path(dir) / "actors"}) {
    fs::directory_iterator entry(folder, error);
    if (error && folder == fs::path(dir))
      return io(dir, "the folder of the pack cannot be read: " + error.message());
    if (error) continue;
    for (; entry != fs::directory_iterator(); entry.increment(error)) {
      if (error)
        return io(folder.string(), "the folder of the pack cannot be read: " + error.message());
      if (is_yaml(entry->path())) out.push_back(entry->path());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::vector<PackFile>> files_of(const std::string& dir, const PackLimits& limits) {
  VIGIE_ASSIGN(const std::vector<fs::path> paths, paths_of(dir));
  if (paths.empty())
    return io(dir,
              "there is no pack here; a pack is a folder with pack.yaml, topics/*.yaml and "
              "actors/*.yaml");
  if (paths.size() > limits.files)
    return io(dir, "the pack has more than " + std::to_string(limits.files) + " files; join some");
  std::vector<PackFile> out;
  for (const fs::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return io(path.string(), "the file cannot be read");
    std::string text(limits.file_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    out.push_back({path.lexically_relative(dir).generic_string(), std::move(text)});
  }
  return out;
}

/// Two packs in force at once share no id.
template <class Declared>
Result<void> claim(std::map<std::string, std::string>& places, const std::string& id,
                   const Declared& declared, const std::string& folder) {
  const std::string place = (fs::path(folder) / declared.file).string() + ":" +
                            std::to_string(declared.line) + ":" + std::to_string(declared.column);
  const auto [other, fresh] = places.try_emplace(id, place);
  if (fresh) return {};
  return failure(Disposition::kStop, "bad_pack",
                 "'" + id + "' is declared already at " + other->second +
                     "; give it another id, or keep one of the two packs out of topics.dirs",
                 place);
}

}  // namespace

std::string Problem::to_string() const {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " +
         (warning ? "warning: " : "") + message;
}

const Topic* Pack::find_topic(std::string_view id) const {
  const auto found = std::find_if(topics.begin(), topics.end(), [&](const Topic& topic) {
    return topic.id == id ||
           std::find(topic.aliases.begin(), topic.aliases.end(), id) != topic.aliases.end();
  });
  return found == topics.end() ? nullptr : &*found;
}

const Actor* Pack::find_actor(std::string_view id) const {
  const auto found = std::find_if(actors.begin(), actors.end(),
                                  [&](const Actor& actor) { return actor.id == id; });
  return found == actors.end() ? nullptr : &*found;
}

bool WordClass::has_words_in(std::string_view language) const {
  return std::any_of(terms.begin(), terms.end(), [&](const Term& term) {
    return term.language == language || term.language == "any";
  });
}

const WordClass* Pack::find_class(std::string_view id) const {
  const auto found = std::find_if(classes.begin(), classes.end(),
                                  [&](const WordClass& other) { return other.name == id; });
  return found == classes.end() ? nullptr : &*found;
}

std::string name_in(const LocalTexts& names, std::string_view language, std::string_view fallback) {
  for (const std::string_view wanted :
       {language, std::string_view("any"), std::string_view("en")}) {
    for (const auto& [name_language, name] : names) {
      if (name_language == wanted) return name;
    }
  }
  return names.empty() ? std::string(fallback) : names.front().second;
}

std::vector<Problem> lint(const std::string& dir, const PackLimits& limits) {
  auto files = files_of(dir, limits);
  if (!files) return {{files.error().where, 1, 1, files.error().detail, false}};
  std::vector<Problem> problems;
  const Pack pack = read_pack(*files, problems, limits);
  for (Problem& warning : shared_words(pack)) problems.push_back(std::move(warning));
  for (Problem& problem : problems) problem.file = (fs::path(dir) / problem.file).string();
  const auto place = [](const Problem& p) { return std::tie(p.file, p.line, p.column); };
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const Problem& a, const Problem& b) { return place(a) < place(b); });
  return problems;
}

Result<Pack> load_pack(const std::string& dir, const PackLimits& limits) {
  VIGIE_ASSIGN(const std::vector<PackFile> files, files_of(dir, limits));
  std::vector<Problem> problems;
  Pack pack = read_pack(files, problems, limits);
  if (problems.empty()) return pack;
  const Problem& first = problems.front();
  std::string detail = first.message;
  if (problems.size() > 1)
    detail += "; and " + std::to_string(problems.size() - 1) + " more, see `vigie topics lint " +
              dir + "`";
  return failure(Disposition::kStop, "bad_pack", std::move(detail),
                 (fs::path(dir) / first.file).string() + ":" + std::to_string(first.line) + ":" +
                     std::to_string(first.column));
}

Result<std::vector<std::string>> find_packs(const std::vector<std::string>& dirs) {
  std::set<std::string> out;
  for (const std::string& dir : dirs) {
    const std::size_t before = out.size();
    std::error_code error;
    const auto take = [&](const fs::path& path) {
      std::error_code ignored;
      if (fs::is_regular_file(path / "pack.yaml", ignored))
        out.insert(path.lexically_normal().string());
    };
    take(dir);
    const bool is_pack =
        out.size() > before || out.count(fs::path(dir).lexically_normal().string()) != 0;
    if (is_pack) continue;
    fs::directory_iterator entry(dir, error);
    if (error)
      return failure(
          Disposition::kStop, "no_pack",
          "the folder of topic packs cannot be read: " + error.message() + "; set topics.dirs",
          dir);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) take(entry->path());
    if (out.size() == before)
      return failure(Disposition::kStop, "no_pack",
                     "no topic pack is in this folder; a pack is a folder with pack.yaml", dir);
  }
  return std::vector<std::string>(out.begin(), out.end());
}

Result<std::vector<Pack>> load_packs(const std::vector<std::string>& dirs,
                                     const PackLimits& limits) {
  VIGIE_ASSIGN(const std::vector<std::string> folders, find_packs(dirs));
  std::vector<Pack> out;
  std::map<std::string, std::string> places;  // by id and alias
  for (const std::string& folder : folders) {
    VIGIE_ASSIGN(Pack pack, load_pack(folder, limits));
    for (const Topic& topic : pack.topics) {
      VIGIE_TRY(claim(places, topic.id, topic, folder));
      for (const std::string& alias : topic.aliases) VIGIE_TRY(claim(places, alias, topic, folder));
    }
    for (const Actor& actor : pack.actors) VIGIE_TRY(claim(places, actor.id, actor, folder));
    out.push_back(std::move(pack));
  }
  return out;
}

std::uint64_t stamp_of(const std::vector<std::string>& dirs) {
  const auto folders = find_packs(dirs);
  if (!folders) return 0;
  std::uint64_t stamp = 14695981039346656037ULL;
  const auto add = [&stamp](std::uint64_t value) { stamp = (stamp ^ value) * 1099511628211ULL; };
  for (const std::string& folder : *folders) {
    const auto paths = paths_of(folder);
    if (!paths) return 0;
    for (const fs::path& path : *paths) {
      std::error_code error;
      add(std::hash<std::string>{}(path.string()));
      add(static_cast<std::uint64_t>(fs::last_write_time(path, error).time_since_epoch().count()));
      add(fs::file_size(path, error));
    }
  }
  return stamp;
}

}  // namespace vigie::topic_packs
