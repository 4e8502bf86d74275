#include "platform/url/takedown.h"

#include <utility>

#include "platform/url/url.h"

namespace vigie::url {

Takedown read_takedown(std::string_view target) {
  constexpr std::string_view kUrl = "url:";
  constexpr std::string_view kHost = "host:";
  constexpr std::string_view kSource = "source:";
  using Kind = Takedown::Kind;
  if (target.starts_with(kSource))
    return {Kind::kSource, std::string(target.substr(kSource.size()))};
  if (target.starts_with(kHost)) {
    const std::string host(target.substr(kHost.size()));
    const auto read = parse("http://" + host + "/");
    const bool alone = read && read->host && read->path == "/" && !read->port;
    return {Kind::kHost, alone ? *read->host : host};
  }
  if (target.starts_with(kUrl)) {
    const std::string written(target.substr(kUrl.size()));
    auto read = normalise(written);
    return {Kind::kUrl, read ? std::move(*read) : written};
  }
  return {Kind::kArticle, std::string(target)};
}

bool TakenDown::add(const Takedown& takedown) {
  switch (takedown.kind) {
    case Takedown::Kind::kUrl: return urls_.insert(takedown.value).second;
    case Takedown::Kind::kHost: return hosts_.insert(takedown.value).second;
    case Takedown::Kind::kSource: return sources_.insert(takedown.value).second;
    case Takedown::Kind::kArticle: break;
  }
  return false;
}

bool TakenDown::has_url(std::string_view url) const {
  if (urls_.empty() && hosts_.empty()) return false;
  const auto read = parse(url);
  if (!read || !read->host) return false;
  if (const auto normal = normalise(*read); normal && urls_.contains(*normal)) return true;
  std::string_view host = *read->host;
  while (true) {
    if (hosts_.contains(host)) return true;
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos) return false;
    host.remove_prefix(dot + 1);
  }
}

}  // namespace vigie::url
