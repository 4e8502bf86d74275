#include "crawler/websub/signature.h"

#include "platform/secrets/hmac.h"
#include "platform/secrets/sealer.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::crawler::websub {
namespace {

struct Method {
  std::string_view name;
  secrets::HashKind kind;
  Signature right;
};
constexpr Method kMethods[] = {{"sha256", secrets::HashKind::kSha256, Signature::kRight},
                               {"sha384", secrets::HashKind::kSha384, Signature::kRight},
                               {"sha512", secrets::HashKind::kSha512, Signature::kRight},
                               {"sha1", secrets::HashKind::kSha1, Signature::kWeak}};

}  // namespace

Signature judge_signature(std::string_view header, std::string_view body, std::string_view secret) {
  const std::size_t equals = header.find('=');
  if (equals == std::string_view::npos || secret.empty()) return Signature::kWrong;
  const std::string_view name = text::trim(header.substr(0, equals));
  const auto shown = secrets::from_hex(text::trim(header.substr(equals + 1)));
  if (!shown) return Signature::kWrong;
  for (const Method& method : kMethods) {
    if (!text::ascii::iequals(name, method.name)) continue;
    const std::string made = secrets::hmac(method.kind, secret, body);
    return secrets::equal_in_constant_time(made, *shown) ? method.right : Signature::kWrong;
  }
  return Signature::kWrong;
}

}  // namespace vigie::crawler::websub
