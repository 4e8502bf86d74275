#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "platform/text/base64.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {

// ops/spec/http_api.md, "Who may call": named keys, people of a proxy, feeds, other origins.
class People : public Api {
 protected:
  using Headers = std::map<std::string, std::string, std::less<>>;
  void use_keys(const std::string& lines) {
    const auto file = dir_ / "keys";
    std::ofstream(file) << lines;
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    set("api.keys_file", file.string());
  }
  void set(const std::string& key, Json value) {
    settings_.values[key] = {std::move(value), "--set"};
  }
  static Json list(std::initializer_list<const char*> items) {
    Json out = Json::array();
    for (const char* item : items) out.push(item);
    return out;
  }
  /// Whether a server would start with these settings.
  bool starts() {
    ApiDependencies dependencies{.settings = settings_,
                                 .log = *log_,
                                 .index = *index_,
                                 .subscriptions = *store_,
                                 .sessions = *sessions_,
                                 .keys = *keys_,
                                 .collections = *collections_,
                                 .saved = *saved_,
                                 .clock = clock_,
                                 .random = random_,
                                 .metrics = *metrics_,
                                 .data_dir = dir_};
    return make_router(std::move(dependencies)).has_value();
  }
  int status(std::string method, const std::string& target, Headers headers,
             const std::string& body = {}, const std::string& peer = "192.0.2.1") {
    http::Request request;
    request.method = std::move(method);
    const std::size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string::npos) {
      const std::size_t second = target.find('&', mark);
      for (const std::string& part : {target.substr(mark + 1, second - mark - 1),
                                      second == std::string::npos ? "" : target.substr(second + 1)})
        if (!part.empty())
          request.query.emplace_back(part.substr(0, part.find('=')),
                                     http::percent_decode(part.substr(part.find('=') + 1), true));
    }
    headers.insert({"host", "news.example"});
    request.headers = std::move(headers);
    request.body = body;
    request.peer = peer;
    request.peer_is_loopback = false;
    last_ = router_->handle(std::move(request));
    return last_.status;
  }
  std::string header(std::string_view name) const {
    std::string out;
    for (const auto& [key, value] : last_.headers) {
      if (key == name) out = value;
    }
    return out;
  }
  static Headers bearer(const std::string& key) { return {{"authorization", "Bearer " + key}}; }
  static Headers basic(const std::string& pair) {
    return {{"authorization", "Basic " + text::base64_encode(pair)}};
  }
  /// A named key, made by the API.
  std::string key_of(const std::string& name, const std::string& role) {
    EXPECT_EQ(status("POST", "/v1/keys", bearer(root_),
                     "{\"name\":\"" + name + "\",\"role\":\"" + role + "\"}"),
              201)
        << last_.body;
    ids_[name] = json_of(last_)["id"].as_string();
    return json_of(last_)["key"].as_string();
  }
  std::string alert(const std::string& key) {
    EXPECT_EQ(
        status("POST", "/v1/subscriptions", bearer(key), R"({"name":"Chips","query":"chips"})"),
        201)
        << last_.body;
    return json_of(last_)["id"].as_string();
  }

  const std::string root_ = "0123456789abcdef0123";
  std::map<std::string, std::string> ids_;
  http::Response last_;
};

}  // namespace vigie::indexer::api
