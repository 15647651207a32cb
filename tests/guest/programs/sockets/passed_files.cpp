// SCM_RIGHTS and SCM_CREDENTIALS: files and identities that come with messages.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/un.h>

#include <initializer_list>
#include <vector>

#include "sockets/inet.h"

namespace {

struct Message {
  char bytes[64] = {};
  alignas(cmsghdr) char control[2048] = {};
  iovec part{bytes, sizeof bytes};
  msghdr header{};
  Message() {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
  /// Sends `text` with these numbers.
  ssize_t send(int fd, const char* text, std::vector<int> fds) {
    part.iov_len = std::strlen(text);
    std::memcpy(bytes, text, part.iov_len);
    size_t size = fds.size() * sizeof(int);
    header.msg_controllen = CMSG_SPACE(size);
    cmsghdr* first = CMSG_FIRSTHDR(&header);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(first), fds.data(), size);
    return sendmsg(fd, &header, MSG_NOSIGNAL);
  }
  std::vector<int> files() {
    std::vector<int> result;
    for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
      if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
      result.resize((each->cmsg_len - CMSG_LEN(0)) / sizeof(int));
      std::memcpy(result.data(), CMSG_DATA(each), result.size() * sizeof(int));
    }
    return result;
  }
};

struct Pair {
  explicit Pair(int type) { CHECK(socketpair(AF_UNIX, type, 0, ends) == 0); }
  ~Pair() {
    close(ends[0]);
    close(ends[1]);
  }
  int ends[2];
};

void files() {
  for (int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) {
    Pair pair(type);
    int pipes[2];
    CHECK(pipe(pipes) == 0);
    Message out;
    CHECK(out.send(pair.ends[0], "take", {pipes[0], pipes[1]}) == 4);
    CHECK(close(pipes[0]) == 0 && close(pipes[1]) == 0);  // they live on in the message
    Message in;
    CHECK(recvmsg(pair.ends[1], &in.header, MSG_CMSG_CLOEXEC) == 4);
    CHECK(in.header.msg_flags == MSG_CMSG_CLOEXEC && in.header.msg_controllen == CMSG_SPACE(8));
    std::vector<int> got = in.files();
    CHECK(got.size() == 2 && fcntl(got[0], F_GETFD) == FD_CLOEXEC);
    char bytes[8];
    CHECK(write(got[1], "through", 7) == 7 && read(got[0], bytes, 8) == 7);
    CHECK(close(got[0]) == 0 && close(got[1]) == 0);
  }
  passed("files");
}

void boundaries() {
  Pair pair(SOCK_STREAM);
  Message out;
  CHECK(write(pair.ends[0], "before", 6) == 6 && out.send(pair.ends[0], "with", {0}) == 4);
  CHECK(write(pair.ends[0], "after", 5) == 5);
  Message first;
  ssize_t count = recvmsg(pair.ends[1], &first.header, 0);
  std::printf("%.*s with %zu files\n", static_cast<int>(count), first.bytes, first.files().size());
  Message second;
  count = recvmsg(pair.ends[1], &second.header, 0);
  std::printf("%.*s with %zu files\n", static_cast<int>(count), second.bytes, second.files().size());
  for (int each : first.files()) CHECK(close(each) == 0);
  CHECK(write(pair.ends[0], "1234", 4) == 4 && out.send(pair.ends[0], "5678", {0}) == 4);
  Message part;
  part.part.iov_len = 4;
  CHECK(recvmsg(pair.ends[1], &part.header, 0) == 4 && part.files().empty());
  Message next;
  next.part.iov_len = 2;
  CHECK(recvmsg(pair.ends[1], &next.header, 0) == 2 && next.files().size() == 1 && close(next.files()[0]) == 0);
  Message rest;
  CHECK(recvmsg(pair.ends[1], &rest.header, 0) == 2 && rest.files().empty());
  CHECK(out.send(pair.ends[0], "ab", {0}) == 2 && out.send(pair.ends[0], "cd", {0}) == 2);
  Message all;
  CHECK(recvmsg(pair.ends[1], &all.header, MSG_WAITALL) == 2 && all.files().size() == 1 && close(all.files()[0]) == 0);
  passed("bytes after files are left for the next call");
}

void looked_at() {
  Pair pair(SOCK_STREAM);
  Message out;
  CHECK(out.send(pair.ends[0], "x", {0, 1}) == 1);
  Message peeked;
  CHECK(recvmsg(pair.ends[1], &peeked.header, MSG_PEEK) == 1 && peeked.files().size() == 2);
  Message in;
  CHECK(recvmsg(pair.ends[1], &in.header, 0) == 1 && in.files().size() == 2);
  for (int each : peeked.files()) CHECK(close(each) == 0);
  for (int each : in.files()) CHECK(close(each) == 0);
  CHECK(out.send(pair.ends[0], "y", {0}) == 1);
  char byte = 0;
  CHECK(read(pair.ends[1], &byte, 1) == 1);  // read takes the bytes and drops the files
  CHECK_FAILS(recvmsg(pair.ends[1], &in.header, MSG_DONTWAIT), EAGAIN);
  passed("looked at");
}

void no_room() {
  Pair pair(SOCK_STREAM);
  Message out;
  CHECK(out.send(pair.ends[0], "x", {0, 1, 2}) == 1);
  Message in;
  in.header.msg_controllen = CMSG_LEN(2 * sizeof(int));
  CHECK(recvmsg(pair.ends[1], &in.header, 0) == 1 && in.header.msg_flags == MSG_CTRUNC);
  std::vector<int> got = in.files();
  CHECK(got.size() == 2 && close(got[0]) == 0 && close(got[1]) == 0);
  CHECK(out.send(pair.ends[0], "x", {0}) == 1);
  Message none;
  none.header.msg_control = nullptr;
  none.header.msg_controllen = 0;
  CHECK(recvmsg(pair.ends[1], &none.header, 0) == 1 && none.header.msg_flags == MSG_CTRUNC);
  rlimit before{};
  CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit limit = before;
  limit.rlim_cur = static_cast<rlim_t>(pair.ends[1]) + 2;
  CHECK(out.send(pair.ends[0], "x", {0, 1}) == 1 && setrlimit(RLIMIT_NOFILE, &limit) == 0);
  Message few;
  CHECK(recvmsg(pair.ends[1], &few.header, 0) == 1 && (few.header.msg_flags & MSG_CTRUNC) != 0);
  CHECK(few.files().size() == 1 && close(few.files()[0]) == 0);
  CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
  passed("no room for all");
}

void refused() {
  Pair pair(SOCK_STREAM);
  Message out;
  CHECK_FAILS(out.send(pair.ends[0], "x", {999}), EBADF);
  CHECK_FAILS(out.send(pair.ends[0], "x", std::vector<int>(254, 0)), EINVAL);
  CHECK(out.send(pair.ends[0], "x", std::vector<int>(253, 0)) == 1);
  Message in;
  CHECK(recvmsg(pair.ends[1], &in.header, 0) == 1 && in.files().size() == 253);
  for (int each : in.files()) CHECK(close(each) == 0);
  Message broken;
  broken.header.msg_controllen = CMSG_SPACE(4);
  cmsghdr* first = CMSG_FIRSTHDR(&broken.header);
  first->cmsg_level = SOL_SOCKET;
  first->cmsg_type = SCM_RIGHTS;
  first->cmsg_len = 3;
  CHECK_FAILS(sendmsg(pair.ends[0], &broken.header, 0), EINVAL);
  first->cmsg_len = CMSG_LEN(4);
  first->cmsg_type = 77;
  CHECK_FAILS(sendmsg(pair.ends[0], &broken.header, 0), EINVAL);
  broken.header.msg_control = bad_address();
  CHECK_FAILS(sendmsg(pair.ends[0], &broken.header, 0), EFAULT);
  CHECK_FAILS(sendmsg(pair.ends[0], bad_address<msghdr>(), 0), EFAULT);
  CHECK_FAILS(recvmsg(pair.ends[1], bad_address<msghdr>(), 0), EFAULT);
  Message many;
  many.header.msg_iovlen = 1025;
  CHECK_FAILS(sendmsg(pair.ends[0], &many.header, 0), EMSGSIZE);
  CHECK_FAILS(recvmsg(pair.ends[1], &many.header, 0), EMSGSIZE);
  passed("refused");
}

void sockets_in_flight() {
  Pair outer(SOCK_STREAM);
  {
    Pair inner(SOCK_STREAM);
    Message out;
    CHECK(out.send(outer.ends[0], "x", {inner.ends[0]}) == 1 && write(inner.ends[1], "still there", 11) == 11);
  }
  Message in;
  CHECK(recvmsg(outer.ends[1], &in.header, 0) == 1 && in.files().size() == 1);
  char bytes[16];
  int got = in.files()[0];
  CHECK(read(got, bytes, 16) == 11 && read(got, bytes, 16) == 0 && close(got) == 0);
  Pair cycle(SOCK_STREAM);
  Message out;
  CHECK(out.send(cycle.ends[0], "x", {cycle.ends[0], cycle.ends[1]}) == 1);  // nobody will ever take them out
  passed("sockets in flight");
}

void credentials() {
  for (int type : {SOCK_STREAM, SOCK_DGRAM}) {
    Pair pair(type);
    int on = 1;
    CHECK(setsockopt(pair.ends[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0);
    CHECK(write(pair.ends[0], "x", 1) == 1);
    Message in;
    CHECK(recvmsg(pair.ends[1], &in.header, 0) == 1 && in.header.msg_controllen == CMSG_SPACE(sizeof(ucred)));
    cmsghdr* first = CMSG_FIRSTHDR(&in.header);
    CHECK(first->cmsg_type == SCM_CREDENTIALS && first->cmsg_len == CMSG_LEN(sizeof(ucred)));
    ucred who{};
    std::memcpy(&who, CMSG_DATA(first), sizeof who);
    CHECK(who.pid == getpid() && who.uid == getuid() && who.gid == getgid());
    Message out;
    out.part.iov_len = 1;
    out.header.msg_controllen = CMSG_SPACE(sizeof who);
    cmsghdr* sent = CMSG_FIRSTHDR(&out.header);
    *sent = {CMSG_LEN(sizeof who), SOL_SOCKET, SCM_CREDENTIALS};
    std::memcpy(CMSG_DATA(sent), &who, sizeof who);
    CHECK(sendmsg(pair.ends[0], &out.header, 0) == 1);
    who.pid = 3'999'999;
    std::memcpy(CMSG_DATA(sent), &who, sizeof who);
    CHECK_FAILS(sendmsg(pair.ends[0], &out.header, 0), ESRCH);
    sent->cmsg_len = CMSG_LEN(4);
    CHECK_FAILS(sendmsg(pair.ends[0], &out.header, 0), EINVAL);
  }
  passed("credentials");
}

}  // namespace

int main() {
  files();
  boundaries();
  looked_at();
  no_room();
  refused();
  sockets_in_flight();
  credentials();
}
