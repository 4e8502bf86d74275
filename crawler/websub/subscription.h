#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/frontier.pb.h"

/// The subscription of one feed at its hub, over its life: asked → active, renewed before its lease
/// ends; what a hub refuses or does not answer is asked again later. Pure functions.
namespace vigie::crawler::websub {

// Values of HubSubscription.state.
inline constexpr const char* kAsked = "asked";      // the hub has not shown yet that it means it
inline constexpr const char* kActive = "active";    // the hub pushes until the lease ends
inline constexpr const char* kRefused = "refused";  // the hub said no
inline constexpr const char* kFailed = "failed";    // the hub cannot be had, or is silent

/// What is asked for; a hub may give less or more.
inline constexpr std::chrono::seconds kWantedLease{10 * 24 * 3600};
/// More than this is not believed.
inline constexpr std::chrono::seconds kLongestLease{30 * 24 * 3600};
/// A hub that took a request and has not asked back for so long is silent.
inline constexpr std::chrono::milliseconds kVerifyTime{600'000};
/// A hub that refused or failed is asked again after this, twice as late each time.
inline constexpr std::chrono::milliseconds kFirstRetry{600'000};
inline constexpr std::chrono::milliseconds kLastRetry{24 * 3'600'000};

/// A subscription that is to be asked for at once. `callback`: hash of the callback URL.
v1::HubSubscription begin(const std::string& hub, const std::string& topic,
                          const std::string& callback, std::int64_t now_unix_ms);
/// The hub took the request; it is to ask back. A lease that runs goes on.
void note_taken(v1::HubSubscription& subscription, std::int64_t now_unix_ms);
/// The hub asked back: it pushes for so long. It is asked anew when a fifth of that is left.
void note_verified(v1::HubSubscription& subscription, std::chrono::seconds lease,
                   std::int64_t now_unix_ms);
/// `refused`: the hub said no; else it could not be had. `why`: a sentence for people.
void note_failed(v1::HubSubscription& subscription, bool refused, std::string_view why,
                 std::int64_t now_unix_ms);
/// The hub was asked, and has neither answered no nor asked back in time.
bool is_silent(const v1::HubSubscription& subscription, std::int64_t now_unix_ms);
/// Whether the hub pushes now.
bool is_active(const v1::HubSubscription& subscription, std::int64_t now_unix_ms);

/// The body of the request to a hub, application/x-www-form-urlencoded (WebSub §5.1).
struct HubRequest {
  std::string mode;  // subscribe unsubscribe
  std::string topic;
  std::string callback;
  std::string secret;  // "": none
};
std::string form_of(const HubRequest& request);

}  // namespace vigie::crawler::websub
