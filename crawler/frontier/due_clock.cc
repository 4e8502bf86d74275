#include "crawler/frontier/due_clock.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "platform/logging/logging.h"
#include "platform/process/process.h"
#include "platform/text/ascii.h"

namespace vigie::crawler::frontier {
namespace {

constexpr std::size_t kMaxFileBytes = 256;

struct Kept {
  std::int64_t boot_ms = 0;  // of the boot clock when it was written
  std::int64_t due_ms = 0;   // what this clock showed then
  std::string boot;
};

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t out = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  text = text::ascii::trim(text);
  return out;
}

/// "DUE_MS BOOT_MS BOOT".
std::optional<Kept> read(const std::filesystem::path& file) {
  const auto written = process::read_file(file, kMaxFileBytes);
  if (!written) return std::nullopt;
  std::string_view rest = *written;
  const auto due = take_number(rest);
  const auto boot = due ? take_number(rest) : std::nullopt;
  if (!boot || *due <= 0) return std::nullopt;
  return Kept{*boot, *due, std::string(rest)};
}

}  // namespace

DueClock::DueClock(std::filesystem::path file, Clock& clock, std::string boot)
    : file_(std::move(file)), clock_(clock), boot_(std::move(boot)) {
  const std::int64_t boot_ms = clock_.since_boot().count();
  const std::int64_t wall_ms = clock_.now_unix_ms();
  offset_ms_ = wall_ms - boot_ms;
  const auto kept = read(file_);
  if (!kept) return;
  const bool same_boot = !boot_.empty() && kept->boot == boot_ && boot_ms >= kept->boot_ms;
  offset_ms_ = same_boot ? kept->due_ms - kept->boot_ms : std::max(wall_ms, kept->due_ms) - boot_ms;
}

std::int64_t DueClock::now_unix_ms() const { return clock_.since_boot().count() + offset_ms_; }

void DueClock::keep() const {
  const std::int64_t boot_ms = clock_.since_boot().count();
  const std::string text =
      std::to_string(boot_ms + offset_ms_) + " " + std::to_string(boot_ms) + " " + boot_ + "\n";
  if (const auto written = process::write_file_atomically(file_, text); !written)
    logging::debug("the clock of what is due was not written down",
                   {{"error", written.error().to_string()}});
}

std::string boot_of_machine() {
  const auto text = process::read_file("/proc/sys/kernel/random/boot_id", kMaxFileBytes);
  return text ? std::string(text::ascii::trim(*text)) : std::string();
}

}  // namespace vigie::crawler::frontier
