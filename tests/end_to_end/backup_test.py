"""`vigie backup` of a vigie that takes in, matches and delivers, `vigie restore` elsewhere: what is
restored has the totals, ids and stories of what was there, no receiver is told twice, and what came
after the backup comes again under the same ids.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

from harness import VIGIE, EndToEnd, Newsroom, Vigie, WebhookListener, run, wait_until

PUBLISHED = 40
QUERY = "lang:en OR lang:fr OR lang:de OR lang:es OR lang:zh OR lang:ru OR lang:ar"


class Backup(EndToEnd):
    def backup(self, vigie, *options):
        code, out, err = run("backup", self.backups, "--data", vigie.data, *options)
        self.assertEqual(code, 0, err)
        return json.loads(out)

    def restore(self, backup, name, sources):
        """A vigie on a data directory of its own, which holds what the backup has."""
        directory = self.directory / name
        directory.mkdir()
        code, out, err = run("restore", backup, "--data", directory / "data")
        self.assertEqual(code, 0, err)
        self.assertGreater(json.loads(out)["bytes"], 0)
        vigie = self.keep(Vigie(directory, sources))
        wait_until(lambda: vigie.call("GET", "/readyz")[0] == 200, 60, "the restored is ready")
        return vigie

    @staticmethod
    def contents(vigie):
        """article id → (URL, story)"""
        return {hit["id"]: (hit["url"], hit["story"]) for hit in vigie.all_hits("")}

    def told(self):
        return [delivery["headers"]["webhook-id"] for delivery in self.listener.taken()]

    def test_a_backup_under_ingest_is_restored_elsewhere_with_the_same_ids_and_no_second_alert(
        self,
    ):
        self.backups = self.directory / "backups"
        newsroom = self.keep(Newsroom(self.directory, every=0.7, limit=PUBLISHED, edit_after=3600))
        self.listener = self.keep(WebhookListener())
        vigie = self.keep(Vigie(self.directory, [newsroom.sources]))
        vigie.subscribe("every word", QUERY, self.listener.url)
        wait_until(lambda: len(self.told()) >= 6, 120, "the first alerts")

        # While everything moves.
        before, told_before = self.contents(vigie), set(self.told())
        first = self.backup(vigie)
        told_meanwhile = set(self.told())
        self.assertEqual(first["written_bytes"], first["bytes"])
        self.assertFalse((vigie.data / "backup" / "frozen").exists(), "nothing stays frozen")

        wait_until(lambda: len(self.contents(vigie)) >= PUBLISHED, 120, "everything is searchable")
        self.all_is_delivered(vigie)
        second = self.backup(vigie)
        self.assertLess(second["written_bytes"], second["bytes"])
        self.shares_files(first["backup"], second["backup"])
        print(
            f"first {first['bytes']} bytes, all written; second {second['bytes']} bytes, "
            f"{second['written_bytes']} written; frozen in {first['frozen_ms']} and "
            f"{second['frozen_ms']} ms"
        )
        code, out, err = run("backup", "--verify", self.backups)
        self.assertEqual((code, len(out.splitlines())), (0, 2), err)

        wanted, told = self.contents(vigie), self.told()
        self.assertEqual(len(told), len(set(told)), "the live one told each alert once")
        vigie.kill()
        shutil.rmtree(vigie.data)

        # The second has all: its replay of what is on the web brings nothing new.
        again = self.restore(second["backup"], "second", [newsroom.sources])
        self.assertEqual(self.contents(again), wanted)
        time.sleep(10)
        self.assertEqual(self.contents(again), wanted)
        self.assertEqual(self.told(), told, "no alert is told again")
        self.assertEqual(again.stop(), 0)

        # The first has what was there then; the rest is crawled again.
        earlier = self.restore(first["backup"], "first", [newsroom.sources])
        self.assertLessEqual(set(before), set(self.contents(earlier)))
        wait_until(lambda: len(self.contents(earlier)) >= PUBLISHED, 120, "it catches up")
        self.assertEqual(set(self.contents(earlier)), set(wanted), "under the same ids")
        self.all_is_delivered(earlier)
        repeats = self.told()[len(told) :]
        self.assertFalse(told_before & set(repeats), "what was told before the backup is not again")
        self.assertLessEqual(set(repeats), set(told), "and the rest carries the id it had")
        print(
            f"{len(told)} alerts, {len(told_before)} before the first backup and "
            f"{len(told_meanwhile)} by its end; {len(repeats)} told again by what it did not have"
        )

    def all_is_delivered(self, vigie):
        def settled():
            before = len(self.told())
            time.sleep(2)
            text = vigie.call("GET", "/metrics")[2].decode()
            return "\nvigie_deliveries_pending 0\n" in text and len(self.told()) == before

        wait_until(settled, 60, "every delivery has ended")

    def shares_files(self, first, second):
        def inodes(backup):
            data = pathlib.Path(backup) / "data"
            return {p.stat().st_ino for p in data.rglob("*") if p.is_file()}

        self.assertTrue(inodes(first) & inodes(second), "the second shares files with the first")

    def test_a_vigie_that_does_not_run_is_copied_as_it_lies_and_refusals_say_what_to_do(self):
        self.backups = self.directory / "backups"
        vigie = self.keep(Vigie(self.directory, []))
        self.assertEqual(vigie.stop(), 0)
        made = self.backup(vigie)
        self.assertIsNone(made["frozen_ms"])

        code, _, err = run("restore", self.backups, "--data", vigie.data)
        self.assertEqual(code, 3)
        self.assertIn("not empty", err)
        code, _, err = run("backup", vigie.data, "--data", vigie.data)
        self.assertEqual(code, 3)
        self.assertIn("something else than backups", err)
        code, _, err = run("backup", self.backups, "--data", self.directory / "nowhere")
        self.assertEqual(code, 3)
        self.assertIn("no embedded log", err)
        code, _, err = run("backup", self.backups, "--set", "log.engine=kafka")
        self.assertEqual(code, 3)
        self.assertIn("Kafka", err)

        broken = pathlib.Path(made["backup"]) / "data" / "instance"
        broken.write_text("x" * len(broken.read_text()))
        code, out, err = run("backup", "--verify", self.backups)
        self.assertEqual(code, 1)
        self.assertEqual(json.loads(out)["damaged"], ["instance: is not as it was written"])
        code, _, err = run("restore", self.backups, "--data", self.directory / "new")
        self.assertEqual(code, 3)
        self.assertIn("another backup", err)
        self.assertEqual(run("search", "x", "--data", self.directory / "new")[0], 3)

    def test_a_backup_that_is_killed_is_none_and_the_next_is_whole(self):
        self.backups = self.directory / "backups"
        vigie = self.keep(Vigie(self.directory, []))
        killed = 0
        for attempt in range(8):
            command = subprocess.Popen(
                [str(VIGIE), "backup", str(self.backups), "--data", str(vigie.data)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            time.sleep(0.03 * attempt)
            command.send_signal(signal.SIGKILL)
            killed += command.wait() == -signal.SIGKILL
            command.stdout.close()
            command.stderr.close()
        self.assertGreater(killed, 0)
        self.backup(vigie, "--keep", "1")
        names = [n for n in os.listdir(self.backups) if n != "lock"]
        self.assertEqual(len(names), 1, names)
        self.assertEqual(run("backup", "--verify", self.backups)[0], 0)
        self.assertEqual(vigie.call("GET", "/healthz")[0], 200)


if __name__ == "__main__":
    unittest.main()
