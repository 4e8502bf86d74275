#include "platform/config/settings.h"

namespace vigie::config {

std::vector<std::string_view> choices_of(KeyType type) {
  switch (type) {
    case KeyType::kIsolation: return {"process", "none"};
    case KeyType::kEngine: return {"embedded", "kafka"};
    case KeyType::kLogLevel: return {"debug", "info", "warning", "error"};
    case KeyType::kLogFormat: return {"text", "json"};
    default: return {};
  }
}

const std::vector<Key>& keys() {
  static const std::vector<Key> all{
      {"alerts.cloudevents", "false", KeyType::kBoolean,
       "write each new alert into the topic alerts.cloudevents too, as JSON"},
      {"alerts.deliver", "true", KeyType::kBoolean,
       "false on every indexer group but one: such a replica only searches"},
      {"alerts.max_age", "72h", KeyType::kDuration,
       "articles discovered later than this after their time do not alert"},
      {"alerts.per_hour", "1000", KeyType::kInteger,
       "new alerts of one subscription in an hour; what it meets beyond is counted, not told", 1,
       1'000'000},
      {"api.cors_origins", "[]", KeyType::kList,
       "origins (https://HOST[:PORT]) whose pages may call the API with a key"},
      {"api.keys_file", "null", KeyType::kText,
       "file of API keys, one a line; without it the API answers on loopback only"},
      {"api.metrics_key", "false", KeyType::kBoolean,
       "true: /metrics asks for a key too, with the role metrics, operator or admin"},
      {"api.proxy_groups_header", "null", KeyType::kText,
       "header in which a trusted proxy names the groups of a person, with commas between them"},
      {"api.proxy_roles", "[]", KeyType::kList,
       "GROUP=ROLE each; the highest counts, and the group * is everybody whom the proxy names"},
      {"api.proxy_user_header", "null", KeyType::kText,
       "header in which a trusted proxy names the person who signed in there"},
      {"api.public_url", "null", KeyType::kText,
       "URL under which people reach this server, for links in what is sent to them"},
      {"api.requests_per_minute", "6000", KeyType::kInteger,
       "requests that one caller (a key at an address) may make in a minute; beyond it 429", 1,
       100'000'000},
      {"api.streams_per_caller", "512", KeyType::kInteger, "live streams of one caller", 1,
       100'000},
      {"api.subscriptions_per_key", "10000", KeyType::kInteger,
       "subscriptions that one key may have made", 1, 200'000},
      {"api.trusted_proxies", "[]", KeyType::kList,
       "addresses or networks (CIDR) of proxies whose headers on a person and its address count"},
      {"crawl.archive", "false", KeyType::kBoolean, "write WARC files below data_dir/archive"},
      {"crawl.max_connections", "256", KeyType::kInteger, "connections at once", 1, 10'000},
      {"crawl.retry_base_s", "30", KeyType::kNumber,
       "time from a failed fetch to the next try; doubled with each further failure", 1, 3'600},
      {"crawl.retry_ceiling_s", "3600", KeyType::kNumber, "the most that this time grows to", 1,
       86'400},
      {"crawl.revisits_s", "[600, 3600, 21600, 86400]", KeyType::kListOfSeconds,
       "times after its discovery at which a page is looked at again for silent edits", 1,
       31'536'000},
      {"data_dir", "@data", KeyType::kText,
       "everything the process owns on disk; one process at a time"},
      {"email.ca_file", "null", KeyType::kText,
       "certificates (PEM) by which the mail server is known; not set: those of the system"},
      {"email.from", "null", KeyType::kText,
       "who writes the mails of alerts: alerts@example.org, or vigie <alerts@example.org>"},
      {"email.password_file", "null", KeyType::kText,
       "file whose first line is the password of email.username, closed to other accounts"},
      {"email.require_tls", "true", KeyType::kBoolean,
       "smtp://: STARTTLS, or nothing is sent; false: where the server offers it"},
      {"email.smtp_url", "null", KeyType::kText,
       "the mail server: smtp://HOST:587 or smtps://HOST:465; not set: no alert is sent by e-mail"},
      {"email.username", "null", KeyType::kText, "who signs in to the mail server"},
      {"extract.isolation", "process", KeyType::kIsolation,
       "process: pages are parsed in worker processes, whose crash costs one page; none: in this "
       "process"},
      {"extract.jobs", "1", KeyType::kInteger, "pages that are extracted at a time", 1, 256},
      {"extract.max_page_bytes", "8388608", KeyType::kInteger,
       "decoded bytes of a page that are read; the rest is cut and the article says so", 1'024,
       67'108'864},
      {"fetch.allow_networks", "[]", KeyType::kList,
       "networks (CIDR) that are not global and may be contacted all the same"},
      {"fetch.feed_floor_s", "60", KeyType::kNumber, "least time between polls of one feed", 1,
       86'400},
      {"fetch.ip_gap_ms", "500", KeyType::kInteger,
       "least time from the end of one response to the next request, per IP address", 0, 3'600'000},
      {"fetch.min_gap_ms", "2000", KeyType::kInteger,
       "the same per host and per registrable domain", 0, 3'600'000},
      {"fetch.user_agent_contact", "https://github.com/vigie-project/vigie", KeyType::kText,
       "URL or e-mail address that publishers find in the User-Agent; set it to yours"},
      {"http.health_listen", "null", KeyType::kListen,
       "HOST:PORT where /metrics, /healthz and /readyz are answered, and then nowhere else"},
      {"http.listen", "@listen", KeyType::kListen,
       "HOST:PORT of the API and the pages; port 0 picks one"},
      {"http.max_streams", "6000", KeyType::kInteger,
       "live streams of all callers; fewer where the system allows this process few open files", 1,
       100'000},
      {"indexer.checkpoint_dir", "null", KeyType::kText,
       "folder for checkpoints of the index, where a new owner of a shard finds the newest; put it "
       "where every indexer can read it"},
      {"indexer.checkpoint_every", "24h", KeyType::kDuration,
       "time between checkpoints of a shard, where indexer.checkpoint_dir is set"},
      {"indexer.peer_key_file", "null", KeyType::kText,
       "file of the key that indexers show each other; else the first plain key of api.keys_file"},
      {"indexer.peer_timeout", "2s", KeyType::kDuration,
       "how long another indexer may take to answer; then its shards are missing from the "
       "response, "
       "which says so"},
      {"indexer.peers", "[]", KeyType::kList,
       "the other indexers: http://HOST:PORT each, or one dns:NAME:PORT that is resolved again and "
       "again; itself may be among them"},
      {"indexer.query_deadline", "2s", KeyType::kDuration,
       "how long one question of a caller may take before it is refused as too_expensive"},
      {"indexer.role_session", "10s", KeyType::kDuration,
       "silence after which another indexer takes over as story clusterer or alerter (brokers "
       "allow 6s to 30m)"},
      {"indexer.seal_documents", "20000", KeyType::kInteger,
       "documents of the live head before it is sealed into a segment", 16, 1'000'000},
      {"indexer.shard_session", "5m", KeyType::kDuration,
       "silence after which another indexer takes over the shards: longer than a restart takes "
       "(brokers allow 6s to 30m)"},
      {"log.brokers", "127.0.0.1:9092", KeyType::kText, "bootstrap list of Kafka"},
      {"log.engine", "embedded", KeyType::kEngine, "embedded (one process) or kafka"},
      {"log.format", "text", KeyType::kLogFormat,
       "lines on stderr for people (text) or programs (json)"},
      {"log.group", "@group", KeyType::kText,
       "consumer group; a second indexer group is a replica"},
      {"log.instance", "null", KeyType::kText,
       "name of this member of its group; made once and kept in data_dir"},
      {"log.level", "info", KeyType::kLogLevel, "debug, info, warning or error"},
      {"log.pages_max_mib", "0", KeyType::kInteger,
       "embedded log: beyond so many MiB of pages (before compression) the oldest that were read "
       "go "
       "before their seven days; 0: none does",
       0, 1'073'741'824},
      {"log.partitions", "12", KeyType::kInteger,
       "partitions of each topic; fixed when the log is made", 1, 1'024},
      {"log.prefix", "vigie", KeyType::kText, "topics are PREFIX.pages.v1 …"},
      {"log.replication", "0", KeyType::kInteger,
       "copies of each partition; 0: the smaller of 3 and the number of brokers", 0, 15},
      {"pages.home_query", "about:* within:7d", KeyType::kText,
       "what the first page shows to whoever chose no search of his own for it; everything: no "
       "query"},
      {"pages.notice", "null", KeyType::kText, "a sentence shown on top of every web page"},
      {"sources.files", "[ops/sources/ai-geopolitics.yaml]", KeyType::kList,
       "source lists; read again on change and on SIGHUP"},
      {"system.disk_free_mb", "4096", KeyType::kInteger,
       "MiB of a disk below which alerts of system:disk are told; 0: never", 0, 1'000'000'000},
      {"system.failing_after", "1h", KeyType::kDuration,
       "how long a source fails before alerts of system:failing are told"},
      {"system.lag_records", "1000", KeyType::kInteger,
       "records of a topic that wait for a service, for alerts of system:lag; 0: never", 0,
       1'000'000'000},
      {"system.others_after", "5m", KeyType::kDuration,
       "how long anything else is wrong, and everything is right again, before that is told"},
      {"topics.dirs", "[ops/topics]", KeyType::kList,
       "folders of topic packs; read again on change and on SIGHUP"},
      {"translate.command", "[]", KeyType::kList,
       "a program, with its arguments, that translates: JSON of LibreTranslate's POST /translate "
       "on "
       "stdin, its response on stdout; started for each request"},
      {"translate.key_file", "null", KeyType::kText,
       "file whose first line is the api_key of translate.url, closed to other accounts"},
      {"translate.timeout", "30s", KeyType::kDuration,
       "how long the translator may take for one request"},
      {"translate.url", "null", KeyType::kText,
       "a translator in LibreTranslate's form: http://HOST:PORT; headlines and texts that people "
       "look at are sent to it"},
      {"webhook.allow_networks", "[]", KeyType::kList,
       "networks (CIDR) that are not global and may receive webhooks all the same"},
      {"webhook.key_file", "null", KeyType::kText,
       "file of the keys that encrypt the secrets of webhooks in the log; on the embedded log a "
       "file of data_dir is made where it is not set"},
      {"webhook.key_lost", "false", KeyType::kBoolean,
       "start although the log holds secrets of webhooks that no key opens; their channels need "
       "new ones"},
      {"websub.callback_url", "null", KeyType::kText,
       "where hubs of the web reach websub.listen of this crawler: https://HOST/PATH; where it is "
       "not set, feeds are polled and not subscribed to"},
      {"websub.listen", "127.0.0.1:8090", KeyType::kListen,
       "HOST:PORT at which the crawler takes what hubs push, and nothing else; only with "
       "websub.callback_url"},
  };
  return all;
}

}  // namespace vigie::config
