#include "indexer/conditions/kinds.h"

#include <vector>

#include "platform/text/ascii.h"

namespace vigie::indexer::conditions {
namespace {

constexpr std::string_view kFilter = "system:";
constexpr std::string_view kAny = "*";
constexpr std::size_t kMaxQueryBytes = 1'000;  // each kind once is a tenth of it

struct Term {
  std::string_view text;
  std::size_t begin = 0;  // byte of the query
};

std::vector<Term> terms_of(std::string_view query) {
  std::vector<Term> out;
  for (std::size_t at = 0; at < query.size();) {
    if (text::ascii::is_space(query[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < query.size() && !text::ascii::is_space(query[end])) ++end;
    out.push_back({query.substr(at, end - at), at});
    at = end;
  }
  return out;
}

std::string all_kinds() {
  std::string out;
  for (const Kind kind : kKinds) out += (out.empty() ? "" : ", ") + std::string(name_of(kind));
  return out;
}

tl::unexpected<Error> bad(std::size_t at, std::string detail, std::size_t* offset) {
  if (offset != nullptr) *offset = at;
  return failure(Disposition::kQuarantine, "bad_query", std::move(detail));
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kQuiet: return "quiet";
    case Kind::kFailing: return "failing";
    case Kind::kFlooding: return "flooding";
    case Kind::kDeliveries: return "deliveries";
    case Kind::kQuarantine: return "quarantine";
    case Kind::kDisk: return "disk";
    case Kind::kLag: break;
  }
  return "lag";
}

std::optional<Kind> kind_named(std::string_view name) {
  for (const Kind kind : kKinds) {
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

bool asks_for_conditions(std::string_view query) {
  std::size_t at = 0;
  while (at < query.size() && text::ascii::is_space(query[at])) ++at;
  return query.substr(at).starts_with(kFilter);
}

Result<std::set<Kind>> kinds_asked(std::string_view query, std::size_t* offset) {
  if (query.size() > kMaxQueryBytes)
    return bad(0, "a query of system: names each kind once", offset);
  std::set<Kind> out;
  bool term_wanted = true;
  std::size_t end = 0;
  for (const Term& term : terms_of(query)) {
    end = term.begin + term.text.size();
    if (!term_wanted) {
      if (term.text != "OR")
        return bad(term.begin, "system: stands alone, or behind another with OR between them",
                   offset);
      term_wanted = true;
      continue;
    }
    if (!term.text.starts_with(kFilter))
      return bad(term.begin, "system: is about vigie itself, and is not mixed with articles",
                 offset);
    const std::string_view value = term.text.substr(kFilter.size());
    const auto kind = kind_named(value);
    if (value == kAny) out.insert(kKinds.begin(), kKinds.end());
    else if (kind) out.insert(*kind);
    else return bad(term.begin, "system: knows " + all_kinds() + ", and * for all", offset);
    term_wanted = false;
  }
  if (term_wanted) return bad(end, "a term of system: is missing at the end", offset);
  return out;
}

}  // namespace vigie::indexer::conditions
