#include "server/access_log.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace mayfly::server {
namespace {

/// Records gather for so long before they are written.
constexpr int kGatherMs = 50;
/// Lines that are written together.
constexpr std::size_t kBatchBytes = 64 * 1024;
/// For which a reader that takes nothing can hold up the end.
constexpr int kFarewellMs = 1000;

}  // namespace

AccessLog::AccessLog(AccessLogOptions options, EventSignal& reopen, spdlog::logger& log)
    : options_(std::move(options)), reopen_(reopen), log_(log) {
  open();
  thread_ = std::thread([this] { run(); });
}

AccessLog::~AccessLog() {
  stopping_ = true;
  event_.raise();
  thread_.join();
}

http::AccessLog AccessLog::way_in() {
  const std::lock_guard lock(mutex_);
  ways_in_.push_back(std::make_unique<WayIn>());
  return [this, way_in = ways_in_.back().get()](const http::AccessRecord& record) { put(*way_in, record); };
}

std::uint64_t AccessLog::dropped() const {
  std::uint64_t sum = lost_.get();
  for (const WayIn* way_in : ways_in()) sum += way_in->dropped.get();
  return sum;
}

void AccessLog::put(WayIn& way_in, const http::AccessRecord& record) noexcept {
  if (!way_in.ring.push(record)) way_in.dropped.add();
  const Waiting waiting = waiting_.load();
  if (waiting == Waiting::records || (waiting == Waiting::time && way_in.ring.half_full())) wake();
}

void AccessLog::wake() noexcept {
  // One of several is enough: it costs a system call.
  if (waiting_.exchange(Waiting::nothing) != Waiting::nothing) event_.raise();
}

std::vector<AccessLog::WayIn*> AccessLog::ways_in() const {
  const std::lock_guard lock(mutex_);
  std::vector<WayIn*> all;
  for (const auto& way_in : ways_in_) all.push_back(way_in.get());
  return all;
}

void AccessLog::run() {
  for (bool last = false; !last;) {
    last = stopping_;
    if (reopen_.take()) open_anew();
    const bool any = take_records();
    if (!last) wait(!any);
  }
}

bool AccessLog::take_records() {
  bool any = false;
  http::AccessRecord record;
  for (WayIn* way_in : ways_in()) {
    while (way_in->ring.pop(record)) {
      any = true;
      lines_ += format_access(record, options_.format);
      ++line_count_;
      if (lines_.size() >= kBatchBytes) write_lines();
    }
  }
  write_lines();
  return any;
}

/// @param for_records else for more of them to gather
void AccessLog::wait(bool for_records) {
  waiting_ = for_records ? Waiting::records : Waiting::time;
  const auto all = ways_in();
  // Whoever has put a record in before it could see that somebody waits has woken nobody.
  const bool missed = for_records && !std::all_of(all.begin(), all.end(), [](WayIn* one) { return one->ring.empty(); });
  if (!missed) {
    pollfd watched[] = {{event_.fd(), POLLIN, 0}, {reopen_.fd(), POLLIN, 0}};
    ::poll(watched, std::size(watched), for_records ? -1 : kGatherMs);
  }
  waiting_ = Waiting::nothing;
  event_.take();
}

void AccessLog::open() {
  if (options_.path == "-") return;
  UniqueFd file(::open(options_.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_CLOEXEC, 0640));
  if (!file) {
    throw Error("the access log {} cannot be opened: {}; see --access-log", options_.path, std::strerror(errno));
  }
  file_ = std::move(file);
}

void AccessLog::open_anew() {
  try {
    open();
  } catch (const Error& error) {
    log_.error("{}; lines go on to where they went", error.what());
  }
}

void AccessLog::write_lines() {
  if (lines_.empty()) return;
  // At the end a reader that takes nothing is waited for once.
  const bool given_up = failing_ && stopping_;
  const bool written = !given_up && write_bytes(lines_);
  (written ? written_ : lost_).add(line_count_);
  if (!written && !failing_) {
    log_.error("the access log {} cannot be written: {}; lines are lost, and counted, until it can", options_.path,
               std::strerror(errno));
  }
  if (written && failing_) log_.info("the access log {} can be written again", options_.path);
  failing_ = !written;
  lines_.clear();
  line_count_ = 0;
}

/// @return false with errno set if not all could be written
bool AccessLog::write_bytes(std::string_view bytes) {
  const int fd = file_ ? file_.get() : STDOUT_FILENO;
  while (!bytes.empty()) {
    // A pipe that has room takes as much without blocking (pipe(7)), and so the end of this thread can be asked for.
    if (!wait_for_room()) return false;
    const ssize_t written = ::write(fd, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool AccessLog::wait_for_room() const {
  pollfd out{file_ ? file_.get() : STDOUT_FILENO, POLLOUT, 0};
  for (int waited_ms = 0; ::poll(&out, 1, kGatherMs) <= 0;) {
    if (stopping_ && (waited_ms += kGatherMs) > kFarewellMs) {
      errno = ETIMEDOUT;
      return false;
    }
  }
  return true;
}

}  // namespace mayfly::server
