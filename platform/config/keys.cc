#include "platform/config/settings.h"

namespace vigie::config {

const std::vector<Key>& keys() {
  static const std::vector<Key> all{
      {"alerts.deliver", "true", "boolean",
       "false on every indexer group but one: such a replica only searches"},
      {"alerts.max_age", "72h", "duration",
       "articles discovered later than this after their time do not alert"},
      {"api.keys_file", "null", "text",
       "file of API keys, one a line; without it the API answers on loopback only"},
      {"crawl.archive", "false", "boolean", "write WARC files below data_dir/archive"},
      {"crawl.max_connections", "256", "integer", "connections at once", 1, 10'000},
      {"crawl.retry_base_s", "30", "number",
       "time from a failed fetch to the next try; doubled with each further failure", 1, 3'600},
      {"crawl.retry_ceiling_s", "3600", "number", "the most that this time grows to", 1, 86'400},
      {"crawl.revisits_s", "[600, 3600, 21600, 86400]", "list of seconds",
       "times after its discovery at which a page is looked at again for silent edits", 1,
       31'536'000},
      {"data_dir", "@data", "text", "everything the process owns on disk; one process at a time"},
      {"extract.isolation", "process", "isolation",
       "process: pages are parsed in worker processes, whose crash costs one page; none: in this "
       "process"},
      {"extract.jobs", "1", "integer", "pages that are extracted at a time", 1, 256},
      {"extract.max_page_bytes", "8388608", "integer",
       "decoded bytes of a page that are read; the rest is cut and the article says so", 1'024,
       67'108'864},
      {"fetch.allow_networks", "[]", "list",
       "networks (CIDR) that are not global and may be contacted all the same"},
      {"fetch.feed_floor_s", "60", "number", "least time between polls of one feed", 1, 86'400},
      {"fetch.ip_gap_ms", "500", "integer",
       "least time from the end of one answer to the next request, per IP address", 0, 3'600'000},
      {"fetch.min_gap_ms", "2000", "integer", "the same per host and per registrable domain", 0,
       3'600'000},
      {"fetch.user_agent_contact", "https://github.com/vigie-project/vigie", "text",
       "URL or e-mail address that publishers find in the User-Agent; set it to yours"},
      {"http.health_listen", "null", "listen",
       "HOST:PORT where /metrics, /healthz and /readyz are answered, and then nowhere else"},
      {"http.listen", "@listen", "listen", "HOST:PORT of the API and the pages; port 0 picks one"},
      {"indexer.checkpoint_dir", "null", "text",
       "folder for checkpoints of the index, where a new owner of a shard finds the newest; put it "
       "where every indexer can read it"},
      {"indexer.checkpoint_every", "24h", "duration",
       "time between checkpoints of a shard, where indexer.checkpoint_dir is set"},
      {"indexer.peer_timeout", "2s", "duration",
       "how long another indexer may take to answer; then its shards are missing from the answer, "
       "which says so"},
      {"indexer.peers", "[]", "list",
       "the other indexers: http://HOST:PORT each, or one dns:NAME:PORT that is resolved again and "
       "again; itself may be among them"},
      {"indexer.query_deadline", "2s", "duration",
       "how long one question of a caller may take before it is refused as too_expensive"},
      {"indexer.role_session", "10s", "duration",
       "silence after which another indexer takes over as story clusterer or alerter (brokers "
       "allow 6s to 30m)"},
      {"indexer.seal_documents", "20000", "integer",
       "documents of the live head before it is sealed into a segment", 16, 1'000'000},
      {"indexer.shard_session", "5m", "duration",
       "silence after which another indexer takes over the shards: longer than a restart takes "
       "(brokers allow 6s to 30m)"},
      {"log.brokers", "127.0.0.1:9092", "text", "bootstrap list of Kafka"},
      {"log.engine", "embedded", "engine", "embedded (one process) or kafka"},
      {"log.format", "text", "log_format", "lines on stderr for people (text) or programs (json)"},
      {"log.group", "@group", "text", "consumer group; a second indexer group is a replica"},
      {"log.instance", "null", "text",
       "name of this member of its group; made once and kept in data_dir"},
      {"log.level", "info", "log_level", "debug, info, warning or error"},
      {"log.partitions", "12", "integer", "partitions of each topic; fixed when the log is made", 1,
       1'024},
      {"log.prefix", "vigie", "text", "topics are PREFIX.pages.v1 …"},
      {"log.replication", "0", "integer",
       "copies of each partition; 0: the smaller of 3 and the number of brokers", 0, 15},
      {"pages.notice", "null", "text", "a sentence shown on top of every web page"},
      {"sources.files", "[ops/sources/ai-geopolitics.yaml]", "list",
       "source lists; read again on change and on SIGHUP"},
      {"topics.dirs", "[ops/topics]", "list",
       "folders of topic packs; read again on change and on SIGHUP"},
      {"webhook.allow_networks", "[]", "list",
       "networks (CIDR) that are not global and may receive webhooks all the same"},
      {"webhook.key_file", "null", "text",
       "file of the keys that encrypt the secrets of webhooks in the log; on the embedded log a "
       "file of data_dir is made where it is not set"},
      {"webhook.key_lost", "false", "boolean",
       "start although the log holds secrets of webhooks that no key opens; their channels need "
       "new ones"},
  };
  return all;
}

}  // namespace vigie::config
