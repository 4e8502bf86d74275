#pragma once

#include <functional>
#include <memory>
#include <string>

#include "platform/config/settings.h"
#include "platform/http/http.h"
#include "platform/result/result.h"

/// How a command reaches the data: over HTTP where a process holds it, else in this process.
namespace vigie::cli {

class Api {
 public:
  virtual ~Api() = default;
  /// One call. Errors: what net::HttpClient says, as sentences that name the server. An HTTP error
  /// status is a response, no error.
  virtual Result<http::Response> call(http::Request request) = 0;
  /// "http://127.0.0.1:8080" or "this process", for messages.
  virtual std::string where() const = 0;
};

struct ApiTarget {
  std::string server;  // --server URL; empty: look for the process that holds data_dir
};

/// What a command starts in this process where no other holds the data: it needs the index, or the
/// log alone; and the extractor, where pages are to go through.
enum class InProcess { kIndex, kIndexAndExtractor, kLog, kLogAndExtractor };

/// The key for a server that wants one is VIGIE_API_KEY, else, for the process that holds data_dir,
/// the first of api.keys_file. With the log on Kafka nothing joins a group here: what needs the log
/// alone reads and writes the topics, all else wants a server. Errors: kStop unreachable; kStop
/// no_data where `must_exist` and the directory holds no data; kStop no_server where only an
/// indexer has what is asked for; else as Instance::start.
Result<std::unique_ptr<Api>> connect(const config::Settings& settings, const ApiTarget& target,
                                     InProcess parts, bool must_exist = true);

/// The body of a good response as JSON, or an Error made of the problem details.
Result<Json> json_response(Result<http::Response> response, const std::string& where);

}  // namespace vigie::cli
