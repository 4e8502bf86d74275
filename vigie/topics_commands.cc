#include "vigie/topics_commands.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>

#include "extractor/service/retag.h"
#include "extractor/tagging/tagger.h"
#include "platform/clock/clock.h"
#include "platform/process/process.h"
#include "platform/service/service.h"
#include "platform/text/ascii.h"

namespace vigie::cli {
namespace {

constexpr std::size_t kArticleIdLength = 26;

int cannot_retag(std::ostream& err, const Error& error) {
  err << "vigie topics retag: " << error.to_string() << '\n';
  return process::kExitCannotStart;
}

}  // namespace

bool is_article_id(const std::string& argument) {
  const auto is_base32 = [](char c) { return text::ascii::is_lower(c) || (c >= '2' && c <= '7'); };
  std::error_code error;
  return argument.size() == kArticleIdLength &&
         std::all_of(argument.begin(), argument.end(), is_base32) &&
         !std::filesystem::exists(argument, error);
}

Result<extractor::commands::ArticleText> stored_article(Api& api, const std::string& id) {
  http::Request request;
  request.path = "/v1/articles/" + id;
  VIGIE_ASSIGN(const Json response, json_response(api.call(std::move(request)), api.where()));
  return extractor::commands::ArticleText{id, response["title"].as_string(),
                                          response["text"].as_string(),
                                          response["language"].as_string()};
}

int run_topics_retag(const config::Settings& settings, bool progress, std::ostream& out,
                     std::ostream& err) {
  std::vector<std::string> dirs;
  for (const std::string& dir : settings.list("topics.dirs"))
    dirs.push_back(config::resource(dir).string());
  const auto tagger = extractor::tagging::Tagger::load(dirs);
  if (!tagger) return cannot_retag(err, tagger.error());
  const std::filesystem::path dir = settings.text("data_dir");
  std::optional<process::DataDir> held;
  if (settings.text("log.engine") != "kafka") {
    auto locked = process::DataDir::lock(dir);
    if (!locked) return cannot_retag(err, locked.error());
    held.emplace(std::move(*locked));
  }
  SystemClock clock;
  const auto log = service::open_log(settings, dir, clock);
  if (!log) return cannot_retag(err, log.error());
  const auto counts = extractor::service::retag(
      **log, [&](v1::ArticleRecord& article) { (*tagger)->tag(article); },
      [&](const extractor::service::RewriteCounts& so_far) {
        if (progress)
          err << '\r' << so_far.articles << " articles, " << so_far.changed << " changed";
      });
  if (!counts) return cannot_retag(err, counts.error());
  if (progress) err << '\n';
  out << Json::object({{"articles", counts->articles},
                       {"changed", counts->changed},
                       {"unreadable", counts->unreadable},
                       {"pack", (*tagger)->label()}})
             .dump()
      << '\n';
  return counts->unreadable == 0 ? process::kExitOk : process::kExitSomeFailed;
}

}  // namespace vigie::cli
