"""The judge of endurance.py: what is flat passes, what grows is refused."""

import unittest

import endurance

MINUTES = 60


def samples(rss=lambda at: 1e8, descriptors=lambda at: 50, threads=lambda at: 20):
    return [
        {"at": at, "rss": rss(at), "descriptors": descriptors(at), "threads": threads(at)}
        for at in range(0, MINUTES * 60, 5)
    ]


class Judge(unittest.TestCase):
    def found(self, **series):
        return endurance.judge(samples(**series), MINUTES)

    def test_what_is_flat_passes_and_so_does_what_rises_while_it_warms_up(self):
        self.assertEqual(self.found(), [])
        self.assertEqual(self.found(rss=lambda at: 1e8 + (at % 60) * 1e5), [])
        self.assertEqual(self.found(rss=lambda at: min(1e8, 5e7 + at * 1e5)), [])
        self.assertEqual(self.found(rss=lambda at: 1e8 - at * 1e3), [], "it may shrink")

    def test_memory_that_grows_by_two_percent_an_hour_is_refused(self):
        (said,) = self.found(rss=lambda at: 1e8 * (1 + 0.02 * at / 3600))
        self.assertRegex(said, r"^memory grows by (1\.9|2\.0)\d % an hour$")
        self.assertEqual(self.found(rss=lambda at: 1e8 * (1 + 0.008 * at / 3600)), [])

    def test_a_descriptor_or_a_thread_that_stays_behind_is_refused(self):
        late = 40 * 60
        self.assertEqual(
            self.found(descriptors=lambda at: 50 + (at > late)), ["descriptors rise from 50 to 51"]
        )
        self.assertEqual(
            self.found(threads=lambda at: 20 + (at > late)), ["threads rise from 20 to 21"]
        )
        self.assertEqual(self.found(descriptors=lambda at: 50 + at % 3), [], "they come and go")

    def test_percentiles(self):
        self.assertEqual(endurance.percentile([3, 1, 2], 0.5), 2)
        self.assertEqual(endurance.percentile(range(100), 0.99), 99)


if __name__ == "__main__":
    unittest.main()
