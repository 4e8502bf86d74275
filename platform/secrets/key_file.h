#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

namespace vigie::secrets {

/// A line of a key file, and where it stands.
struct KeyLine {
  std::string key;
  std::string where;  // FILE:LINE
};

/// A file with a key a line; empty lines and those that begin with # are passed over. It must not
/// be open to every account: whoever reads it has the keys, whoever writes it adds one.
/// `setting` names it to people. Errors: kStop bad_keys_file: others may read or write it, it
/// cannot be read, is larger than 1 MiB, or holds no key.
Result<std::vector<KeyLine>> read_key_file(const std::filesystem::path& path,
                                           std::string_view setting);

}  // namespace vigie::secrets
