#!/usr/bin/env python3
"""The systemd units of the package: make_unit.py NAME writes vigie-NAME.service (or, for `up`,
vigie.service: all services in one process) to standard output.

All share one sandbox. What differs: the crawler, the indexer and `up` reach the network; the
extractor starts workers that confine themselves once more.
"""

import sys

DESCRIPTIONS = {
    "up": "vigie: news monitoring, all services in one process",
    "crawler": "vigie crawler: the web in, pages out",
    "extractor": "vigie extractor: pages in, articles out",
    "indexer": "vigie indexer: articles in; search, alerts and pages out",
}
UNIT = """[Unit]
Description={description}
Documentation=file:///usr/share/doc/vigie/README.md
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
User=vigie
Group=vigie
ExecStart={program} --config /etc/vigie/{config}.yaml
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=2s
TimeoutStopSec=20s
StateDirectory={state}
StateDirectoryMode=0700
ConfigurationDirectory=vigie
UMask=0077
LimitNOFILE=65536
MemoryMax={memory}
TasksMax=512

CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProcSubset={processes}
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
PrivateIPC=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources @mount @swap @reboot @raw-io @obsolete @debug
SystemCallFilter=~@cpu-emulation @clock @module
SystemCallFilter=sched_setaffinity setrlimit prlimit64 setpriority sched_setscheduler
SystemCallErrorNumber=EPERM
DevicePolicy=closed

[Install]
WantedBy=multi-user.target
"""
MEMORY = {"up": "6G", "crawler": "1G", "extractor": "2G", "indexer": "4G"}


def unit(name):
    return UNIT.format(
        description=DESCRIPTIONS[name],
        program="/usr/bin/vigie up" if name == "up" else f"/usr/bin/vigie-{name}",
        config="vigie" if name == "up" else name,
        state="vigie" if name == "up" else f"vigie/{name}",
        memory=MEMORY[name],
        # figures of the process and of its disk are read from /proc
        processes="all",
    )


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in DESCRIPTIONS:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    sys.stdout.write(unit(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
