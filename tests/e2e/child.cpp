#include "child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

#include "base/error.h"

namespace mayfly::e2e {
namespace {

struct Pipe {
  UniqueFd reading, writing;

  Pipe() {
    std::array<int, 2> ends{};
    check(::pipe2(ends.data(), O_CLOEXEC), "pipe2()");
    reading = UniqueFd(ends[0]);
    writing = UniqueFd(ends[1]);
  }
};

std::vector<char*> pointers(const Strings& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (const std::string& string : strings) result.push_back(const_cast<char*>(string.c_str()));
  result.push_back(nullptr);
  return result;
}

[[noreturn]] void become(const Start& start, const std::array<int, 3>& streams, char* const* argv, char* const* envp) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is itself killed leaves nothing behind
  for (int fd = 0; fd < 3; ++fd) ::dup2(streams[static_cast<std::size_t>(fd)], fd);
  if (::chdir(start.folder.c_str()) == 0) ::execve(argv[0], argv, envp);
  ::_exit(127);
}

}  // namespace

Child::Child(const Start& start) {
  Pipe in, out, err;
  const std::vector<char*> argv = pointers(start.command);
  const std::vector<char*> envp = pointers(start.environment);
  pid_ = check(::fork(), "fork()");
  if (pid_ == 0) become(start, {in.reading.get(), out.writing.get(), err.writing.get()}, argv.data(), envp.data());
  process_ = UniqueFd(static_cast<int>(check(::syscall(SYS_pidfd_open, pid_, 0), "pidfd_open({})", pid_)));
  in_ = std::move(in.writing);
  out_ = std::move(out.reading);
  err_ = std::move(err.reading);
  reader_ = std::thread([this] { read_output(); });
  write_input(start.input);
  in_.reset();
}

Child::~Child() {
  if (!reaped_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  reader_.join();
}

/// Whoever reads no input, or no more of it, need not get it.
void Child::write_input(std::string_view input) const {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  while (!input.empty()) {
    const ssize_t written = ::write(in_.get(), input.data(), input.size());
    if (written <= 0) break;
    input.remove_prefix(static_cast<std::size_t>(written));
  }
  ::sigaction(SIGPIPE, &before, nullptr);
}

void Child::read_output() {
  std::array<pollfd, 2> fds = {{{out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}}};
  const std::array<std::string*, 2> texts = {&out_text_, &err_text_};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (::poll(fds.data(), fds.size(), -1) < 0) continue;
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      std::array<char, 16384> buffer;
      const ssize_t bytes = ::read(fds[i].fd, buffer.data(), buffer.size());
      const std::lock_guard lock(mutex_);
      if (bytes > 0) texts[i]->append(buffer.data(), static_cast<std::size_t>(bytes));
      if (bytes <= 0) fds[i].fd = -1;
      changed_.notify_all();
    }
  }
  const std::lock_guard lock(mutex_);
  output_ended_ = true;
  changed_.notify_all();
}

std::string Child::wait_for_line(std::string_view text) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::unique_lock lock(mutex_);
  for (;;) {
    const std::size_t found = err_text_.find(text);
    const std::size_t end = found == std::string::npos ? found : err_text_.find('\n', found);
    if (end != std::string::npos) {
      const std::size_t newline = err_text_.rfind('\n', found);
      const std::size_t begin = newline == std::string::npos ? 0 : newline + 1;
      return err_text_.substr(begin, end - begin);
    }
    if (output_ended_) return "";
    if (changed_.wait_until(lock, deadline) == std::cv_status::timeout) {
      throw std::runtime_error("no \"" + std::string(text) + "\" in time on stderr, which says:\n" + err_text_);
    }
  }
}

int Child::wait() {
  if (reaped_) return status_;
  pollfd ended{process_.get(), POLLIN, 0};
  const int patience_ms = static_cast<int>(std::chrono::milliseconds(kPatience).count());
  if (::poll(&ended, 1, patience_ms) != 1) throw std::runtime_error("the program does not end; it said:\n" + err());
  int status = 0;
  check(::waitpid(pid_, &status, 0), "waitpid({})", pid_);
  reaped_ = true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [this] { return output_ended_; })) {
    throw std::runtime_error("the program left somebody behind who holds its output; it said:\n" + err_text_);
  }
  return status_;
}

bool Child::has_ended() const {
  pollfd ended{process_.get(), POLLIN, 0};
  return reaped_ || ::poll(&ended, 1, 0) == 1;
}

void Child::signal(int number) const {
  check(::kill(pid_, number), "kill({})", pid_);
}

std::string Child::out() const {
  const std::lock_guard lock(mutex_);
  return out_text_;
}

std::string Child::err() const {
  const std::lock_guard lock(mutex_);
  return err_text_;
}

Outcome run(const Start& start) {
  Child child(start);
  const int status = child.wait();
  return {status, child.out(), child.err()};
}

}  // namespace mayfly::e2e
