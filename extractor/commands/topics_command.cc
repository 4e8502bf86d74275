#include "extractor/commands/topics_command.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

#include "extractor/tagging/tagger.h"
#include "platform/json/json.h"

namespace vigie::extractor::commands {
namespace {

constexpr std::string_view kNewPack =
    R"(# A pack of topics and actors; ops/topics/README.md describes the format.
pack: NAME
description: What this pack is about, in one line
)";

constexpr std::string_view kNewTopics =
    R"(# One topic to begin with. When it is changed: vigie topics lint, vigie topics test.
topics:
  - id: NAME-topic
    name: {en: A topic}
    definition: One sentence that says what an article with this topic is about.
    sure: {en: [words that mean the topic wherever they stand]}
    strong: {en: [words that mean it beside others]}
    not: {en: [words that mean something else]}
    tests:
      must: {en: ["A text with words that mean the topic wherever they stand"]}
      must_not: {en: ["A text near the topic that is not about it"]}
)";

constexpr std::string_view kNewActors =
    R"(# One actor to begin with: org: body: agency: person: product: place: law: concept: country:
actors:
  - id: org:NAME-actor
    name: {en: Name of an actor}
    forms: {en: [Another name of the actor]}
)";

std::string with_name(std::string_view text, const std::string& name) {
  std::string out(text);
  for (std::size_t at = out.find("NAME"); at != std::string::npos;
       at = out.find("NAME", at + name.size()))
    out.replace(at, 4, name);
  return out;
}

bool is_pack_name(const std::string& name) {
  const auto is_slug = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= 60 && name.front() != '-' && name.back() != '-' &&
         std::all_of(name.begin(), name.end(), is_slug);
}

int cannot_make(std::ostream& err, const std::string& where, std::string_view what) {
  err << "vigie topics new: " << where << ": " << what << "\n";
  return 3;
}

}  // namespace

int run_topics_new(const std::string& pack, std::ostream& out, std::ostream& err) {
  namespace fs = std::filesystem;
  const fs::path dir = fs::path(pack).lexically_normal();
  const std::string name = (dir.has_filename() ? dir : dir.parent_path()).filename().string();
  if (!is_pack_name(name)) {
    err << "vigie topics new: '" << name
        << "' is no name of a pack; name the folder with a-z, 0-9 and hyphens\n";
    return 2;
  }
  std::error_code error;
  if (fs::exists(dir, error) && !fs::is_empty(dir, error))
    return cannot_make(err, pack, "there is something already; name a folder that is not there");
  const std::pair<fs::path, std::string_view> files[] = {{"pack.yaml", kNewPack},
                                                         {"topics/topics.yaml", kNewTopics},
                                                         {"actors/actors.yaml", kNewActors}};
  for (const auto& [file, text] : files) {
    fs::create_directories((dir / file).parent_path(), error);
    if (error) return cannot_make(err, pack, error.message());
    std::ofstream made(dir / file, std::ios::binary);
    made << with_name(text, name);
    if (!made.flush()) return cannot_make(err, (dir / file).string(), "it cannot be written");
    out << Json::object({{"file", (dir / file).string()}}).dump() << "\n";
  }
  return 0;
}

int run_topics_lint(const std::string& pack, std::ostream&, std::ostream& err) {
  const auto folders = topic_packs::find_packs({pack});
  if (!folders) {
    err << "vigie topics: " << folders.error().to_string() << "\n";
    return 3;
  }
  int code = 0;
  for (const std::string& folder : *folders) {
    for (const topic_packs::Problem& problem : topic_packs::lint(folder)) {
      err << problem.to_string() << "\n";
      if (!problem.warning) code = 1;
    }
  }
  if (code != 0) return code;
  // Each is right by itself; what they share shows when they are loaded together.
  if (const auto together = topic_packs::load_packs({pack}); !together) {
    err << together.error().where << ": " << together.error().detail << "\n";
    code = 1;
  }
  return code;
}

int run_topics_test(const std::string& pack, std::ostream& out, std::ostream& err) {
  const auto tagger = tagging::Tagger::load({pack});
  if (!tagger) {
    err << "vigie topics: " << tagger.error().to_string() << "\n";
    return tagger.error().code == "bad_pack" ? 1 : 3;
  }
  const auto folders = topic_packs::find_packs({pack});
  std::size_t examples = 0;
  std::size_t failed = 0;
  std::size_t place = 0;
  for (const topic_packs::Pack& loaded : (*tagger)->packs()) {
    const std::string folder = folders && place < folders->size() ? (*folders)[place] : pack;
    ++place;
    const auto run = [&](const std::string& id, const std::vector<topic_packs::Example>& list) {
      for (const topic_packs::Example& example : list) {
        ++examples;
        const tagging::TagResult found = (*tagger)->tag_text(
            "", example.text, example.language == "any" ? "" : example.language);
        const auto is_it = [&id = id](const tagging::TagFound& tag) { return tag.id == id; };
        const bool has = std::any_of(found.topics.begin(), found.topics.end(), is_it) ||
                         std::any_of(found.actors.begin(), found.actors.end(), is_it);
        if (has == example.must) continue;
        ++failed;
        err << folder << "/" << example.file << ":" << example.line << ":" << example.column
            << ": this text " << (example.must ? "must" : "must not") << " get '" << id << "'\n";
      }
    };
    for (const topic_packs::Topic& topic : loaded.topics) run(topic.id, topic.examples);
    for (const topic_packs::Actor& actor : loaded.actors) run(actor.id, actor.examples);
  }
  out << Json::object({{"examples", examples}, {"failed", failed}}).dump() << "\n";
  return failed == 0 ? 0 : 1;
}

int run_topics_list(const std::string& pack, std::ostream& out, std::ostream& err) {
  const auto packs = topic_packs::load_packs({pack});
  if (!packs) {
    err << "vigie topics: " << packs.error().to_string() << "\n";
    return 3;
  }
  const auto names = [](const topic_packs::LocalTexts& texts) {
    Json object = Json::object();
    for (const auto& [language, name] : texts) object.set(language, name);
    return object;
  };
  const auto ids = [](const std::vector<std::string>& list) {
    Json array = Json::array();
    for (const std::string& id : list) array.push(id);
    return array;
  };
  for (const topic_packs::Pack& loaded : *packs) {
    for (const topic_packs::Topic& topic : loaded.topics) {
      out << Json::object({{"id", topic.id},
                           {"kind", "topic"},
                           {"names", names(topic.names)},
                           {"definition", topic.definition},
                           {"aliases", ids(topic.aliases)},
                           {"parents", ids(topic.parents)},
                           {"terms", topic.terms.size()},
                           {"pack", loaded.label()}})
                 .dump()
          << "\n";
    }
    for (const topic_packs::Actor& actor : loaded.actors) {
      Json line =
          Json::object({{"id", actor.id}, {"kind", actor.kind}, {"names", names(actor.names)}});
      line.set("qid", actor.qid.empty() ? Json() : Json(actor.qid));
      line.set("pack", loaded.label());
      out << line.dump() << "\n";
    }
  }
  return 0;
}

}  // namespace vigie::extractor::commands
