#include "indexer/api/source_list.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "indexer/analysis/analysis.h"
#include "platform/text/nearest.h"

namespace vigie::indexer::api {
namespace {

// Hosts beside a publisher's domain that stand for all of it.
constexpr std::array<std::string_view, 12> kGeneral{
    "www", "www2", "en", "english", "eng", "news", "m", "web", "global", "edition", "int", "intl"};

std::string slug(std::string_view host) {
  std::string out;
  for (const char c : host) out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  return out.substr(0, 64);
}

std::string bare_host(const url::Url& address) {
  std::string host = address.host.value_or("");
  if (host.starts_with("www.") && host.find('.', 4) != std::string::npos) host.erase(0, 4);
  return host;
}

bool at_or_below(std::string_view host, std::string_view above) {
  return host == above || (host.size() > above.size() && host.ends_with(above) &&
                           host[host.size() - above.size() - 1] == '.');
}

v1::Source source_of(const v1::SourceStatus& status) {
  v1::Source out;
  out.set_id(status.source_id());
  out.set_name(status.name());
  out.set_homepage(status.homepage());
  out.set_country(status.country());
  out.set_language(status.language());
  out.set_kind(status.kind());
  out.set_affiliation(status.affiliation());
  return out;
}

}  // namespace

SourceList::SourceList(const std::vector<v1::SourceStatus>& sources) {
  for (const v1::SourceStatus& status : sources) {
    const auto home = url::parse(status.homepage());
    if (!home || !home->host) continue;
    Entry entry{source_of(status), bare_host(*home), home->path, {}, false};
    // /index.html is at /, /news is what lies below it
    const std::size_t last = entry.path.rfind('/') + 1;
    if (entry.path.find('.', last) != std::string::npos) entry.path.erase(last);
    else if (!entry.path.ends_with('/')) entry.path += '/';
    entry.domain = url::registrable_domain(entry.host);
    const std::string_view label =
        entry.host == entry.domain || entry.domain.empty()
            ? std::string_view()
            : std::string_view(entry.host).substr(0, entry.host.size() - entry.domain.size() - 1);
    entry.general = entry.host == entry.domain ||
                    std::find(kGeneral.begin(), kGeneral.end(), label) != kGeneral.end();
    entries_.push_back(std::move(entry));
  }
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.source.id() < b.source.id(); });
}

const SourceList::Entry* SourceList::find(const std::string& host, std::string_view path) const {
  const Entry* best = nullptr;
  // host, then path, that agree; of those whose path does not, the one with the shortest
  std::tuple<std::size_t, bool, long> rank{0, false, 0};
  for (const Entry& entry : entries_) {
    if (!at_or_below(host, entry.host)) continue;
    const bool inside = path.starts_with(entry.path) || std::string(path) + '/' == entry.path;
    const long length = static_cast<long>(entry.path.size());
    const std::tuple<std::size_t, bool, long> one{entry.host.size(), inside,
                                                  inside ? length : -length};
    if (best != nullptr && one <= rank) continue;
    best = &entry;
    rank = one;
  }
  if (best != nullptr || host.empty()) return best;
  const std::string domain = url::registrable_domain(host);
  for (const Entry& entry : entries_) {
    if (!entry.general || entry.domain != domain || domain.empty()) continue;
    if (best != nullptr) return nullptr;  // several: nobody knows which
    best = &entry;
  }
  return best;
}

v1::Source SourceList::of(const url::Url& page) const {
  if (const Entry* entry = find(bare_host(page), page.path)) return entry->source;
  v1::Source source;
  const std::string domain = page.host ? url::registrable_domain(*page.host) : "";
  source.set_id(slug(domain));
  source.set_name(domain);
  source.set_homepage(page.scheme + "://" + page.host.value_or("") + "/");
  return source;
}

Result<v1::Source> SourceList::named(std::string_view name) const {
  const std::string wanted = analysis::normalise_name(name);
  std::vector<std::string_view> known;
  for (const Entry& entry : entries_) {
    if (entry.source.id() == name || analysis::normalise_name(entry.source.name()) == wanted)
      return entry.source;
    known.push_back(entry.source.name());
    known.push_back(entry.source.id());
  }
  const std::string_view near = text::nearest(name, known);
  return failure(Disposition::kQuarantine, "bad_record",
                 "there is no source \"" + std::string(name.substr(0, 100)) + "\"" +
                     (near.empty() ? std::string("; no source is crawled here")
                                   : "; the nearest is \"" + std::string(near) + "\""));
}

}  // namespace vigie::indexer::api
