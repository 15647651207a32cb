// What can be set about the front end: limits, timeouts, isolation.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace mayfly::http {

struct RequestHead;
class TlsContext;

/// How long one machine serves before it goes back to its snapshot.
enum class Isolation {
  request,     ///< one request
  connection,  ///< one client connection
  none,        ///< for ever; a machine serves one request at a time, from whichever client
};

/// What clients speak.
enum class Protocol {
  http,
  raw,  ///< whatever the program does: each connection gets a machine, as --isolate connection gives it one
};

/// Sizes and counts beyond which a request is refused or held back. The status that tells of it is in brackets.
struct Limits {
  std::size_t request_line_bytes = 16 * 1024;         ///< method, target and version [414]
  std::size_t header_bytes = 64 * 1024;               ///< a whole head, of a request [431] or a response [502]
  std::size_t header_fields = 100;                    ///< lines in a head [431], [502]
  std::size_t trailer_bytes = 8 * 1024;               ///< trailers and chunk extensions of one body [400]
  std::uint64_t body_bytes = 64 * 1024 * 1024;        ///< request body after removal of chunking [413]
  std::uint64_t response_bytes = UINT64_MAX;          ///< an answer's body after removal of chunking [502]
  std::size_t gather_bytes = 64 * 1024;               ///< a body up to this is complete before it costs a machine
  std::size_t output_bytes = 256 * 1024;              ///< unsent response per connection before its machine has to wait
  std::size_t queue = 1024;                           ///< requests that wait for a machine, per worker [503]
  unsigned self_depth = 8;                            ///< to which requests that programs here make may nest [508]
  std::size_t upgrades = 100;                         ///< connections that have left HTTP, per worker [503]
  std::uint64_t client_bytes_per_second = 16 * 1024;  ///< while others wait for a client's machine [408]; 0: any pace
  std::size_t connections = 10'000;                   ///< clients per worker; more wait to be accepted
};

struct Timeouts {
  std::chrono::milliseconds request{30'000};  ///< from a complete head to a complete answer [504; 503 while queued]
  std::chrono::milliseconds idle{75'000};     ///< between requests of a connection
  std::chrono::milliseconds head{10'000};     ///< from a head's first byte to its last [408]
  std::chrono::milliseconds tunnel{600'000};  ///< of silence on a connection that has left HTTP
  std::chrono::milliseconds body{30'000};     ///< for which nothing of a body comes before a machine has it [408]
  std::chrono::milliseconds send{30'000};     ///< for which a client takes nothing of a complete answer
  std::chrono::milliseconds linger{2'000};    ///< that a refused client may go on sending before the connection is cut
  std::chrono::milliseconds slow_client{1'000};  ///< that a machine waits for a client, beyond what its pace allows
  std::chrono::milliseconds abandoned{1'000};    ///< left to a request whose client has closed its sending side
  std::chrono::milliseconds drain{5'000};        ///< left to running requests when the worker is asked to stop
};

/// One finished request. The views hold during the call only; they are what the client sent, whatever it is.
struct AccessRecord {
  std::chrono::system_clock::time_point time{};  ///< when the request was there
  std::uint64_t number = 0;                      ///< as the log tags what its program says
  std::string_view id{};                         ///< empty if requests have none
  std::string_view peer{};                       ///< textual address, empty for unix sockets
  std::string_view method{};                     ///< empty if no request could be parsed; likewise up to user_agent
  std::string_view target{};
  std::string_view host{};
  std::string_view user_agent{};  ///< empty if there is none
  int status = 0;  ///< of the response; 499 if the client left before there was one, 500 if it was cut without one
  std::uint64_t sent_bytes = 0;
  std::chrono::nanoseconds duration{};
  std::chrono::nanoseconds queue{};  ///< of that, waiting for a machine
  std::chrono::nanoseconds guest{};  ///< of that, in the machine
};

/// Called on the worker's thread after each request; must not throw.
using AccessLog = std::function<void(const AccessRecord&)>;

/// Whether connections from an address begin with a PROXY header, which says whose they are. Called on the workers'
/// threads. @param peer textual address, empty for unix sockets
using ProxyPeers = std::function<bool(std::string_view peer)>;

/// Whether a request is for the program here; one that is not gets 421. Called on the workers' threads, and not for
/// requests that programs here make of their own server.
using IsOurs = std::function<bool(const RequestHead& head)>;

struct Options {
  std::shared_ptr<TlsContext> tls;  ///< for listeners with TLS; null if there are none
  Protocol protocol = Protocol::http;
  Isolation isolation = Isolation::request;
  Limits limits;
  Timeouts timeouts;
  std::chrono::microseconds spin{};  ///< for which its loop, with nothing to do, looks for work before it sleeps
  bool http2 = true;                 ///< clients may speak it, unless machines are for connections
  bool request_ids = true;           ///< each request has an id, which the program and the client are told
  bool trust_request_ids = false;    ///< a client may choose it
  bool server_timing = false;        ///< answers have a Server-Timing field of the front end's
  AccessLog access_log;              ///< may be empty
  ProxyPeers proxy_peers;            ///< may be empty: nobody's do
  IsOurs is_ours;                    ///< may be empty: all are
};

}  // namespace mayfly::http
