// A program served: boots it, warms it up, freezes it, and answers requests from the snapshot until told to stop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <spdlog/logger.h>

#include "backend/settings.h"
#include "host/file_service.h"
#include "http/endpoint.h"
#include "http/options.h"
#include "http/stats.h"
#include "machine/boot.h"
#include "machine/machine.h"
#include "net/refusal_log.h"
#include "server/access_log.h"
#include "server/control.h"
#include "server/inheritance.h"
#include "server/machine_pool.h"
#include "server/successor.h"
#include "server/warm_up.h"

namespace mayfly::server {

struct ServerOptions {
  std::vector<http::Endpoint> listen;
  std::optional<http::Endpoint> admin;  ///< none: no admin interface
  http::Options http;
  machine::Limits limits;
  machine::BootOptions boot;
  WarmUpOptions warm_up;
  bool listen_late = false;  ///< take the addresses only once the program listens: it may be a command that never does
  unsigned threads = 1;
  unsigned machines = 1;  ///< in all, at least one per thread
  std::chrono::microseconds time_slice{2000};
  std::chrono::milliseconds linger{};  ///< see MachineSource
  unsigned audit_interval = 0;
  std::optional<std::chrono::milliseconds> refresh_interval;  ///< from one snapshot to the next; none: only on demand
  /// In place of boot.timeout when the program starts once more: it is known to listen by then.
  std::chrono::milliseconds refresh_boot_timeout{60'000};
  std::vector<std::string> watched;  ///< files and folders that make up the app, to refresh by: see AppWatch
  machine::OutboundServices* outbound = nullptr;  ///< outlives serve(); null: programs reach nothing outside
  AccessLog* access_log = nullptr;                ///< outlives serve(); null: none
  backend::Settings backends;                     ///< without targets there are none
  Inheritance* inheritance = nullptr;             ///< of a process that this one replaces; outlives serve()
  std::optional<RestartCommand> restart;          ///< none: there is no hot restart
  /// Of clients that another process accepts, one per thread (http::ConnectionChannel); outlives serve(). Empty: none
  std::span<const UniqueFd> channels;
  std::vector<std::string> reached_at;  ///< with channels: where, for people
};

/// What starting up took and gave.
struct StartReport {
  std::vector<std::string> addresses;  ///< "tls:" before those with TLS
  std::chrono::nanoseconds boot{}, warm_up{}, freeze{};
  unsigned warm_up_requests = 0;
  std::uint64_t snapshot_bytes = 0;
  bool keeps_connection = false;  ///< frozen on a kept-alive connection, else waiting in accept
  std::uint16_t guest_port = 0;
};

struct ServerEvents {
  machine::MachineListener& listener;  ///< thread-safe
  spdlog::logger& log;                 ///< thread-safe
  net::RefusalLog& backend_failures;   ///< thread-safe
  std::function<void(const StartReport&)> on_start{};
  std::function<void(const RequestCost&)> on_cost{};  ///< may be empty; thread-safe
  /// The program has started once more, or failed to, and says nothing further of it. May be empty; called on any
  /// thread.
  std::function<void()> on_refresh_over{};
};

struct ServerTotals {
  machine::MachineStats machines;
  std::uint64_t requests = 0;
  std::uint64_t client_syscalls = 0;
  std::optional<std::string> audit_failure;
};

struct ServeResult {
  std::optional<machine::Ending> ended;  ///< the program ended before it listened, as a command does
  ServerTotals totals;
};

/// Gives the files that a program sees, as they are now, with nothing open; each start has its own. Thread-safe. What
/// it throws ends the start.
using FileSource = std::function<host::FileService()>;

/// Boots and serves until `control.stop` is requested, or a worker fails, which requests it, or until a process that
/// `control.restart` has started serves in its place. Refreshes that are asked
/// for before the first snapshot come after it. Throws Error if the program cannot be started, an address cannot be
/// had, or KVM fails.
[[nodiscard]] ServeResult serve(const machine::Program& program, const ServerOptions& options, const FileSource& files,
                                const ServerEvents& events, ServerControl& control);

}  // namespace mayfly::server
