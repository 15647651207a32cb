#include "supervisor/app_process.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/error.h"
#include "base/spawn.h"
#include "supervisor/app_link.h"
#include "supervisor/key_message.h"

namespace mayfly::supervisor {
namespace {

constexpr std::chrono::milliseconds kShortestBackoff{100}, kLongestBackoff{10'000};
/// An app that has served for so long has not died of its start.
constexpr std::chrono::seconds kGoodLife{10};

}  // namespace

AppProcess::AppProcess(const Services& services, AppSpec spec)
    : services_(services),
      spec_(std::move(spec)),
      restart_timer_(services.loop.timers(), [this] { start_again(); }),
      backoff_(kShortestBackoff) {}

void AppProcess::start() {
  http::ConnectionChannel control = http::ConnectionChannel::make();
  const UniqueFd settings = settings_file(spec_.settings);
  AppLinkNumbers numbers{.supervisor = ::getpid(), .control = control.out.get(), .settings = settings.get()};
  std::vector<UniqueFd> theirs;
  if (services_.answer_key) numbers.keys = open_keys(theirs);
  std::vector<http::ConnectionChannel> channels;
  for (unsigned i = 0; i < spec_.threads; ++i) {
    channels.push_back(http::ConnectionChannel::make());
    numbers.channels.push_back(channels.back().out.get());
  }
  SpawnRequest request{.executable = services_.launch.executable,
                       .arguments = {"mayfly", "app", spec_.name},
                       .environment = services_.launch.environment,
                       .signal_mask = services_.launch.signal_mask,
                       .descriptors = numbers.channels,
                       .own_group = true,
                       .reads_nothing = true};
  request.descriptors.push_back(numbers.control);
  request.descriptors.push_back(numbers.settings);
  if (numbers.keys != 0) request.descriptors.push_back(numbers.keys);
  request.environment.push_back(app_link_variable(numbers));
  pid_ = spawn(request);
  UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!process) {
    const int error = errno;
    kill();
    throw SystemError(fmt::format("pidfd_open({})", pid_), error);
  }
  loop::EventLoop& loop = services_.loop;
  process_ = std::make_unique<DescriptorWatch>(loop, std::move(process), EPOLLIN, [this] { reap(); });
  control_ = std::make_unique<DescriptorWatch>(loop, std::move(control.in), EPOLLIN | EPOLLET, [this] { hear(); });
  for (http::ConnectionChannel& channel : channels) {
    channels_.push_back(std::make_unique<DescriptorWatch>(loop, std::move(channel.in), EPOLLOUT | EPOLLET,
                                                          [this] { services_.on_room(*this); }));
  }
}

/// @param theirs keeps the app's end until it has been started @return its number
int AppProcess::open_keys(std::vector<UniqueFd>& theirs) {
  http::ConnectionChannel keys = http::ConnectionChannel::make();
  keys_ = std::make_unique<DescriptorWatch>(services_.loop, std::move(keys.in), EPOLLIN, [this] { answer_key(); });
  return theirs.emplace_back(std::move(keys.out)).get();
}

http::PassResult AppProcess::pass(int connection, bool tls) {
  if (!ready_) return http::PassResult::gone;
  http::PassResult result = http::PassResult::gone;
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    const int channel = channels_[next_channel_]->fd();
    next_channel_ = (next_channel_ + 1) % channels_.size();
    const http::PassResult one = http::pass_connection(channel, connection, tls);
    if (one == http::PassResult::passed) return one;
    if (one == http::PassResult::full) result = one;
  }
  return result;
}

void AppProcess::signal(int number) const {
  if (ready_) ::kill(pid_, number);
}

void AppProcess::stop() {
  stopping_ = true;
  restart_timer_.disarm();
  if (is_running()) ::kill(pid_, SIGTERM);
}

void AppProcess::kill() const {
  if (is_running()) ::kill(pid_, SIGKILL);
}

/// The app says one thing, once. One that says anything else is not what was started.
void AppProcess::hear() {
  std::array<char, kReadyWord.size() + 1> word{};
  const ssize_t size = ::recv(control_->fd(), word.data(), word.size(), MSG_DONTWAIT);
  if (size <= 0) return;  // its end is seen by its process
  if (ready_ || std::string_view(word.data(), static_cast<std::size_t>(size)) != kReadyWord) {
    services_.log.error("{}: the app's process (pid {}) does not keep to its part: it is killed", name(), pid_);
    return kill();
  }
  ready_ = was_ready_ = true;
  ready_at_ = services_.loop.now();
  services_.on_ready(*this);
}

/// One question in a turn of the loop, so that an app that asks without end holds up nobody else.
void AppProcess::answer_key() {
  std::array<char, kMaxKeyQuestionBytes> bytes{};
  const ssize_t size = ::recv(keys_->fd(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size < 0) return;
  if (size == 0) return keys_.reset();  // the process is ending
  const std::string answer = services_.answer_key({bytes.data(), static_cast<std::size_t>(size)});
  // One that does not read its answers goes without.
  if (!answer.empty()) ::send(keys_->fd(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void AppProcess::reap() {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return;
  const pid_t pid = std::exchange(pid_, -1);
  if (ready_ && services_.loop.now() - ready_at_ >= kGoodLife) backoff_ = kShortestBackoff;
  ready_ = false;
  channels_.clear();
  next_channel_ = 0;
  control_.reset();
  keys_.reset();
  process_.reset();
  const std::string ending = describe_wait_status(status);
  if (stopping_) {
    services_.log.debug("{}: the app's process (pid {}) {}", name(), pid, ending);
  } else if (!was_ready_) {
    services_.log.error("{}: the app did not start: its process {}; what it said is above", name(), ending);
  } else {
    services_.log.error("{}: the app's process (pid {}) {}; it is started again in {} ms", name(), pid, ending,
                        backoff_.count());
    restart_timer_.arm(services_.loop.now() + backoff_);
    backoff_ = std::min(backoff_ * 2, kLongestBackoff);
  }
  services_.on_end(*this);
}

void AppProcess::start_again() {
  try {
    start();
  } catch (const Error& error) {
    services_.log.error("{}: the app's process cannot be started: {}; next try in {} ms", name(), error.what(),
                        backoff_.count());
    restart_timer_.arm(services_.loop.now() + backoff_);
    backoff_ = std::min(backoff_ * 2, kLongestBackoff);
  }
}

}  // namespace mayfly::supervisor
