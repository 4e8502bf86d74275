"""The disk of an indexer on a real broker is filled up and emptied again, five times, while pages
are crawled: it pauses, answers, and goes on by itself, and nothing is lost, doubled or untold.

VIGIE_CYCLES=N for another number. Skipped (77), and said so, where no small disk may be mounted.
"""

import os
import random
import time

import plant as plants
import small_disk
import verifier

CYCLES = int(os.environ.get("VIGIE_CYCLES", "5"))
SEED = int(os.environ.get("VIGIE_SEED", random.SystemRandom().randrange(1 << 31)))
PUBLISH, EVERY_SECONDS = 60, 1.0


class FullDiskOnKafka(small_disk.OnASmallDisk):
    def wrap(self, program, _number, plant):
        if program != "indexer":
            return {}
        self.mount(plant.directory / "small")
        return {"data": plant.directory / "small" / "data"}

    def changes(self, indexer):
        """The status of a change."""
        draft = {"name": "a change", "query": "nothingofthekind", "channels": []}
        return indexer.call("POST", "/v1/subscriptions", draft)[0]

    def test_pauses_answers_and_goes_on_by_itself(self):
        print(f"seed {SEED}; VIGIE_SEED={SEED} repeats the plan")
        plant = plants.Plant(SEED, PUBLISH, EVERY_SECONDS, extractors=1, indexers=1, wrap=self.wrap)
        self.stack.callback(plant.stop)
        subscriptions = plant.start({"every word": plants.LANGUAGES})
        (indexer,) = plant.of("indexer")
        for cycle in range(CYCLES):
            begin = self.fill_and_free(
                lambda: self.changes(indexer), 201, lambda: indexer.get("/v1/search", q="the")
            )
            print(f"cycle {cycle + 1}: goes on after {time.monotonic() - begin:.1f} s", flush=True)
            self.assertEqual(indexer.endings, [], indexer.tail(1500))
        verdict = verifier.verify(plant, subscriptions, [])
        print(dict(verdict.figures))
        self.assertEqual(verdict.problems, [], f"seed {SEED}")
        self.assertEqual([service.endings for service in plant.services if service.endings], [])


if __name__ == "__main__":
    small_disk.main()
