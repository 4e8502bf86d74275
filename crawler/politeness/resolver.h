#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/clock/clock.h"

namespace vigie::crawler::politeness {

/// Tells what addresses a host's name leads to, before it is contacted: only so can the gap of an
/// address hold for two hosts that were never met. Thread-safe.
class Resolver {
 public:
  virtual ~Resolver() = default;
  /// Called once, on any thread, with addresses as text; empty where the name leads nowhere, or
  /// that cannot be told in time.
  using Done = std::function<void(std::vector<std::string> addresses)>;
  virtual void resolve(const std::string& host, Done done) = 0;
};

/// The machine's own resolver (getaddrinfo), on a few threads of its own, which are not waited for
/// at the end: a name server that is silent may hold one for many seconds. Never answers from
/// within resolve() unless too many names wait. `clock` must outlive the resolver.
std::unique_ptr<Resolver> make_system_resolver(const Clock& clock);

}  // namespace vigie::crawler::politeness
