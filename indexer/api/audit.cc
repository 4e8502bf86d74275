#include "indexer/api/audit.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <utility>

#include "platform/logging/logging.h"
#include "platform/secrets/sealer.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::string_view kLocal = "local";

std::string new_id(Random& random) {
  return proto::base32(secrets::random_bytes(random, kIdBytes));
}

v1::AuditRecord audit_of(const http::Request& request, std::string_view action,
                         const Change& change) {
  v1::AuditRecord out;
  const std::string& who = change.who.empty() ? request.caller : change.who;
  out.set_who(who.empty() ? std::string(kLocal) : who);
  out.set_address(request.peer);
  out.set_action(std::string(action));
  out.set_object(change.object);
  out.set_name(change.name);
  out.set_before_sha256(change.before_sha256);
  out.set_after_sha256(change.after_sha256);
  for (const std::string& field : change.changed) out.add_changed(field);
  return out;
}

}  // namespace

log::NewRecord Auditor::record(v1::AuditRecord audit, const std::string& id) const {
  audit.set_id(id);
  audit.set_at_unix_ms(clock_.now_unix_ms());
  audit.set_instance(instance_);
  return {proto::Topic::kAudit, id, audit.SerializeAsString()};
}

log::NewRecord Auditor::record(const http::Request& request, std::string_view action,
                               const Change& change) const {
  return record(audit_of(request, action, change), new_id(random_));
}

Result<std::string> Auditor::intend(const http::Request& request, std::string_view action,
                                    const Change& change) const {
  v1::AuditRecord audit = audit_of(request, action, change);
  audit.set_phase(v1::AUDIT_PHASE_INTENDED);
  std::string id = new_id(random_);
  VIGIE_TRY(log::append(log_, {record(std::move(audit), id)}));
  return id;
}

void Auditor::conclude(const http::Request& request, std::string_view action, const Change& change,
                       const std::string& id, bool made) const {
  v1::AuditRecord audit = audit_of(request, action, change);
  if (!made) audit.set_phase(v1::AUDIT_PHASE_REFUSED);
  const auto written = log::append(log_, {record(audit, id.empty() ? new_id(random_) : id)});
  if (written) return;
  metrics_.audit_failures.add();
  logging::error("what came of a change has no audit record",
                 {{"who", audit.who()},
                  {"address", audit.address()},
                  {"action", audit.action()},
                  {"object", audit.object()},
                  {"made", made ? "yes" : "no"},
                  {"error", written.error().to_string()}});
}

Result<void> Trail::intend(const Change& change) {
  if (auditor_ == nullptr || !intent_.empty()) return {};
  change_ = change;
  VIGIE_ASSIGN(intent_, auditor_->intend(request_, action_, change));
  return {};
}

void Trail::finish(const std::string& object, bool succeeded) {
  if (written_ || auditor_ == nullptr) return;
  const bool made = succeeded && !silent_;
  if (!made && intent_.empty()) return;
  if (change_.object.empty()) change_.object = object;
  auditor_->conclude(request_, action_, change_, intent_, made);
}

std::vector<std::string> differing_fields(const google::protobuf::Message& before,
                                          const google::protobuf::Message& after,
                                          const std::vector<std::string_view>& ignored) {
  using google::protobuf::util::MessageDifferencer;
  std::vector<std::string> out;
  const google::protobuf::Descriptor& type = *before.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    if (std::ranges::find(ignored, field->name()) != ignored.end()) continue;
    MessageDifferencer differencer;
    if (!differencer.CompareWithFields(before, after, {field}, {field}))
      out.push_back(field->name());
  }
  return out;
}

}  // namespace vigie::indexer::api
