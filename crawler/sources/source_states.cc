#include "crawler/sources/source_states.h"

#include <algorithm>
#include <utility>

#include "platform/logging/logging.h"
#include "platform/status/quiet.h"
#include "platform/url/url.h"

namespace vigie::crawler::sources {
namespace {

using std::chrono::milliseconds;

/// A source whose status did not change is told all the same so often.
constexpr milliseconds kRepeatStatus{60'000};
/// A source floods until so long after a URL of it was left out.
constexpr std::int64_t kFloodMs = 3'600'000;
/// Of a URL in a message.
constexpr std::size_t kMaxUrlBytes = 200;

std::size_t polls_of(const SourceEntry& entry) {
  return entry.feeds.size() + entry.sitemaps.size() + entry.sections.size();
}

/// What makes a status new. Polls and pushes alone do not: with hundreds of sources that would be
/// most of the log.
std::string compared_bytes(v1::SourceStatus status) {
  status.clear_last_poll_unix_ms();
  status.clear_next_poll_unix_ms();
  status.clear_reported_at_unix_ms();
  for (v1::PushedUrl& pushed : *status.mutable_pushed()) pushed.clear_last_push_unix_ms();
  return status.SerializeAsString();
}

/// Which feeds hubs push.
void tell_pushed(
    const SourceEntry& entry,
    const std::function<const v1::HubSubscription*(const std::string& url)>& subscription_of,
    v1::SourceStatus& status) {
  if (!subscription_of) return;
  for (const std::string& url : entry.feeds) {
    const v1::HubSubscription* subscription = subscription_of(url);
    if (subscription == nullptr) continue;
    v1::PushedUrl& pushed = *status.add_pushed();
    pushed.set_url(url);
    pushed.set_hub(subscription->hub());
    pushed.set_state(subscription->state());
    pushed.set_since_unix_ms(subscription->since_unix_ms());
    pushed.set_last_push_unix_ms(subscription->last_push_unix_ms());
    pushed.set_detail(subscription->last_error());
  }
}

/// Times as readers know them; that of the last article is one already.
void to_wall(v1::SourceStatus& status, std::int64_t ahead_ms) {
  const auto shown = [ahead_ms](std::int64_t time) { return time == 0 ? 0 : time - ahead_ms; };
  status.set_last_poll_unix_ms(shown(status.last_poll_unix_ms()));
  status.set_next_poll_unix_ms(shown(status.next_poll_unix_ms()));
  for (v1::MovedUrl& moved : *status.mutable_moved())
    moved.set_since_unix_ms(shown(moved.since_unix_ms()));
  for (v1::PushedUrl& pushed : *status.mutable_pushed()) {
    pushed.set_since_unix_ms(shown(pushed.since_unix_ms()));
    pushed.set_last_push_unix_ms(shown(pushed.last_push_unix_ms()));
  }
}

/// URLs that a source had and has no longer.
std::vector<std::string> addresses_gone(const SourceEntry& before, const SourceEntry& now) {
  std::vector<std::string> out;
  for (const auto member : {&SourceEntry::feeds, &SourceEntry::sitemaps, &SourceEntry::sections}) {
    for (const std::string& address : before.*member) {
      if (std::find((now.*member).begin(), (now.*member).end(), address) == (now.*member).end())
        out.push_back(address);
    }
  }
  return out;
}

/// What is polled, and what people said of it.
void tell_entry(const SourceEntry& entry, v1::SourceStatus& status) {
  status.set_feeds(static_cast<std::uint32_t>(polls_of(entry)));
  *status.mutable_feed_urls() = {entry.feeds.begin(), entry.feeds.end()};
  *status.mutable_sitemap_urls() = {entry.sitemaps.begin(), entry.sitemaps.end()};
  *status.mutable_section_urls() = {entry.sections.begin(), entry.sections.end()};
  status.set_poll_every_s(entry.poll_every_s);
  status.set_own(entry.own);
  status.set_edit_revision(entry.edit_revision);
  status.set_note(entry.note);
  status.set_listed_at(entry.where);
}

}  // namespace

std::string_view word_of(State state) {
  switch (state) {
    case State::kWaiting: return "waiting";
    case State::kOk: return "ok";
    case State::kQuiet: return "quiet";
    case State::kFailing: return "failing";
    case State::kBlocked: return "blocked";
    case State::kRefused: return "refused";
    case State::kFlooding: return "flooding";
    case State::kPaused: break;
  }
  return "paused";
}

std::string_view word_of(RobotsState robots) {
  switch (robots) {
    case RobotsState::kUnknown: return "unknown";
    case RobotsState::kAllowed: return "allowed";
    case RobotsState::kDisallowed: return "disallowed";
    case RobotsState::kUnreachable: break;
  }
  return "unreachable";
}

std::string contact_failure(const std::string& host, const Error& error) {
  const std::string code = " (" + std::string(error.code) + ")";
  if (error.code == "dns") return "cannot resolve host " + host + code;
  if (error.code == "connect") return "cannot connect to host " + host + code;
  if (error.code == "tls") return "cannot make a secure connection to host " + host + code;
  if (error.code.text().starts_with("timeout"))
    return "host " + host + " does not answer in time" + code;
  return "cannot reach host " + host + ": " + error.detail + code;
}

const std::string& home_url(const SourceEntry& entry) {
  for (const auto* urls : {&entry.feeds, &entry.sitemaps, &entry.sections}) {
    if (!urls->empty()) return urls->front();
  }
  return entry.source.homepage();
}

void SourceStates::apply(SourceList list) {
  listed_.clear();
  std::map<std::string, SourceState> old = std::exchange(sources_, {});
  for (SourceEntry& entry : list.sources) {
    const std::string id = entry.source.id();
    SourceState& source = sources_[id];
    if (const auto known = old.find(id); known != old.end()) {
      source = std::move(known->second);
      old.erase(known);
      // How URLs did that the source has no longer says nothing of it.
      for (const std::string& address : addresses_gone(source.entry, entry)) {
        source.failing.erase(address);
        source.moved.erase(address);
        if (source.status.last_error().starts_with(address.substr(0, kMaxUrlBytes) + ": "))
          source.status.clear_last_error();
      }
    }
    if (const auto past = past_.find(id); past != past_.end()) past->second.into(source.status);
    gone_.erase(id);
    source.entry = std::move(entry);
    if (source.entry.refused) continue;
    for (const std::string& url : source.entry.feeds) listed_[url] = {v1::URL_KIND_FEED, id};
    for (const std::string& url : source.entry.sitemaps) listed_[url] = {v1::URL_KIND_SITEMAP, id};
    for (const std::string& url : source.entry.sections) listed_[url] = {v1::URL_KIND_SECTION, id};
  }
  for (const auto& [id, source] : old) {
    if (!source.reported.empty()) gone_[id] = {home_url(source.entry), source.contributes};
  }
}

bool SourceStates::apply(const v1::ControlRecord& command) {
  if (command.action() == v1::CONTROL_ACTION_TAKEDOWN)
    taken_down_.add(url::read_takedown(command.target()));
  if (command.action() == v1::CONTROL_ACTION_PAUSE) paused_.insert(command.target());
  if (command.action() != v1::CONTROL_ACTION_RESUME) return false;
  paused_.erase(command.target());
  return true;
}

const SourceEntry* SourceStates::find(const std::string& source_id) const {
  const auto found = sources_.find(source_id);
  return found == sources_.end() ? nullptr : &found->second.entry;
}

SourceStates::SourceState* SourceStates::state_of(const std::string& source_id) {
  const auto found = sources_.find(source_id);
  return found == sources_.end() ? nullptr : &found->second;
}

bool SourceStates::wants(const v1::UrlState& state) const {
  if (state.kind() == v1::URL_KIND_ARTICLE) return true;
  if (!state.via().empty()) return listed_.contains(state.via());
  return state.depth() > 0 || listed_.contains(state.url());
}

void SourceStates::note_contact(const std::string& source_id, const std::string& host,
                                const Error* error) {
  SourceState* source = state_of(source_id);
  if (source == nullptr) return;
  const std::lock_guard lock(reachability_mutex_);
  if (!source->contacted) {
    source->contacted = true;
    ++reachability_.tried;
  }
  if (error == nullptr && !source->reached) {
    source->reached = true;
    ++reachability_.reached;
  }
  if (error != nullptr && reachability_.first_error_reason.empty()) {
    reachability_.first_error_reason = error->code;
    reachability_.example_detail = contact_failure(host, *error);
  }
}

void SourceStates::note_robots(const std::string& source_id, RobotsState robots) {
  if (SourceState* source = state_of(source_id))
    source->status.set_robots(std::string(word_of(robots)));
}

void SourceStates::note_article(const std::string& source_id, std::int64_t wall_unix_ms) {
  SourceState* source = state_of(source_id);
  if (source == nullptr) return;
  source->status.set_articles(source->status.articles() + 1);
  source->status.set_last_article_unix_ms(wall_unix_ms);
}

void SourceStates::recall(const v1::SourceStatus& told) {
  Past& past = past_[told.source_id()];
  // Several crawlers tell of a source, each what it did itself.
  past.last_article_unix_ms = std::max(past.last_article_unix_ms, told.last_article_unix_ms());
  if (told.expected_interval_s() > 0) past.expected_interval_s = told.expected_interval_s();
  if (SourceState* source = state_of(told.source_id())) past.into(source->status);
}

void SourceStates::Past::into(v1::SourceStatus& status) const {
  status.set_last_article_unix_ms(std::max(status.last_article_unix_ms(), last_article_unix_ms));
  if (status.expected_interval_s() == 0) status.set_expected_interval_s(expected_interval_s);
}

void SourceStates::note_flood(const std::string& source_id, std::int64_t now_unix_ms) {
  SourceState* source = state_of(source_id);
  if (source == nullptr) return;
  const auto& before = source->flooded_at_unix_ms;
  if (!before || now_unix_ms - *before >= kFloodMs)
    logging::warn("a source lists more than may be fetched; what is beyond is left out",
                  {{"source", source_id}});
  source->flooded_at_unix_ms = now_unix_ms;
}

void SourceStates::note_poll(const v1::UrlState& polled, std::int64_t now_unix_ms, bool moved) {
  SourceState* source = state_of(polled.source_id());
  if (source == nullptr) return;
  source->status.set_last_poll_unix_ms(now_unix_ms);
  source->status.set_next_poll_unix_ms(polled.next_due_unix_ms());
  source->failing.erase(polled.url());
  source->moved.erase(polled.url());
  if (!moved || !listed_.contains(polled.url())) return;
  v1::MovedUrl& address = source->moved[polled.url()];
  address.set_from(polled.url());
  address.set_to(polled.moved_to());
  address.set_since_unix_ms(polled.moved_since_unix_ms());
}

void SourceStates::note_failure(const v1::UrlState& failed, const std::string& reason,
                                const std::string& detail, std::int64_t now_unix_ms) {
  SourceState* source = state_of(failed.source_id());
  if (source == nullptr) return;
  ++source->errors[reason];
  source->status.set_last_error(failed.url().substr(0, kMaxUrlBytes) + ": " + detail);
  if (failed.kind() == v1::URL_KIND_ARTICLE) return;
  source->status.set_last_poll_unix_ms(now_unix_ms);
  source->status.set_next_poll_unix_ms(failed.next_due_unix_ms());
  source->failing.insert(failed.url());
}

void SourceStates::note_item_interval(const std::string& source_id, double seconds) {
  if (SourceState* source = state_of(source_id)) source->status.set_expected_interval_s(seconds);
}

double SourceStates::item_interval_s(const std::string& source_id) const {
  const auto found = sources_.find(source_id);
  return found == sources_.end() ? 0 : found->second.status.expected_interval_s();
}

State SourceStates::current_state(const SourceState& source,
                                  const Surroundings& surroundings) const {
  const v1::SourceStatus& of_source = source.status;
  const std::size_t polls = polls_of(source.entry);
  const auto homepage = url::parse(source.entry.source.homepage());
  if (source.entry.refused) return State::kRefused;
  if (paused(source.entry.source.id()) || all_paused(*this)) return State::kPaused;
  if (taken_down_.has_source(source.entry.source.id())) return State::kRefused;
  if (homepage && homepage->host && surroundings.backs_off(*homepage->host)) return State::kBlocked;
  if (!source.contacted) return State::kWaiting;
  if (polls > 0 && source.failing.size() >= polls) return State::kFailing;
  if (source.flooded_at_unix_ms && surroundings.now_unix_ms - *source.flooded_at_unix_ms < kFloodMs)
    return State::kFlooding;
  if (status::gone_quiet(of_source, surroundings.now_unix_ms - surroundings.ahead_ms))
    return State::kQuiet;
  return State::kOk;
}

const v1::SourceStatus& SourceStates::refresh(SourceState& source,
                                              const Surroundings& surroundings) const {
  v1::SourceStatus& status = source.status;
  const v1::Source& entry = source.entry.source;
  status.set_source_id(entry.id());
  status.set_name(entry.name());
  status.set_homepage(entry.homepage());
  status.set_country(entry.country());
  status.set_language(entry.language());
  status.set_kind(entry.kind());
  status.set_affiliation(entry.affiliation());
  tell_entry(source.entry, status);
  if (status.robots().empty()) status.set_robots(std::string(word_of(RobotsState::kUnknown)));
  status.clear_moved();
  for (const auto& [url, address] : source.moved) *status.add_moved() = address;
  status.clear_pushed();
  tell_pushed(source.entry, surroundings.pushed, status);
  status.clear_errors();
  for (const auto& [reason, count] : source.errors) {
    v1::ReasonCount* error = status.add_errors();
    error->set_reason(reason);
    error->set_count(count);
  }
  source.state = current_state(source, surroundings);
  status.set_state(std::string(word_of(*source.state)));
  return status;
}

std::vector<log::NewRecord> SourceStates::report(const Surroundings& surroundings) {
  std::vector<log::NewRecord> out;
  for (const auto& [id, gone] : std::exchange(gone_, {})) {
    if (!gone.contributed && !surroundings.owns(gone.home_url)) continue;
    out.push_back({proto::Topic::kStatus,
                   "source/" + id + (gone.contributed ? "/" + instance_ : ""), std::nullopt});
  }
  for (auto& [id, source] : sources_) {
    const bool home = surroundings.owns(home_url(source.entry));
    if (!home && source.status.articles() == 0 && source.errors.empty() && !source.contributes)
      continue;
    const std::string beside = "source/" + id + "/" + instance_;
    if (home == source.contributes) {
      source.reported.clear();
      if (home) out.push_back({proto::Topic::kStatus, beside, std::nullopt});
      source.contributes = !home;
    }
    v1::StatusRecord record;
    *record.mutable_source() = refresh(source, surroundings);
    std::string bytes = compared_bytes(record.source());
    if (bytes == source.reported && surroundings.now - source.reported_at < kRepeatStatus) continue;
    source.reported = std::move(bytes);
    source.reported_at = surroundings.now;
    to_wall(*record.mutable_source(), surroundings.ahead_ms);
    record.mutable_source()->set_reported_at_unix_ms(surroundings.now_unix_ms -
                                                     surroundings.ahead_ms);
    out.push_back(
        {proto::Topic::kStatus, home ? "source/" + id : beside, record.SerializeAsString()});
  }
  return out;
}

std::map<State, int> SourceStates::count_states(
    const std::function<bool(const std::string& url)>& owns) const {
  std::map<State, int> count;
  for (const State state : {State::kWaiting, State::kOk, State::kQuiet, State::kFailing,
                            State::kBlocked, State::kPaused, State::kRefused, State::kFlooding})
    count[state] = 0;
  for (const auto& [id, source] : sources_) {
    if (source.state && owns(home_url(source.entry))) ++count[*source.state];
  }
  return count;
}

SourceStates::Failing SourceStates::failing() const {
  const auto failing = std::count_if(sources_.begin(), sources_.end(), [](const auto& source) {
    return !source.second.failing.empty();
  });
  return {static_cast<std::size_t>(failing), sources_.size()};
}

Reachability SourceStates::reachability() const {
  const std::lock_guard lock(reachability_mutex_);
  return reachability_;
}

}  // namespace vigie::crawler::sources
