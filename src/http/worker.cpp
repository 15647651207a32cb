#include "http/worker.h"

#include <spdlog/logger.h>

#include <exception>
#include <utility>

#include "http/http2_connection.h"
#include "http/stop_watch.h"

namespace mayfly::http {

Worker::Worker(Options options, WorkerParts parts, std::vector<ListeningSocket> listeners)
    : options_(std::move(options)),
      parts_(parts),
      request_ids_(options_, parts.stats.client_syscalls),
      queue_(parts.loop, parts.pool, parts.stats, options_.limits.queue),
      services_{.loop = parts.loop,
                .options = options_,
                .queue = queue_,
                .stats = parts.stats,
                .log = parts.log,
                .next_request_id = parts.next_request_id,
                .request_ids = request_ids_,
                .date = date_,
                .on_closed = [this](Connection& connection) { closed_.push_back(&connection); },
                .on_http2 = {}},
      greeting_services_{.loop = parts.loop,
                         .options = options_,
                         .stats = parts.stats,
                         .log = parts.log,
                         .on_over = [this](ProxyGreeting& greeting, UniqueFd fd, RequestInfo peer) {
                           end_greeting(greeting, std::move(fd), std::move(peer));
                         }} {
  if (options_.http2 && options_.protocol == Protocol::http && options_.isolation != Isolation::connection) {
    services_.on_http2 = [this](std::unique_ptr<ClientTransport> transport, RequestInfo peer) {
      add(std::make_unique<Http2Connection>(services_, std::move(transport), std::move(peer)));
    };
  }
  for (ListeningSocket& listener : listeners) {
    acceptors_.push_back(
        std::make_unique<Acceptor>(parts_.loop, parts_.stats, parts_.log, std::move(listener),
                                   [this](UniqueFd fd, RequestInfo peer) { admit(std::move(fd), std::move(peer)); }));
  }
}

Worker::~Worker() {
  for_each_connection([](Connection& connection) { connection.abort(); });
}

void Worker::run(const StopSignal& stop, const StopSignal& retirement) {
  StopWatch stop_watch(parts_.loop, stop, [this] { drain(); });
  StopWatch retirement_watch(parts_.loop, retirement, [this] { retire(); });
  loop::Timer drain_timer(parts_.loop.timers(), [this] { end(); });
  bool timed = false;
  while (!is_ending() || !connections_.empty() || !greetings_.empty()) {
    parts_.loop.turn();
    if (is_ending() && !std::exchange(timed, true)) drain_timer.arm(parts_.loop.now() + options_.timeouts.drain);
    remove_closed();
  }
}

void Worker::adopt(UniqueFd fd, RequestInfo peer) {
  add(std::make_unique<ClientConnection>(services_, std::move(fd), std::move(peer)));
  pause_if_full();
}

void Worker::add(std::unique_ptr<Connection> connection) {
  connection->set_slot(connections_.size());
  connections_.push_back(std::move(connection));
  parts_.stats.open_connections.add();
  if (retiring_) connections_.back()->retire();
}

void Worker::admit(UniqueFd fd, RequestInfo peer) {
  if (!options_.proxy_peers || !options_.proxy_peers(peer.peer)) return adopt(std::move(fd), std::move(peer));
  auto greeting = std::make_unique<ProxyGreeting>(greeting_services_, std::move(fd), std::move(peer));
  const ProxyGreeting* key = greeting.get();
  greetings_.emplace(key, std::move(greeting));
  pause_if_full();
}

void Worker::end_greeting(ProxyGreeting& greeting, UniqueFd fd, RequestInfo peer) {
  ended_greetings_.push_back(&greeting);
  if (!fd) return;
  try {
    adopt(std::move(fd), std::move(peer));
  } catch (const std::exception& error) {
    parts_.log.error("a client was turned away: {}", error.what());
  }
}

bool Worker::is_full() const {
  return connections_.size() + greetings_.size() >= options_.limits.connections;
}

void Worker::pause_if_full() {
  if (!is_full()) return;
  for (const auto& acceptor : acceptors_) acceptor->pause();
}

void Worker::remove_closed() {
  if (closed_.empty() && ended_greetings_.empty()) return;
  for (const ProxyGreeting* greeting : ended_greetings_) greetings_.erase(greeting);
  ended_greetings_.clear();
  for (const Connection* connection : closed_) {
    const std::size_t slot = connection->slot();
    std::swap(connections_[slot], connections_.back());
    connections_[slot]->set_slot(slot);
    connections_.pop_back();
    parts_.stats.open_connections.subtract();
  }
  closed_.clear();
  if (is_ending() || is_full()) return;
  for (const auto& acceptor : acceptors_) acceptor->resume();
}

void Worker::drain() {
  stopping_ = true;
  for (const auto& acceptor : acceptors_) acceptor->close();
  ended_greetings_.clear();
  greetings_.clear();  // nothing has been asked for there yet
  for_each_connection([](Connection& connection) { connection.drain(); });
}

void Worker::retire() {
  retiring_ = true;
  for (const auto& acceptor : acceptors_) acceptor->close();
  for_each_connection([](Connection& connection) { connection.retire(); });
}

/// Whoever is idle sees an orderly end, whoever waits for an answer that there will be none.
void Worker::end() {
  drain();
  for_each_connection([](Connection& connection) { connection.abort(); });
}

}  // namespace mayfly::http
