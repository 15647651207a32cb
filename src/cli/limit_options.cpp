#include "cli/limit_options.h"

#include "cli/option_range.h"

namespace mayfly::cli {
namespace {

constexpr std::uint64_t kKiB = 1ull << 10, kMiB = 1ull << 20, kGiB = 1ull << 30;
constexpr std::uint64_t kMillisecond = 1'000, kHour = 3'600'000'000;

constexpr std::string_view kLimits = "Limits";

using in_range::count;
using in_range::milliseconds;
using in_range::size;
using std::string_view;

constexpr Option kOptions[] = {
    {.name = "max-request-line",
     .kind = Kind::size,
     .metavar = "SIZE",
     .fallback = "16k",
     .help = "Answer 414 to a request whose first line, with its target, is longer",
     .group = kLimits,
     .min = kKiB,
     .max = kMiB,
     .store = [](Config& c, const Option& o, string_view v) { c.max_request_line_bytes = size(o, v); }},
    {.name = "max-header",
     .kind = Kind::size,
     .metavar = "SIZE",
     .fallback = "64k",
     .help = "Answer 431 to a request with a larger head, 502 for a response with one",
     .group = kLimits,
     .min = kKiB,
     .max = kMiB,
     .store = [](Config& c, const Option& o, string_view v) { c.max_header_bytes = size(o, v); }},
    {.name = "max-header-fields",
     .kind = Kind::count,
     .metavar = "N",
     .fallback = "100",
     .help = "Answer 431 to a request with more header fields, 502 for a response with more",
     .group = kLimits,
     .min = 1,
     .max = 10'000,
     .store = [](Config& c, const Option& o, string_view v) { c.max_header_fields = count(o, v); }},
    {.name = "max-body",
     .kind = Kind::size,
     .metavar = "SIZE",
     .fallback = "64m",
     .help = "Answer 413 to a request with a larger body",
     .group = kLimits,
     .max = 1024 * kGiB,
     .store = [](Config& c, const Option& o, string_view v) { c.max_body_bytes = size(o, v); }},
    {.name = "max-response",
     .kind = Kind::size,
     .metavar = "SIZE",
     .fallback = "0",
     .fallback_note = "0, any size",
     .help = "Answer 502 for a response with a larger body, or cut the connection once its head is sent",
     .group = kLimits,
     .max = 1024 * kGiB,
     .store = [](Config& c, const Option& o, string_view v) { c.max_response_bytes = size(o, v); }},
    {.name = "max-connections",
     .kind = Kind::count,
     .metavar = "N",
     .fallback = "10000",
     .help = "Clients that each thread has at a time; more wait to be accepted",
     .group = kLimits,
     .min = 1,
     .max = 1'000'000,
     .store = [](Config& c, const Option& o, string_view v) { c.max_connections = count(o, v); }},
    {.name = "max-upgrades",
     .kind = Kind::count,
     .metavar = "N",
     .fallback = "100",
     .help = "Connections per thread that may have switched protocols (WebSocket), each with a machine of its own; 503 "
             "beyond",
     .group = kLimits,
     .max = 10'000,
     .store = [](Config& c, const Option& o, string_view v) { c.max_upgrades = count(o, v); }},
    {.name = "upgrade-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "10m",
     .help =
         "End a connection that has switched protocols, or one of --tcp, when nothing was sent or received for this "
         "time",
     .group = kLimits,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.upgrade_timeout = milliseconds(o, v); }},
    {.name = "min-client-rate",
     .kind = Kind::size,
     .metavar = "SIZE",
     .fallback = "16k",
     .help =
         "Answer 408, or cut, a request whose machine waits for its client while other requests wait for a machine, "
         "unless that many bytes a second come or go; the first second is free. 0: any pace will do",
     .group = kLimits,
     .max = kGiB,
     .store = [](Config& c, const Option& o, string_view v) { c.min_client_rate = size(o, v); }},
    {.name = "max-queue",
     .kind = Kind::count,
     .metavar = "N",
     .fallback = "1024",
     .help = "Requests of each thread that may wait for a machine; 503 with Retry-After for more",
     .group = kLimits,
     .max = 1'000'000,
     .store = [](Config& c, const Option& o, string_view v) { c.max_queue = count(o, v); }},
    {.name = "header-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "10s",
     .help = "Answer 408 when a request's head takes longer from its first byte to its last",
     .group = kLimits,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.header_timeout = milliseconds(o, v); }},
    {.name = "body-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "30s",
     .help = "Answer 408 when nothing of a request's body comes for this time before the program has the request",
     .group = kLimits,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.body_timeout = milliseconds(o, v); }},
    {.name = "request-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "30s",
     .help =
         "Answer 504 and reset the machine when a request takes longer; 503 if it still waits for a machine, 408 if "
         "its body is not there",
     .group = kLimits,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.request_timeout = milliseconds(o, v); }},
    {.name = "linger-ms",
     .kind = Kind::count,
     .metavar = "N",
     .fallback = "0",
     .help =
         "Milliseconds for which a program may go on after its answer with what it has begun, before the machine is "
         "reset; it ends as soon as there is nothing to do",
     .group = kLimits,
     .max = 24 * 3'600'000,
     .store = [](Config& c, const Option& o, string_view v) { c.linger = std::chrono::milliseconds(count(o, v)); }},
    {.name = "send-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "30s",
     .help = "Cut a client that takes nothing of a complete answer for this time",
     .group = kLimits,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.send_timeout = milliseconds(o, v); }},
    {.name = "keep-alive-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "75s",
     .help = "Close a connection that waits for its next request for this time",
     .group = kLimits,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.keep_alive_timeout = milliseconds(o, v); }},
    {.name = "drain-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "5s",
     .help = "Left to requests in hand when the server is told to stop",
     .group = kLimits,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.drain_timeout = milliseconds(o, v); }},
};

}  // namespace

std::span<const Option> limit_options() {
  return kOptions;
}

}  // namespace mayfly::cli
