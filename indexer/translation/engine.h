#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "platform/result/result.h"

namespace vigie {
class Clock;
}
namespace vigie::net {
class HttpClient;
}

/// Texts of articles in the reader's language, by a program of the operator's choice.
namespace vigie::indexer::translation {

/// Texts of one pair of languages.
struct Batch {
  std::string source;  // as in ArticleRecord.language (ISO 639-1); empty: the translator finds out
  std::string target;  // ISO 639-1
  std::vector<std::string> texts;  // valid UTF-8, plain text
};

/// The seam to a translator. One thread.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Waits. Out: a text for each of the batch, in their order. Errors: kQuarantine bad_argument,
  /// where the translator refuses these texts or languages and would again; kRetry: where it is not
  /// reached, fails or answers what is no response (those of net::HttpClient and of
  /// process::run_command, not_authorized, too_many_requests, bad_answer). The detail is a sentence
  /// for people and holds no key.
  virtual Result<std::vector<std::string>> translate(const Batch& batch,
                                                     const std::stop_token& stop) = 0;
};

/// What a batch is as the body of LibreTranslate's POST /translate. `q` is a list where the batch
/// has several texts, else the text. Source: docs.libretranslate.com, API usage.
std::string request_of(const Batch& batch, const std::string& api_key);
/// Of a body with `translatedText`. Errors: kRetry bad_answer: no JSON, or not as many texts.
Result<std::vector<std::string>> texts_of(const std::string& body, std::size_t texts);

/// POST `url`/translate. `client` must outlive it; the address is the operator's choice and is not
/// judged here.
std::unique_ptr<Engine> make_http_engine(net::HttpClient& client, std::string url,
                                         std::string api_key, std::chrono::milliseconds timeout);

/// A program, started for each batch: the body of the request on stdin, without a key, and that of
/// the response from stdout.
std::unique_ptr<Engine> make_command_engine(std::vector<std::string> argv, Clock& clock,
                                            std::chrono::milliseconds timeout);

}  // namespace vigie::indexer::translation
