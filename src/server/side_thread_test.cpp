#include "server/side_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>

namespace mayfly::server {
namespace {

class SideThreadTest : public testing::Test {
 protected:
  loop::Counter syscalls_;
  loop::EventLoop loop_{syscalls_};
  loop::Mailbox mailbox_{loop_};
  int told_ = 0;
  std::optional<SideThread> side_{std::in_place, mailbox_.address(), [this] {
                                    EXPECT_TRUE(mailbox_.address().is_here());
                                    ++told_;
                                  }};
};

TEST_F(SideThreadTest, DoesOnePieceOfWorkAfterTheOtherElsewhere) {
  constexpr int kPieces = 1000;
  int done = 0;
  for (int i = 0; i < kPieces; ++i) {
    ASSERT_TRUE(side_->is_idle());
    side_->begin([&] {
      EXPECT_FALSE(mailbox_.address().is_here());
      ++done;
    });
    side_->wait();
    ASSERT_FALSE(side_->is_idle());
    ASSERT_TRUE(side_->take_done());
    ASSERT_EQ(done, i + 1);
  }
  EXPECT_EQ(told_, 0);
}

TEST_F(SideThreadTest, IsBusyUntilTheWorkIsOver) {
  std::promise<void> go;
  side_->begin([&] { go.get_future().wait(); });
  EXPECT_FALSE(side_->take_done());
  EXPECT_FALSE(side_->is_idle());
  go.set_value();
  side_->wait();
  EXPECT_TRUE(side_->take_done());
  EXPECT_FALSE(side_->take_done()) << "once is enough";
  EXPECT_TRUE(side_->is_idle());
}

TEST_F(SideThreadTest, TellsWhoWatchesOnceByTheLoop) {
  std::promise<void> go;
  side_->begin([&] { go.get_future().wait(); });
  EXPECT_TRUE(side_->watch());
  EXPECT_TRUE(side_->watch());
  go.set_value();
  while (told_ == 0) loop_.turn();
  EXPECT_TRUE(side_->take_done());
  side_->begin([] {});
  side_->wait();
  EXPECT_FALSE(side_->watch()) << "it is over already";
  EXPECT_EQ(told_, 1);
}

TEST_F(SideThreadTest, ThereIsNothingToWatchWhileIdle) {
  EXPECT_FALSE(side_->watch());
  EXPECT_FALSE(side_->take_done());
  side_->wait();
}

TEST_F(SideThreadTest, EndsWithItsWorkDone) {
  bool done = false;
  side_->begin([&] { done = true; });
  side_.reset();
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace mayfly::server
