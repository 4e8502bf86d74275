#include "indexer/service/mail_settings.h"

#include <vector>

#include "indexer/delivery/mime.h"
#include "platform/secrets/key_file.h"
#include "platform/url/url.h"

namespace vigie::indexer::service {
namespace {

tl::unexpected<Error> bad_setting(const char* setting, std::string detail) {
  return failure(Disposition::kStop, "bad_setting", std::move(detail), setting);
}

Result<void> check_url(const std::string& written) {
  const auto url = url::parse(written);
  const bool fits = url && (url->scheme == "smtp" || url->scheme == "smtps") && url->host &&
                    !url->host->empty() && url->username.empty() && url->password.empty() &&
                    (url->path.empty() || url->path == "/") && !url->query && !url->fragment;
  if (fits) return {};
  return bad_setting("email.smtp_url",
                     "the mail server is smtp://HOST:PORT or smtps://HOST:PORT; who signs in is "
                     "email.username");
}

}  // namespace

Result<std::optional<MailSettings>> read_mail_settings(const config::Settings& settings) {
  MailSettings out;
  out.client.url = settings.text("email.smtp_url");
  if (out.client.url.empty()) return std::optional<MailSettings>();
  VIGIE_TRY(check_url(out.client.url));
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
  VIGIE_ASSIGN(const std::vector<secrets::KeyLine> lines,
               secrets::read_key_file(file, "email.password_file"));
  out.client.password = lines.front().key;
  return std::optional<MailSettings>(std::move(out));
}

}  // namespace vigie::indexer::service
