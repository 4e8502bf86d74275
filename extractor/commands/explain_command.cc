#include "extractor/commands/explain_command.h"

#include <cmath>
#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>
#include <string_view>
#include <utility>

#include "extractor/tagging/tagger.h"
#include "platform/json/json.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::commands {
namespace {

double two_decimals(double score) { return std::round(score * 100) / 100; }

Json hits_json(const tagging::TagExplained& tag, const ArticleText& article) {
  Json out = Json::array();
  for (const tagging::HitExplained& hit : tag.hits) {
    const std::string& field = hit.in_title ? article.title : article.text;
    Json line = Json::object({{"text", field.substr(hit.offset, hit.length)},
                              {"field", hit.in_title ? "title" : "text"},
                              {"offset", hit.offset},
                              {"length", hit.length},
                              {"rule", hit.rule},
                              {"role", std::string(hit.role)},
                              {"fate", std::string(hit.fate)}});
    if (hit.weight > 0) line.set("weight", two_decimals(hit.weight));
    if (hit.sure) line.set("sure", true);
    out.push(std::move(line));
  }
  return out;
}

Json tag_json(const tagging::TagExplained& tag, const ArticleText& article) {
  Json out = Json::object({{"id", tag.id}});
  if (tag.sort != "context") {
    const std::string_view level = tag.why.substr(0, tag.why.find(':'));
    out.set("level", std::string(level));
    out.set("why", std::string(tag.why.substr(std::min(tag.why.size(), level.size() + 2))));
    out.set("score", two_decimals(tag.score));
    out.set("raw", two_decimals(tag.raw));
    if (tag.sort == "topic") out.set("standing", two_decimals(tag.standing));
  }
  if (!tag.child.empty()) out.set("child", tag.child);
  if (!tag.together.empty()) {
    Json together = Json::array();
    for (const std::vector<std::string>& ids : tag.together) {
      Json all = Json::array();
      for (const std::string& id : ids) all.push(id);
      together.push(std::move(all));
    }
    out.set("together", std::move(together));
  }
  out.set("hits", hits_json(tag, article));
  return out;
}

Result<ArticleText> text_of_line(const Json& line, std::size_t number) {
  ArticleText out;
  for (const auto& [name, value] : {std::pair{"title", &out.title}, std::pair{"text", &out.text},
                                    std::pair{"language", &out.language}}) {
    if (const Json* found = line.find(name); found != nullptr && found->is_string())
      *value = found->as_string();
  }
  if (const Json* found = line.find("lang"); found != nullptr && found->is_string())
    out.language = found->as_string();
  if (const Json* found = line.find("id"); found != nullptr)
    out.id = found->is_string() ? found->as_string() : found->dump();
  if (out.title.empty() && out.text.empty())
    return failure(Disposition::kQuarantine, "bad_line",
                   "line " + std::to_string(number) + " has neither title nor text");
  return out;
}

}  // namespace

Result<std::vector<ArticleText>> read_article_texts(const std::string& file, std::istream& in) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) return failure(Disposition::kStop, "io", "the file cannot be read", file);
  }
  std::istream& source = file == "-" ? in : opened;
  const std::string all = text::to_valid_utf8(
      std::string(std::istreambuf_iterator<char>(source), std::istreambuf_iterator<char>()));
  std::vector<ArticleText> out;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    const std::string_view line = text::trim(std::string_view(all).substr(begin, end - begin));
    ++number;
    if (!line.empty()) {
      const auto json = parse_json(line);
      if (!json || !json->is_object()) {
        if (out.empty()) break;
        return failure(Disposition::kQuarantine, "bad_line",
                       "line " + std::to_string(number) + " is no JSON object", file);
      }
      VIGIE_ASSIGN(ArticleText article, text_of_line(*json, number));
      out.push_back(std::move(article));
    }
    begin = end + 1;
  }
  if (!out.empty()) return out;
  const std::size_t first = std::min(all.find('\n'), all.size());
  ArticleText article{file,
                      std::string(text::trim(std::string_view(all).substr(0, first))),
                      all.substr(std::min(first + 1, all.size())),
                      {}};
  out.push_back(std::move(article));
  return out;
}

int run_topics_explain(const std::vector<std::string>& packs,
                       const std::vector<ArticleText>& articles, const LanguageDetector& detect,
                       std::ostream& out, std::ostream& err) {
  const auto tagger = tagging::Tagger::load(packs);
  if (!tagger) {
    err << "vigie topics explain: " << tagger.error().to_string() << "\n";
    return 3;
  }
  for (const ArticleText& article : articles) {
    std::string language = article.language;
    if (language.empty() && detect) language = language_of(detect, article.title, article.text);
    Json line = Json::object({{"id", article.id},
                              {"title", article.title},
                              {"lang", language},
                              {"pack", (*tagger)->label()}});
    Json topics = Json::array();
    Json actors = Json::array();
    Json contexts = Json::array();
    for (const tagging::TagExplained& tag :
         (*tagger)->explain(article.title, article.text, language)) {
      Json& list = tag.sort == "topic" ? topics : tag.sort == "actor" ? actors : contexts;
      list.push(tag_json(tag, article));
    }
    line.set("topics", std::move(topics));
    line.set("actors", std::move(actors));
    line.set("contexts", std::move(contexts));
    out << line.dump() << "\n";
  }
  return 0;
}

}  // namespace vigie::extractor::commands
