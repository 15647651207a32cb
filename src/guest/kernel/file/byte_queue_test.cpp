#include "guest/kernel/file/byte_queue.h"

#include <string>

#include "guest/kernel/native/kernel_fixture.h"

namespace mayfly::kernel {
namespace {

class ByteQueueTest : public KernelTest {
 protected:
  long push(const std::string& bytes, u64 limit = ~u64{0}) {
    UserIo io(reinterpret_cast<u64>(bytes.data()), bytes.size());
    return queue.push(io, limit);
  }
  std::string peek(u64 limit, u64 offset = 0) {
    std::string bytes(limit, '?');
    UserIo io(reinterpret_cast<u64>(bytes.data()), limit);
    long got = queue.peek(io, limit, offset);
    bytes.resize(got < 0 ? 0 : static_cast<u64>(got));
    return bytes;
  }
  std::string pop(u64 limit) {
    std::string bytes = peek(limit);
    queue.discard(bytes.size());
    return bytes;
  }
  static std::string pattern(u64 size, u64 seed) {
    std::string bytes(size, '\0');
    for (u64 i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 31 + seed) % 251);
    return bytes;
  }

  ByteQueue queue{kernel.heap};
};

TEST_F(ByteQueueTest, GivesBackInOrderAcrossPages) {
  // Sizes around a chunk's, so that every kind of boundary is crossed; the model is a string.
  std::string model;
  u64 seed = 0;
  for (u64 size : {1u, 4079u, 4080u, 4081u, 10'000u, 3u, 8160u, 65'536u}) {
    std::string bytes = pattern(size, ++seed);
    EXPECT_EQ(push(bytes), static_cast<long>(size));
    model += bytes;
    u64 taken = size * 2 / 3;
    EXPECT_EQ(pop(taken), model.substr(0, taken));
    model.erase(0, taken);
    ASSERT_EQ(queue.size(), model.size());
  }
  EXPECT_EQ(pop(1'000'000), model);
  EXPECT_TRUE(queue.empty());
}

TEST_F(ByteQueueTest, KeepsToTheLimit) {
  EXPECT_EQ(push("abcdef", 4), 4);
  EXPECT_EQ(pop(3), "abc");
  EXPECT_EQ(pop(3), "d");
}

TEST_F(ByteQueueTest, PeeksBehindTheFront) {
  push(pattern(9000, 1));
  pop(100);
  EXPECT_EQ(peek(50, 5000), pattern(9000, 1).substr(5100, 50));
  EXPECT_EQ(peek(50, 8900), "");
  EXPECT_EQ(queue.size(), 8900u);
}

TEST_F(ByteQueueTest, RetractUndoesAPush) {
  push("head");
  push(pattern(9000, 2));
  queue.retract(9000);
  push("tail");
  EXPECT_EQ(pop(100), "headtail");
}

TEST_F(ByteQueueTest, EmptyKeepsOnePageAtMost) {
  u64 before = kernel.heap.used_bytes();
  push(pattern(100'000, 3));
  EXPECT_GT(kernel.heap.used_bytes(), before + 100'000);
  pop(100'000);
  EXPECT_LE(kernel.heap.used_bytes(), before + abi::kPageSize);
  queue.clear();
  EXPECT_EQ(kernel.heap.used_bytes(), before);
}

TEST_F(ByteQueueTest, ReportsInaccessibleMemory) {
  UserIo nowhere(8, 100);
  EXPECT_EQ(queue.push(nowhere, 100), -EFAULT);
  EXPECT_TRUE(queue.empty());
  push("kept");
  UserIo target(8, 100);
  EXPECT_EQ(queue.pop(target, 100), -EFAULT);
  EXPECT_EQ(pop(100), "kept");
}

}  // namespace
}  // namespace mayfly::kernel
