#include "indexer/service/mail_settings.h"

#include "indexer/delivery/mime.h"
#include "indexer/service/server_settings.h"

namespace vigie::indexer::service {
namespace {

const ServerForm kMailServer{{"smtp", "smtps"},
                             false,
                             "the mail server is smtp://HOST:PORT or smtps://HOST:PORT; who signs "
                             "in is email.username"};

}  // namespace

Result<std::optional<MailSettings>> read_mail_settings(const config::Settings& settings) {
  MailSettings out;
  out.client.url = settings.text("email.smtp_url");
  if (out.client.url.empty()) return std::optional<MailSettings>();
  VIGIE_TRY(check_server_url("email.smtp_url", out.client.url, kMailServer));
  while (out.client.url.ends_with('/')) out.client.url.pop_back();
  out.from = settings.text("email.from");
  const auto from = delivery::read_mailbox(out.from);
  if (!from) return bad_setting("email.from", "who writes the mails? " + from.error().detail);
  out.client.hello = delivery::domain_of(from->address);
  out.client.ca_file = settings.text("email.ca_file");
  out.client.username = settings.text("email.username");
  out.client.require_tls = settings.boolean("email.require_tls");
  const std::string file = settings.text("email.password_file");
  if (out.client.username.empty() != file.empty())
    return bad_setting("email.username",
                       "email.username and email.password_file are set together, or neither is");
  if (file.empty()) return std::optional<MailSettings>(std::move(out));
  if (!out.client.require_tls && out.client.url.starts_with("smtp:"))
    return bad_setting(
        "email.require_tls",
        "a password goes over TLS alone: leave email.require_tls true, or use smtps");
  VIGIE_ASSIGN(out.client.password, read_server_key("email.password_file", file));
  return std::optional<MailSettings>(std::move(out));
}

}  // namespace vigie::indexer::service
