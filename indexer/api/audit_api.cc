#include "indexer/api/audit_api.h"

#include <algorithm>
#include <charconv>

#include "indexer/api/problems.h"
#include "indexer/api/subscription_api.h"
#include "indexer/api/views.h"
#include "indexer/subscriptions/store.h"
#include "platform/log/bad_record.h"
#include "platform/secrets/sealer.h"

namespace vigie::indexer::api {
namespace {

bool fits(const AuditView::Filter& filter, const v1::AuditRecord& record) {
  return (filter.who.empty() || filter.who == record.who()) &&
         (filter.action.empty() || filter.action == record.action()) &&
         (filter.object.empty() || filter.object == record.object());
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json digest_json(const std::string& digest) {
  return digest.empty() ? Json() : Json(secrets::to_hex(digest));
}

Json change_json(const v1::AuditRecord& record) {
  Json changed = Json::array();
  for (const std::string& field : record.changed()) changed.push(field);
  return Json::object({{"id", record.id()},
                       {"time", time_json(record.at_unix_ms())},
                       {"who", record.who()},
                       {"action", record.action()},
                       {"outcome", record.phase() == v1::AUDIT_PHASE_DONE ? "done" : "unknown"},
                       {"changed", std::move(changed)},
                       {"before", digest_json(record.before_sha256())},
                       {"after", digest_json(record.after_sha256())}});
}

Json entry_json(const v1::AuditRecord& record) {
  Json out = change_json(record);
  out.set("address", text_or_null(record.address()));
  out.set("object", text_or_null(record.object()));
  out.set("name", text_or_null(record.name()));
  return out;
}

/// Errors: bad_parameter.
Result<std::uint64_t> cursor_of(const Call& call) {
  const std::string given = call.text("cursor");
  std::uint64_t out = 0;
  if (given.empty()) return out;
  const auto [stop, trouble] = std::from_chars(given.data(), given.data() + given.size(), out);
  if (trouble != std::errc() || stop != given.data() + given.size() || out == 0)
    return bad_parameter("cursor is none of this list; begin anew");
  return out;
}

Json page_json(const AuditView::Page& page, const char* name, Json (*row)(const v1::AuditRecord&)) {
  Json entries = Json::array();
  for (const v1::AuditRecord& record : page.records) entries.push(row(record));
  return Json::object({{name, std::move(entries)},
                       {"cursor", page.next == 0 ? Json() : Json(std::to_string(page.next))}});
}

}  // namespace

Result<AuditView::Page> AuditView::list(const Filter& filter, std::uint64_t before,
                                        std::size_t limit) {
  const std::lock_guard lock(mutex_);
  VIGIE_TRY(cursor_.catch_up([&](const log::Record& from) -> Result<void> {
    v1::AuditRecord record;
    if (!from.value || !record.ParseFromString(*from.value)) {
      log::warn_bad_record(proto::Topic::kAudit, from);
      return {};
    }
    take(std::move(record));
    return {};
  }));
  Page out;
  for (auto at = records_.rbegin(); at != records_.rend(); ++at) {
    if ((before != 0 && at->first >= before) || !fits(filter, at->second)) continue;
    if (out.records.size() == limit) {
      out.next = at->first + 1;
      break;
    }
    out.records.push_back(at->second);
  }
  return out;
}

/// What came of an intent takes its place.
void AuditView::take(v1::AuditRecord record) {
  if (const auto intent = intents_.extract(record.id()); !intent.empty()) {
    const auto at = std::ranges::lower_bound(records_, intent.mapped(), {},
                                             [](const auto& one) { return one.first; });
    if (at != records_.end() && at->first == intent.mapped()) records_.erase(at);
  }
  if (record.phase() == v1::AUDIT_PHASE_REFUSED) return;
  ++last_;
  if (record.phase() == v1::AUDIT_PHASE_INTENDED) intents_[record.id()] = last_;
  records_.emplace_back(last_, std::move(record));
  if (records_.size() <= most_) return;
  intents_.erase(records_.front().second.id());
  records_.pop_front();
}

Routes AuditApi::routes() {
  return {
      route("GET", "/v1/audit", "audit", this, &AuditApi::list),
      route("GET", "/v1/subscriptions/{id}/history", "subscriptionHistory", this,
            &AuditApi::history),
  };
}

http::Response AuditApi::list(const Call& call) {
  const auto before = cursor_of(call);
  if (!before) return problem_of(before.error());
  const AuditView::Filter filter{call.text("who"), call.text("action"), call.text("object")};
  const auto page = view_.list(filter, *before, static_cast<std::size_t>(call.integer("limit")));
  if (!page) return problem_of(page.error());
  return http::Response::json(page_json(*page, "entries", entry_json));
}

http::Response AuditApi::history(const Call& call) {
  const std::string& id = call.capture(0);
  if (!subscriptions_.find(id)) return no_subscription(id);
  const auto before = cursor_of(call);
  if (!before) return problem_of(before.error());
  const auto page =
      view_.list({.object = id}, *before, static_cast<std::size_t>(call.integer("limit")));
  if (!page) return problem_of(page.error());
  return http::Response::json(page_json(*page, "changes", change_json));
}

}  // namespace vigie::indexer::api
