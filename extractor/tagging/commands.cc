#include "extractor/tagging/commands.h"

#include <algorithm>
#include <fstream>
#include <istream>
#include <ostream>
#include <thread>

#include "extractor/tagging/tagger.h"
#include "platform/json/json.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::tagging {
namespace {

// lines read before they are tagged: keeps all threads busy and memory small
constexpr std::size_t kTextsAtATime = 64;

Json tags_json(const std::vector<TagFound>& tags, const std::string& title,
               const std::string& text) {
  Json out = Json::array();
  for (const TagFound& tag : tags) {
    Json evidence = Json::array();
    for (const EvidenceSpan& span : tag.evidence) {
      evidence.push(Json::object(
          {{"field", span.in_title ? "title" : "text"},
           {"offset", span.offset},
           {"length", span.length},
           {"text", (span.in_title ? title : text).substr(span.offset, span.length)}}));
    }
    out.push(Json::object({{"id", tag.id},
                           {"level", tag.about ? "about" : "mention"},
                           {"score", tag.score},
                           {"evidence", std::move(evidence)}}));
  }
  return out;
}

struct Line {
  std::size_t number = 0;
  std::string text;
  std::string out;  // empty: it failed
  std::string error;
};

void tag_line(const Tagger& tagger, const LanguageDetector& detect, Line& line) {
  const auto json = parse_json(line.text);
  if (!json) {
    line.error = json.error().to_string();
    return;
  }
  const auto field = [&](std::string_view name) { return json->find(name); };
  const auto is_text = [](const Json* value) {
    return value == nullptr || value->is_null() || value->is_string();
  };
  const Json* id = field("id");
  if (!json->is_object() || id == nullptr || !(id->is_string() || id->is_integer())) {
    line.error = "a line is an object with id, title and text; this one has no id";
    return;
  }
  if (!is_text(field("title")) || !is_text(field("text")) ||
      (field("title") == nullptr && field("text") == nullptr)) {
    line.error = "a line is an object with id, title and text; title or text is missing or no text";
    return;
  }
  const std::string& title = (*json)["title"].as_string();
  const std::string& text = (*json)["text"].as_string();
  const std::string language = detect ? detect(text.empty() ? title : text) : std::string();
  const TagResult found = tagger.tag_text(title, text, language);
  line.out = Json::object({{"id", *id},
                           {"lang", language},
                           {"pack", tagger.label()},
                           {"topics", tags_json(found.topics, title, text)},
                           {"actors", tags_json(found.actors, title, text)}})
                 .dump();
}

void tag_lines(const Tagger& tagger, const LanguageDetector& detect, std::vector<Line>& lines,
               int jobs) {
  const std::size_t threads =
      std::min<std::size_t>(static_cast<std::size_t>(std::max(jobs, 1)), lines.size());
  const auto work = [&](std::size_t first) {
    for (std::size_t i = first; i < lines.size(); i += threads) tag_line(tagger, detect, lines[i]);
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work, i);
  if (threads > 0) work(0);
}

}  // namespace

int run_tag(const TagArguments& arguments, const LanguageDetector& detect, std::istream& in,
            std::ostream& out, std::ostream& err) {
  const auto tagger = Tagger::load(arguments.packs);
  if (!tagger) {
    err << "vigie tag: " << tagger.error().to_string() << "\n";
    return 3;
  }
  std::ifstream file;
  if (arguments.manifest != "-") {
    file.open(arguments.manifest, std::ios::binary);
    if (!file) {
      err << "vigie tag: " << arguments.manifest << ": the manifest cannot be read\n";
      return 3;
    }
  }
  std::istream& manifest = arguments.manifest == "-" ? in : file;
  int code = 0;
  std::size_t number = 0;
  std::vector<Line> lines;
  bool more = true;
  while (more) {
    lines.clear();
    std::string text;
    while (lines.size() < kTextsAtATime &&
           (more = static_cast<bool>(std::getline(manifest, text)))) {
      ++number;
      if (text::trim(text).empty()) continue;
      lines.push_back({number, std::move(text), {}, {}});
    }
    tag_lines(**tagger, detect, lines, arguments.jobs);
    for (const Line& line : lines) {
      if (line.error.empty()) {
        out << line.out << "\n";
        continue;
      }
      err << arguments.manifest << ":" << line.number << ": " << line.error << "\n";
      code = 1;
    }
  }
  out.flush();
  return code;
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
  return code;
}

int run_topics_test(const std::string& pack, std::ostream& out, std::ostream& err) {
  const auto tagger = Tagger::load({pack});
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
        const TagResult found = (*tagger)->tag_text(
            "", example.text, example.language == "any" ? "" : example.language);
        const auto is_it = [&id = id](const TagFound& tag) { return tag.id == id; };
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

}  // namespace vigie::extractor::tagging
