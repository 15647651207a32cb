// Waiting for events of descriptors.
#include <asm/unistd_64.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "trace/structures.h"

namespace mayfly::trace {
namespace {

constexpr Name kPollEvents[] = {
    MAYFLY_NAME(POLLIN),  MAYFLY_NAME(POLLPRI),  MAYFLY_NAME(POLLOUT),  MAYFLY_NAME(POLLERR),
    MAYFLY_NAME(POLLHUP), MAYFLY_NAME(POLLNVAL), {0x2000, "POLLRDHUP"},
};
constexpr Name kEpollEvents[] = {
    MAYFLY_NAME(EPOLLIN),     MAYFLY_NAME(EPOLLPRI),     MAYFLY_NAME(EPOLLOUT),    MAYFLY_NAME(EPOLLERR),
    MAYFLY_NAME(EPOLLHUP),    MAYFLY_NAME(EPOLLRDNORM),  MAYFLY_NAME(EPOLLRDBAND), MAYFLY_NAME(EPOLLWRNORM),
    MAYFLY_NAME(EPOLLWRBAND), MAYFLY_NAME(EPOLLMSG),     MAYFLY_NAME(EPOLLRDHUP),  MAYFLY_NAME(EPOLLEXCLUSIVE),
    MAYFLY_NAME(EPOLLWAKEUP), MAYFLY_NAME(EPOLLONESHOT), MAYFLY_NAME(EPOLLET),
};
constexpr Name kEpollOperations[] = {
    MAYFLY_NAME(EPOLL_CTL_ADD),
    MAYFLY_NAME(EPOLL_CTL_MOD),
    MAYFLY_NAME(EPOLL_CTL_DEL),
};
constexpr Name kEpollFlags[] = {MAYFLY_NAME(EPOLL_CLOEXEC)};

/// Packed as in the kernel's interface.
void add_event(Printer& out, const epoll_event& event) {
  u64 data = event.data.u64;
  out.add("{events=");
  out.flags(event.events, kEpollEvents);
  out.format(", data={:#x}}}", data);
}

void print_event(Printer& out, unsigned index, const Argument&) {
  epoll_event event{};
  if (out.load(out.argument(index), event)) add_event(out, event);
}

void print_events(Printer& out, unsigned index, const Argument&) {
  if (!out.succeeded()) return out.address(out.argument(index));
  out.array<epoll_event>(out.argument(index), static_cast<u64>(out.result()),
                         [&](const epoll_event& event) { add_event(out, event); });
}

void print_polled(Printer& out, unsigned index, const Argument&) {
  out.array<pollfd>(out.argument(index), out.argument(1), [&](const pollfd& polled) {
    out.format("{{fd={}, events=", polled.fd);
    out.flags(static_cast<u16>(polled.events), kPollEvents);
    out.add("}");
  });
}

/// Those that have something to report.
void add_ready(Printer& out) {
  if (out.result() == 0) return out.add(" (Timeout)");
  constexpr u64 kMost = 1024;
  std::string_view separator;
  out.add(" ([");
  for (u64 i = 0; i < out.argument(1) && i < kMost; ++i) {
    pollfd polled{};
    if (!out.load(out.argument(0) + i * sizeof polled, polled)) break;
    if (polled.revents == 0) continue;
    out.format("{}{{fd={}, revents=", separator, polled.fd);
    out.flags(static_cast<u16>(polled.revents), kPollEvents);
    out.add("}");
    separator = ", ";
  }
  out.add("])");
}

void print_descriptor_set(Printer& out, unsigned index, const Argument&) {
  fd_set set{};
  if (!out.load(out.argument(index), set)) return;
  std::string_view separator;
  out.add("[");
  for (int fd = 0; fd < FD_SETSIZE && static_cast<u64>(fd) < out.argument(0); ++fd) {
    if (!FD_ISSET(fd, &set)) continue;
    out.format("{}{}", separator, fd);
    separator = " ";
  }
  out.add("]");
}

constexpr Argument kEvents = result(print_events);
constexpr Argument kPolled{print_polled};
constexpr Argument kSet{print_descriptor_set};

constexpr Signature kSignatures[] = {
    {__NR_epoll_create, {kInt}},
    {__NR_epoll_create1, {flags(kEpollFlags)}},
    {__NR_epoll_ctl, {kDescriptor, choice(kEpollOperations), kDescriptor, {print_event}}},
    {__NR_epoll_wait, {kDescriptor, kEvents, kInt, kInt}},
    {__NR_epoll_pwait, {kDescriptor, kEvents, kInt, kInt, kSignalSet, kUnsigned}},
    {__NR_epoll_pwait2, {kDescriptor, kEvents, kInt, kTimespec, kSignalSet, kUnsigned}},
    {__NR_poll, {kPolled, kUnsigned, kInt}, Result::number, nullptr, add_ready},
    {__NR_ppoll, {kPolled, kUnsigned, kTimespec, kSignalSet, kUnsigned}, Result::number, nullptr, add_ready},
    {__NR_select, {kInt, kSet, kSet, kSet, kTimeval}},
    {__NR_pselect6, {kInt, kSet, kSet, kSet, kTimespec, kAddress}},
};

}  // namespace

Signatures poll_signatures() {
  return kSignatures;
}

}  // namespace mayfly::trace
