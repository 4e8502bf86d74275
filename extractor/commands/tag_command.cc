#include "extractor/commands/tag_command.h"

#include <algorithm>
#include <fstream>
#include <istream>
#include <ostream>
#include <thread>

#include "extractor/tagging/tagger.h"
#include "platform/json/json.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::commands {
namespace {

// of a text that tells its language by itself: some six sentences
constexpr std::size_t kTellingBytes = 600;

// lines read before they are tagged: keeps all threads busy and memory small
constexpr std::size_t kTextsAtATime = 64;

Json tags_json(const std::vector<tagging::TagFound>& tags, const std::string& title,
               const std::string& text) {
  Json out = Json::array();
  for (const tagging::TagFound& tag : tags) {
    Json evidence = Json::array();
    for (const tagging::EvidenceSpan& span : tag.evidence) {
      Json place =
          Json::object({{"field", span.in_title ? "title" : "text"},
                        {"offset", span.offset},
                        {"length", span.length},
                        {"text", (span.in_title ? title : text).substr(span.offset, span.length)}});
      if (span.together) place.set("together", true);
      if (!span.child.empty()) place.set("child", span.child);
      evidence.push(std::move(place));
    }
    out.push(Json::object({{"id", tag.id},
                           {"level", tag.about ? "about" : "mention"},
                           {"score", tag.score},
                           {"evidence", std::move(evidence)}}));
  }
  return out;
}

/// A line of the manifest and what became of it.
struct ManifestLine {
  std::size_t number = 0;
  std::string text;
  std::string out;  // empty: it failed
  std::string error;
};

void tag_line(const tagging::Tagger& tagger, const LanguageDetector& detect, ManifestLine& line) {
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
  const std::string language = language_of(detect, title, text);
  const tagging::TagResult found = tagger.tag_text(title, text, language);
  line.out = Json::object({{"id", *id},
                           {"lang", language},
                           {"pack", tagger.label()},
                           {"topics", tags_json(found.topics, title, text)},
                           {"actors", tags_json(found.actors, title, text)}})
                 .dump();
}

void tag_lines(const tagging::Tagger& tagger, const LanguageDetector& detect,
               std::vector<ManifestLine>& lines, int jobs) {
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

std::string language_of(const LanguageDetector& detect, std::string_view title,
                        std::string_view text) {
  if (!detect) return {};
  if (text.size() >= kTellingBytes) return detect(text);
  return detect(std::string(title) + "\n" + std::string(text));
}

int run_tag(const TagArguments& arguments, const LanguageDetector& detect, std::istream& in,
            std::ostream& out, std::ostream& err) {
  const auto tagger = tagging::Tagger::load(arguments.packs);
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
  std::vector<ManifestLine> lines;
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
    for (const ManifestLine& line : lines) {
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

}  // namespace vigie::extractor::commands
