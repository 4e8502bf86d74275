// Names: UTS #46 by ICU, the public suffix list by libpsl.
#include <libpsl.h>
#include <unicode/uidna.h>

#include <algorithm>
#include <memory>

#include "platform/text/ascii.h"
#include "platform/url/host.h"
#include "platform/url/percent.h"
#include "platform/url/suffixes.h"
#include "platform/url/url.h"

namespace vigie::url {
namespace {

/// A DNS name is at most 253 bytes; URLs of the wild may be longer and still parse, but nobody
/// needs more than this of them.
constexpr std::size_t kMaxDomainBytes = 16 * 1024;

tl::unexpected<Error> bad_host(std::string_view why, std::string_view host) {
  return failure(Disposition::kQuarantine, "bad_host",
                 "the host " + std::string(why) + "; correct the URL",
                 std::string(host.substr(0, 256)));
}

struct CloseIdna {
  void operator()(UIDNA* idna) const { uidna_close(idna); }
};
using Idna = std::unique_ptr<UIDNA, CloseIdna>;

Idna open_idna(bool be_strict) {
  UErrorCode status = U_ZERO_ERROR;
  unsigned options = UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII |
                     UIDNA_NONTRANSITIONAL_TO_UNICODE;
  if (be_strict) options |= UIDNA_USE_STD3_RULES;
  Idna idna(uidna_openUTS46(options, &status));
  VIGIE_INVARIANT(U_SUCCESS(status) && idna != nullptr);
  return idna;
}

/// ICU's objects are immutable and thread-safe once open.
const UIDNA* idna_of(bool be_strict) {
  static const Idna strict = open_idna(true);
  static const Idna lenient = open_idna(false);
  return be_strict ? strict.get() : lenient.get();
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// What UTS #46 maps since Unicode 15.1 and 16.0, which ICU 72 does not know: capital sharp s
/// becomes sharp s; the Mongolian vowel separator and the deprecated format characters U+206A to
/// U+206F are ignored. In UTF-8.
std::string with_newer_mappings(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size();) {
    const std::string_view three = utf8.substr(i, 3);
    if (three == "\xE1\xBA\x9E") {
      out += "\xC3\x9F";
      i += 3;
    } else if (three == "\xE1\xA0\x8E" || (three >= "\xE2\x81\xAA" && three <= "\xE2\x81\xAF")) {
      i += 3;
    } else {
      out += utf8[i++];
    }
  }
  return out;
}

}  // namespace

Result<std::string> domain_to_ascii(std::string_view domain, bool be_strict) {
  if (domain.size() > kMaxDomainBytes) return bad_host("is longer than 16 KiB", domain);
  // The standard does not look into a name that is ASCII already, not even into its Punycode.
  if (!be_strict && is_ascii(domain)) return text::ascii::lower(domain);
  const std::string input = with_newer_mappings(to_scalar_values(domain));
  UErrorCode status = U_ZERO_ERROR;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  // Punycode needs at most some five bytes for each byte of UTF-8.
  std::string ascii(input.size() * 5 + 64, '\0');
  const std::int32_t length = uidna_nameToASCII_UTF8(
      idna_of(be_strict), input.data(), static_cast<std::int32_t>(input.size()), ascii.data(),
      static_cast<std::int32_t>(ascii.size()), &info, &status);
  if (U_FAILURE(status) || length < 0 || static_cast<std::size_t>(length) > ascii.size())
    return bad_host("cannot be written in ASCII", domain);
  ascii.resize(static_cast<std::size_t>(length));
  std::uint32_t errors = info.errors;
  if (!be_strict) {
    // CheckHyphens and VerifyDnsLength are off.
    constexpr unsigned kIgnored = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG |
                                  UIDNA_ERROR_DOMAIN_NAME_TOO_LONG | UIDNA_ERROR_LEADING_HYPHEN |
                                  UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;
    errors &= ~kIgnored;
  }
  if (errors != 0) return bad_host("is no valid internationalised name", domain);
  if (ascii.empty()) return bad_host("is empty", domain);
  return ascii;
}

std::string registrable_domain(std::string_view host) {
  if (is_address_host(host)) return std::string(host);
  std::string name(host);
  if (name.ends_with('.')) name.pop_back();
  // The built-in list is static data of the library; reading it is thread-safe.
  const char* found = psl_registrable_domain(psl_builtin(), name.c_str());
  return found == nullptr ? name : std::string(found);
}

std::string suffix_list_version() {
  const char* digest = psl_builtin_sha1sum();
  return digest == nullptr ? "" : digest;
}

}  // namespace vigie::url
