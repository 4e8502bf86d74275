#pragma once

#include <string>
#include <string_view>

namespace vigie::crawler::websub {

/// What the X-Hub-Signature of a message is worth.
enum class Signature {
  kRight,  // of a hash that holds
  kWeak,   // right, but SHA-1: it shows that something happened, and proves no content
  kWrong,  // none, unreadable, by another secret or over other bytes
};

/// Judges the value of X-Hub-Signature, "METHOD=HEX". Pure; a wrong one is told from the right one
/// in constant time. Source: W3C WebSub §7, §8.
Signature judge_signature(std::string_view header, std::string_view body, std::string_view secret);

}  // namespace vigie::crawler::websub
