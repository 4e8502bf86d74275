#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/result/result.h"

namespace vigie::secrets {

/// Encrypts what is kept where others may read it, by keys that are kept elsewhere: AES-256-GCM
/// (NIST SP 800-38D) with a random nonce of 96 bits for each text. A sealed text names its key, so
/// that keys can be changed: the first of the file seals, all of them open. Thread-safe.
class Sealer {
 public:
  static constexpr std::size_t kKeyBytes = 32;

  /// Reads a file of keys (key_file.h), each 64 hexadecimal digits. `random` makes the nonces and
  /// must outlive the sealer. Errors: kStop bad_keys_file.
  static Result<Sealer> read(const std::filesystem::path& path, std::string_view setting,
                             Random& random);
  /// The same; where there is no such file, it is made with one key, mode 0600.
  static Result<Sealer> read_or_make(const std::filesystem::path& path, std::string_view setting,
                                     Random& random);

  /// `context` is authenticated and not kept: opening asks for the same, so that a sealed text
  /// cannot be put in another's place.
  std::string seal(std::string_view text, std::string_view context) const;

  struct Opened {
    std::string text;
    bool by_first = true;  // false: by a key that is on its way out
  };
  /// Nothing where no key is the right one, the context is another, or the bytes were changed.
  std::optional<Opened> open(std::string_view sealed, std::string_view context) const;

 private:
  struct Key {
    std::string bytes;  // kKeyBytes
    std::string name;   // tells the keys of a file apart, and nothing of the key
  };
  explicit Sealer(Random& random) : random_(&random) {}

  Random* random_;
  std::vector<Key> keys_;
};

/// `count` bytes of chance.
std::string random_bytes(Random& random, std::size_t count);
/// Lower-case hexadecimal digits.
std::string to_hex(std::string_view bytes);
/// Of an even number of hexadecimal digits, either case; nothing for any other text.
std::optional<std::string> from_hex(std::string_view digits);

}  // namespace vigie::secrets
