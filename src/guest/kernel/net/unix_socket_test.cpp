// Unix sockets of all types, with names, packets and files in messages.
#include "guest/kernel/net/control_message.h"
#include "guest/kernel/net/socket_fixture.h"

namespace mayfly::kernel {
namespace {

class UnixSocketTest : public SocketTest {
 protected:
  struct Vector {
    void* base;
    u64 size;
  };
  struct FileControl {  // a cmsghdr with room for two descriptors
    u64 size = 16 + sizeof(i32);
    u32 level = kLevelSocket;
    u32 type = kControlRights;
    i32 fds[2] = {-1, -1};
  };
  long send_file(i32 socket, std::string bytes, i32 fd) {
    FileControl control;
    control.fds[0] = fd;
    Vector vector{bytes.data(), bytes.size()};
    MessageHeader message{0, 0, 0, reinterpret_cast<u64>(&vector), 1, reinterpret_cast<u64>(&control), control.size,
                          0, 0};
    return call(__NR_sendmsg, socket, &message, 0);
  }
  /// @return the bytes; fd is -1 if no file came with them
  std::string receive_file(i32 socket, i32& fd, u32 flags = 0, u64 room = sizeof(FileControl)) {
    FileControl control;
    std::string bytes(256, '?');
    Vector vector{bytes.data(), bytes.size()};
    header = {0, 0, 0, reinterpret_cast<u64>(&vector), 1, reinterpret_cast<u64>(&control), room, 0, 0};
    long got = call(__NR_recvmsg, socket, &header, flags);
    fd = header.control_size == 0 ? -1 : control.fds[0];
    return result(got, std::move(bytes));
  }

  MessageHeader header{};
};

TEST_F(UnixSocketTest, PairCarriesBothWays) {
  auto [left, right] = socket_pair(kStream);
  EXPECT_EQ(send(left, "ping"), 4);
  EXPECT_EQ(read(right), "ping");
  EXPECT_EQ(write(right, "pong"), 4);
  EXPECT_EQ(receive(left), "pong");
  EXPECT_EQ(peer_name(left), "");
}

TEST_F(UnixSocketTest, PeekLeavesAndWaitAllWaits) {
  auto [left, right] = socket_pair(kStream);
  send(left, "abc");
  EXPECT_EQ(receive(right, 2, kMessagePeek), "ab");
  start([&, to = left](Thread& other) { write_as(other, to, "def"); });
  EXPECT_EQ(receive(right, 6, kMessageWaitAll), "abcdef");
  EXPECT_EQ(receive(right, 6, kMessageDontWait), error(EAGAIN));
}

TEST_F(UnixSocketTest, ShutdownHalves) {
  auto [left, right] = socket_pair(kStream);
  EXPECT_EQ(call(__NR_shutdown, left, kShutdownOutput), 0);
  EXPECT_EQ(poll_now(right), static_cast<u32>(EPOLLIN | EPOLLRDNORM | EPOLLRDHUP | EPOLLOUT | EPOLLWRNORM));
  EXPECT_EQ(receive(right), "");
  EXPECT_EQ(send(left, "x", kMessageNoSignal), -EPIPE);
  EXPECT_FALSE(sigpipe_pending());
  EXPECT_EQ(send(right, "still open"), 10);
  EXPECT_EQ(receive(left), "still open");
  EXPECT_EQ(call(__NR_shutdown, left, kShutdownInput), 0);
  EXPECT_EQ(send(right, "x"), -EPIPE);
  EXPECT_TRUE(sigpipe_pending());
  EXPECT_NE(poll_now(left) & EPOLLHUP, 0u);
}

TEST_F(UnixSocketTest, CloseEndsOrResets) {
  auto [left, right] = socket_pair(kStream);
  send(left, "last words");
  close(left);
  EXPECT_EQ(receive(right), "last words");
  EXPECT_EQ(receive(right), "");
  auto [a, b] = socket_pair(kStream);
  send(b, "unread");
  close(a);
  EXPECT_EQ(receive(b), error(ECONNRESET));
  EXPECT_EQ(receive(b), "");
}

TEST_F(UnixSocketTest, FullBufferBlocksUntilItIsRead) {
  auto [left, right] = socket_pair(kStream);
  const u64 size = 600'000;
  start([&, from = right](Thread& other) {
    for (u64 drained = 0; drained < size;) drained += receive_as(other, from, 50'000).size();
  });
  EXPECT_EQ(send(left, std::string(size, 'x')), static_cast<long>(size));
  thread.yield();  // for what is left to drain
  EXPECT_EQ(send(left, std::string(size, 'x'), kMessageDontWait), 208 * 1024);
  EXPECT_EQ(poll_now(left) & EPOLLOUT, 0u);
}

TEST_F(UnixSocketTest, PacketsKeepTheirBounds) {
  auto [left, right] = socket_pair(kSequencedPacket);
  send(left, "first");
  send(left, "second");
  EXPECT_EQ(receive(right), "first");
  EXPECT_EQ(receive(right, 3), "sec") << "the rest of a packet is lost";
  EXPECT_EQ(receive(right, 3, kMessageDontWait), error(EAGAIN));
  close(left);
  EXPECT_EQ(receive(right), "");
}

TEST_F(UnixSocketTest, DatagramPair) {
  auto [left, right] = socket_pair(kDatagram);
  EXPECT_EQ(send(left, "one"), 3);
  EXPECT_EQ(send(left, ""), 0);
  EXPECT_EQ(send(left, "three"), 5);
  EXPECT_EQ(receive(right), "one");
  EXPECT_EQ(receive(right), "");
  EXPECT_EQ(receive(right, 2, kMessageTruncated).size(), 5u) << "MSG_TRUNC gives the true length";
  close(right);
  EXPECT_EQ(send(left, "x"), -ECONNREFUSED);
  EXPECT_EQ(send(left, "x"), -ENOTCONN);
}

TEST_F(UnixSocketTest, DatagramsByName) {
  i32 server = socket(kFamilyUnix, kDatagram);
  i32 client = socket(kFamilyUnix, kDatagram);
  EXPECT_EQ(bind(server, unix_name("/run/server")), 0);
  EXPECT_EQ(bind(client, unix_name(std::string("\0client", 7))), 0);
  EXPECT_EQ(send_to(client, "hello", unix_name("/run/server")), 5);
  char bytes[16];
  Address from;
  from.size = Address::kMaxBytes;
  EXPECT_EQ(call(__NR_recvfrom, server, bytes, sizeof bytes, 0, from.bytes, &from.size), 5);
  EXPECT_EQ(text(from), "@client");
  EXPECT_EQ(send_to(client, "x", unix_name("/run/nobody")), -ENOENT);
  EXPECT_EQ(send(server, "x"), -ENOTCONN);
}

TEST_F(UnixSocketTest, ListenConnectAccept) {
  i32 server = listener(kFamilyUnix, unix_name("/run/app.sock"), 1);
  i32 client = socket(kFamilyUnix, kStream | kNonblock);
  EXPECT_EQ(connect(client, unix_name("/run/app.sock")), 0);
  EXPECT_EQ(send(client, "early"), 5);
  EXPECT_EQ(poll_now(server), static_cast<u32>(EPOLLIN | EPOLLRDNORM));
  i32 accepted = accept(server);
  EXPECT_EQ(receive(accepted), "early");
  EXPECT_EQ(peer_name(client), "/run/app.sock");
  EXPECT_EQ(local_name(accepted), "/run/app.sock");
  EXPECT_EQ(connect(client, unix_name("/run/app.sock")), -EISCONN);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(connect(socket(kFamilyUnix, kStream), unix_name("/run/app.sock")), 0);
  EXPECT_EQ(connect(socket(kFamilyUnix, kStream | kNonblock), unix_name("/run/app.sock")), -EAGAIN) << "backlog full";
  EXPECT_EQ(connect(socket(kFamilyUnix, kStream), unix_name(std::string("\0gone", 5))), -ECONNREFUSED);
}

TEST_F(UnixSocketTest, APathIsAFile) {
  i32 server = listener(kFamilyUnix, unix_name("relative"));
  struct stat result {};
  EXPECT_EQ(call(__NR_stat, "/run/relative", &result), 0);
  EXPECT_EQ(result.st_mode, 0140755u);
  EXPECT_EQ(call(__NR_open, "/run/relative", O_RDWR), -ENXIO);
  EXPECT_EQ(local_name(server), "relative");
  EXPECT_EQ(call(__NR_rename, "/run/relative", "/tmp/moved"), 0);
  EXPECT_EQ(call(__NR_symlink, "/tmp/moved", "/tmp/link"), 0);
  EXPECT_EQ(connect(socket(kFamilyUnix, kStream), unix_name("/tmp/link")), 0);
  EXPECT_EQ(bind(socket(kFamilyUnix, kStream), unix_name("/nowhere/socket")), -ENOENT);
  EXPECT_EQ(call(__NR_unlink, "/tmp/moved"), 0);
  EXPECT_EQ(bind(socket(kFamilyUnix, kStream), unix_name("/tmp/moved")), 0) << "while the old socket still listens";
}

TEST_F(UnixSocketTest, NamesAreUnique) {
  i32 first = socket(kFamilyUnix, kStream);
  EXPECT_EQ(bind(first, unix_name("/run/x")), 0);
  EXPECT_EQ(bind(first, unix_name("/run/y")), -EINVAL);
  i32 second = socket(kFamilyUnix, kStream);
  EXPECT_EQ(bind(second, unix_name("/run/x")), -EADDRINUSE);
  EXPECT_EQ(bind(second, unix_name("")), 0) << "autobind";
  EXPECT_EQ(local_name(second), "@00000");
  EXPECT_EQ(connect(socket(kFamilyUnix, kDatagram), unix_name("/run/x")), -EPROTOTYPE);
}

TEST_F(UnixSocketTest, FilesTravelWithTheirBytes) {
  auto [left, right] = socket_pair(kStream);
  auto [reader, writer] = pipe();
  send(left, "before");
  EXPECT_EQ(send_file(left, "with", reader), 4);
  send(left, "after");
  close(reader);
  i32 fd = -1;
  EXPECT_EQ(receive_file(right, fd, kMessageCloseOnExec), "beforewith") << "not joined to those behind";
  ASSERT_GE(fd, 0);
  EXPECT_EQ(call(__NR_fcntl, fd, F_GETFD), FD_CLOEXEC);
  write(writer, "through");
  EXPECT_EQ(read(fd), "through");
}

TEST_F(UnixSocketTest, FilesWithoutRoomAreClosed) {
  u64 before = kernel.heap.used_bytes();
  auto [left, right] = socket_pair(kDatagram);
  auto [reader, writer] = pipe();
  EXPECT_EQ(send_file(left, "x", reader), 1);
  close(reader);
  i32 fd = -1;
  EXPECT_EQ(receive_file(right, fd, 0, 8), "x");
  EXPECT_NE(header.flags & kMessageControlTruncated, 0u);
  EXPECT_EQ(write(writer, "x"), -EPIPE) << "the reader is gone";
  EXPECT_EQ(send_file(left, "x", 999), -EBADF);
  EXPECT_EQ(send_file(left, "unread", writer), 6);
  clear_sigpipe();
  for (i32 open : {writer, left, right}) close(open);
  EXPECT_EQ(kernel.heap.used_bytes(), before);
}

TEST_F(UnixSocketTest, ASocketInItsOwnQueueDoesNotBreakTheKernel) {
  auto [left, right] = socket_pair(kStream);
  EXPECT_EQ(send_file(left, "x", left), 1);
  close(left);
  EXPECT_EQ(close(right), 0);
}

TEST_F(UnixSocketTest, SeveralMessagesInOneCall) {
  auto [left, right] = socket_pair(kDatagram);
  struct Numbered {
    MessageHeader header;
    u32 size, padding;
  } messages[3] = {};
  std::string texts[3] = {"a", "bb", "ccc"};
  Vector vectors[3];
  for (int i = 0; i < 3; ++i) {
    vectors[i] = {texts[i].data(), texts[i].size()};
    messages[i].header.vector = reinterpret_cast<u64>(&vectors[i]);
    messages[i].header.vector_count = 1;
  }
  EXPECT_EQ(call(__NR_sendmmsg, left, messages, 3, 0), 3);
  EXPECT_EQ(messages[2].size, 3u);
  EXPECT_EQ(receive(right), "a");
  EXPECT_EQ(call(__NR_recvmmsg, right, messages, 3, kMessageWaitForOne, nullptr), 2);
  EXPECT_EQ(texts[0] + texts[1], "bcc") << "cut to what there was room for";
  EXPECT_NE(messages[0].header.flags & kMessageTruncated, 0u);
}

TEST_F(UnixSocketTest, PeerCredentialsAreTheProcess) {
  auto [left, right] = socket_pair(kStream);
  u32 credentials[3] = {};
  u32 size = sizeof credentials;
  EXPECT_EQ(call(__NR_getsockopt, left, kLevelSocket, 17 /* SO_PEERCRED */, credentials, &size), 0);
  EXPECT_EQ(credentials[0], kernel.process.id);
}

}  // namespace
}  // namespace mayfly::kernel
