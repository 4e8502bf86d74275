// The basic URL parser of the WHATWG URL standard, without setters and without encodings other than
// UTF-8. A state is a method.
#include "platform/url/url.h"

#include <vector>

#include "platform/text/ascii.h"
#include "platform/url/host.h"
#include "platform/url/percent.h"

namespace vigie::url {
namespace {

/// Longer URLs are attacks or data: URLs; browsers and servers stop well before.
constexpr std::size_t kMaxUrlBytes = 16 * 1024;
constexpr int kEnd = -1;
constexpr unsigned kMaxPort = 65'535;

using text::ascii::is_digit;
using text::ascii::is_letter;
using text::ascii::to_lower;

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  if (scheme == "ftp") return 21;
  return 0;
}

bool is_special_scheme(std::string_view scheme) {
  return scheme == "file" || default_port(scheme) != 0;
}

/// Leading and trailing C0 control or space away, then every tab and line break.
std::string strip(std::string_view input) {
  const auto is_edge = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!input.empty() && is_edge(input.front())) input.remove_prefix(1);
  while (!input.empty() && is_edge(input.back())) input.remove_suffix(1);
  std::string out;
  out.reserve(input.size());
  for (const char c : input) {
    if (c != '\t' && c != '\n' && c != '\r') out += c;
  }
  return out;
}

std::string lower_dots(std::string_view segment) {
  std::string out;
  for (std::size_t i = 0; i < segment.size() && out.size() < 3; ++i) {
    if (segment[i] == '%' && i + 2 < segment.size() && segment[i + 1] == '2' &&
        (segment[i + 2] | 0x20) == 'e') {
      out += '.';
      i += 2;
    } else {
      out += segment[i];
    }
  }
  return out;
}
bool is_single_dot(std::string_view segment) {
  return segment.size() <= 3 && lower_dots(segment) == ".";
}
bool is_double_dot(std::string_view segment) {
  return segment.size() <= 6 && lower_dots(segment) == "..";
}

bool is_windows_drive_letter(std::string_view text) {
  return text.size() == 2 && is_letter(text[0]) && (text[1] == ':' || text[1] == '|');
}
bool is_normalised_drive_letter(std::string_view text) {
  return is_windows_drive_letter(text) && text[1] == ':';
}
bool starts_with_drive_letter(std::string_view text) {
  return text.size() >= 2 && is_windows_drive_letter(text.substr(0, 2)) &&
         (text.size() == 2 || std::string_view("/\\?#").find(text[2]) != std::string_view::npos);
}

class Parser {
 public:
  Parser(std::string input, const Url* base) : input_(std::move(input)), base_(base) {}

  Result<Url> run() {
    for (;; ++at_) {
      const int c = at_ < input_.size() ? static_cast<unsigned char>(input_[at_]) : kEnd;
      VIGIE_TRY(step(c));
      // A state may have set the pointer back, so that the end is seen again by the next one.
      if (c == kEnd && !again_) break;
      if (again_) {
        again_ = false;
        --at_;  // wraps at 0 and comes back with ++at_
      }
    }
    if (!url_.opaque_path) {
      for (const std::string& segment : segments_) url_.path += "/" + segment;
    }
    return std::move(url_);
  }

 private:
  enum class State {
    kSchemeStart,
    kScheme,
    kNoScheme,
    kSpecialRelativeOrAuthority,
    kPathOrAuthority,
    kRelative,
    kRelativeSlash,
    kSpecialAuthoritySlashes,
    kSpecialAuthorityIgnoreSlashes,
    kAuthority,
    kHost,
    kPort,
    kFile,
    kFileSlash,
    kFileHost,
    kPathStart,
    kPath,
    kOpaquePath,
    kQuery,
    kFragment
  };

  Result<void> step(int c) {
    switch (state_) {
      case State::kSchemeStart: return scheme_start(c);
      case State::kScheme: return scheme(c);
      case State::kNoScheme: return no_scheme(c);
      case State::kSpecialRelativeOrAuthority: return special_relative_or_authority(c);
      case State::kPathOrAuthority: return path_or_authority(c);
      case State::kRelative: return relative(c);
      case State::kRelativeSlash: return relative_slash(c);
      case State::kSpecialAuthoritySlashes: return special_authority_slashes(c);
      case State::kSpecialAuthorityIgnoreSlashes: return special_authority_ignore_slashes(c);
      case State::kAuthority: return authority(c);
      case State::kHost: return host(c);
      case State::kPort: return port(c);
      case State::kFile: return file(c);
      case State::kFileSlash: return file_slash(c);
      case State::kFileHost: return file_host(c);
      case State::kPathStart: return path_start(c);
      case State::kPath: return path(c);
      case State::kOpaquePath: return opaque_path(c);
      case State::kQuery: return query(c);
      case State::kFragment: return fragment(c);
    }
    return {};
  }

  tl::unexpected<Error> bad_url(std::string_view why) const {
    return failure(Disposition::kQuarantine, "bad_url",
                   "the URL " + std::string(why) + "; correct it", input_.substr(0, 256));
  }

  /// Goes on in `state` with the same character.
  void reconsider(State state) {
    state_ = state;
    again_ = true;
  }
  std::string_view remaining() const {
    return at_ + 1 < input_.size() ? std::string_view(input_).substr(at_ + 1) : std::string_view();
  }
  std::string_view from_here() const {
    return at_ < input_.size() ? std::string_view(input_).substr(at_) : std::string_view();
  }
  bool special() const { return is_special_scheme(url_.scheme); }

  void take_authority_of_base() {
    url_.username = base_->username;
    url_.password = base_->password;
    url_.host = base_->host;
    url_.port = base_->port;
  }
  void take_path_of_base() {
    segments_.clear();
    std::string_view rest = base_->path;
    while (rest.starts_with('/')) {
      rest.remove_prefix(1);
      const std::size_t slash = rest.find('/');
      segments_.emplace_back(rest.substr(0, slash));
      rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    }
  }
  void shorten_path() {
    if (url_.scheme == "file" && segments_.size() == 1 && is_normalised_drive_letter(segments_[0]))
      return;
    if (!segments_.empty()) segments_.pop_back();
  }
  void begin_query() {
    url_.query = "";
    state_ = State::kQuery;
  }
  void begin_fragment() {
    url_.fragment = "";
    state_ = State::kFragment;
  }

  Result<void> scheme_start(int c) {
    if (is_letter(c)) {
      buffer_ += to_lower(c);
      state_ = State::kScheme;
    } else {
      reconsider(State::kNoScheme);
    }
    return {};
  }

  Result<void> scheme(int c) {
    if (is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.') {
      buffer_ += to_lower(c);
      return {};
    }
    if (c != ':') {
      // It was no scheme: start again from the first character.
      buffer_.clear();
      at_ = 0;
      reconsider(State::kNoScheme);
      return {};
    }
    url_.scheme = std::move(buffer_);
    buffer_.clear();
    if (url_.scheme == "file") {
      state_ = State::kFile;
    } else if (special() && base_ != nullptr && base_->scheme == url_.scheme) {
      state_ = State::kSpecialRelativeOrAuthority;
    } else if (special()) {
      state_ = State::kSpecialAuthoritySlashes;
    } else if (remaining().starts_with('/')) {
      state_ = State::kPathOrAuthority;
      ++at_;
    } else {
      url_.opaque_path = true;
      state_ = State::kOpaquePath;
    }
    return {};
  }

  Result<void> no_scheme(int c) {
    if (base_ == nullptr)
      return bad_url("has no scheme and there is no base to resolve it against");
    if (base_->opaque_path) {
      if (c != '#') return bad_url("is relative and its base cannot be one");
      url_.scheme = base_->scheme;
      url_.path = base_->path;
      url_.opaque_path = true;
      url_.query = base_->query;
      begin_fragment();
      return {};
    }
    reconsider(base_->scheme == "file" ? State::kFile : State::kRelative);
    return {};
  }

  Result<void> special_relative_or_authority(int c) {
    if (c == '/' && remaining().starts_with('/')) {
      state_ = State::kSpecialAuthorityIgnoreSlashes;
      ++at_;
    } else {
      reconsider(State::kRelative);
    }
    return {};
  }

  Result<void> path_or_authority(int c) {
    if (c == '/') {
      state_ = State::kAuthority;
      authority_start_ = at_ + 1;
    } else {
      reconsider(State::kPath);
    }
    return {};
  }

  Result<void> relative(int c) {
    url_.scheme = base_->scheme;
    if (c == '/' || (special() && c == '\\')) {
      state_ = State::kRelativeSlash;
      return {};
    }
    take_authority_of_base();
    take_path_of_base();
    url_.query = base_->query;
    if (c == '?') {
      begin_query();
    } else if (c == '#') {
      begin_fragment();
    } else if (c != kEnd) {
      url_.query.reset();
      shorten_path();
      reconsider(State::kPath);
    }
    return {};
  }

  Result<void> relative_slash(int c) {
    if (special() && (c == '/' || c == '\\')) {
      state_ = State::kSpecialAuthorityIgnoreSlashes;
    } else if (c == '/') {
      state_ = State::kAuthority;
      authority_start_ = at_ + 1;
    } else {
      take_authority_of_base();
      reconsider(State::kPath);
    }
    return {};
  }

  Result<void> special_authority_slashes(int c) {
    if (c == '/' && remaining().starts_with('/')) {
      state_ = State::kSpecialAuthorityIgnoreSlashes;
      ++at_;
    } else {
      reconsider(State::kSpecialAuthorityIgnoreSlashes);
    }
    return {};
  }

  Result<void> special_authority_ignore_slashes(int c) {
    if (c != '/' && c != '\\') {
      authority_start_ = at_;
      reconsider(State::kAuthority);
    }
    return {};
  }

  /// Looks ahead to the end of the authority; the last '@' in it ends the userinfo. The host is
  /// then read on its own.
  Result<void> authority(int) {
    std::size_t end = authority_start_;
    while (end < input_.size() && input_[end] != '/' && input_[end] != '?' && input_[end] != '#' &&
           !(special() && input_[end] == '\\'))
      ++end;
    const std::string_view whole =
        std::string_view(input_).substr(authority_start_, end - authority_start_);
    const std::size_t at_sign = whole.rfind('@');
    at_ = authority_start_;
    if (at_sign != std::string_view::npos) {
      const std::string_view userinfo = whole.substr(0, at_sign);
      if (at_sign + 1 == whole.size()) return bad_url("has a user name but no host");
      const std::size_t colon = userinfo.find(':');
      url_.username = encode(userinfo.substr(0, colon), EncodeSet::kUserinfo);
      if (colon != std::string_view::npos)
        url_.password = encode(userinfo.substr(colon + 1), EncodeSet::kUserinfo);
      at_ += at_sign + 1;
    }
    reconsider(State::kHost);
    return {};
  }

  bool ends_authority(int c) const {
    return c == kEnd || c == '/' || c == '?' || c == '#' || (special() && c == '\\');
  }

  Result<void> host(int c) {
    if (c == ':' && !inside_brackets_) {
      if (buffer_.empty()) return bad_url("has a port but no host");
      VIGIE_TRY(take_host());
      state_ = State::kPort;
    } else if (ends_authority(c)) {
      if (special() && buffer_.empty()) return bad_url("has no host");
      VIGIE_TRY(take_host());
      reconsider(State::kPathStart);
    } else {
      if (c == '[') inside_brackets_ = true;
      if (c == ']') inside_brackets_ = false;
      buffer_ += static_cast<char>(c);
    }
    return {};
  }

  Result<void> take_host() {
    auto host = parse_host(buffer_, special());
    if (!host)
      return failure(Disposition::kQuarantine, "bad_url", std::move(host.error().detail),
                     input_.substr(0, 256));
    url_.host = std::move(*host);
    buffer_.clear();
    return {};
  }

  Result<void> port(int c) {
    if (is_digit(c)) {
      buffer_ += static_cast<char>(c);
      return {};
    }
    if (!ends_authority(c)) return bad_url("has a port that is no number");
    if (!buffer_.empty()) {
      unsigned value = 0;
      for (const char digit : buffer_) {
        value = value * 10 + static_cast<unsigned>(digit - '0');
        if (value > kMaxPort) return bad_url("has a port above 65535");
      }
      url_.port.reset();
      if (!special() || value != default_port(url_.scheme))
        url_.port = static_cast<std::uint16_t>(value);
      buffer_.clear();
    }
    reconsider(State::kPathStart);
    return {};
  }

  Result<void> file(int c) {
    url_.scheme = "file";
    url_.host = "";
    if (c == '/' || c == '\\') {
      state_ = State::kFileSlash;
      return {};
    }
    if (base_ == nullptr || base_->scheme != "file") {
      reconsider(State::kPath);
      return {};
    }
    url_.host = base_->host;
    take_path_of_base();
    url_.query = base_->query;
    if (c == '?') {
      begin_query();
    } else if (c == '#') {
      begin_fragment();
    } else if (c != kEnd) {
      url_.query.reset();
      if (starts_with_drive_letter(from_here())) {
        segments_.clear();
      } else {
        shorten_path();
      }
      reconsider(State::kPath);
    }
    return {};
  }

  Result<void> file_slash(int c) {
    if (c == '/' || c == '\\') {
      state_ = State::kFileHost;
      return {};
    }
    if (base_ != nullptr && base_->scheme == "file") {
      url_.host = base_->host;
      if (!starts_with_drive_letter(from_here())) {
        take_path_of_base();
        const bool keeps_drive = !segments_.empty() && is_normalised_drive_letter(segments_[0]);
        segments_.resize(keeps_drive ? 1 : 0);
      }
    }
    reconsider(State::kPath);
    return {};
  }

  Result<void> file_host(int c) {
    if (c != kEnd && c != '/' && c != '\\' && c != '?' && c != '#') {
      buffer_ += static_cast<char>(c);
      return {};
    }
    if (is_windows_drive_letter(buffer_)) {
      // "file://c:/": what looked like a host is the drive; the path state finds it in the buffer.
      reconsider(State::kPath);
    } else if (buffer_.empty()) {
      url_.host = "";
      reconsider(State::kPathStart);
    } else {
      VIGIE_TRY(take_host());
      if (url_.host == "localhost") url_.host = "";
      reconsider(State::kPathStart);
    }
    return {};
  }

  Result<void> path_start(int c) {
    if (special()) {
      state_ = State::kPath;
      if (c != '/' && c != '\\') reconsider(State::kPath);
    } else if (c == '?') {
      begin_query();
    } else if (c == '#') {
      begin_fragment();
    } else if (c != kEnd) {
      state_ = State::kPath;
      if (c != '/') reconsider(State::kPath);
    }
    return {};
  }

  Result<void> path(int c) {
    const bool is_slash = c == '/' || (special() && c == '\\');
    if (!is_slash && c != kEnd && c != '?' && c != '#') {
      append_encoded(buffer_, static_cast<unsigned char>(c), EncodeSet::kPath);
      return {};
    }
    if (is_double_dot(buffer_)) {
      shorten_path();
      if (!is_slash) segments_.emplace_back();
    } else if (is_single_dot(buffer_)) {
      if (!is_slash) segments_.emplace_back();
    } else {
      if (url_.scheme == "file" && segments_.empty() && is_windows_drive_letter(buffer_))
        buffer_[1] = ':';
      segments_.push_back(std::move(buffer_));
    }
    buffer_.clear();
    if (c == '?') begin_query();
    if (c == '#') begin_fragment();
    return {};
  }

  Result<void> opaque_path(int c) {
    if (c == '?') {
      begin_query();
    } else if (c == '#') {
      begin_fragment();
    } else if (c == ' ' && (remaining().starts_with('?') || remaining().starts_with('#'))) {
      // So that the path keeps its space when query and fragment are taken away.
      url_.path += "%20";
    } else if (c != kEnd) {
      append_encoded(url_.path, static_cast<unsigned char>(c), EncodeSet::kC0Control);
    }
    return {};
  }

  Result<void> query(int c) {
    if (c == '#') {
      begin_fragment();
    } else if (c != kEnd) {
      append_encoded(*url_.query, static_cast<unsigned char>(c),
                     special() ? EncodeSet::kSpecialQuery : EncodeSet::kQuery);
    }
    return {};
  }

  Result<void> fragment(int c) {
    if (c != kEnd)
      append_encoded(*url_.fragment, static_cast<unsigned char>(c), EncodeSet::kFragment);
    return {};
  }

  const std::string input_;
  const Url* const base_;
  Url url_;
  State state_ = State::kSchemeStart;
  std::size_t at_ = 0;
  bool again_ = false;
  std::string buffer_;
  std::vector<std::string> segments_;
  std::size_t authority_start_ = 0;
  bool inside_brackets_ = false;
};

}  // namespace

std::string Url::href() const {
  std::string out = scheme + ":";
  if (host) {
    out += "//";
    if (!username.empty() || !password.empty()) {
      out += username;
      if (!password.empty()) out += ":" + password;
      out += "@";
    }
    out += *host;
    if (port) out += ":" + std::to_string(*port);
  } else if (!opaque_path && path.starts_with("//")) {
    out += "/.";  // else the path would be read as a host
  }
  out += path;
  if (query) out += "?" + *query;
  if (fragment) out += "#" + *fragment;
  return out;
}

std::uint16_t Url::effective_port() const { return port.value_or(default_port(scheme)); }

std::string Url::origin_key() const {
  return scheme + "://" + host.value_or("") + ":" + std::to_string(effective_port());
}

Result<Url> parse(std::string_view input, const Url* base) {
  if (input.size() > kMaxUrlBytes) {
    return failure(Disposition::kQuarantine, "bad_url", "the URL is longer than 16 KiB; shorten it",
                   std::string(input.substr(0, 256)));
  }
  return Parser(to_scalar_values(strip(input)), base).run();
}

}  // namespace vigie::url
