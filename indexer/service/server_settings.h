#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "platform/result/result.h"

namespace vigie::indexer::service {

/// What a setting that names a server of somebody else may be.
struct ServerForm {
  std::initializer_list<std::string_view> schemes;
  bool may_have_path = false;
  std::string_view sentence;  // what it is, told where it is something else
};

tl::unexpected<Error> bad_setting(std::string_view setting, std::string detail);

/// A URL without user, password, query and fragment: who signs in is another setting. Errors: kStop
/// bad_setting with the sentence of the form.
Result<void> check_server_url(std::string_view setting, const std::string& written,
                              const ServerForm& form);

/// The first key of the file that a setting names. Errors: kStop bad_keys_file, as of
/// secrets::read_key_file.
Result<std::string> read_server_key(std::string_view setting, const std::string& file);

}  // namespace vigie::indexer::service
