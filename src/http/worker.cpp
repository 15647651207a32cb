#include "http/worker.h"

#include <utility>

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
                .on_closed = [this](ClientConnection& connection) { closed_.push_back(&connection); }} {
  for (ListeningSocket& listener : listeners) {
    acceptors_.push_back(std::make_unique<Acceptor>(parts_.loop, parts_.stats, parts_.log, std::move(listener.fd),
                                                    [this, tls = listener.tls](UniqueFd fd, RequestInfo peer) {
                                                      peer.tls = tls;
                                                      adopt(std::move(fd), std::move(peer));
                                                    }));
  }
}

Worker::~Worker() {
  for_each_connection([](ClientConnection& connection) { connection.abort(); });
}

void Worker::run(const StopSignal& stop) {
  StopWatch watch(parts_.loop, stop, [this] { drain(); });
  loop::Timer drain_timer(parts_.loop.timers(),
                          [this] { for_each_connection([](ClientConnection& connection) { connection.abort(); }); });
  bool timed = false;
  while (!stopping_ || !connections_.empty()) {
    parts_.loop.turn();
    if (stopping_ && !std::exchange(timed, true)) drain_timer.arm(parts_.loop.now() + options_.timeouts.drain);
    remove_closed();
  }
}

void Worker::adopt(UniqueFd fd, RequestInfo peer) {
  connections_.push_back(std::make_unique<ClientConnection>(services_, std::move(fd), std::move(peer)));
  connections_.back()->set_slot(connections_.size() - 1);
  if (connections_.size() < options_.limits.connections) return;
  for (const auto& acceptor : acceptors_) acceptor->pause();
}

void Worker::remove_closed() {
  if (closed_.empty()) return;
  for (const ClientConnection* connection : closed_) {
    const std::size_t slot = connection->slot();
    std::swap(connections_[slot], connections_.back());
    connections_[slot]->set_slot(slot);
    connections_.pop_back();
  }
  closed_.clear();
  if (stopping_) return;
  for (const auto& acceptor : acceptors_) acceptor->resume();
}

void Worker::drain() {
  stopping_ = true;
  for (const auto& acceptor : acceptors_) acceptor->close();
  for_each_connection([](ClientConnection& connection) { connection.drain(); });
}

}  // namespace mayfly::http
