#include "indexer/api/reading_api.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "indexer/api/problems.h"
#include "indexer/search/index.h"
#include "indexer/translation/translator.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::api {
namespace {

using translation::Answer;
using translation::Urgency;

constexpr std::size_t kMaxArticles = 50;       // more than a page of the list shows
constexpr std::size_t kMaxTextBytes = 40'000;  // of a text that is translated
constexpr std::size_t kMaxParagraphs = 200;

std::vector<std::string> ids_of(std::string_view given) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= given.size();) {
    const std::size_t end = std::min(given.find(',', begin), given.size());
    std::string id(text::trim(given.substr(begin, end - begin)));
    if (!id.empty() && std::find(out.begin(), out.end(), id) == out.end())
      out.push_back(std::move(id));
    begin = end + 1;
  }
  return out;
}

bool is_language(std::string_view code) {
  return code.size() == 2 && std::all_of(code.begin(), code.end(), text::ascii::is_lower);
}

struct Named {
  std::size_t begin;
  std::size_t end;  // bytes of the title
  std::string id;
};

std::vector<Named> named_in_title(const google::protobuf::RepeatedPtrField<v1::Tag>& tags,
                                  std::size_t title_bytes) {
  std::vector<Named> out;
  for (const v1::Tag& tag : tags) {
    for (const v1::Span& span : tag.evidence()) {
      const std::size_t end = std::size_t{span.offset()} + span.length();
      if (span.field() == "title" && span.length() > 0 && end <= title_bytes)
        out.push_back({span.offset(), end, tag.id()});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Named& a, const Named& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  return out;
}

/// Where the title names actors and topics, none within another. An actor is a name, a topic often
/// half of a sentence: it gives way.
Json names_of(const v1::ArticleRecord& article) {
  std::vector<Named> kept;
  for (const auto* tags : {&article.actors(), &article.topics()}) {
    for (Named& one : named_in_title(*tags, article.title().size())) {
      const bool is_free = std::none_of(kept.begin(), kept.end(), [&](const Named& other) {
        return one.begin < other.end && other.begin < one.end;
      });
      if (is_free) kept.push_back(std::move(one));
    }
  }
  std::sort(kept.begin(), kept.end(),
            [](const Named& a, const Named& b) { return a.begin < b.begin; });
  Json out = Json::array();
  for (const Named& one : kept)
    out.push(
        Json::object({{"id", one.id}, {"offset", one.begin}, {"length", one.end - one.begin}}));
  return out;
}

Json translation_json(const Answer& response) {
  const bool done = response.state == Answer::State::kDone;
  const bool failed = response.state == Answer::State::kFailed;
  return Json::object({{"state", done     ? "done"
                                 : failed ? "failed"
                                          : "waiting"},
                       {"text", done ? Json(response.text) : Json()},
                       {"problem", failed ? Json(response.problem) : Json()}});
}

/// What one call asks the translator for.
class Wanted {
 public:
  Wanted(translation::Translator* translator, std::string to)
      : translator_(translator), to_(std::move(to)) {}

  bool applies(const v1::ArticleRecord& article) const {
    return translator_ != nullptr && article.language() != to_;
  }
  Json title(const v1::ArticleRecord& article) {
    if (!applies(article) || article.title().empty()) return {};
    return ask(Urgency::kHeadline, article, article.title());
  }
  Json paragraphs(const v1::ArticleRecord& article) {
    Json out = Json::array();
    if (!applies(article)) return out;
    const std::string_view whole = article.text();
    for (std::size_t begin = 0;
         begin < std::min(whole.size(), kMaxTextBytes) && out.as_array().size() < kMaxParagraphs;) {
      const std::size_t end = std::min(whole.find('\n', begin), whole.size());
      if (!text::trim(whole.substr(begin, end - begin)).empty())
        out.push(Json::object(
            {{"offset", begin},
             {"length", end - begin},
             {"translation", ask(Urgency::kText, article, whole.substr(begin, end - begin))}}));
      begin = end + 1;
    }
    return out;
  }
  bool is_waiting() const { return waiting_; }

 private:
  Json ask(Urgency urgency, const v1::ArticleRecord& article, std::string_view text) {
    const Answer response = translator_->ask(urgency, article.language(), to_, text);
    waiting_ = waiting_ || response.state == Answer::State::kWaiting;
    return translation_json(response);
  }

  translation::Translator* translator_;
  std::string to_;
  bool waiting_ = false;
};

}  // namespace

Routes ReadingApi::routes() {
  return {route("GET", "/v1/reading", "reading", this, &ReadingApi::reading)};
}

http::Response ReadingApi::reading(const Call& call) {
  const std::vector<std::string> ids = ids_of(call.text("ids"));
  if (ids.empty() || ids.size() > kMaxArticles)
    return problem("bad_parameter", "ids names 1 to 50 articles, with commas between them.");
  const std::string to = call.text("to");
  if (!is_language(to))
    return problem("bad_parameter", "to is a language by its two letters, such as en (ISO 639-1).");
  const bool with_text = call.flag("text");
  if (with_text && ids.size() > 1)
    return problem("bad_parameter", "text=1 is for one article at a time.");
  Wanted wanted(translator_, to);
  Json articles = Json::array();
  for (const std::string& id : ids) {
    search::Coverage coverage;
    const auto view = index_.article(id, &coverage);
    if (!view) return problem_of(view.error());
    if (!*view) continue;
    const v1::ArticleRecord& article = (*view)->article;
    articles.push(
        Json::object({{"id", id},
                      {"language", article.language()},
                      {"names", names_of(article)},
                      {"title", wanted.title(article)},
                      {"paragraphs", with_text ? wanted.paragraphs(article) : Json::array()}}));
  }
  return http::Response::json(Json::object({{"translator", translator_ != nullptr},
                                            {"waiting", wanted.is_waiting()},
                                            {"articles", std::move(articles)}}));
}

}  // namespace vigie::indexer::api
