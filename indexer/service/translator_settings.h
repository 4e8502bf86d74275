#pragma once

#include <memory>

#include "indexer/translation/engine.h"
#include "platform/config/settings.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"

namespace vigie::indexer::service {

/// The translator that the settings name, and what it sends by.
struct TranslatorParts {
  std::unique_ptr<net::HttpClient> client;      // null with translate.command; outlives the engine
  std::unique_ptr<translation::Engine> engine;  // null where none is set up
};

/// Errors: kStop bad_setting: translate.url is no http or https URL, both a URL and a command are
/// set, or a key without a URL; bad_keys_file, of translate.key_file. The clock must outlive it.
Result<TranslatorParts> make_translator_parts(const config::Settings& settings, Clock& clock);

}  // namespace vigie::indexer::service
