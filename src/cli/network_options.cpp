#include "cli/network_options.h"

#include "cli/option_range.h"
#include "cli/option_value.h"
#include "net/rule.h"

namespace mayfly::cli {
namespace {

constexpr std::uint64_t kKiB = 1ull << 10, kGiB = 1ull << 30;
constexpr std::uint64_t kMillisecond = 1'000, kHour = 3'600'000'000;

constexpr std::string_view kNetwork = "Network";

using in_range::count;
using in_range::milliseconds;
using in_range::size;
using std::string_view;

constexpr Option kOptions[] = {
    {.name = "allow-net",
     .kind = Kind::text,
     .metavar = "RULE",
     .form = net::kRuleForms,
     .help = "Let the program connect there; * is all but this host, link-local and cloud metadata addresses, which "
             "need a rule of their own",
     .group = kNetwork,
     .repeatable = true,
     .store = [](Config& c, const Option&, string_view v) { c.allow_net.push_back(parse_net_rule(v)); }},
    {.name = "net-connections",
     .kind = Kind::count,
     .metavar = "N",
     .fallback = "32",
     .help = "Connections that a request may have open at once",
     .group = kNetwork,
     .min = 1,
     .max = abi::kMaxOutbound,
     .store = [](Config& c, const Option& o, string_view v) { c.net.connections = count(o, v); }},
    {.name = "net-connect-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "10s",
     .help = "Give up connecting after this time",
     .group = kNetwork,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.net.connect_timeout = milliseconds(o, v); }},
    {.name = "net-idle-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "60s",
     .help = "Break a connection on which nothing was sent or received for this time",
     .group = kNetwork,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.net.idle_timeout = milliseconds(o, v); }},
    {.name = "net-bytes",
     .kind = Kind::size,
     .metavar = "SIZE",
     .fallback = "1g",
     .help = "Bytes that the connections of one request may send and receive together",
     .group = kNetwork,
     .min = kKiB,
     .max = 1024 * kGiB,
     .store = [](Config& c, const Option& o, string_view v) { c.net.bytes = size(o, v); }},
    {.name = "self-depth",
     .kind = Kind::count,
     .metavar = "N",
     .fallback = "8",
     .help = "How deep requests of the program to its own server may nest; 508 beyond, each level may need one more "
             "machine per thread",
     .group = kNetwork,
     .max = 64,
     .store = [](Config& c, const Option& o, string_view v) { c.self_depth = count(o, v); }},
    {.name = "backend",
     .kind = Kind::text,
     .metavar = "NAME=URL",
     .form = backend::kTargetForm,
     .help = "Ask the URL for what the program asks of http://NAME.mayfly, over connections that requests share",
     .group = kNetwork,
     .repeatable = true,
     .store = [](Config& c, const Option&, string_view v) { c.backends.push_back(parse_backend(v)); }},
    {.name = "backend-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "30s",
     .help = "Answer 504 in a backend's place when nothing comes from it for this time",
     .group = kNetwork,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.backend_timeout = milliseconds(o, v); }},
    {.name = "backend-ca",
     .kind = Kind::path,
     .metavar = "FILE",
     .help = "Trust https backends whose certificates are signed by one of these (PEM) as well",
     .group = kNetwork,
     .store = [](Config& c, const Option&, string_view v) { c.backend_ca = v; }},
};

}  // namespace

std::span<const Option> network_options() {
  return kOptions;
}

}  // namespace mayfly::cli
