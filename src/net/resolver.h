// Answers the DNS queries of programs, by asking the host's own resolver.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "net/dns_message.h"
#include "net/policy.h"
#include "net/refusal_log.h"

namespace mayfly::net {

/// What the host's resolver says about a name: no_error, with any number of addresses, or why there are none.
struct NameResult {
  Rcode rcode = Rcode::server_failure;
  std::vector<IpBytes> addresses{};
};

/// Names below kOwnDomain and where they lead, to programs alone.
using OwnNames = std::map<std::string, IpBytes, std::less<>>;

/// getaddrinfo(3), so that the host's nsswitch.conf, hosts file and search list are heeded. Waits for the answer.
[[nodiscard]] NameResult look_up(const std::string& name);

/// One for all machines of a program. Thread-safe.
class Resolver {
 public:
  using Answer = std::vector<std::byte>;
  using Done = std::function<void(Answer answer)>;
  using LookUp = std::function<NameResult(const std::string& name)>;

  static constexpr std::size_t kThreads = 4;
  static constexpr std::size_t kMaxNames = 128;    ///< waiting for a thread; beyond it the answer is SERVFAIL
  static constexpr std::size_t kMaxAskers = 4096;  ///< waiting for the same name; likewise

  struct Asker;

  /// The interest in one answer. Once it is destroyed, `done` neither runs nor will: destroying waits for a `done` that
  /// runs on another thread, so it must not happen under a lock that `done` takes. `done` may destroy its own ticket.
  /// A ticket may outlive its resolver. Not thread-safe.
  class [[nodiscard]] Ticket {
   public:
    Ticket() = default;
    explicit Ticket(std::shared_ptr<Asker> asker) : asker_(std::move(asker)) {}
    Ticket(Ticket&&) = default;
    Ticket& operator=(Ticket&& other) noexcept;
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket() { cancel(); }

   private:
    void cancel() noexcept;
    std::shared_ptr<Asker> asker_;
  };

  /// Starts its threads, in which all signals are blocked. Throws std::system_error.
  /// @param refusals told once of each name that was refused
  /// @param own_names answered without a rule; the host's resolver never hears of them
  Resolver(std::shared_ptr<Policy> policy, std::shared_ptr<RefusalLog> refusals, LookUp look_up_name = look_up,
           OwnNames own_names = {});
  /// Whoever still waits gets no answer. Waits for look-ups that are running: getaddrinfo cannot be broken off and may
  /// take as long as the host's resolv.conf lets it, 10 seconds for each name server by default.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Answers a DNS query. Questions for the same name share one look-up. The policy has learned the addresses before
  /// `done` is called.
  /// @param query any bytes; used during the call only. What is no query at all is dropped: `done` is never called
  /// @param done called at most once: either before ask() returns (refused, malformed, localhost, own names, nothing to
  ///   look up, too busy) or later on a thread of the resolver. It must not throw and should do no more than hand the
  ///   answer over
  Ticket ask(std::span<const std::byte> query, Done done);

 private:
  using Askers = std::vector<std::weak_ptr<Asker>>;
  [[nodiscard]] std::optional<Answer> answer_at_once(const Query& query);
  [[nodiscard]] Answer answer_own(const Query& query);
  [[nodiscard]] bool enqueue(const std::string& name, const std::shared_ptr<Asker>& asker);
  void drop_abandoned();
  void serve(const std::stop_token& stop);
  [[nodiscard]] Askers take_askers(const std::string& name);

  std::shared_ptr<Policy> policy_;
  std::shared_ptr<RefusalLog> refusals_;
  LookUp look_up_;
  OwnNames own_names_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::string> waiting_;       // names that no thread has taken up
  std::map<std::string, Askers> askers_;  // of those and of the names that are being looked up
  std::vector<std::jthread> threads_;
};

}  // namespace mayfly::net
