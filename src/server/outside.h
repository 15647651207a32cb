// The world outside, as the operator's rules let programs see it.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "machine/outbound_services.h"
#include "net/limits.h"
#include "net/policy.h"
#include "net/refusal_log.h"
#include "net/resolver.h"

namespace mayfly::server {

/// One for all machines of a program. Thread-safe.
class Outside final : public machine::OutboundServices {
 public:
  /// @param rules as --allow-net takes them. Throws net::BadRule.
  /// @param refusals told of names that were refused
  /// @param own_names of inner peers
  Outside(std::span<const std::string> rules, const net::Limits& limits, net::RefusalLog::Sink refusals,
          net::OwnNames own_names = {});

  [[nodiscard]] net::Verdict check(const net::Address& address) override { return policy_->check(address); }
  [[nodiscard]] net::Verdict check_unix(std::string_view path) override { return policy_->check_unix(path); }
  [[nodiscard]] std::shared_ptr<void> ask(std::span<const std::byte> query, Answer done) override;
  [[nodiscard]] const net::Limits& limits() const override { return limits_; }

 private:
  std::shared_ptr<net::Policy> policy_;
  net::Limits limits_;
  net::Resolver resolver_;
};

}  // namespace mayfly::server
