#include "platform/service/health.h"

#include <filesystem>
#include <iostream>

#include "platform/net/http_client.h"
#include "platform/process/process.h"
#include "platform/service/service.h"

namespace vigie::service {
namespace {

constexpr std::chrono::milliseconds kResponseTime{3'000};

/// Where a process that listens on an endpoint can be asked from this machine.
std::string reachable(std::string address) {
  for (const auto& [any, loopback] :
       {std::pair("0.0.0.0:", "127.0.0.1:"), std::pair("[::]:", "[::1]:")}) {
    if (address.starts_with(any)) return loopback + address.substr(std::string_view(any).size());
  }
  return address;
}

int unhealthy(const std::string& why) {
  std::cerr << why << '\n';
  return process::kExitSomeFailed;
}

}  // namespace

int ask_health(const config::Settings& settings) {
  const std::string dir = settings.text("data_dir");
  std::string address = process::holder_address(dir);
  if (address.empty()) return unhealthy("not running: no process answers for " + dir);
  if (const auto own = process::read_file(std::filesystem::path(dir) / kHealthAddressFile))
    address = *own;
  net::CurlOptions options;
  options.user_agent = "vigie/" VIGIE_VERSION;
  // The process named this address itself: any is right.
  for (const char* network : {"0.0.0.0/0", "::/0"}) {
    if (auto parsed = net::parse_network(network)) options.allow_networks.push_back(*parsed);
  }
  net::HttpRequest request;
  request.url = "http://" + reachable(address) + "/readyz";
  request.limits.connect = request.limits.stall = request.limits.total = kResponseTime;
  const auto response = net::make_curl_client(std::move(options))->fetch(std::move(request));
  if (!response) return unhealthy("not healthy: " + address + ": " + response.error().to_string());
  if (response->status != 200)
    return unhealthy("not ready: " + address + " answers " + std::to_string(response->status) +
                     ": " + response->body.substr(0, 500));
  return process::kExitOk;
}

}  // namespace vigie::service
