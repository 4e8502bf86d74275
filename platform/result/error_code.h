#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <ostream>
#include <string>
#include <string_view>

namespace vigie {

/// The codes of all errors, in order. What a person, a metric or another process is told; a code is
/// never given another meaning.
inline constexpr std::string_view kErrorCodes[] = {
    "",  // none
    "address_refused",
    "alerts_moving",
    "automaton",
    "bad_address",
    "bad_answer",
    "bad_argument",
    "bad_channel_url",
    "bad_cursor",
    "bad_gzip",
    "bad_host",
    "bad_json",
    "bad_key",
    "bad_keys_file",
    "bad_line",
    "bad_network",
    "bad_origin",
    "bad_pack",
    "bad_parameter",
    "bad_partitions",
    "bad_pattern",
    "bad_peer",
    "bad_query",
    "bad_question",
    "bad_record",
    "bad_request",
    "bad_secret",
    "bad_setting",
    "bad_source",
    "bad_sources",
    "bad_status",
    "bad_subscription",
    "bad_url",
    "bad_value",
    "bad_warc",
    "bad_xml",
    "bad_yaml",
    "bind",
    "broker_limit",
    "broker_unreachable",
    "busy",
    "conflict",
    "connect",
    "corrupt",
    "disk_full",
    "dns",
    "dom_budget",
    "empty_feed",
    "empty_page",
    "empty_text",
    "ended",
    "fenced",
    "group_active",
    "group_taken",
    "internal",
    "io",
    "kafka",
    "key_needed",
    "keys_needed",
    "locked",
    "log_gap",
    "log_silent",
    "log_slow",
    "loopback_only",
    "method_not_allowed",
    "no_alerter",
    "no_crawler",
    "no_data",
    "no_pack",
    "no_sandbox",
    "no_server",
    "not_authorized",
    "not_feed",
    "not_found",
    "not_html",
    "not_http",
    "not_ready",
    "not_replayable",
    "not_searchable_yet",
    "not_sitemap",
    "nothing_to_skip",
    "out_of_memory",
    "over_quota",
    "partitions_changed",
    "peer_failed",
    "peer_refuses",
    "prefix_too_broad",
    "protocol",
    "redirect_bad_url",
    "redirect_loop",
    "redirect_not_http",
    "redirect_without_location",
    "refused_by_robots",
    "reset",
    "schema",
    "shard_missing",
    "shard_restoring",
    "stopped",
    "stopping",
    "takes_long",
    "timeout_connect",
    "timeout_stall",
    "timeout_total",
    "tls",
    "too_expensive",
    "too_large",
    "too_many_attempts",
    "too_many_headers",
    "too_many_redirects",
    "too_many_requests",
    "topic_missing",
    "unauthorized",
    "unexpected_body",
    "unknown_code",
    "unknown_key",
    "unknown_member",
    "unknown_parameter",
    "unknown_partition",
    "unreachable",
    "unsorted",
    "unsupported_channel",
    "unsupported_media_type",
    "worker_died",
    "worker_not_started",
    "worker_out_of_memory",
    "worker_timeout",
    "wrong_credentials",
    "wrong_type",
};
static_assert(std::ranges::is_sorted(kErrorCodes));

/// A code of the list above. A literal that is not in it does not compile, neither where an error
/// is made nor where one is compared.
class ErrorCode {
 public:
  constexpr ErrorCode() = default;
  template <std::size_t N>
  consteval ErrorCode(const char (&text)[N])  // NOLINT: a literal is a code
      : index_(registered(std::string_view(text, N - 1))) {}

  /// A code that another process or an older record tells; "unknown_code" for one not in the list.
  static constexpr ErrorCode from_text(std::string_view text) {
    ErrorCode out;
    const auto* found = std::ranges::lower_bound(kErrorCodes, text);
    const bool known = found != std::end(kErrorCodes) && *found == text;
    out.index_ = known ? static_cast<std::uint16_t>(found - std::begin(kErrorCodes))
                       : registered("unknown_code");
    return out;
  }

  constexpr std::string_view text() const { return kErrorCodes[index_]; }
  constexpr bool empty() const { return index_ == 0; }
  operator std::string() const { return std::string(text()); }  // NOLINT: labels, JSON, records

  friend constexpr bool operator==(ErrorCode, ErrorCode) = default;
  friend std::ostream& operator<<(std::ostream& out, ErrorCode code) { return out << code.text(); }

 private:
  static constexpr std::uint16_t registered(std::string_view text) {
    const auto* found = std::ranges::lower_bound(kErrorCodes, text);
    if (found == std::end(kErrorCodes) || *found != text)
      throw "the code is not in platform/result/error_code.h";
    return static_cast<std::uint16_t>(found - std::begin(kErrorCodes));
  }

  std::uint16_t index_ = 0;
};

}  // namespace vigie
