#include "indexer/service/translator_settings.h"

#include <string>
#include <utility>
#include <vector>

#include "indexer/service/server_settings.h"
#include "platform/net/address.h"

namespace vigie::indexer::service {
namespace {

const ServerForm kTranslator{{"http", "https"},
                             true,
                             "the translator is http://HOST:PORT or https://HOST, with the path in "
                             "front of /translate where there is one; its key is "
                             "translate.key_file"};

/// The translator is the operator's own choice: any address may be contacted.
Result<std::unique_ptr<net::HttpClient>> make_client() {
  net::CurlOptions options;
  options.user_agent = "vigie/" VIGIE_VERSION;
  options.max_connections = 2;  // one request at a time, and one that a stop left behind
  for (const char* network : {"0.0.0.0/0", "::/0"}) {
    VIGIE_ASSIGN(const net::Network parsed, net::parse_network(network));
    options.allow_networks.push_back(parsed);
  }
  return net::make_curl_client(std::move(options));
}

}  // namespace

Result<TranslatorParts> make_translator_parts(const config::Settings& settings, Clock& clock) {
  const std::string url = settings.text("translate.url");
  const std::vector<std::string> command = settings.list("translate.command");
  const std::string key_file = settings.text("translate.key_file");
  const std::chrono::milliseconds timeout = settings.duration("translate.timeout");
  TranslatorParts out;
  if (!url.empty() && !command.empty())
    return bad_setting("translate.command",
                       "translate.url and translate.command are two translators: set one");
  if (url.empty() && !key_file.empty())
    return bad_setting("translate.key_file", "a key goes to translate.url, which is not set");
  if (!command.empty()) out.engine = translation::make_command_engine(command, clock, timeout);
  if (url.empty()) return out;
  VIGIE_TRY(check_server_url("translate.url", url, kTranslator));
  std::string key;
  if (!key_file.empty()) {
    VIGIE_ASSIGN(key, read_server_key("translate.key_file", key_file));
  }
  VIGIE_ASSIGN(out.client, make_client());
  out.engine = translation::make_http_engine(*out.client, url, std::move(key), timeout);
  return out;
}

}  // namespace vigie::indexer::service
