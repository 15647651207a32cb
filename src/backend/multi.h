// libcurl's transfers on an event loop.
#pragma once

#include <curl/curl.h>

#include <memory>

#include "loop/event_loop.h"

namespace mayfly::backend {

/// One per thread, on its loop. All transfers share its connections, which it keeps alive. libcurl must not be called
/// from within its own callbacks, so these only take notes (`touch`), and whoever is concerned hears of it afterwards.
class Multi {
 public:
  /// A transfer's owner. Not to be destroyed while its handle is added.
  class Client : public loop::ListLink {
   public:
    virtual ~Client() = default;
    /// The transfer is over, and its handle has been removed. More is to be done in `progressed`, which comes next.
    virtual void ended(CURLcode result) = 0;
    /// After `touch` or `ended`. May do anything, destroy this included.
    virtual void progressed() = 0;
  };

  /// Throws Error. @param loop outlives this
  explicit Multi(loop::EventLoop& loop);
  /// All transfers are gone by then.
  ~Multi();
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  /// Starts a transfer, and does what can be done of it at once. Throws Error.
  /// @param easy set up, and CURLOPT_PRIVATE is its `Client*`
  void start(CURL* easy);
  /// Breaks off a transfer that has not ended. Not to be called within libcurl's callbacks.
  void cancel(CURL* easy) noexcept;
  /// As curl_easy_pause: what goes on is delivered before this returns, or by the loop.
  void pause(CURL* easy, int directions);
  /// For libcurl's callbacks: `client` is to be told.
  void touch(Client& client);

  [[nodiscard]] loop::EventLoop& loop() noexcept { return loop_; }

 private:
  class Watch;

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* multi, void* watch);
  static int on_timeout(CURLM* handle, long timeout_ms, void* multi);
  void watch(curl_socket_t fd, int what, Watch* watch);
  void act(curl_socket_t fd, int events);
  void tell();
  void take_results();

  loop::EventLoop& loop_;
  loop::Timer timer_;
  loop::IntrusiveList<Client> touched_;
  bool telling_ = false;
  std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> handle_;  // last: its end calls back
};

}  // namespace mayfly::backend
