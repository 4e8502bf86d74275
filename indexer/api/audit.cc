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

log::NewRecord Auditor::record(const http::Request& request, std::string_view action,
                               const Change& change) const {
  v1::AuditRecord out = audit_of(request, action, change);
  out.set_id(proto::base32(secrets::random_bytes(random_, kIdBytes)));
  out.set_at_unix_ms(clock_.now_unix_ms());
  out.set_instance(instance_);
  std::string key = out.id();
  return {proto::Topic::kAudit, std::move(key), out.SerializeAsString()};
}

void Auditor::write(const http::Request& request, std::string_view action,
                    const Change& change) const {
  const auto written = log::append(log_, {record(request, action, change)});
  if (written) return;
  metrics_.audit_failures.add();
  const v1::AuditRecord lost = audit_of(request, action, change);
  logging::error("a change has no audit record", {{"who", lost.who()},
                                                  {"address", lost.address()},
                                                  {"action", lost.action()},
                                                  {"object", lost.object()},
                                                  {"error", written.error().to_string()}});
}

void Trail::finish(const std::string& object) {
  if (written_ || auditor_ == nullptr) return;
  if (change_.object.empty()) change_.object = object;
  auditor_->write(request_, action_, change_);
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
