#include "server/app_watch.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace mayfly::server {

class AppWatch::Listener final : public host::PathListener {
 public:
  explicit Listener(AppWatch& watch) : watch_(watch) {}

  void looked_at(std::string_view path) override {
    if (!watch_.is_of_app(path)) return;
    if (const int error = watch_.paths_.add(path); error != 0) watch_.complain(path, error);
  }
  void opened_directory(std::string_view path) override {
    if (!watch_.is_of_app(path)) return;
    if (const int error = watch_.paths_.add_listing(path); error != 0) watch_.complain(path, error);
  }

 private:
  AppWatch& watch_;
};

AppWatch::AppWatch(std::vector<std::string> files, std::function<void()> on_change, spdlog::logger& log)
    : files_(std::move(files)),
      on_change_(std::move(on_change)),
      log_(log),
      listener_(std::make_shared<Listener>(*this)),
      thread_([this] { run(); }) {}

AppWatch::~AppWatch() {
  done_.request();
  thread_.join();
}

std::shared_ptr<host::PathListener> AppWatch::begin_start() {
  paths_.begin_round();
  // Without them there is no start that would look at anything.
  for (const std::string& file : files_) listener_->looked_at(file);
  return listener_;
}

bool AppWatch::is_of_app(std::string_view path) const {
  return std::ranges::any_of(files_, [path](const std::string& file) {
    return path.starts_with(file) && (path.size() == file.size() || path[file.size()] == '/' || file == "/");
  });
}

void AppWatch::complain(std::string_view path, int error) {
  if (complained_.exchange(true)) return;
  const std::string next =
      error == ENOSPC ? fmt::format(": the program looks at more than {} paths, or fs.inotify.max_user_watches is low",
                                    WatchedPaths::kMaxPaths)
                      : "";
  log_.warn("changes of {} will not be seen (--watch): {}{}", path, std::generic_category().message(error), next);
}

void AppWatch::run() {
  while (wait()) {
    const WatchedPaths::Changes changes = paths_.take_changes();
    const Clock::time_point now = Clock::now();
    if (changes.events > 0) {
      if (changes_ == 0) burst_began_ = now;
      last_change_ = now;
      note(changes);
    }
    if (changes_ == 0 || (now < last_change_ + kQuiet && now < burst_began_ + kLongestBurst)) continue;
    if (first_change_.empty()) {
      log_.info("files have changed, too many to tell which");
    } else {
      log_.info("{} has changed", first_change_);
    }
    changes_ = 0;
    on_change_();
  }
}

bool AppWatch::wait() const {
  std::array<pollfd, 2> watched = {pollfd{done_.fd(), POLLIN, 0}, pollfd{paths_.fd(), POLLIN, 0}};
  int timeout_ms = -1;
  if (changes_ > 0) {
    const auto left = std::min(last_change_ + kQuiet, burst_began_ + kLongestBurst) - Clock::now();
    timeout_ms =
        static_cast<int>(std::max<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(left).count(), 0));
  }
  while (::poll(watched.data(), watched.size(), timeout_ms) < 0 && errno == EINTR) {
  }
  return watched[0].revents == 0;
}

void AppWatch::note(const WatchedPaths::Changes& changes) {
  if (changes_ == 0) first_change_ = changes.first;
  changes_ += changes.events;
}

}  // namespace mayfly::server
