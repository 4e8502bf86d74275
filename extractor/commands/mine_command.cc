#include "extractor/commands/mine_command.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <istream>
#include <memory>
#include <ostream>
#include <unordered_set>

#include "extractor/commands/phrase_mine.h"
#include "extractor/tagging/tagger.h"
#include "platform/json/json.h"
#include "platform/topic_packs/topic_packs.h"

namespace vigie::extractor::commands {
namespace {

constexpr std::size_t kMostArticles = 200'000;  // some 10 kB each
constexpr std::size_t kMostAlike = 30;          // articles taken for likeness alone
constexpr double kAlike = 0.15;                 // cosine; below is chance

/// The articles of the language, and which topics each of them is about.
struct MinedArticles {
  PhraseMine mine;
  std::vector<std::unordered_set<std::string>> about;
};

/// One line of a file. False if it cannot be read.
bool take_article(const std::string& line, const tagging::Tagger& tagger,
                  const MineArguments& arguments, const LanguageDetector& detect,
                  MinedArticles& out) {
  const auto json = parse_json(line);
  if (!json || !json->is_object()) return false;
  const std::string title = (*json)["title"].as_string();
  const std::string text = (*json)["text"].as_string();
  if (title.empty() && text.empty()) return false;
  std::string language = (*json)["lang"].as_string();
  if (language.empty() && detect) language = language_of(detect, title, text);
  if (language != arguments.language) return true;
  std::unordered_set<std::string>& about = out.about.emplace_back();
  for (const tagging::TagFound& tag : tagger.tag_text(title, text, language).topics) {
    if (tag.about) about.insert(tag.id);
  }
  out.mine.add(title + "\n\n" + text);
  return true;
}

/// 0, 1 some lines failed, 3 a file cannot be read.
int read_articles(const MineArguments& arguments, const tagging::Tagger& tagger,
                  const LanguageDetector& detect, std::istream& in, std::ostream& err,
                  MinedArticles& out) {
  int code = 0;
  for (const std::string& file : arguments.files) {
    std::ifstream opened;
    if (file != "-") {
      opened.open(file, std::ios::binary);
      if (!opened) {
        err << "vigie topics mine: " << file << ": the file cannot be read\n";
        return 3;
      }
    }
    std::istream& source = file == "-" ? in : opened;
    std::string line;
    for (std::size_t number = 1; std::getline(source, line); ++number) {
      if (out.mine.size() == kMostArticles) {
        err << "vigie topics mine: " << file << ":" << number << ": " << kMostArticles
            << " articles are the most; the others are left out\n";
        return 1;
      }
      if (line.empty() || take_article(line, tagger, arguments, detect, out)) continue;
      err << file << ":" << number << ": a line is an object with id, title and text\n";
      code = 1;
    }
  }
  return code;
}

/// Articles about the topic, and those most like its examples.
std::vector<std::size_t> near_topic(const topic_packs::Topic& topic, const MinedArticles& articles,
                                    const std::string& language) {
  std::vector<std::string> texts;
  for (const topic_packs::Example& example : topic.examples) {
    if (example.must && example.language == language) texts.push_back(example.text);
  }
  for (const auto& [name_language, name] : topic.names) {
    if (name_language == language) texts.push_back(name);
  }
  const std::vector<double> likeness = articles.mine.likeness(texts);
  std::vector<std::size_t> out;
  std::vector<std::size_t> alike;
  for (std::size_t i = 0; i < articles.about.size(); ++i) {
    if (articles.about[i].count(topic.id) != 0) {
      out.push_back(i);
    } else if (likeness[i] >= kAlike) {
      alike.push_back(i);
    }
  }
  std::stable_sort(alike.begin(), alike.end(),
                   [&](std::size_t a, std::size_t b) { return likeness[a] > likeness[b]; });
  if (alike.size() > kMostAlike) alike.resize(kMostAlike);
  out.insert(out.end(), alike.begin(), alike.end());
  return out;
}

}  // namespace

int run_topics_mine(const MineArguments& arguments, const LanguageDetector& detect,
                    std::istream& in, std::ostream& out, std::ostream& err) {
  const auto tagger = tagging::Tagger::load(arguments.packs);
  if (!tagger) {
    err << "vigie topics mine: " << tagger.error().to_string() << "\n";
    return 3;
  }
  MinedArticles articles;
  const int code = read_articles(arguments, **tagger, detect, in, err, articles);
  if (code == 3) return code;
  const auto wanted = [&](const std::string& id) {
    const auto& ids = arguments.topics;
    return ids.empty() || std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  for (const topic_packs::Pack& pack : (*tagger)->packs()) {
    for (const topic_packs::Topic& topic : pack.topics) {
      if (!wanted(topic.id)) continue;
      const std::vector<std::size_t> near = near_topic(topic, articles, arguments.language);
      const auto is_new = [&](const std::string& phrase) {
        const auto explained = (*tagger)->explain("", phrase, arguments.language);
        return std::none_of(
            explained.begin(), explained.end(),
            [&](const tagging::TagExplained& tag) { return tag.id == topic.id && tag.raw > 0; });
      };
      for (const MinedPhrase& phrase :
           articles.mine.phrases_of(near, static_cast<std::size_t>(arguments.limit), is_new)) {
        out << Json::object({{"topic", topic.id},
                             {"lang", arguments.language},
                             {"term", phrase.phrase},
                             {"documents", phrase.near},
                             {"near", near.size()},
                             {"elsewhere", phrase.elsewhere},
                             {"score", std::round(phrase.score * 10) / 10},
                             {"example", phrase.example}})
                   .dump()
            << "\n";
      }
    }
  }
  return code;
}

}  // namespace vigie::extractor::commands
