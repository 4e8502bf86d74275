#include "tests/simulation/judge.h"

#include <cstdio>
#include <map>
#include <set>

#include "indexer/conditions/course.h"
#include "indexer/conditions/note.h"
#include "platform/json/json.h"
#include "proto/condition.pb.h"
#include "proto/frontier.pb.h"
#include "proto/identity.h"
#include "proto/page.pb.h"
#include "proto/quarantine.pb.h"
#include "proto/story.pb.h"

namespace vigie::simulation {
namespace {

using proto::Topic;

// a delivery that fails is tried again within this while nothing strikes
constexpr std::int64_t kArrivesWithinMs = 15 * 60'000;

/// The places of an article's records, for the reader of a failing seed.
std::string where_in_log(const Brokers& brokers, const std::string& article_id) {
  std::string out;
  brokers.each_record(Topic::kArticles, [&](const log::Record& record) {
    if (record.key == article_id)
      out +=
          ", logged at " + std::to_string(record.partition) + "/" + std::to_string(record.offset);
  });
  return out;
}

/// The last word of the frontier on a URL.
std::string state_in_frontier(const Brokers& brokers, const std::string& url) {
  std::string out = ", unknown to the frontier";
  brokers.each_record(Topic::kFrontier, [&](const log::Record& record) {
    v1::NewUrls found;
    if (record.key.starts_with("n:") && record.value && found.ParseFromString(*record.value)) {
      for (const v1::NewUrl& one : found.urls())
        if (one.url() == url) out = ", in the frontier: found, and not fetched";
    }
    v1::UrlState state;
    if (record.key != "u:" + url || !record.value || !state.ParseFromString(*record.value)) return;
    out = ", in the frontier: due " +
          std::to_string(
              state.next_due_unix_ms() == 0 ? 0 : state.next_due_unix_ms() - World::kEpochUnixMs) +
          ", " + std::to_string(state.fetches()) + " fetches, " + std::to_string(state.failures()) +
          " failures, last " + state.last_error();
  });
  return out;
}

}  // namespace

std::string id_of(const Article& article) { return proto::article_id(article.address); }

void Judge::judge_index(std::vector<std::string>& missing, std::vector<std::string>& wrong) const {
  std::map<std::string, std::size_t> found;
  std::set<std::string> items;  // told by their feeds alone
  brokers_.each_record(Topic::kArticles, [&](const log::Record& record) {
    v1::ArticleRecord article;
    if (record.value && article.ParseFromString(*record.value) &&
        article.page_type() == "feed_item")
      items.insert(article.url());
  });
  bool all_here = true;
  std::size_t shards = 0;
  for (const indexer::search::Index* index : plant_.indexes()) {
    const indexer::search::Coverage coverage = index->figures().coverage;
    shards += coverage.shards - coverage.missing.size();
    indexer::search::SearchRequest request;
    request.query = "after:2000-01-01";
    request.sort = indexer::Sort::kNewest;
    request.limit = indexer::search::kMaxLimit;
    const auto page = index->search(request);
    if (!page) {
      missing.push_back("an index does not answer: " + page.error().to_string());
      return;
    }
    for (const auto& hit : page->hits) ++found[hit.article.url()];
  }
  all_here = shards == static_cast<std::size_t>(brokers_.partitions_of(Topic::kArticles));
  if (!all_here) missing.push_back(std::to_string(shards) + " shards are served");
  std::set<std::string> known;
  for (const Article& article : web_.articles()) {
    known.insert(article.address);
    const std::size_t times = found.count(article.address) == 0 ? 0 : found[article.address];
    // Of a page that is refused for good, what its feed says is indexed in its place.
    const bool refused =
        article.fate == Article::Fate::kGone || article.fate == Article::Fate::kRefused;
    const bool wanted = article.fate == Article::Fate::kIndexed || refused;
    if (times > 1 && shards <= static_cast<std::size_t>(brokers_.partitions_of(Topic::kArticles)))
      wrong.push_back("indexed " + std::to_string(times) + " times: " + article.address);
    if (times > 0 && !wanted)
      wrong.push_back("indexed though it should not be: " + article.address);
    if (times > 0 && refused != (items.count(article.address) > 0))
      wrong.push_back("marked as what it is not: " + article.address);
    if (times == 0 && wanted)
      missing.push_back("not indexed: " + article.address + where_in_log(brokers_, id_of(article)) +
                        state_in_frontier(brokers_, article.url));
  }
  for (const auto& [url, times] : found) {
    if (known.count(url) == 0) wrong.push_back("indexed, and nobody published it: " + url);
  }
}

void Judge::judge_alerts(std::vector<std::string>& missing, std::vector<std::string>& wrong) const {
  for (const Subscribed& subscription : subscribed_.all) {
    std::map<std::string, std::size_t> original_of;  // article id → number of the original
    std::map<std::size_t, std::set<std::string>> ids;
    std::set<std::size_t> accepted;
    std::map<std::string, std::set<std::size_t>> bodies;  // webhook-id → numbers of originals
    std::set<std::string> slots;
    for (const Article& article : web_.articles()) original_of[id_of(article)] = article.original;
    for (const FakeWeb::Delivery& delivery : web_.deliveries()) {
      if (delivery.subscription_path != subscription.path) continue;
      const auto event = parse_json(delivery.body);
      if (!event) {
        wrong.push_back("a webhook whose body is no JSON");
        continue;
      }
      std::set<std::size_t> originals;
      for (const std::string& article : articles_of((*event)["data"])) {
        const auto original = original_of.find(article);
        if (original == original_of.end()) {
          wrong.push_back("an alert of an article that nobody published: " + article);
          continue;
        }
        originals.insert(original->second);
        ids[original->second].insert(delivery.id);
        if (delivery.accepted) accepted.insert(original->second);
      }
      const auto [first, fresh] = bodies.emplace(delivery.id, originals);
      if (!fresh && first->second != originals)
        wrong.push_back("one webhook-id, two contents: " + delivery.id);
      const std::string& slot = (*event)["data"]["slot"].as_string();
      if (fresh && !slot.empty() && !slots.insert(slot).second)
        wrong.push_back("one slot told under two ids: " + slot);
    }
    for (const auto& [original, told] : ids) {
      if (told.size() > 1)
        wrong.push_back("story " + std::to_string(original) + " alerted " + subscription.path +
                        " under " + std::to_string(told.size()) + " ids");
    }
    for (const Article& article : web_.articles()) {
      if (article.fate == Article::Fate::kIndexed && accepted.count(article.original) == 0)
        missing.push_back("not told to " + subscription.path + ": story " +
                          std::to_string(article.original));
    }
  }
}

namespace {

/// Beginnings and ends that a condition has had, by the ids that stand in place of an article's;
/// `told`: without the newest where it is not called told.
std::map<std::string, std::string> phases_of(v1::ConditionRecord condition, bool told) {
  using indexer::conditions::match_of;
  std::map<std::string, std::string> out;
  const std::uint64_t episodes = condition.episode();
  const bool on = indexer::conditions::is_on(condition);
  const std::string key = indexer::conditions::key_of(condition);
  const bool newest_left_out = told && !condition.told();
  for (std::uint64_t episode = 1; episode <= episodes; ++episode) {
    condition.set_episode(episode);
    const bool last = episode == episodes;
    for (const auto state : {v1::CONDITION_STATE_ON, v1::CONDITION_STATE_OVER}) {
      const bool ends = state == v1::CONDITION_STATE_OVER;
      if (last && ((ends && on) || (ends != on && newest_left_out))) continue;
      condition.set_state(state);
      out[match_of(condition, {}, "").article().article_id()] =
          key + " " + std::to_string(episode) + (ends ? " ended" : " begun");
    }
  }
  return out;
}

}  // namespace

/// Each beginning and each end that the log knows was told, and no other, each under one id.
void Judge::judge_conditions(std::vector<std::string>& missing,
                             std::vector<std::string>& wrong) const {
  std::map<std::string, v1::ConditionRecord> newest;
  brokers_.each_record(Topic::kStatus, [&](const log::Record& record) {
    v1::ConditionRecord condition;
    if (!record.key.starts_with(indexer::conditions::kKeyPrefix) || !record.value ||
        !condition.ParseFromString(*record.value))
      return;
    v1::ConditionRecord& known = newest[record.key];
    if (!indexer::conditions::supersedes(known, condition)) known = std::move(condition);
  });
  std::map<std::string, std::string> phases;
  std::map<std::string, std::string> settled;  // told for long enough to have arrived
  const std::int64_t now = plant_.wall();
  for (const auto& [key, condition] : newest) {
    phases.merge(phases_of(condition, false));
    if (now - condition.changed_unix_ms() > kArrivesWithinMs)
      settled.merge(phases_of(condition, true));
  }
  std::map<std::string, std::set<std::string>> ids;  // webhook-ids of each
  std::set<std::string> accepted;
  for (const FakeWeb::Delivery& delivery : web_.deliveries()) {
    if (delivery.subscription_path != subscribed_.system.path) continue;
    const auto event = parse_json(delivery.body);
    const std::string id = event ? (*event)["data"]["article"]["id"].as_string() : "";
    if (!event || (*event)["data"]["condition"].is_null())
      wrong.push_back("a system alert that names no condition");
    ids[id].insert(delivery.id);
    if (delivery.accepted) accepted.insert(id);
  }
  for (const auto& [id, told] : ids) {
    if (told.size() > 1) wrong.push_back("one condition told under several ids: " + phases[id]);
    if (!phases.contains(id)) wrong.push_back("told, and no condition: " + id);
  }
  for (const auto& [id, phase] : settled) {
    if (!accepted.contains(id)) missing.push_back("not told: " + phase);
  }
}

namespace {

/// Whether a URL was dropped for what the web answers there.
bool is_reason_of(const Article& article, const v1::UrlState& state) {
  switch (article.fate) {
    case Article::Fate::kRefused: return state.last_error() == "robots_disallowed";
    case Article::Fate::kGone: return state.last_error() == "http_410";
    case Article::Fate::kIndexed:
    case Article::Fate::kPoison: break;
  }
  return false;
}

}  // namespace

/// URLs in = URLs out: each one that a feed named became a page, or was dropped with a reason; each
/// page became an article or lies in quarantine.
void Judge::judge_urls(std::vector<std::string>& missing) const {
  std::map<std::string, v1::UrlState> states;
  brokers_.each_record(Topic::kFrontier, [&](const log::Record& record) {
    if (record.key.rfind("u:", 0) != 0) return;
    v1::UrlState state;
    if (record.value && state.ParseFromString(*record.value)) {
      states[record.key.substr(2)] = std::move(state);
    } else {
      states.erase(record.key.substr(2));
    }
  });
  std::set<std::string> pages;  // by the URL that was discovered
  std::map<std::string, std::string> final_of;
  brokers_.each_record(Topic::kPages, [&](const log::Record& record) {
    v1::PageRecord page;
    if (!record.value || !page.ParseFromString(*record.value)) return;
    pages.insert(page.url());
    final_of[page.url()] = page.final_url();
  });
  std::set<std::string> articles;
  brokers_.each_record(Topic::kArticles,
                       [&](const log::Record& record) { articles.insert(record.key); });
  std::set<std::string> quarantined;
  brokers_.each_record(Topic::kQuarantine, [&](const log::Record& record) {
    v1::QuarantineRecord entry;
    if (record.value && entry.ParseFromString(*record.value)) quarantined.insert(entry.url());
  });
  for (const Article& article : web_.articles()) {
    const auto state = states.find(article.url);
    if (pages.count(article.url) > 0) {
      const std::string& address = final_of[article.url];
      if (articles.count(proto::article_id(address)) == 0 && quarantined.count(address) == 0)
        missing.push_back("a page without an article and without quarantine: " + address);
      if (article.fate == Article::Fate::kPoison && quarantined.count(address) == 0)
        missing.push_back("a poison page is not in quarantine: " + address);
      continue;
    }
    const bool dropped = state != states.end() && state->second.next_due_unix_ms() == 0 &&
                         !state->second.last_error().empty();
    if (!dropped) {
      missing.push_back("neither a page nor dropped with a reason: " + article.url);
    } else if (!is_reason_of(article, state->second)) {
      missing.push_back("dropped for another reason than the web gave: " + article.url + ": " +
                        state->second.last_error());
    }
  }
}

/// Two owners of the clusterer's partition write the same.
void Judge::judge_stories(std::vector<std::string>& wrong) const {
  std::map<std::string, std::string> stories;
  std::map<std::string, std::string> events;
  brokers_.each_record(Topic::kStories, [&](const log::Record& record) {
    v1::StoryRecord story;
    if (!record.value || !story.ParseFromString(*record.value)) return;
    const auto [first, fresh] = stories.emplace(record.key, story.story_id());
    if (!fresh && first->second != story.story_id())
      wrong.push_back("two stories for " + record.key);
    const auto [event, first_event] = events.emplace(record.key, story.event_id());
    if (!first_event && event->second != story.event_id())
      wrong.push_back("two events for " + record.key);
  });
  std::map<std::size_t, std::set<std::string>> of_original;
  for (const Article& article : web_.articles()) {
    const auto story = stories.find(id_of(article));
    if (story != stories.end()) of_original[article.original].insert(story->second);
  }
  for (const auto& [original, ids] : of_original) {
    if (ids.size() > 1)
      wrong.push_back("the copies of article " + std::to_string(original) + " are in " +
                      std::to_string(ids.size()) + " stories");
  }
}

std::vector<std::string> Judge::missing() const {
  std::vector<std::string> missing;
  std::vector<std::string> wrong;
  if (!web_.all_published()) missing.push_back("not all is published yet");
  if (missing.empty()) judge_urls(missing);
  if (missing.empty()) judge_index(missing, wrong);
  if (missing.empty()) judge_alerts(missing, wrong);
  if (missing.empty()) judge_conditions(missing, wrong);
  if (missing.empty()) judge_slots(missing, wrong);
  if (missing.empty()) judge_gone(missing);
  if (missing.empty()) judge_down(missing, wrong);
  if (missing.empty()) judge_desks(missing);
  return missing;
}

std::vector<std::string> Judge::wrong() const {
  std::vector<std::string> missing;
  std::vector<std::string> wrong = web_.violations();
  wrong.insert(wrong.end(), plant_.complaints().begin(), plant_.complaints().end());
  judge_index(missing, wrong);
  judge_alerts(missing, wrong);
  judge_conditions(missing, wrong);
  judge_stories(wrong);
  judge_slots(missing, wrong);
  judge_down(missing, wrong);
  for (const Desk* desk : plant_.desks()) judge_doubles(*desk, plant_.ledger(), wrong);
  judge_doubles(brokers_, plant_.ledger(), wrong);
  return wrong;
}

void Judge::tell() const {
  for (const Topic topic : {Topic::kSubscriptions, Topic::kPages, Topic::kArticles, Topic::kStories,
                            Topic::kMatches, Topic::kDeliveries, Topic::kDigests, Topic::kStatus,
                            Topic::kKeys, Topic::kSessions, Topic::kAudit}) {
    brokers_.each_record(topic, [&](const log::Record& record) {
      std::printf("%9.3f  %s %d/%lld %s%s\n",
                  static_cast<double>(record.timestamp_unix_ms - World::kEpochUnixMs) / 1000,
                  std::string(proto::spec(topic).short_name).c_str(), record.partition,
                  static_cast<long long>(record.offset),
                  topic == Topic::kPages ? proto::base32(record.key).c_str() : record.key.c_str(),
                  record.value ? "" : " -");
    });
  }
  for (const Article& article : web_.articles()) {
    std::printf("article %zu (original %zu) %s %s\n", article.number, article.original,
                article.url.c_str(), id_of(article).c_str());
  }
}

Judge::Figures Judge::figures() const {
  Figures out;
  out.articles = web_.articles().size();
  out.requests = web_.requests();
  out.needless = needless();
  out.kept = plant_.ledger().answered;
  out.shown = plant_.ledger().credentials.looks;
  brokers_.each_record(Topic::kDigests,
                       [&](const log::Record& record) { out.slots += record.value ? 1 : 0; });
  std::set<std::pair<std::string, std::string>> ids;
  for (const FakeWeb::Delivery& delivery : web_.deliveries()) {
    const bool fresh = ids.insert({delivery.subscription_path, delivery.id}).second;
    const bool takes = delivery.subscription_path != FakeWeb::kDownPath &&
                       delivery.subscription_path != FakeWeb::kBackPath;
    out.repeats += takes && !fresh ? 1 : 0;
  }
  out.alerts = ids.size();
  for (const auto& [path, id] : ids) out.conditions += path == subscribed_.system.path ? 1 : 0;
  out.untaken = web_.untaken();
  brokers_.each_record(Topic::kPages, [&](const log::Record&) { ++out.pages; });
  return out;
}

}  // namespace vigie::simulation
