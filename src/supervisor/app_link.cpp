#include "supervisor/app_link.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>

#include "base/error.h"

namespace mayfly::supervisor {
namespace {

constexpr std::size_t kMaxSettingsBytes = 16 * 1024 * 1024;

/// Numbers with a blank between them.
std::vector<int> numbers_in(std::string_view text) {
  std::vector<int> numbers;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    int number = -1;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc() || number < 0 || (next != end && *next != ' ')) {
      throw Error("{} in the environment is '{}', which is no supervisor's", kAppLinkVariable, text);
    }
    numbers.push_back(number);
    at = next == end ? end : next + 1;
  }
  return numbers;
}

UniqueFd take_over(int descriptor) {
  check(::fcntl(descriptor, F_SETFD, FD_CLOEXEC), "fcntl(fd {}, F_SETFD)", descriptor);
  return UniqueFd(descriptor);
}

std::string contents_of(const UniqueFd& file) {
  std::string text;
  std::array<char, 4096> bytes{};
  ssize_t size = 0;
  while (text.size() < kMaxSettingsBytes &&
         (size = check(::pread(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(text.size())), "pread(fd {})",
                       file.get())) > 0) {
    text.append(bytes.data(), static_cast<std::size_t>(size));
  }
  return text;
}

}  // namespace

std::string app_link_variable(const AppLinkNumbers& numbers) {
  std::string text = fmt::format("{}={} {} {} {}", kAppLinkVariable, numbers.supervisor, numbers.control,
                                 numbers.settings, numbers.keys);
  for (const int channel : numbers.channels) text += fmt::format(" {}", channel);
  return text;
}

UniqueFd settings_file(std::string_view settings) {
  UniqueFd file(check(::memfd_create("mayfly settings", MFD_CLOEXEC), "memfd_create()"));
  while (!settings.empty()) {
    const ssize_t size = check(::write(file.get(), settings.data(), settings.size()), "write(memfd)");
    settings.remove_prefix(static_cast<std::size_t>(size));
  }
  return file;
}

AppLink::AppLink(std::string_view value) {
  constexpr std::size_t kFirstChannel = 4;
  const std::vector<int> numbers = numbers_in(value);
  if (numbers.size() <= kFirstChannel) {
    throw Error("{} in the environment is '{}', which is no supervisor's", kAppLinkVariable, value);
  }
  control_ = take_over(numbers[1]);
  settings_ = contents_of(take_over(numbers[2]));
  if (numbers[3] != 0) keys_ = take_over(numbers[3]);
  for (std::size_t i = kFirstChannel; i < numbers.size(); ++i) channels_.push_back(take_over(numbers[i]));
  check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl(PR_SET_PDEATHSIG)");
  // It may have died before that.
  if (::getppid() != numbers[0]) throw Error("the supervisor (pid {}) is gone", numbers[0]);
}

void AppLink::tell_ready() const {
  check(::send(control_.get(), kReadyWord.data(), kReadyWord.size(), MSG_NOSIGNAL), "send(supervisor)");
}

SupervisorWatch::SupervisorWatch(const AppLink& link, http::StopSignal& stop)
    : thread_([this, control = link.control(), &stop] {
        std::array<pollfd, 2> watched = {{{done_.fd(), POLLIN, 0}, {control, POLLRDHUP, 0}}};
        while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
        }
        if (watched[1].revents != 0) stop.request();
      }) {}

SupervisorWatch::~SupervisorWatch() {
  done_.request();
  thread_.join();
}

}  // namespace mayfly::supervisor
