"""Runs a test program beside one plain broker and one that asks for SASL PLAIN: with_broker.py PROGRAM [ARGUMENT…]."""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "ops" / "kafka"))
import kafka  # noqa: E402

with kafka.Kafka() as plain, kafka.Kafka(users={"vigie": "lookout"}) as secured:
    environment = dict(os.environ, VIGIE_TEST_BROKERS=plain.brokers, VIGIE_TEST_SASL_BROKERS=secured.brokers)
    code = subprocess.run(sys.argv[1:], env=environment).returncode
sys.exit(code)
