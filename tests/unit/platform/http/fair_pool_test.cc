#include "platform/http/fair_pool.h"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <string>
#include <vector>

namespace vigie::http {
namespace {

TEST(FairPool, TakesTheWorkOfItsOwnersInTurns) {
  FairPool pool(1);
  std::promise<void> begin;
  std::promise<void> began;
  pool.post("first", [&] {
    began.set_value();
    begin.get_future().wait();
  });
  began.get_future().wait();
  std::string order;  // one thread works
  for (int i = 0; i < 4; ++i) pool.post("much", [&] { order += 'm'; });
  pool.post("little", [&] { order += 'l'; });
  pool.post("some", [&] { order += 's'; });
  pool.post("some", [&] { order += 's'; });
  begin.set_value();
  pool.join();
  EXPECT_EQ(order, "mlsmsmm");
}

TEST(FairPool, DoesAllThatWasGivenBeforeItEnds) {
  std::mutex mutex;
  int done = 0;
  {
    FairPool pool(3);
    for (int i = 0; i < 100; ++i) {
      pool.post(std::to_string(i % 7), [&] {
        const std::lock_guard lock(mutex);
        ++done;
      });
    }
  }
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace vigie::http
