// Streams to unix sockets of the host.
#include "guest/kernel/net/control_message.h"
#include "guest/kernel/net/outbound_fixture.h"

namespace mayfly::kernel {
namespace {

class OutboundUnixTest : public OutboundTest {
 protected:
  OutboundUnixTest() { open_when_asked(); }
  i32 stream(int flags = 0) { return socket(kFamilyUnix, kStream | flags); }
  /// The path that the host is asked for; the slot is given back.
  std::string asked(const std::string& name) {
    slot().path[0] = '\0';
    host.on_wait = [&] { refuse_outbound(ENOENT); };
    EXPECT_EQ(connect(stream(), unix_name(name)), -ENOENT);
    std::string path = slot().path;
    if (slot().guest_closed >= 2) set_free();
    resume();
    return path;
  }
};

TEST_F(OutboundUnixTest, ConnectAsksTheHost) {
  i32 fd = stream(kNonblock);
  EXPECT_EQ(connect(fd, unix_name("/run/db/socket")), 0) << "at once, as on Linux";
  EXPECT_EQ(slot().kind, static_cast<u32>(abi::kOutboundUnix));
  EXPECT_STREQ(slot().path, "/run/db/socket");
  EXPECT_EQ(peer_name(fd), "/run/db/socket");
  EXPECT_EQ(local_name(fd), "");
  EXPECT_EQ(send(fd, "question"), 8);
  EXPECT_EQ(take(), "question");
  put("answer");
  slot().host_closed = 1;
  resume();
  EXPECT_EQ(receive(fd), "answer");
  EXPECT_EQ(receive(fd), "");
  EXPECT_EQ(connect(fd, unix_name("/run/db/socket")), -EISCONN);
  close(fd);
  EXPECT_EQ(slot().guest_closed, 2u);
}

TEST_F(OutboundUnixTest, WhatIsInTheMachineComesFirst) {
  i32 server = listener(kFamilyUnix, unix_name("/run/app"));
  EXPECT_EQ(connect(stream(), unix_name("/run/app")), 0);
  EXPECT_EQ(slot().state, 0u);
  close(server);
  EXPECT_EQ(connect(stream(), unix_name("/run/app")), 0) << "only the file is left";
  EXPECT_STREQ(slot().path, "/run/app");
}

TEST_F(OutboundUnixTest, WhereTheHostHasNothingTheMachinesAnswerCounts) {
  host.on_wait = [&] { refuse_outbound(ENOENT); };
  EXPECT_EQ(connect(stream(), unix_name("/run/app")), -ENOENT);
  close(listener(kFamilyUnix, unix_name("/run/app")));
  EXPECT_EQ(connect(stream(), unix_name("/run/app")), -ECONNREFUSED) << "the file is there, and nobody listens";
  EXPECT_EQ(call(__NR_unlink, "/run/app"), 0);
  EXPECT_EQ(connect(stream(), unix_name("/run/app")), -ENOENT);
  host.on_wait = [&] { refuse_outbound(EACCES); };
  EXPECT_EQ(connect(stream(), unix_name("/run/app")), -EACCES);
}

TEST_F(OutboundUnixTest, PathsAreAbsoluteAndNormalized) {
  EXPECT_EQ(asked("/a/./b//c"), "/a/b/c");
  EXPECT_EQ(asked("/a/../../b"), "/b");
  EXPECT_EQ(asked("socket"), "/run/socket");
  EXPECT_EQ(asked("../srv/x/"), "/srv/x");
  EXPECT_EQ(asked("../../../x"), "/x");
  set_first_ids(kernel.process, 0, 0);
  EXPECT_EQ(call(__NR_mkdir, "/run/jail", 0755), 0);
  EXPECT_EQ(call(__NR_chdir, "/run/jail"), 0);
  EXPECT_EQ(asked("socket"), "/run/jail/socket");
  EXPECT_EQ(call(__NR_chroot, "/run/jail"), 0);
  EXPECT_EQ(asked("/db"), "/run/jail/db");
  EXPECT_EQ(asked("/../../db"), "/run/jail/db");
  EXPECT_EQ(asked("../db"), "/run/jail/db");
}

TEST_F(OutboundUnixTest, WhatTheHostIsNotAskedFor) {
  EXPECT_EQ(connect(stream(), unix_name(std::string("\0abstract", 9))), -ECONNREFUSED);
  EXPECT_EQ(connect(socket(kFamilyUnix, kSequencedPacket), unix_name("/run/x")), -ENOENT);
  EXPECT_EQ(connect(socket(kFamilyUnix, kDatagram), unix_name("/run/x")), -ENOENT);
  EXPECT_EQ(connect(stream(), unix_name("/" + std::string(107, 'x'))), -ENOENT) << "no room for its NUL";
  EXPECT_EQ(slot().state, 0u);
}

TEST_F(OutboundUnixTest, TheHostsErrors) {
  i32 fd = stream();
  host.on_wait = [&] { refuse_outbound(ECONNREFUSED); };
  EXPECT_EQ(connect(fd, unix_name("/run/x")), -ECONNREFUSED);
  EXPECT_EQ(option(fd, kLevelSocket, kError), 0);
  EXPECT_EQ(peer_name(fd), error(ENOTCONN));
  host.on_wait = [&] { set_open(1); };
  EXPECT_EQ(connect(fd, unix_name("/run/x")), 0);
  set_broken(ECONNRESET, 1);
  resume();
  EXPECT_EQ(receive(fd), error(ECONNRESET));
  EXPECT_EQ(receive(fd), "");
}

TEST_F(OutboundUnixTest, TimeIsLimited) {
  i32 fd = stream();
  i64 timeout[2] = {1, 0};
  EXPECT_EQ(call(__NR_setsockopt, fd, kLevelSocket, 21 /* SO_SNDTIMEO */, timeout, sizeof timeout), 0);
  let_time_pass();
  EXPECT_EQ(connect(fd, unix_name("/run/x")), -EAGAIN);
  EXPECT_EQ(slot().guest_closed, 3u);
}

TEST_F(OutboundUnixTest, FilesDoNotTravel) {
  i32 fd = stream();
  EXPECT_EQ(connect(fd, unix_name("/run/x")), 0);
  struct {
    u64 size;
    u32 level, type;
    i32 fd, padding;
  } control{20, kLevelSocket, kControlRights, fd, 0};
  char byte = 'x';
  u64 vector[2] = {reinterpret_cast<u64>(&byte), 1};
  MessageHeader message{0, 0, 0, reinterpret_cast<u64>(vector), 1, reinterpret_cast<u64>(&control), sizeof control,
                        0, 0};
  EXPECT_EQ(call(__NR_sendmsg, fd, &message, 0), -EOPNOTSUPP);
  EXPECT_EQ(host.reports.size(), 1u);
  EXPECT_EQ(take(), "");
}

}  // namespace
}  // namespace mayfly::kernel
