// A worker on a thread of its own, with fake machines behind it.
#pragma once

#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "http/listener.h"
#include "http/passed_connection.h"
#include "http/testing/fake_upstream.h"
#include "http/testing/programs.h"
#include "http/testing/test_client.h"
#include "http/worker.h"

namespace mayfly::http::testing {

class WorkerTest : public ::testing::Test {
 protected:
  void TearDown() override { stop(); }

  /// Serves with the options and the program as the test has set them up to then.
  void start(const std::string& endpoint = "127.0.0.1:0") {
    listener_.emplace(Endpoint::parse(endpoint), 1);
    pool_.emplace(program_, machines_, figures_);
    pool_->set_capacities(in_capacity_, out_capacity_);
    std::vector<ListeningSocket> sockets = listener_->take();
    if (channel_.out) sockets.push_back({.fd = std::move(channel_.out), .is_channel = true});
    listener_->close();
    loop_.emplace(stats_.client_syscalls, options_.spin);
    worker_.emplace(options_, WorkerParts{*loop_, *pool_, stats_, log_, ids_}, std::move(sockets));
    thread_ = std::thread([this] { worker_->run(stop_, retirement_); });
  }
  /// Until it is unset, machines are busy before they answer as demo_program does; before start().
  void hold_machines() {
    held_ = true;
    program_ = [this](Wire& wire) -> Script {
      while (held_) co_yield Progress::yielded;
      Script demo = demo_program(wire);
      while (!demo.done()) co_yield demo.resume();
    };
  }
  /// Others serve new clients from now on.
  void retire() { retirement_.request(); }
  /// Waits for the worker's orderly end.
  void stop() {
    stop_.request();
    join();
  }
  /// Waits until the worker ends by itself.
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] std::uint64_t spins() const { return loop_->spins().get(); }
  [[nodiscard]] const std::string& address() const { return listener_->address(); }
  /// What was logged; only once the worker has stopped.
  [[nodiscard]] std::string log_text() const { return log_stream_.str(); }

  /// Whether `condition` comes true before patience is lost.
  static bool eventually(const std::function<bool()>& condition) {
    const auto deadline = loop::Clock::now() + kPatience;
    while (!condition()) {
      if (loop::Clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  std::atomic<bool> held_ = false;
  Options options_;
  Program program_ = demo_program;
  int machines_ = 1;
  std::size_t in_capacity_ = 64 * 1024;
  std::size_t out_capacity_ = 256 * 1024;
  ConnectionChannel channel_;  ///< if the test makes one before start(), clients may also come by it
  FakePoolFigures figures_;
  Stats stats_;

 private:
  std::ostringstream log_stream_;
  spdlog::logger log_{"test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_stream_)};
  std::atomic<std::uint64_t> ids_{1};
  StopSignal stop_, retirement_;
  std::optional<Listener> listener_;
  std::optional<FakePool> pool_;
  std::optional<loop::EventLoop> loop_;
  std::optional<Worker> worker_;
  std::thread thread_;
};

}  // namespace mayfly::http::testing
