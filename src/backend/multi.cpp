#include "backend/multi.h"

#include <sys/epoll.h>

#include "base/error.h"

namespace mayfly::backend {
namespace {

/// Connections that are kept alive, of all backends together.
constexpr long kIdleConnections = 64;

CURLM* make_handle() {
  static const CURLcode ready = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* handle = ready == CURLE_OK ? ::curl_multi_init() : nullptr;
  if (handle == nullptr) throw Error("libcurl, which asks backends, cannot be initialised");
  return handle;
}

std::uint32_t to_epoll(int what) {
  std::uint32_t events = 0;
  if ((what & CURL_POLL_IN) != 0) events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) events |= EPOLLOUT;
  return events;
}

int from_epoll(std::uint32_t events) {
  int result = 0;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP)) != 0) result |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) result |= CURL_CSELECT_OUT;
  if ((events & EPOLLERR) != 0) result |= CURL_CSELECT_ERR;
  return result;
}

}  // namespace

/// A socket that libcurl waits for. Owned by libcurl's entry of the socket.
class Multi::Watch final : public loop::EventHandler {
 public:
  Watch(Multi& multi, curl_socket_t fd) : multi_(multi), fd_(fd) {}
  void on_events(std::uint32_t events) override { multi_.act(fd_, from_epoll(events)); }  // may destroy this

 private:
  Multi& multi_;
  curl_socket_t fd_;
};

Multi::Multi(loop::EventLoop& loop)
    : loop_(loop),
      timer_(loop.timers(), [this] { act(CURL_SOCKET_TIMEOUT, 0); }),
      handle_(make_handle(), &::curl_multi_cleanup) {
  ::curl_multi_setopt(handle_.get(), CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
  ::curl_multi_setopt(handle_.get(), CURLMOPT_SOCKETDATA, this);
  ::curl_multi_setopt(handle_.get(), CURLMOPT_TIMERFUNCTION, &Multi::on_timeout);
  ::curl_multi_setopt(handle_.get(), CURLMOPT_TIMERDATA, this);
  ::curl_multi_setopt(handle_.get(), CURLMOPT_MAXCONNECTS, kIdleConnections);
  ::curl_multi_setopt(handle_.get(), CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

Multi::~Multi() = default;

void Multi::start(CURL* easy) {
  const CURLMcode result = ::curl_multi_add_handle(handle_.get(), easy);
  if (result != CURLM_OK) throw Error("a request to a backend cannot be made: {}", ::curl_multi_strerror(result));
  // libcurl asks for a timer that is due at once: this saves the wait for it.
  act(CURL_SOCKET_TIMEOUT, 0);
}

void Multi::cancel(CURL* easy) noexcept {
  ::curl_multi_remove_handle(handle_.get(), easy);
}

void Multi::pause(CURL* easy, int directions) {
  ::curl_easy_pause(easy, directions);
  tell();
}

void Multi::touch(Client& client) {
  if (!client.linked()) touched_.push_back(client);
}

int Multi::on_socket(CURL*, curl_socket_t fd, int what, void* multi, void* watch) {
  try {
    static_cast<Multi*>(multi)->watch(fd, what, static_cast<Watch*>(watch));
  } catch (const std::exception&) {
    return -1;  // breaks off what libcurl is about
  }
  return 0;
}

void Multi::watch(curl_socket_t fd, int what, Watch* watch) {
  if (what != CURL_POLL_REMOVE) {
    if (watch != nullptr) return loop_.rewatch(fd, to_epoll(what), *watch);
    auto fresh = std::make_unique<Watch>(*this, fd);
    loop_.watch(fd, to_epoll(what), *fresh);
    ::curl_multi_assign(handle_.get(), fd, fresh.release());
    return;
  }
  const std::unique_ptr<Watch> gone(watch);
  if (watch == nullptr) return;
  ::curl_multi_assign(handle_.get(), fd, nullptr);
  loop_.forget(*watch);
  loop_.unwatch(fd);
}

int Multi::on_timeout(CURLM*, long timeout_ms, void* multi) {
  auto& self = *static_cast<Multi*>(multi);
  if (timeout_ms < 0) {
    self.timer_.disarm();
  } else {
    self.timer_.arm(loop::Clock::now() + std::chrono::milliseconds(timeout_ms));
  }
  return 0;
}

void Multi::act(curl_socket_t fd, int events) {
  int running = 0;
  ::curl_multi_socket_action(handle_.get(), fd, events, &running);
  tell();
}

void Multi::tell() {
  if (telling_) return;
  telling_ = true;
  take_results();
  while (!touched_.empty()) {
    Client& client = touched_.front();
    client.unlink();
    client.progressed();
    take_results();
  }
  telling_ = false;
}

void Multi::take_results() {
  int left = 0;
  while (const CURLMsg* message = ::curl_multi_info_read(handle_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode result = message->data.result;
    Client* client = nullptr;
    ::curl_easy_getinfo(easy, CURLINFO_PRIVATE, &client);
    client->ended(result);
    ::curl_multi_remove_handle(handle_.get(), easy);
    touch(*client);
  }
}

}  // namespace mayfly::backend
