"""The bed is what it says: the same for a seed, every kind in it, moved by a virtual clock."""

import asyncio
import unittest

import testbed


class Bed(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.clock = testbed.VirtualClock()
        self.bed = testbed.Bed(60, 7, self.clock)
        await self.bed.start()

    async def asyncTearDown(self):
        for server in self.bed.servers:
            server.close()

    async def get(self, site, target, *headers):
        reader, writer = await asyncio.open_connection(site.host, self.bed.port)
        writer.write("\r\n".join([f"GET {target} HTTP/1.1", *headers, "", ""]).encode())
        out = await reader.read()
        writer.close()
        return out

    def one(self, kind):
        return next(s for s in self.bed.sites.values() if type(s) is kind)

    async def test_a_seed_gives_the_same_bed(self):
        again = testbed.Bed(60, 7, testbed.VirtualClock())
        other = testbed.Bed(60, 8, testbed.VirtualClock())
        for bed in (again, other):
            await bed.start()
            for server in bed.servers:
                server.close()
        self.assertEqual(again.digest(), self.bed.digest())
        self.assertNotEqual(other.digest(), self.bed.digest())
        kinds = {type(s) for s in self.bed.sites.values()}
        self.assertEqual(kinds, {testbed.Site, *testbed.KINDS})
        self.assertEqual(len(self.bed.sites), 60)

    async def test_articles_come_with_the_clock(self):
        site = self.one(testbed.Site)
        self.assertEqual(len(site.expected(self.clock.now())), 1)
        self.clock.advance(site.gap * 2 + 0.1)
        self.assertEqual(len(site.expected(self.clock.now())), 3)
        feed = await self.get(site, "/feed.xml")
        self.assertEqual(feed.count(b"<item>"), 3)
        page = await self.get(site, site.path_of(2))
        self.assertIn(site.title(2).encode(), page)
        self.assertIn(b" 404 ", await self.get(site, "/nothing"))

    async def test_traps_and_what_is_inside_are_counted(self):
        calendar = self.one(testbed.Calendar)
        await self.get(calendar, "/calendar/2027/01/")
        self.assertEqual(self.bed.report()["trap_requests"], 1)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.bed.canary_port)
        writer.write(b"GET /secret HTTP/1.1\r\n\r\n")
        await reader.read()
        writer.close()
        self.assertEqual(self.bed.report()["canary"], ["GET /secret HTTP/1.1"])
        limiter = self.one(testbed.Limiter)
        self.assertIn(b" 200 ", await self.get(limiter, "/feed.xml"))
        self.assertIn(b" 429 ", await self.get(limiter, "/feed.xml"))
        self.clock.advance(0.5)
        self.assertIn(b" 429 ", await self.get(limiter, "/feed.xml"))
        self.assertEqual(self.bed.report()["asked_before_retry_after"], 1)


if __name__ == "__main__":
    unittest.main()
