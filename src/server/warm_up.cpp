#include "server/warm_up.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "http/body_decoder.h"
#include "http/response_parser.h"
#include "server/warm_up_request.h"

namespace mayfly::server {
namespace {

using machine::HostClock;
using machine::RunState;

constexpr std::chrono::milliseconds kPrimeTimeout{10'000};

machine::Peer loopback_peer() {
  machine::Peer peer;
  peer.address[10] = peer.address[11] = 0xff;
  peer.address[12] = 127;
  peer.address[15] = 1;
  peer.port = 1;
  return peer;
}

struct Answer {
  int status = 0;
  bool keep_alive = false;
  bool surplus = false;  ///< bytes came behind its end
};

/// One request at a time over one virtual connection of a machine that nobody else talks to.
class Client {
 public:
  Client(machine::Machine& machine, vm::SliceTimer::Runner& runner, const machine::Pause& pause)
      : machine_(machine), runner_(runner), pause_(pause) {}

  /// @param index an open connection
  /// @param client kind of client, see warm_up_request()
  Answer request(u32 index, const std::string& path, std::size_t client, std::chrono::milliseconds timeout) {
    deadline_ = HostClock::now() + timeout;
    path_ = path;
    machine::Connection& connection = machine_.connection(index);
    const std::string text = warm_up_request(path, client);
    if (connection.send(std::as_bytes(std::span(text))) != text.size()) throw Error("the path {} is too long", path);
    parser_.expect(false);
    buffered_.clear();
    wait_ = {};
    read_head(connection);
    Answer answer{parser_.head().status, parser_.head().keep_alive};
    answer.surplus = read_body(connection);
    return answer;
  }

 private:
  void read_head(machine::Connection& connection) {
    for (;;) {
      auto result = parser_.parse(buffered_);
      if (result == http::HeadParser::Result::invalid) {
        throw Error("the answer to warm-up request {} is not HTTP: {}", path_, parser_.refusal().sentence);
      }
      if (result == http::HeadParser::Result::complete) {
        if (parser_.head().status >= 200) return;
        buffered_.erase(0, parser_.head_bytes());
        parser_.expect(false);
        continue;
      }
      if (!take(connection))
        throw Error("the program closed the connection without answering warm-up request {}", path_);
    }
  }

  /// @return whether bytes came behind the end
  bool read_body(machine::Connection& connection) {
    http::BodyDecoder body;
    const http::ResponseHead head = parser_.head();
    body.start(head.framing, head.content_length, limits_.trailer_bytes);
    std::string rest = buffered_.substr(parser_.head_bytes());
    while (!body.complete()) {
      auto piece = body.next(std::as_bytes(std::span(rest)));
      if (!body.error().empty()) throw Error("the answer to warm-up request {}: {}", path_, body.error());
      rest.erase(0, piece.consumed);
      if (piece.consumed > 0 || body.complete()) continue;
      buffered_.clear();
      if (take(connection)) {
        rest += buffered_;
      } else {
        body.end_of_input();
        if (!body.complete()) throw Error("the program broke off its answer to warm-up request {}", path_);
      }
    }
    return !rest.empty();
  }

  /// Appends what the machine has written to `buffered_`, running it until there is something. @return false at the end
  bool take(machine::Connection& connection) {
    for (;;) {
      std::span<const std::byte> bytes = connection.received();
      if (!bytes.empty()) {
        buffered_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        connection.consume(bytes.size());
        return true;
      }
      if (connection.peer_closed()) return false;
      run(connection);
    }
  }

  void run(const machine::Connection& connection) {
    if (HostClock::now() > deadline_ || pause_(std::exchange(wait_, {})))
      throw Error("the program did not answer warm-up request {} in time", path_);
    RunState state = machine_.run(&runner_);
    if (state == RunState::ended) throw Error("during warm-up request {}: {}", path_, machine_.ending().description);
    bool has_news = !connection.received().empty() || connection.peer_closed();
    if (state != RunState::waiting || has_news) return;
    if (machine_.outbound().busy()) {
      wait_ = machine::outside_wait(machine_);
    } else {
      // Its timers are all that it can wait for: there is no need to wait with it. Once it has answered they would
      // include the one that ends an idle connection.
      machine_.skip_time(machine_.timer_due_in_ns().value_or(0));
    }
  }

  machine::Machine& machine_;
  vm::SliceTimer::Runner& runner_;
  const machine::Pause& pause_;
  http::Limits limits_;
  http::ResponseParser parser_{limits_};
  std::string buffered_;
  std::string path_;
  HostClock::time_point deadline_;
  std::chrono::nanoseconds wait_{};  ///< before the next run
};

u32 open_connection(machine::Machine& machine, u16 port) {
  u32 index = machine.free_connection();
  if (index == abi::kMaxConnections || !machine.connection(index).open(port, loopback_peer())) {
    throw Error("the program does not let go of its connections");
  }
  return index;
}

bool took_enough(unsigned requests, HostClock::time_point started) {
  return requests >= kRequestsNeeded && HostClock::now() - started >= kWarmUpTimeEnough;
}

}  // namespace

WarmUpResult warm_up(machine::Machine& machine, u16 port, vm::SliceTimer::Runner& runner, const WarmUpOptions& options,
                     const machine::Pause& pause) {
  WarmUpResult result;
  Client client(machine, runner, pause);
  const HostClock::time_point started = HostClock::now();
  const auto round_size = static_cast<unsigned>(options.paths.size());
  int worst_status = 0;
  unsigned wanted = options.requests.value_or(kRequestsEnough);
  bool last_round = false;
  bool extended = false;
  bool told_of_surplus = false;
  unsigned on_connection = 0;
  for (; result.requests < wanted; ++result.requests) {
    if (!last_round && !options.requests && took_enough(result.requests + round_size, started)) {
      wanted = std::min(wanted, result.requests + round_size);
    }
    if (!last_round && wanted - result.requests == round_size) {
      last_round = true;
      machine.watch_use();
    }
    if (!result.kept_alive) result.kept_alive = open_connection(machine, port);
    const std::string& path = options.paths[result.requests % options.paths.size()];
    const std::size_t round = result.requests / options.paths.size();
    Answer answer = client.request(*result.kept_alive, path, round, options.request_timeout);
    if (answer.status >= 400 && answer.status > worst_status) {
      worst_status = answer.status;
      result.complaints.push_back(fmt::format("warm-up request {} was answered with {}", path, answer.status));
    }
    // What follows the answer (a closed connection, say) shows once the machine is idle.
    if (machine.run(&runner) == RunState::ended)
      throw Error("after warm-up request {}: {}", path, machine.ending().description);
    machine::Connection& connection = machine.connection(*result.kept_alive);
    ++on_connection;
    // What is left there would be the beginning of the answer to each request.
    const bool surplus = answer.surplus || !connection.received().empty();
    if (surplus && !std::exchange(told_of_surplus, true)) {
      result.complaints.push_back(fmt::format("warm-up request {} was answered with more than one answer", path));
    }
    if (!answer.keep_alive || surplus || connection.peer_closed()) {
      connection.close();
      result.kept_alive.reset();
      if (machine.run(&runner) == RunState::ended) throw Error("after warm-up: {}", machine.ending().description);
      // Servers that keep connections limit the requests of each (nginx: 1,000). If that ended the last one, a further
      // request opens one that they keep.
      const bool is_last = result.requests + 1 == wanted;
      if (is_last && on_connection > 1 && !std::exchange(extended, true)) ++wanted;
      on_connection = 0;
    }
  }
  return result;
}

void prime(machine::Machine& machine, const machine::FrozenProgram& program, vm::SliceTimer::Runner& runner,
           const std::vector<std::string>& paths, const machine::Pause& pause) {
  for (const std::string& path : paths) {
    // Twice: the second finds the frames of the first bound, and dirties what only a second one dirties.
    for (std::size_t round = 0; round < 2; ++round) {
      Client client(machine, runner, pause);
      u32 index = program.warm_connection ? *program.warm_connection : open_connection(machine, program.port);
      try {
        (void)client.request(index, path, round, kPrimeTimeout);
      } catch (const Error&) {
        // The first real request will say what is wrong, to somebody who wants to know.
      }
      machine.reset();
    }
  }
}

}  // namespace mayfly::server
