#include "net/resolver.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "net/host_name.h"

namespace mayfly::net {

/// Somebody who waits for an answer.
struct Resolver::Asker {
  Query query;
  // Recursive, as `done` may destroy its own ticket.
  std::recursive_mutex mutex{};
  Done done{};  // empty once called or cancelled

  void answer(Answer answer) {
    std::lock_guard lock(mutex);
    Done call = std::exchange(done, nullptr);
    if (call) call(std::move(answer));
  }
};

namespace {

constexpr IpBytes kLocalhost[] = {kLoopback4, kLoopback6};

bool is_address_type(const Query& query) {
  return query.type == kTypeA || query.type == kTypeAaaa;
}

/// Names of the trees in which addresses are turned into names, which is never answered.
bool is_reverse(std::string_view name) {
  return name.ends_with(".in-addr.arpa") || name.ends_with(".ip6.arpa");
}

bool is_abandoned(const std::vector<std::weak_ptr<Resolver::Asker>>& askers) {
  return std::ranges::all_of(askers, [](const auto& asker) { return asker.expired(); });
}

Rcode rcode_of(int error) {
  switch (error) {
    case EAI_NONAME:
      return Rcode::no_such_name;
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return Rcode::no_error;
    default:
      return Rcode::server_failure;
  }
}

/// Blocks all signals in this thread, and so in those that it starts, until it goes away.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

NameResult look_up(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // else each address comes once for each kind of socket
  hints.ai_flags = AI_ADDRCONFIG;   // no addresses of a family that this host cannot connect to
  addrinfo* found = nullptr;
  int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (error != 0) return {rcode_of(error)};
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  NameResult result{Rcode::no_error};
  for (; found != nullptr; found = found->ai_next) {
    if (auto address = from_sockaddr(found->ai_addr, found->ai_addrlen)) result.addresses.push_back(address->bytes);
  }
  return result;
}

Resolver::Ticket& Resolver::Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    cancel();
    asker_ = std::move(other.asker_);
  }
  return *this;
}

void Resolver::Ticket::cancel() noexcept {
  if (!asker_) return;
  // Kept until the mutex is released.
  std::shared_ptr<Asker> asker = std::move(asker_);
  std::lock_guard lock(asker->mutex);
  asker->done = nullptr;
}

Resolver::Resolver(std::shared_ptr<Policy> policy, std::shared_ptr<RefusalLog> refusals, LookUp look_up_name,
                   OwnNames own_names)
    : policy_(std::move(policy)),
      refusals_(std::move(refusals)),
      look_up_(std::move(look_up_name)),
      own_names_(std::move(own_names)) {
  BlockedSignals blocked;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { serve(stop); });
  }
}

Resolver::~Resolver() {
  // All at once, so that none takes up another name while an earlier one is waited for.
  for (std::jthread& thread : threads_) thread.request_stop();
}

Resolver::Ticket Resolver::ask(std::span<const std::byte> message, Done done) {
  std::optional<Query> query = parse_query(message);
  if (!query) return {};
  if (std::optional<Answer> answer = answer_at_once(*query)) {
    done(std::move(*answer));
    return {};
  }
  auto asker = std::make_shared<Asker>();
  asker->query = std::move(*query);
  asker->done = std::move(done);
  if (!enqueue(*asker->query.name, asker)) asker->answer(compose_answer(asker->query, Rcode::server_failure));
  return Ticket(std::move(asker));
}

std::optional<Resolver::Answer> Resolver::answer_at_once(const Query& query) {
  if (query.failure) return compose_answer(query, *query.failure);
  // Numbers too: 127.1 would be an address to getaddrinfo, and is a name that does not exist to DNS.
  if (!query.name || is_reverse(*query.name)) return compose_answer(query, Rcode::no_such_name);
  if (is_localhost(*query.name)) return compose_answer(query, Rcode::no_error, kLocalhost);
  if (is_own_name(*query.name)) return answer_own(query);
  Verdict verdict = policy_->check_name(*query.name);
  if (!verdict.allowed) {
    refusals_->refused(verdict.refusal);
    return compose_answer(query, Rcode::refused);
  }
  if (!is_address_type(query)) return compose_answer(query, Rcode::no_error);
  return std::nullopt;
}

Resolver::Answer Resolver::answer_own(const Query& query) {
  const auto found = own_names_.find(*query.name);
  if (found != own_names_.end()) return compose_answer(query, Rcode::no_error, std::span(&found->second, 1));
  const std::string label = query.name->substr(0, query.name->find('.'));
  refusals_->refused(
      fmt::format("look-up of {} refused: there is no such backend: add it with --backend {}=URL", *query.name, label));
  return compose_answer(query, Rcode::no_such_name);
}

/// @return false if there is too much to do
bool Resolver::enqueue(const std::string& name, const std::shared_ptr<Asker>& asker) {
  std::lock_guard lock(mutex_);
  auto found = askers_.find(name);
  if (found == askers_.end()) {
    if (waiting_.size() >= kMaxNames) drop_abandoned();
    if (waiting_.size() >= kMaxNames) return false;
    waiting_.push_back(name);
    found = askers_.emplace(name, Askers{}).first;
    changed_.notify_one();
  }
  Askers& askers = found->second;
  if (askers.size() >= kMaxAskers) std::erase_if(askers, [](const auto& each) { return each.expired(); });
  if (askers.size() >= kMaxAskers) return false;
  askers.push_back(asker);
  return true;
}

void Resolver::drop_abandoned() {
  std::erase_if(waiting_, [this](const std::string& name) {
    auto askers = askers_.find(name);
    if (!is_abandoned(askers->second)) return false;
    askers_.erase(askers);
    return true;
  });
}

void Resolver::serve(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); }) && !stop.stop_requested()) {
    std::string name = std::move(waiting_.front());
    waiting_.pop_front();
    if (is_abandoned(askers_.at(name))) {
      askers_.erase(name);
      continue;
    }
    lock.unlock();
    NameResult result = look_up_(name);
    policy_->learned(name, result.addresses);
    lock.lock();
    if (stop.stop_requested()) return;
    Askers askers = take_askers(name);
    lock.unlock();
    for (const auto& each : askers) {
      if (auto asker = each.lock()) asker->answer(compose_answer(asker->query, result.rcode, result.addresses));
    }
    lock.lock();
  }
}

Resolver::Askers Resolver::take_askers(const std::string& name) {
  auto found = askers_.find(name);
  Askers askers = std::move(found->second);
  askers_.erase(found);
  return askers;
}

}  // namespace mayfly::net
