#pragma once

#include <optional>
#include <string>

#include "platform/config/settings.h"
#include "platform/net/mail_client.h"
#include "platform/result/result.h"

namespace vigie::indexer::service {

struct MailSettings {
  net::MailOptions client;
  std::string from;  // email.from, as it was written
};

/// email.*; nothing where email.smtp_url is not set. Errors: kStop bad_setting, naming what is
/// missing or wrong; bad_keys_file, for a password file that others may read.
Result<std::optional<MailSettings>> read_mail_settings(const config::Settings& settings);

}  // namespace vigie::indexer::service
