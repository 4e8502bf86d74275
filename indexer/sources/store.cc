#include "indexer/sources/store.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "platform/log/bad_record.h"
#include "platform/secrets/sealer.h"
#include "platform/source_rules/source_rules.h"
#include "platform/text/utf8.h"
#include "platform/text/visible.h"
#include "platform/url/url.h"
#include "proto/identity.h"

namespace vigie::indexer::sources {
namespace {

constexpr std::string_view kSource = "source/";
constexpr std::string_view kPoll = "poll/";
constexpr std::string_view kDiscover = "discover/";
constexpr std::string_view kFound = "found/";
constexpr std::chrono::milliseconds kLook{200};  // how often a response is looked for
constexpr std::size_t kMostElsewhere = 3;        // domains that a URL may lead to
constexpr std::size_t kMaxTypedBytes = 2'048;

tl::unexpected<Error> bad(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_source", std::move(detail));
}
tl::unexpected<Error> conflict(std::string detail) {
  return failure(Disposition::kQuarantine, "conflict", std::move(detail));
}
tl::unexpected<Error> not_found(const std::string& id) {
  return failure(Disposition::kQuarantine, "not_found",
                 "there is no source " + text::ellipsize(id, 80) + "; GET /v1/sources lists them");
}

using Urls = google::protobuf::RepeatedPtrField<std::string>;

Result<void> set_addresses(const std::vector<std::string>& written, const char* what, Urls& out) {
  if (written.size() > source_rules::kMaxUrls)
    return bad("a source has at most " + std::to_string(source_rules::kMaxUrls) + " " + what);
  out.Clear();
  for (const std::string& address : written) {
    VIGIE_ASSIGN(std::string url, source_rules::http_url(address));
    if (std::find(out.begin(), out.end(), url) == out.end()) *out.Add() = std::move(url);
  }
  return {};
}

/// Writes what the draft says into the edit. Errors: bad_source.
Result<void> apply(const Draft& draft, v1::SourceEdit& edit) {
  v1::Source& source = *edit.mutable_source();
  if (draft.name) {
    const std::string name = text::visible_line(*draft.name);
    if (name.empty()) return bad("a source needs a name");
    if (name.size() > source_rules::kMaxNameBytes)
      return bad("the name is longer than " + std::to_string(source_rules::kMaxNameBytes) +
                 " bytes");
    source.set_name(name);
  }
  if (draft.homepage) {
    VIGIE_ASSIGN(std::string homepage, source_rules::http_url(*draft.homepage));
    source.set_homepage(std::move(homepage));
  }
  if (draft.feeds) VIGIE_TRY(set_addresses(*draft.feeds, "feeds", *edit.mutable_feeds()));
  if (draft.sitemaps)
    VIGIE_TRY(set_addresses(*draft.sitemaps, "sitemaps", *edit.mutable_sitemaps()));
  if (draft.sections)
    VIGIE_TRY(set_addresses(*draft.sections, "sections", *edit.mutable_sections()));
  using source_rules::check_affiliation, source_rules::check_country, source_rules::check_kind,
      source_rules::check_language;
  if (draft.country) VIGIE_TRY(check_country(*draft.country));
  if (draft.language) VIGIE_TRY(check_language(*draft.language));
  if (draft.kind) VIGIE_TRY(check_kind(*draft.kind));
  if (draft.affiliation) VIGIE_TRY(check_affiliation(*draft.affiliation));
  if (draft.country) source.set_country(*draft.country);
  if (draft.language) source.set_language(*draft.language);
  if (draft.kind) source.set_kind(*draft.kind);
  if (draft.affiliation) source.set_affiliation(*draft.affiliation);
  if (!draft.poll_every_s) return {};
  if (*draft.poll_every_s > kMostPollEveryS)
    return bad("poll_every_s is at most " + std::to_string(kMostPollEveryS) + ", a week");
  edit.set_poll_every_s(*draft.poll_every_s);
  return {};
}

/// The fields that a draft gives.
std::vector<std::string> given_fields(const Draft& draft) {
  std::vector<std::string> out;
  const auto note = [&](bool given, const char* name) {
    if (given) out.emplace_back(name);
  };
  note(draft.name.has_value(), "name");
  note(draft.homepage.has_value(), "homepage");
  note(draft.feeds.has_value(), "feeds");
  note(draft.sitemaps.has_value(), "sitemaps");
  note(draft.sections.has_value(), "sections");
  note(draft.country.has_value(), "country");
  note(draft.language.has_value(), "language");
  note(draft.kind.has_value(), "kind");
  note(draft.affiliation.has_value(), "affiliation");
  note(draft.poll_every_s.has_value(), "poll_every_s");
  return out;
}

/// A field that is taken back says nothing any more.
void clear_field(const std::string& field, v1::SourceEdit& edit) {
  v1::Source& source = *edit.mutable_source();
  if (field == "name") source.clear_name();
  if (field == "homepage") source.clear_homepage();
  if (field == "feeds") edit.clear_feeds();
  if (field == "sitemaps") edit.clear_sitemaps();
  if (field == "sections") edit.clear_sections();
  if (field == "country") source.clear_country();
  if (field == "language") source.clear_language();
  if (field == "kind") source.clear_kind();
  if (field == "affiliation") source.clear_affiliation();
  if (field == "poll_every_s") edit.clear_poll_every_s();
}

/// What every source of people must have.
Result<void> check_whole(const v1::SourceEdit& edit) {
  if (edit.source().name().empty()) return bad("a source needs a name");
  if (edit.source().homepage().empty()) return bad("a source needs a homepage");
  if (edit.feeds().empty() && edit.sitemaps().empty() && edit.sections().empty())
    return bad(
        "the source names no feed, no sitemap and no section, so nothing of it would ever be read");
  return {};
}

const Known* find(const std::vector<Known>& known, std::string_view id) {
  const auto found = std::ranges::find(known, id, &Known::id);
  return found == known.end() ? nullptr : &*found;
}

/// Whom a URL belongs to: by URL, the name. What is crawled, and what people just added.
std::map<std::string, std::string> owners(const std::vector<Known>& known,
                                          const std::map<std::string, v1::SourceEdit>& edits,
                                          const std::string& except) {
  std::map<std::string, std::string> out;
  for (const Known& one : known) {
    if (one.id == except) continue;
    for (const std::string& address : one.addresses) out.try_emplace(address, one.name);
  }
  for (const auto& [id, edit] : edits) {
    if (!edit.own() || id == except) continue;
    for (const auto* addresses : {&edit.feeds(), &edit.sitemaps(), &edit.sections()})
      for (const std::string& address : *addresses) out.try_emplace(address, edit.source().name());
  }
  return out;
}

/// Leaves out what others poll already. Errors: conflict where nothing is left.
Result<void> leave_out(v1::SourceEdit& edit, const std::map<std::string, std::string>& owners) {
  std::string whose;
  int left = 0;
  for (Urls* addresses : {edit.mutable_feeds(), edit.mutable_sitemaps(), edit.mutable_sections()}) {
    for (int i = addresses->size() - 1; i >= 0; --i) {
      const auto owner = owners.find(addresses->Get(i));
      if (owner == owners.end()) continue;
      whose = owner->second;
      addresses->DeleteSubrange(i, 1);
    }
    left += addresses->size();
  }
  if (left > 0 || whose.empty()) return {};
  return conflict("all of its URLs are polled already, by " + whose);
}

}  // namespace

const std::vector<std::string>& field_names() {
  static const std::vector<std::string> kNames{"name",        "homepage",    "feeds",    "sitemaps",
                                               "sections",    "country",     "language", "kind",
                                               "affiliation", "poll_every_s"};
  return kNames;
}

Result<std::string> typed_address(std::string_view typed, bool& guessed) {
  std::string address(text::trim(typed));
  if (address.empty() || address.size() > kMaxTypedBytes)
    return bad("type the URL of a site or of a feed, such as example.org");
  guessed = address.find("://") == std::string::npos;
  if (guessed) address.insert(0, "https://");
  return source_rules::http_url(address);
}

SourceStore::SourceStore(log::Log& log, Clock& clock, Random& random)
    : log_(log),
      clock_(clock),
      random_(random),
      topic_(log, proto::Topic::kSourceEdits,
             [this](const log::Reader::Batch& batch) -> Result<void> {
               for (const log::Record& record : batch.records) take(record);
               return {};
             },
             {.silence = std::chrono::milliseconds(2'000)}) {}

/// mutex_ is held.
Result<void> SourceStore::catch_up() {
  if (!started_) {
    VIGIE_TRY(topic_.start_all());
    started_ = true;
  }
  VIGIE_TRY(topic_.follow_to_end({}));
  return {};
}

void SourceStore::take(const log::Record& record) {
  const std::string_view key = record.key;
  if (key.starts_with(kSource)) {
    v1::SourceEdit edit;
    const std::string id(key.substr(kSource.size()));
    if (!record.value) edits_.erase(id);
    else if (edit.ParseFromString(*record.value) && edit.id() == id) edits_[id] = std::move(edit);
    else log::warn_bad_record(proto::Topic::kSourceEdits, record);
  } else if (key.starts_with(kFound)) {
    v1::DiscoveryResponse response;
    const std::string id(key.substr(kFound.size()));
    if (!record.value) responses_.erase(id);
    else if (response.ParseFromString(*record.value)) responses_[id] = std::move(response);
  }
}

std::string SourceStore::random_id() { return proto::base32(secrets::random_bytes(random_, 16)); }

Result<std::map<std::string, v1::SourceEdit>> SourceStore::edits() {
  const std::lock_guard lock(mutex_);
  VIGIE_TRY(catch_up());
  return edits_;
}

Result<void> SourceStore::append(const v1::SourceEdit& edit) {
  return log::append(log_, {{proto::Topic::kSourceEdits, std::string(kSource) + edit.id(),
                             edit.SerializeAsString()}});
}

Result<v1::SourceEdit> SourceStore::add(const Draft& draft, const std::vector<Known>& known) {
  VIGIE_ASSIGN(auto added, add_all({draft}, known));
  return std::move(added.front());
}

Result<std::vector<Result<v1::SourceEdit>>> SourceStore::add_all(const std::vector<Draft>& drafts,
                                                                 const std::vector<Known>& known) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_ASSIGN(auto present, edits());
  std::map<std::string, std::string> owned = owners(known, present, {});
  std::vector<Result<v1::SourceEdit>> out;
  std::vector<log::NewRecord> records;
  const auto make = [&](const Draft& draft) -> Result<v1::SourceEdit> {
    if (present.size() >= kMostEdits)
      return bad("people have added or changed " + std::to_string(kMostEdits) +
                 " sources, as many as there may be");
    v1::SourceEdit edit;
    VIGIE_TRY(apply(draft, edit));
    VIGIE_TRY(check_whole(edit));
    VIGIE_TRY(leave_out(edit, owned));
    const std::string base = source_rules::id_base(edit.source().name(), edit.source().homepage());
    std::string id = base;
    for (int number = 2; present.contains(id) || find(known, id) != nullptr; ++number)
      id = base + "-" + std::to_string(number);
    edit.set_id(id);
    edit.mutable_source()->set_id(id);
    edit.set_own(true);
    edit.set_revision(1);
    edit.set_created_at_unix_ms(clock_.now_unix_ms());
    edit.set_changed_at_unix_ms(clock_.now_unix_ms());
    edit.set_made_by(draft.made_by);
    return edit;
  };
  for (const Draft& draft : drafts) {
    Result<v1::SourceEdit>& made = out.emplace_back(make(draft));
    if (!made) continue;
    present[made->id()] = *made;
    for (const auto* addresses : {&made->feeds(), &made->sitemaps(), &made->sections()})
      for (const std::string& address : *addresses)
        owned.try_emplace(address, made->source().name());
    records.push_back(
        {proto::Topic::kSourceEdits, std::string(kSource) + made->id(), made->SerializeAsString()});
  }
  if (!records.empty()) VIGIE_TRY(log::append(log_, std::move(records)));
  return out;
}

Result<std::optional<v1::SourceEdit>> SourceStore::change(const std::string& id, const Draft& draft,
                                                          std::optional<std::uint64_t> revision,
                                                          const std::vector<Known>& known) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_ASSIGN(const auto present, edits());
  const auto before = present.find(id);
  const Known* crawled = find(known, id);
  if (before == present.end() && (crawled == nullptr || crawled->own)) return not_found(id);
  v1::SourceEdit edit = before == present.end() ? v1::SourceEdit() : before->second;
  if (revision && *revision != edit.revision())
    return conflict("somebody changed this source meanwhile: it is at revision " +
                    std::to_string(edit.revision()) + "; read it and try again");
  VIGIE_TRY(apply(draft, edit));
  for (const std::string& field : draft.taken_back) clear_field(field, edit);
  VIGIE_TRY(leave_out(edit, owners(known, present, id)));
  if (edit.own()) {
    VIGIE_TRY(check_whole(edit));
  } else {
    std::vector<std::string> fields(edit.fields().begin(), edit.fields().end());
    for (std::string& field : given_fields(draft)) fields.push_back(std::move(field));
    std::erase_if(fields, [&](const std::string& field) {
      return std::ranges::find(draft.taken_back, field) != draft.taken_back.end();
    });
    std::ranges::sort(fields);
    const auto twice = std::ranges::unique(fields);
    fields.erase(twice.begin(), twice.end());
    *edit.mutable_fields() = {fields.begin(), fields.end()};
  }
  edit.set_id(id);
  edit.mutable_source()->set_id(id);
  edit.set_revision(edit.revision() + 1);
  edit.set_changed_at_unix_ms(clock_.now_unix_ms());
  if (edit.created_at_unix_ms() == 0) edit.set_created_at_unix_ms(edit.changed_at_unix_ms());
  edit.set_made_by(draft.made_by);
  if (!edit.own() && edit.fields().empty()) {
    if (before != present.end())
      VIGIE_TRY(log::append(
          log_, {{proto::Topic::kSourceEdits, std::string(kSource) + id, std::nullopt}}));
    return std::optional<v1::SourceEdit>();
  }
  VIGIE_TRY(append(edit));
  return std::optional<v1::SourceEdit>(std::move(edit));
}

Result<void> SourceStore::remove(const std::string& id, const std::vector<Known>& known) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_ASSIGN(const auto present, edits());
  const auto edit = present.find(id);
  const Known* crawled = find(known, id);
  if (edit == present.end() || !edit->second.own()) {
    if (crawled == nullptr || crawled->own) return not_found(id);
    return conflict("a source file lists it, so it is removed there; here it can be paused");
  }
  return log::append(log_, {{proto::Topic::kSourceEdits, std::string(kSource) + id, std::nullopt},
                            {proto::Topic::kSourceEdits, std::string(kPoll) + id, std::nullopt}});
}

Result<v1::PollRequest> SourceStore::poll(const std::string& id, const std::vector<Known>& known) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_ASSIGN(const auto present, edits());
  if (!present.contains(id) && find(known, id) == nullptr) return not_found(id);
  v1::PollRequest asked;
  asked.set_source_id(id);
  asked.set_asked_at_unix_ms(clock_.now_unix_ms());
  VIGIE_TRY(log::append(
      log_, {{proto::Topic::kSourceEdits, std::string(kPoll) + id, asked.SerializeAsString()}}));
  return asked;
}

Result<std::optional<v1::DiscoveryResponse>> SourceStore::response_of(const std::string& id) {
  const std::lock_guard lock(mutex_);
  VIGIE_TRY(catch_up());
  const auto found = responses_.find(id);
  if (found == responses_.end()) return std::optional<v1::DiscoveryResponse>();
  return std::optional<v1::DiscoveryResponse>(found->second);
}

Result<v1::DiscoveryResponse> SourceStore::discover(const std::string& url,
                                                    std::chrono::milliseconds time,
                                                    const std::stop_token& gone) {
  v1::DiscoveryRequest request;
  bool guessed = false;
  VIGIE_ASSIGN(std::string address, typed_address(url, guessed));
  request.set_guessed_scheme(guessed);
  const std::chrono::milliseconds deadline = clock_.since_boot() + time;
  for (std::size_t domains = 0;; ++domains) {
    request.set_url(address);
    VIGIE_ASSIGN(v1::DiscoveryResponse response, ask(request, deadline, gone));
    // It leads to a domain that another crawler owns, which is asked in turn.
    if (response.elsewhere().empty() || domains >= kMostElsewhere) return response;
    address = response.elsewhere();
    request.set_guessed_scheme(false);
  }
}

/// One request, until it is answered. Nobody's request stays in the log.
Result<v1::DiscoveryResponse> SourceStore::ask(const v1::DiscoveryRequest& asked,
                                               std::chrono::milliseconds deadline,
                                               const std::stop_token& gone) {
  v1::DiscoveryRequest request = asked;
  request.set_id(random_id());
  request.set_asked_at_unix_ms(clock_.now_unix_ms());
  const std::string key = std::string(kDiscover) + request.id();
  VIGIE_TRY(log::append(log_, {{proto::Topic::kSourceEdits, key, request.SerializeAsString()}}));
  Result<std::optional<v1::DiscoveryResponse>> response = std::optional<v1::DiscoveryResponse>();
  while (response && !*response && !gone.stop_requested() && clock_.since_boot() < deadline) {
    clock_.sleep_for(kLook, gone);
    response = response_of(request.id());
  }
  VIGIE_TRY(log::append(log_, {{proto::Topic::kSourceEdits, key, std::nullopt}}));
  if (!response) return failure(response.error());
  if (*response) return std::move(**response);
  if (gone.stop_requested())
    return failure(Disposition::kRetry, "stopped", "nobody waits for the response any more");
  return failure(Disposition::kRetry, "no_crawler",
                 "no crawler has looked at the URL in time; is one running? GET /v1/pipeline "
                 "says so");
}

}  // namespace vigie::indexer::sources
