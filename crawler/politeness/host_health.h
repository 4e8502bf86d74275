#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "crawler/fetch/retry_schedule.h"
#include "platform/clock/clock.h"
#include "platform/result/result.h"

namespace vigie::crawler::politeness {

/// Which hosts are left alone for now, because nothing answers there. All URLs of such a host wait
/// with it, and nothing is written for them. Where many hosts that answered before fail in a row,
/// it is the network or the name server that has gone: then one host at a time is asked, until one
/// responses, and those that failed meanwhile are asked soon. Kept in memory alone. One thread.
class HostHealth {
 public:
  HostHealth(fetch::RetrySchedule retry, const Clock& clock, Random& random);

  /// Hosts that answered before and failed in a row, without a response of any between.
  static constexpr std::size_t kOutageHosts = 5;
  /// Between two hosts that are asked meanwhile: doubled up to the most.
  static constexpr std::chrono::milliseconds kFirstProbe{5'000};
  static constexpr std::chrono::milliseconds kMostProbe{30'000};
  /// A host counts as one that answered for so long.
  static constexpr std::chrono::milliseconds kGoodFor{2 * 3'600'000};
  /// Those that failed meanwhile are asked within this time after the end.
  static constexpr std::chrono::milliseconds kRelease{10'000};
  /// A name that is not known may wait so many times longer than a host that does not answer.
  static constexpr int kNameFactor = 6;
  static constexpr std::size_t kMaxHosts = 100'000;

  /// Until when the host is left alone, on the boot clock; nothing: it may be asked.
  std::optional<std::chrono::milliseconds> waits_until(std::string_view host) const;
  /// Whether there may be any that waits.
  bool any_waits() const { return outage_ || last_until_ > clock_.since_boot(); }
  /// The host is asked now.
  void asked(std::string_view host);
  /// What came of it: null, it answered.
  void answered(const std::string& host, const Error* error);
  /// Leaves a host alone until then, whose robots.txt cannot be had.
  void hold(const std::string& host, std::chrono::milliseconds until);

  bool outage() const { return outage_; }
  std::size_t size() const { return hosts_.size(); }

 private:
  struct Host {
    std::uint32_t failures = 0;  // in a row
    std::chrono::milliseconds failing_since{0};
    std::chrono::milliseconds until{0};
    std::optional<std::chrono::milliseconds> reached;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  void failed(Host& host, const Error& error);
  void wait(Host& host, std::chrono::milliseconds until);
  void end_outage();
  void forget_some();

  fetch::RetrySchedule retry_;
  const Clock& clock_;
  Random& random_;
  std::unordered_map<std::string, Host, Hash, std::equal_to<>> hosts_;
  std::chrono::milliseconds last_until_{0};  // of all hosts
  bool ever_reached_ = false;
  bool outage_ = false;
  std::size_t good_failed_ = 0;  // since a response came
  std::chrono::milliseconds first_failed_{0};
  std::chrono::milliseconds next_probe_{0};
  std::chrono::milliseconds probe_every_{kFirstProbe};
};

/// The host of a URL as the frontier writes it, without port and brackets' contents changed; ""
/// where it has none. No parse.
std::string_view host_in(std::string_view url);

}  // namespace vigie::crawler::politeness
