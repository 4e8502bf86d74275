#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "indexer/keys/role.h"
#include "platform/http/http.h"
#include "platform/net/address.h"
#include "platform/result/result.h"

namespace vigie::config {
class Settings;
}

/// Private to indexer/api.
namespace vigie::indexer::api {

/// People who signed in at a reverse proxy (OIDC, SAML, a directory), which names them in headers.
/// Nothing that stands in such a header counts unless the connection comes from a proxy of
/// api.trusted_proxies. Immutable.
class Proxies {
 public:
  /// Errors: kStop bad_network; kStop bad_setting: a role that does not exist or is not for people,
  /// headers without proxies, people without api.keys_file.
  static Result<Proxies> open(const config::Settings& settings);

  bool trusts(std::string_view address) const { return net::is_within(address, trusted_); }
  /// The address of who asked, behind however many trusted proxies: the last of X-Forwarded-For
  /// that is none of them. The request came from one.
  std::string client_of(const http::Request& request) const;
  /// Whether the request names a person, whoever sent it.
  bool names_somebody(const http::Request& request) const;

  struct Person {
    std::string name;                // "user:" and the value of the header
    std::optional<keys::Role> role;  // the highest of its groups; nullopt: none has one
  };
  /// For requests from a trusted proxy. nullopt: it names nobody, or no name that can be shown.
  std::optional<Person> person(const http::Request& request) const;

 private:
  std::vector<net::Network> trusted_;
  std::string user_header_;  // lower case; "" none
  std::string groups_header_;
  std::vector<std::pair<std::string, keys::Role>> roles_;  // by group
};

}  // namespace vigie::indexer::api
