#include "indexer/api/key_api.h"

#include "indexer/api/key_ring.h"
#include "indexer/api/problems.h"
#include "indexer/api/views.h"
#include "platform/dates/dates.h"

namespace vigie::indexer::api {
namespace {

Json key_json(const v1::KeyRecord& record, std::int64_t used_at_unix_ms, bool expired) {
  return Json::object({{"id", record.id()},
                       {"name", record.name()},
                       {"role", record.role()},
                       {"created", time_json(record.created_at_unix_ms())},
                       {"expires", time_json(record.expires_at_unix_ms())},
                       {"expired", expired},
                       {"last_used", time_json(used_at_unix_ms)},
                       {"made_by", record.made_by().empty() ? Json() : Json(record.made_by())}});
}

/// Of a line of a file nothing is known but its name and role.
Json file_key_json(const Caller& caller) {
  v1::KeyRecord record;
  record.set_name(caller.name);
  record.set_role(std::string(keys::name_of(caller.role)));
  Json out = key_json(record, 0, false);
  out.set("id", Json());
  return out;
}

keys::KeyStore::With with(const Call& call) {
  return [&call](const v1::KeyRecord& record) {
    Change change;
    change.object = record.id();
    change.name = record.name() + " (" + record.role() + ")";
    return call.trail.with(change);
  };
}

}  // namespace

Routes KeyApi::routes() {
  return {
      route("GET", "/v1/keys", "keys", this, &KeyApi::list),
      route("POST", "/v1/keys", "createKey", this, &KeyApi::create),
      route("DELETE", "/v1/keys/{id}", "revokeKey", this, &KeyApi::revoke),
  };
}

http::Response KeyApi::list(const Call&) {
  Json out = Json::array();
  for (const Caller& caller : ring_.of_files()) out.push(file_key_json(caller));
  for (const keys::Key& key : store_.list())
    out.push(key_json(key.record, key.used_at_unix_ms, store_.has_ended(key.record)));
  return http::Response::json(Json::object({{"keys", std::move(out)}}));
}

http::Response KeyApi::create(const Call& call) {
  const auto role = keys::role_of(call.member("role"));
  if (!role) return problem("bad_parameter", "role is none of those that there are");
  std::int64_t expires = 0;
  if (const Json& given = call.body["expires"]; given.is_string()) {
    const auto parsed = dates::parse_rfc3339(given.as_string());
    if (!parsed)
      return problem("bad_parameter", "expires is a time of RFC 3339, as 2027-01-31T00:00:00Z");
    expires = *parsed;
  }
  const auto made =
      store_.make(call.member("name"), *role, expires, call.request.caller, with(call));
  if (!made) return problem_of(made.error());
  Json out = key_json(made->record, 0, false);
  out.set("key", made->key);
  return http::Response::json(out, 201);
}

http::Response KeyApi::revoke(const Call& call) {
  const auto revoked = store_.revoke(call.capture(0), with(call));
  if (!revoked) return problem_of(revoked.error());
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace vigie::indexer::api
