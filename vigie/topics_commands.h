#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "extractor/commands/explain_command.h"
#include "platform/config/settings.h"
#include "vigie/api_client.h"

/// Commands on topic packs that need what vigie has stored.
namespace vigie::cli {

/// Whether an argument is an article id (26 letters and digits) and no file.
bool is_article_id(const std::string& argument);

/// Title, text and language of a stored article. Errors: as json_response.
Result<extractor::commands::ArticleText> stored_article(Api& api, const std::string& id);

/// Tags every stored article again with the packs of `settings` and appends those whose tags are
/// others now; raises no alerts. With the embedded log only while no process holds the data. One
/// line {"articles","changed","unreadable"} on `out`. 0; 1 some records could not be read; 3 a
/// pack or the log cannot be read.
int run_topics_retag(const config::Settings& settings, bool progress, std::ostream& out,
                     std::ostream& err);

}  // namespace vigie::cli
