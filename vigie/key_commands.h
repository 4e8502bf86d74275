#pragma once

#include <iosfwd>
#include <string>

#include "platform/clock/clock.h"
#include "vigie/api_client.h"

/// The named keys of the API. Each returns an exit code of ops/spec/command_line.md.
namespace CLI {
class App;
}

namespace vigie::cli {

struct KeyArguments {
  std::string name;
  std::string role;
  std::string expires;  // "90d", a day as 2027-01-31 (its beginning, UTC), or RFC 3339; "" never
  std::string file;     // of hashed keys; "" the log
};

/// The options of `vigie keys add`, but for those that commands share.
void add_key_options(CLI::App& made, KeyArguments& arguments);
/// {"id","name","role","expires","key",…} on `out`: the key is told here alone.
int run_keys_add(Api& api, const KeyArguments& arguments, const Clock& clock, std::ostream& out,
                 std::ostream& err);
/// Appends the digest of a new key to a file for api.keys_file, which is made with mode 0600 where
/// there is none; {"file","name","role","key"} on `out`.
int run_keys_add_to_file(const KeyArguments& arguments, Random& random, std::ostream& out,
                         std::ostream& err);
/// A line a key.
int run_keys_list(Api& api, bool text, std::ostream& out, std::ostream& err);
/// `which`: the id of a key, or its name.
int run_keys_revoke(Api& api, const std::string& which, std::ostream& out, std::ostream& err);

}  // namespace vigie::cli
