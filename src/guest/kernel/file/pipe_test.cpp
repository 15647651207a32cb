#include "guest/kernel/file/pipe.h"

#include "guest/kernel/file/io_fixture.h"

namespace mayfly::kernel {
namespace {

using PipeTest = IoTest;

TEST_F(PipeTest, CarriesBytesAndEnds) {
  auto [reader, writer] = pipe();
  EXPECT_EQ(write(writer, "hello"), 5);
  EXPECT_EQ(read(reader, 2), "he");
  EXPECT_EQ(read(reader), "llo");
  EXPECT_EQ(call(__NR_close, writer), 0);
  EXPECT_EQ(read(reader), "");
  EXPECT_EQ(poll_now(reader), static_cast<u32>(EPOLLHUP));
}

TEST_F(PipeTest, EndsAreForOneDirection) {
  auto [reader, writer] = pipe();
  EXPECT_EQ(write(reader, "x"), -EBADF);
  EXPECT_EQ(read(writer), error(EBADF));
}

TEST_F(PipeTest, WriteWithoutReaderRaisesSigpipe) {
  auto [reader, writer] = pipe();
  call(__NR_close, reader);
  EXPECT_EQ(write(writer, "x"), -EPIPE);
  EXPECT_TRUE(sigpipe_pending());
  EXPECT_NE(poll_now(writer) & EPOLLERR, 0u);
}

TEST_F(PipeTest, SmallWritesAreAtomicLargeOnesPartial) {
  auto [reader, writer] = pipe(O_NONBLOCK);
  EXPECT_EQ(read(reader), error(EAGAIN));
  EXPECT_EQ(write(writer, std::string(Pipe::kDefaultCapacity - 100, 'a')),
            static_cast<long>(Pipe::kDefaultCapacity - 100));
  EXPECT_EQ(write(writer, std::string(101, 'b')), -EAGAIN);
  EXPECT_EQ(poll_now(writer), 0u);
  EXPECT_EQ(write(writer, std::string(Pipe::kAtomicBytes + 1, 'c')), 100);
  EXPECT_EQ(write(writer, "d"), -EAGAIN);
}

TEST_F(PipeTest, BlockedReaderIsWokenByAWriter) {
  auto [reader, writer] = pipe();
  start([&, to = writer](Thread& other) { EXPECT_EQ(write_as(other, to, "late"), 4); });
  EXPECT_EQ(read(reader), "late");
}

TEST_F(PipeTest, BlockedWriterGoesOnAsTheReaderDrains) {
  auto [reader, writer] = pipe();
  const u64 size = 3 * Pipe::kDefaultCapacity;
  u64 drained = 0;
  start([&, from = reader](Thread& other) {
    std::string bytes(10'000, '?');
    while (drained < size) {
      long got = call_as(other, __NR_read, from, bytes.data(), bytes.size());
      ASSERT_GT(got, 0);
      drained += static_cast<u64>(got);
    }
  });
  EXPECT_EQ(write(writer, std::string(size, 'x')), static_cast<long>(size));
  while (drained < size) thread.yield();
}

TEST_F(PipeTest, CapacityCanBeChanged) {
  auto [reader, writer] = pipe(O_NONBLOCK);
  EXPECT_EQ(call(__NR_fcntl, writer, F_GETPIPE_SZ), static_cast<long>(Pipe::kDefaultCapacity));
  EXPECT_EQ(call(__NR_fcntl, writer, F_SETPIPE_SZ, 5000), 8192);
  EXPECT_EQ(write(writer, std::string(20'000, 'x')), 8192);
  EXPECT_EQ(call(__NR_fcntl, reader, F_SETPIPE_SZ, 4096), -EBUSY);
  i32 pending = 0;
  EXPECT_EQ(call(__NR_ioctl, reader, 0x541b /* FIONREAD */, &pending), 0);
  EXPECT_EQ(pending, 8192);
}

TEST_F(PipeTest, GivesItsMemoryBack) {
  u64 before = kernel.heap.used_bytes();
  auto [reader, writer] = pipe();
  write(writer, std::string(50'000, 'x'));
  call(__NR_close, reader);
  call(__NR_close, writer);
  EXPECT_EQ(kernel.heap.used_bytes(), before);
}

TEST_F(PipeTest, PacketsStayPackets) {
  auto [reader, writer] = pipe(O_DIRECT | O_NONBLOCK);
  EXPECT_EQ(write(writer, "first"), 5);
  EXPECT_EQ(write(writer, "second"), 6);
  EXPECT_EQ(read(reader), "first");
  EXPECT_EQ(read(reader, 3), "sec");
  EXPECT_EQ(read(reader), error(EAGAIN));
  EXPECT_EQ(write(writer, std::string(Pipe::kAtomicBytes + 10, 'x')), static_cast<long>(Pipe::kAtomicBytes + 10));
  EXPECT_EQ(read(reader, 2 * Pipe::kAtomicBytes).size(), Pipe::kAtomicBytes);
  EXPECT_EQ(read(reader).size(), 10u);
}

}  // namespace
}  // namespace mayfly::kernel
