#include "loop/mailbox.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace mayfly::loop {
namespace {

TEST(Mailbox, HasTheLoopDoWhatOtherThreadsLeave) {
  Counter syscalls;
  EventLoop loop(syscalls);
  Mailbox mailbox(loop);
  EXPECT_TRUE(mailbox.address().is_here());
  constexpr int kItems = 1000;
  int done = 0;
  std::thread other([&, address = mailbox.address()] {
    EXPECT_FALSE(address.is_here());
    for (int i = 0; i < kItems; ++i) address.post([&done, i] { EXPECT_EQ(done++, i); });
  });
  while (done < kItems) loop.turn();
  other.join();
}

TEST(Mailbox, DropsWhatComesTooLate) {
  Counter syscalls;
  EventLoop loop(syscalls);
  std::optional<Mailbox> mailbox(loop);
  const Mailbox::Address address = mailbox->address();
  auto held = std::make_shared<int>(1);
  address.post([held] { ADD_FAILURE() << "the mailbox is gone"; });
  EXPECT_EQ(held.use_count(), 2);
  mailbox.reset();
  EXPECT_EQ(held.use_count(), 1);
  std::thread([&] { address.post([held] {}); }).join();
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace mayfly::loop
