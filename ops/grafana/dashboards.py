#!/usr/bin/env python3
"""The Grafana dashboards of vigie as code. Writes dashboards/*.json, which Grafana is provisioned
with.

    ops/grafana/dashboards.py           write them
    ops/grafana/dashboards.py --check   exit 1 where a file differs from what would be written

A panel that can be empty in good health says so, and why: `empty=`. The end-to-end test asks
Prometheus every query of every other panel and wants a response.

Every selector is narrowed to the variables of the dashboard (cluster, namespace, job), so that two
installations in one Prometheus can be told apart. Tiles show what is so now, not the last value of
the window: what is dead must not stay green.
"""

import json
import pathlib
import sys

from panels import (
    BYTES,
    BYTES_PER_SECOND,
    COUNT,
    PER_SECOND,
    RATIO,
    SECONDS,
    TIME,
    Panel,
    dashboard,
    quantile,
    rate,
    split,
    stat,
    times,
)

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "dashboards"

OVERVIEW = (
    "vigie-overview",
    "vigie: newsroom desk",
    "Is anything slow, silent, failing or full?",
    [
        stat(
            "Services ready",
            "(sum(vigie_ready) or vector(0)) / count(up)",
            RATIO,
            says="Of the programs that Prometheus knows, those that answer and have caught up with "
            "the log. Red below all of them.",
            green=1,
            width=3,
        ),
        stat(
            "Programs silent",
            "count(up == 0) or 0 * count(up)",
            says="Known to Prometheus, and silent at this moment.",
            red=1,
            width=3,
        ),
        stat(
            "Articles that can be found",
            "sum(vigie_indexer_searchable_documents)",
            says="In all shards.",
            width=3,
        ),
        stat(
            "Published to searchable, 99 of 100",
            "vigie:freshness_seconds:p99_10m",
            SECONDS,
            says="Of what was published while the indexer ran.",
            red=300,
            width=5,
        ),
        stat(
            "Sources silent",
            "vigie:sources_silent:ratio",
            RATIO,
            says="Quiet or failing, of all.",
            red=0.25,
            width=3,
        ),
        stat(
            "Alerts that wait",
            "sum(vigie_deliveries_pending)",
            says="Deliveries under way or waiting for their next attempt.",
            red=100,
            width=3,
        ),
        stat(
            "Least free disk",
            "min(vigie:data_free:ratio)",
            RATIO,
            says="Of the fullest file system.",
            green=0.15,
            width=4,
        ),
        Panel(
            "From page to article to index",
            [
                ("vigie:pages:rate5m", "pages from the web"),
                ("vigie:articles:rate5m", "articles extracted"),
                ("vigie:documents:rate5m", "articles indexed"),
            ],
            PER_SECOND,
            says="In good order these three are one line.",
        ),
        Panel(
            "Published to searchable",
            [
                ("vigie:freshness_seconds:p50_10m", "half of them"),
                ("vigie:freshness_seconds:p99_10m", "99 of 100"),
            ],
            SECONDS,
            red=300,
            says="Of what was published while the indexer ran.",
        ),
        Panel(
            "Sources by how they do",
            [("sum by (state) (vigie_crawler_sources_by_state)", "{{state}}")],
            stack=True,
            says="quiet: answers, but has published nothing for five times its usual pause. The "
            "page /ingestion names them.",
        ),
        Panel(
            "Alerts",
            [
                (rate("vigie_alerts_raised_total"), "raised"),
                (rate("vigie_deliveries_ended_total", of='state="delivered"'), "delivered"),
                (rate("vigie_deliveries_ended_total", of='state="failed"'), "given up"),
            ],
            PER_SECOND,
            says="raised: an article met a subscription. given up: three days of attempts.",
        ),
        Panel(
            "Records not read yet",
            [("min_over_time(vigie:log_lag_records:sum[5m])", "{{group}} of {{topic}}")],
            says="What each group of services still has to read, at the least within five minutes.",
            red=1000,
        ),
        Panel(
            "Quarantined",
            [("vigie:quarantined:rate15m", "{{stage}}")],
            PER_SECOND,
            says="Records set aside by stage; `vigie quarantine list` names them.",
        ),
    ],
)

CRAWL = (
    "vigie-crawl",
    "vigie: crawl",
    "The web in, pages out: how fast, how politely, and what comes of it.",
    [
        stat(
            "Sources",
            "sum(vigie_crawler_sources)",
            says="Of all crawlers together.",
        ),
        stat(
            "Addresses remembered",
            "sum(vigie_crawler_frontier_urls)",
            says="The frontier of all crawlers.",
        ),
        stat(
            "Requests that are out",
            "sum(vigie_crawler_in_flight)",
            says="At this moment, to all sites.",
        ),
        stat(
            "Smallest gap, of what is required",
            "min(vigie_crawler_smallest_gap_ratio)",
            says="Between the end of a response and the next request, since the start. Below 1 is "
            "a violation.",
            green=1,
        ),
        stat(
            "Politeness violated",
            "sum(increase(vigie_crawler_politeness_violations_total[1h]))",
            says="Requests that came too soon, in an hour.",
            red=1,
        ),
        stat(
            "Requests that fail",
            "vigie:fetch_failures:ratio5m",
            RATIO,
            says="No response, or a 5xx.",
            red=0.5,
        ),
        split(
            "Requests by purpose",
            "vigie_crawler_requests_total",
            "kind",
            stack=True,
            says="Feeds, pages, robots.txt, sitemaps, sections.",
        ),
        split(
            "Answers by class",
            "vigie_crawler_answers_total",
            "class",
            stack=True,
            says="none: no response at all.",
        ),
        times(
            "Request to end of response",
            "vigie_crawler_fetch_seconds",
            says="The wait for politeness is not in it.",
        ),
        times(
            "Discovery to page in the log",
            "vigie_crawler_discovery_to_page_seconds",
            says="The wait for politeness is in it.",
        ),
        split(
            "Addresses discovered",
            "vigie_crawler_urls_discovered_total",
            "via",
            says="Seen for the first time, by where.",
        ),
        split(
            "Polls of feeds, sitemaps, sections",
            "vigie_crawler_polls_total",
            "outcome",
            says="new: brought articles. unchanged: the site said so by its validators.",
        ),
        split(
            "Failures by reason",
            "vigie_crawler_failures_total",
            "reason",
            empty="no fetch has failed since the start.",
        ),
        split(
            "Addresses dropped by reason",
            "vigie_crawler_urls_dropped_total",
            "reason",
            empty="every address that was found has been followed.",
            says="What will not be fetched.",
        ),
        split(
            "robots.txt",
            "vigie_crawler_robots_total",
            "outcome",
            says="unreachable: nothing is fetched there.",
        ),
        Panel(
            "Pages fetched again",
            [
                (rate("vigie_crawler_revisits_total", "outcome"), "{{outcome}}"),
                (rate("vigie_crawler_duplicates_total"), "led to a known page"),
            ],
            PER_SECOND,
            says="Looked at for silent edits.",
        ),
        Panel(
            "Bytes from the web",
            rate("vigie_crawler_body_bytes_total"),
            BYTES_PER_SECOND,
            says="Decoded.",
        ),
        Panel(
            "Validators that lie",
            rate("vigie_crawler_lying_validators_total"),
            PER_SECOND,
            says="Bodies that changed under the same ETag or Last-Modified.",
        ),
    ],
)

EXTRACT = (
    "vigie-extract",
    "vigie: extract",
    "Pages in, articles out.",
    [
        stat(
            "Pages not read yet",
            "sum(vigie_extractor_lag_records)",
            red=1000,
            says="Of all extractors together.",
        ),
        stat(
            "Set aside",
            "vigie:quarantined:ratio15m",
            RATIO,
            says="Of the pages of a quarter of an hour.",
            red=0.05,
        ),
        stat(
            "Without a date",
            "sum(increase(vigie_extractor_undated_total[1h]))",
            says="Articles whose publication is not known, in an hour.",
        ),
        split(
            "Pages by what came of them",
            "vigie_extractor_pages_total",
            "outcome",
            width=12,
            says="quarantined: set aside with stage and reason.",
        ),
        split(
            "Quarantined by reason",
            "vigie_extractor_quarantined_total",
            "reason",
            width=12,
            empty="every page has given an article.",
        ),
        Panel(
            "Bytes of pages",
            rate("vigie_extractor_page_bytes_total"),
            BYTES_PER_SECOND,
            says="Decoded, as they came from the log.",
        ),
        times(
            "Batch to durable",
            "vigie_extractor_batch_seconds",
            says="From a polled batch to its articles being in the log.",
        ),
        Panel(
            "Signs of bad pages",
            [
                (
                    rate("vigie_extractor_text_only_total"),
                    "text-only pass: the tree grew too large",
                ),
                (rate("vigie_extractor_replaced_bytes_total"), "bytes not valid in their charset"),
                (rate("vigie_extractor_undated_total"), "without a date"),
            ],
            PER_SECOND,
            says="Read all the same, with less.",
        ),
    ],
)

INDEX = (
    "vigie-index",
    "vigie: index and search",
    "Articles in, responses out.",
    [
        stat(
            "Shards open",
            "sum(vigie_indexer_shards)",
            says="Of all indexers; a replica counts again.",
            green=1,
        ),
        stat(
            "Articles that can be found",
            "sum(vigie_indexer_searchable_documents)",
            says="In all shards.",
        ),
        stat(
            "Index on disk",
            "sum(vigie_indexer_disk_bytes)",
            BYTES,
            says="Of all shards, stored articles among it.",
        ),
        stat(
            "Search, 99 of 100",
            "vigie:search_seconds:p99_5m",
            SECONDS,
            red=1,
            empty="nobody has searched for five minutes.",
            says="From the request to the end of the response.",
        ),
        stat(
            "Errors of ours",
            "vigie:api_errors:ratio5m",
            RATIO,
            says="5xx, of all answers of the API.",
            red=0.01,
        ),
        stat(
            "Segments",
            "sum(vigie_indexer_segments)",
            says="Many small ones mean that merges do not keep up.",
        ),
        Panel(
            "Articles indexed",
            rate("vigie_indexer_documents_total"),
            PER_SECOND,
            says="New versions of known articles among them.",
        ),
        times(
            "Discovered to searchable",
            "vigie_indexer_discovered_to_searchable_seconds",
            says="Of crawled articles.",
        ),
        times(
            "Batch to durable and searchable",
            "vigie_indexer_batch_seconds",
            says="From a polled batch to its commit.",
        ),
        Panel(
            "Time of a response by route",
            [(quantile(0.99, "vigie_http_request_seconds", "route") + " >= 0", "{{route}}")],
            SECONDS,
            says="99 of 100, of the routes that somebody asks.",
        ),
        split(
            "Requests by class",
            "vigie_http_requests_total",
            "class",
            stack=True,
            says="5xx are errors of ours.",
        ),
        Panel(
            "Bytes written by segments",
            [
                (rate("vigie_indexer_sealed_bytes_total"), "sealed"),
                (rate("vigie_indexer_merged_bytes_total"), "merged"),
            ],
            BYTES_PER_SECOND,
            says="Merged beyond sealed is the price of fewer segments.",
        ),
        split(
            "Stories",
            "vigie_stories_articles_total",
            "story",
            says="own: the first of its story; joined: a copy; known: seen before.",
        ),
        Panel(
            "Fingerprints in the window",
            "sum(vigie_stories_window_fingerprints)",
            says="Of fourteen days, in memory of the clusterer.",
        ),
        Panel(
            "Records that could not be indexed",
            [
                (rate("vigie_indexer_quarantined_total"), "articles"),
                (rate("vigie_stories_quarantined_total"), "fingerprints"),
            ],
            PER_SECOND,
            says="Set aside; `vigie quarantine list` names them.",
        ),
    ],
)

ALERTS = (
    "vigie-alerts",
    "vigie: alerts and delivery",
    "Matches in, people told.",
    [
        stat(
            "Alerts that wait",
            "sum(vigie_deliveries_pending)",
            red=100,
            says="Deliveries under way or waiting for their next attempt.",
        ),
        stat(
            "Overdue",
            "max(vigie_deliveries_overdue_seconds)",
            SECONDS,
            says="How long the delivery that is due next has been due.",
            red=60,
        ),
        stat(
            "Article to receiver, 99 of 100",
            "vigie:alert_delay_seconds:p99_10m",
            SECONDS,
            says="From the article's time in the log.",
            red=30,
            empty="no alert was delivered for ten minutes.",
        ),
        stat(
            "Given up in an hour",
            'sum(increase(vigie_deliveries_ended_total{state="failed"}[1h]))',
            says="After three days of attempts.",
            red=1,
        ),
        Panel(
            "What became of matches",
            [
                (rate("vigie_alerts_matches_total"), "matches"),
                (rate("vigie_alerts_raised_total"), "raised"),
                (rate("vigie_alerts_copies_total"), "copies, told already"),
                (rate("vigie_alerts_repeats_total"), "repeats"),
            ],
            PER_SECOND,
            width=12,
            says="A match is an article that meets a subscription; what is raised is told.",
        ),
        split(
            "Matches dropped by reason",
            "vigie_alerts_dropped_total",
            "reason",
            width=12,
            says="Not told, and why: too old, paused, over the limit.",
        ),
        split(
            "Attempts by outcome",
            "vigie_deliveries_attempts_total",
            "outcome",
            stack=True,
            says="gone: the receiver answered 410, and its channel was switched off.",
        ),
        times(
            "Time of an attempt",
            "vigie_deliveries_attempt_seconds",
            empty="nothing was sent for some minutes.",
        ),
        split(
            "Deliveries that ended",
            "vigie_deliveries_ended_total",
            "state",
            says="failed: three days of attempts were in vain. disabled: its channel is off.",
        ),
        times(
            "Article to receiver",
            "vigie_alerts_match_to_delivered_seconds",
            empty="no alert was delivered for some minutes.",
        ),
        Panel(
            "Matches relayed to the log",
            rate("vigie_indexer_matches_total"),
            PER_SECOND,
            says="By the indexers, from which the alerter reads them.",
        ),
        Panel(
            "Deliveries pending",
            "sum(vigie_deliveries_pending)",
            says="Grows while receivers are away; each is tried for three days.",
        ),
    ],
)

LOG = (
    "vigie-log",
    "vigie: log and Kafka",
    "Does everybody keep up with the log?",
    [
        stat(
            "Records not read yet, in all",
            "sum(min_over_time(vigie:log_lag_records:sum[5m]))",
            says="Of all groups and topics; the least within five minutes.",
            red=1000,
            width=6,
        ),
        stat(
            "The furthest behind",
            "max(min_over_time(vigie:log_lag_records:sum[5m]))",
            says="The group and topic with most to read; the least within five minutes.",
            red=1000,
            width=6,
        ),
        stat(
            "Stopped at a gap",
            "sum(vigie_log_gap)",
            says="Programs that stopped because the log no longer holds what they had not read.",
            red=1,
            width=6,
        ),
        stat(
            "Free disk tomorrow",
            "min(predict_linear(vigie_data_free_bytes[6h], 86400))",
            BYTES,
            says="As fast as in the last six hours, or since the start; of the fullest file "
            "system. Below zero it will be full.",
            width=6,
            least=None,
            green=0,
        ),
        Panel(
            "Not read yet, by group and topic",
            [("vigie:log_lag_records:sum", "{{group}} of {{topic}}")],
            width=12,
            red=1000,
            says="A saw is a group that reads in batches; a slope is one that falls behind.",
        ),
        Panel(
            "Growth of what is not read",
            [("deriv(vigie:log_lag_records:sum[15m])", "{{group}} of {{topic}}")],
            PER_SECOND,
            width=12,
            least=None,
            says="Above zero: more comes in than is read.",
        ),
        Panel(
            "Brokers connected",
            [("min by (client) (vigie_kafka_brokers_up)", "{{client}}")],
            says="Of each client, by the program that has fewest.",
        ),
        Panel(
            "Partitions that lack a copy",
            [
                ("max(vigie_kafka_under_replicated_partitions)", "a copy is not in sync"),
                ("max(vigie_kafka_leaderless_partitions)", "no broker leads"),
            ],
            COUNT,
            red=1,
            says="Of the log's topics, as the brokers tell; above zero for long: a broker is gone.",
        ),
        Panel(
            "Round trip to the slowest broker, 99 of 100",
            [("max by (client) (vigie_kafka_round_trip_p99_seconds)", "{{client}}")],
            SECONDS,
            says="As the client library measures it.",
        ),
        Panel(
            "Requests that failed",
            [
                (rate("vigie_kafka_request_errors_total", "client"), "{{client}}: errors"),
                (
                    rate("vigie_kafka_request_timeouts_total", "client"),
                    "{{client}}: no response in time",
                ),
            ],
            PER_SECOND,
            says="Of the client library to the brokers.",
        ),
        Panel(
            "Waiting for acknowledgement",
            [("sum(vigie_kafka_queued_bytes)", "bytes")],
            BYTES,
            says="Sent, and not yet in all in-sync replicas; a full queue holds back who produces.",
        ),
        Panel(
            "Records to and from brokers",
            [
                (rate("vigie_kafka_sent_records_total"), "sent"),
                (rate("vigie_kafka_received_records_total", "client"), "{{client}}"),
            ],
            PER_SECOND,
            says="A second, by client.",
        ),
        Panel(
            "Bytes to and from brokers",
            [
                (rate("vigie_kafka_sent_bytes_total"), "sent"),
                (rate("vigie_kafka_received_bytes_total"), "received"),
            ],
            BYTES_PER_SECOND,
            says="A second, compressed.",
        ),
        Panel(
            "Into the log, out of the log",
            [
                (rate("vigie_crawler_pages_total"), "pages in"),
                (rate("vigie_extractor_pages_total"), "pages out"),
                (rate("vigie_indexer_documents_total"), "articles out"),
                (rate("vigie_alerts_matches_total"), "matches out"),
            ],
            PER_SECOND,
            width=12,
            says="In good order these are one line, stage after stage.",
        ),
    ],
)

PROGRAMS = (
    "vigie-programs",
    "vigie: programs",
    "What each program uses, and what runs.",
    [
        Panel(
            "Memory",
            [("vigie_process_resident_bytes", "{{instance}}")],
            BYTES,
            says="Resident bytes, mapped files of the index among them.",
        ),
        Panel(
            "Processors",
            [("rate(vigie_process_cpu_seconds_total[$__rate_interval])", "{{instance}}")],
            COUNT,
            says="1: one processor is busy.",
        ),
        Panel(
            "Open files and sockets",
            [("vigie_process_open_files", "{{instance}}")],
            says="Against the limit of the process.",
        ),
        Panel(
            "Free disk",
            [("vigie_data_free_bytes", "{{instance}}")],
            BYTES,
            says="Of the file system of each data_dir.",
        ),
        Panel(
            "Writes held back by RocksDB",
            [
                (
                    "sum by (store, condition)"
                    " (increase(vigie_store_stalls_total[$__rate_interval]))",
                    "{{store}} {{condition}}",
                ),
                (
                    "sum by (store)"
                    " (increase(vigie_store_background_errors_total[$__rate_interval]))",
                    "{{store}} failed",
                ),
            ],
            COUNT,
            says="Times that flushes and compactions were behind, or failed.",
        ),
        Panel(
            "Waiting for compaction",
            [("sum by (store) (vigie_store_pending_compaction_bytes)", "{{store}}")],
            BYTES,
            says="Bytes that RocksDB has yet to compact, by its own estimate.",
        ),
        Panel(
            "Started",
            [("vigie_process_start_time_seconds * 1000", "{{instance}}")],
            TIME,
            kind="stat",
            text="value_and_name",
            says="When each program began.",
        ),
        Panel(
            "Versions",
            [("count by (program, version) (vigie_build_info)", "{{program}} {{version}}")],
            kind="stat",
            text="name",
            says="What runs; two versions beside each other are an upgrade under way.",
        ),
        Panel(
            "Ready",
            [("vigie_ready", "{{instance}}")],
            kind="stat",
            text="value_and_name",
            green=1,
            says="1: has caught up with the log and answers.",
        ),
        Panel(
            "Gap in the log",
            [("max_over_time(vigie_log_gap[$__rate_interval])", "{{instance}}")],
            red=1,
            most=1,
            says="1: this program stopped because the log no longer holds what it had not read.",
        ),
    ],
)

DASHBOARDS = [OVERVIEW, CRAWL, EXTRACT, INDEX, ALERTS, LOG, PROGRAMS]


def files():
    return {
        OUT / f"{uid}.json": json.dumps(
            dashboard(uid, title, description, panels), indent=1, ensure_ascii=False
        )
        + "\n"
        for uid, title, description, panels in DASHBOARDS
    }


def main():
    wanted = files()
    if sys.argv[1:] == ["--check"]:
        wrong = [
            path.name
            for path, text in wanted.items()
            if not path.exists() or path.read_text(encoding="utf-8") != text
        ]
        wrong += [path.name for path in OUT.glob("*.json") if path not in wanted]
        if wrong:
            sys.exit(
                "ops/grafana: run ops/grafana/dashboards.py; these differ: "
                + ", ".join(sorted(wrong))
            )
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        OUT.mkdir(exist_ok=True)
        for path in OUT.glob("*.json"):
            path.unlink()
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
