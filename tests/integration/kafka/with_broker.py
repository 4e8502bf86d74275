"""Runs a test program beside one plain broker and one that asks for TLS and SASL PLAIN and gives
rights to one user: with_broker.py PROGRAM [ARGUMENT…].
"""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "ops" / "kafka"))
import kafka  # noqa: E402

with (
    kafka.Kafka() as plain,
    kafka.Kafka(users={"vigie": "lookout", "guest": "guest"}, tls=True, acl=True) as secured,
):
    environment = dict(
        os.environ,
        VIGIE_TEST_BROKERS=plain.brokers,
        VIGIE_TEST_SECURED_BROKERS=secured.brokers,
        VIGIE_TEST_CERTIFICATE=str(secured.certificate),
    )
    code = subprocess.run(sys.argv[1:], env=environment).returncode
sys.exit(code)
