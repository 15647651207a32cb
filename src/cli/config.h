// Everything that can be said to Mayfly, parsed and checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backend/target.h"
#include "cli/proxy_peer.h"
#include "http/endpoint.h"
#include "http/options.h"
#include "net/limits.h"
#include "trace/filter.h"

namespace mayfly::cli {

enum class AccessLogFormat { text, json };

enum class StatsFormat { off, text, json };

/// In rising order: each level lets through what the following ones do.
enum class LogLevel { trace, debug, info, warn, error, off };

/// One variable of the program's environment. Without a value it is passed on from Mayfly's own environment.
struct Variable {
  std::string name;
  std::optional<std::string> value;
};

/// A folder or file of the host that the program sees at another place.
struct Volume {
  std::filesystem::path host;
  std::filesystem::path guest;
  bool writable = false;
};

/// The effective configuration of a command. Members carry the names of their options, with units; docs/options.md
/// describes them. Paths are absolute. Written by Settings, then read-only and shared freely.
struct Config {
  // HTTP
  std::vector<http::Endpoint> listen;
  std::optional<std::filesystem::path> tls_cert;
  std::optional<std::filesystem::path> tls_key;
  std::optional<http::Endpoint> admin;
  http::Isolation isolation = http::Isolation::request;
  std::vector<ProxyPeer> proxy_peers;
  std::optional<std::filesystem::path> pid_file;
  bool tcp = false;           ///< no HTTP
  unsigned max_upgrades = 0;  ///< per thread
  std::chrono::milliseconds upgrade_timeout{};
  std::chrono::microseconds spin{};
  bool request_id = true;
  bool trust_request_id = false;
  bool server_timing = false;
  bool http2 = true;

  // Limits
  std::uint64_t max_request_line_bytes = 0;
  std::uint64_t max_header_bytes = 0;
  unsigned max_header_fields = 0;
  std::uint64_t max_body_bytes = 0;
  std::uint64_t max_response_bytes = 0;  ///< 0: no limit
  unsigned max_connections = 0;          ///< per thread
  std::uint64_t min_client_rate = 0;     ///< bytes per second
  unsigned max_queue = 0;                ///< per thread
  std::chrono::milliseconds header_timeout{};
  std::chrono::milliseconds body_timeout{};
  std::chrono::milliseconds request_timeout{};
  std::chrono::milliseconds send_timeout{};
  std::chrono::milliseconds keep_alive_timeout{};
  std::chrono::milliseconds drain_timeout{};
  std::chrono::milliseconds linger{};

  // Machine
  unsigned threads = 0;
  unsigned vms = 0;  ///< in all, at least one per thread
  std::uint64_t memory_bytes = 0;
  std::uint64_t request_memory_bytes = 0;
  std::optional<std::chrono::milliseconds> boot_timeout;
  std::chrono::microseconds time_slice{};
  std::optional<unsigned> warmup_requests;
  std::vector<std::string> warmup_paths;                      ///< taken in turn
  unsigned audit_interval = 0;                                ///< resets per audit; 0 for none
  std::optional<std::chrono::milliseconds> refresh_interval;  ///< none: never

  // Program
  std::string runtime;                                    ///< "auto", "deno", "node", "bun", or a path
  std::optional<std::vector<std::string>> runtime_flags;  ///< instead of the runtime's usual ones
  bool command = false;                                   ///< runs to its end, whatever it listens on
  std::vector<Variable> env;
  std::optional<std::filesystem::path> env_file;
  std::optional<std::filesystem::path> cwd;
  std::vector<std::filesystem::path> allow_read;
  std::vector<Volume> volumes;
  bool watch = false;

  // Network
  std::vector<std::string> allow_net;  ///< rules of net::Policy, which have been parsed once
  net::Limits net;
  std::vector<backend::Target> backends;
  std::chrono::milliseconds backend_timeout{};
  std::optional<std::filesystem::path> backend_ca;
  unsigned self_depth = 0;

  // Output
  std::optional<std::string> access_log;  ///< "-": stdout
  AccessLogFormat access_log_format = AccessLogFormat::text;
  StatsFormat stats = StatsFormat::off;
  bool verbose = false;
  LogLevel log_level = LogLevel::info;
  bool json = false;                   ///< doctor's report
  std::optional<trace::Filter> trace;  ///< system calls to show
  bool trace_summary = false;

  bool one_of_apps = false;  ///< its mayfly.toml is that of several apps, and not the mark of its project

  // Operands
  std::filesystem::path app;           ///< serve: the script or folder as given
  std::vector<std::string> arguments;  ///< serve: the script's; run: the program's name and its arguments
};

}  // namespace mayfly::cli
