// Machines without a machine: scripted programs behind small channels.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/testing/script.h"
#include "http/upstream.h"

namespace mayfly::http::testing {

/// The program's end of its connection.
struct Wire {
  std::size_t in_capacity = 64 * 1024;
  std::size_t out_capacity = 256 * 1024;
  std::string in;       ///< what the program can read
  std::string out;      ///< what it has written
  bool eof = false;     ///< no more input comes
  bool closed = false;  ///< the program has closed the connection
  std::string failure;  ///< to be set before yielding Progress::failed
  std::optional<loop::Clock::time_point> wake_at;
  bool waits_for_outside = false;
  std::function<void()> on_ready;  ///< to be called on the worker's thread

  /// Writes what there is room for and removes it from `text`. @return whether that was all
  bool write(std::string_view& text);
};

using Program = std::function<Script(Wire&)>;

/// What the tests look at; written by the worker's thread, read by any.
struct FakePoolFigures {
  std::atomic<int> leased{0};
  std::atomic<int> acquired{0};
  std::atomic<int> runs{0};
  std::atomic<int> kept{0};
  std::atomic<bool> throws{false};  ///< set by a test: no machine can be had, and the pool says so by an exception
  std::mutex mutex;
  std::vector<Ending> endings;         ///< guarded by `mutex`
  std::vector<RequestInfo> requests;   ///< guarded by `mutex`
  std::function<void()> on_run;        ///< set before the worker starts; called on its thread
  std::function<void()> on_give_back;  ///< likewise
};

/// Lends out up to `machines` fresh machines at a time: giving one back is its reset.
class FakePool final : public UpstreamPool {
 public:
  FakePool(Program program, int machines, FakePoolFigures& figures)
      : program_(std::move(program)), machines_(machines), figures_(figures) {}

  std::unique_ptr<Upstream> try_acquire(const RequestInfo& request) override;
  void set_on_free(std::function<void()> on_free) override { on_free_ = std::move(on_free); }
  /// For machines leased from now on.
  void set_capacities(std::size_t in_bytes, std::size_t out_bytes) {
    in_capacity_ = in_bytes;
    out_capacity_ = out_bytes;
  }

 private:
  friend class FakeUpstream;
  void give_back(Ending ending);

  Program program_;
  int machines_;
  FakePoolFigures& figures_;
  std::function<void()> on_free_;
  std::size_t in_capacity_ = 64 * 1024;
  std::size_t out_capacity_ = 256 * 1024;
};

}  // namespace mayfly::http::testing
