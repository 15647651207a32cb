#include "net/resolver.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <future>
#include <latch>
#include <sstream>

#include "net/host_name.h"
#include "net/testing.h"

namespace mayfly::net {
namespace {

using Answer = Resolver::Answer;

Rcode rcode_of(const Answer& answer) {
  return static_cast<Rcode>(std::to_integer<unsigned>(answer.at(3)) & 0xf);
}
unsigned records_of(const Answer& answer) {
  return std::to_integer<unsigned>(answer.at(7));
}

struct Fixture : ::testing::Test {
  std::shared_ptr<Policy> policy;
  std::vector<std::string> lines;
  std::unique_ptr<Resolver> resolver;

  void start(std::vector<std::string> rules, Resolver::LookUp look_up_name = look_up, OwnNames own_names = {}) {
    policy = std::make_shared<Policy>(rules, "/dev/null");
    auto log = std::make_shared<RefusalLog>([this](const std::string& line) { lines.push_back(line); });
    resolver = std::make_unique<Resolver>(policy, log, std::move(look_up_name), std::move(own_names));
  }
  /// Waits for the answer. @param at_once whether it must be there when ask() returns
  Answer ask(std::string_view name, u16 type, bool at_once) {
    std::promise<Answer> promise;
    std::atomic<bool> done = false;
    auto ticket = resolver->ask(dns_query(name, type), [&](Answer answer) {
      done = true;
      promise.set_value(std::move(answer));
    });
    if (at_once && !done) {
      ADD_FAILURE() << name << " was not answered at once";
      return Answer(12);
    }
    return promise.get_future().get();
  }
};

using ResolverTest = Fixture;

TEST_F(ResolverTest, AnswersLocalhostAtOnceWhateverTheRules) {
  start({}, [](const std::string&) -> NameResult { throw std::logic_error("looked up"); });
  for (const char* name : {"localhost", "LOCALHOST", "a.localhost"}) {
    for (u16 type : {kTypeA, kTypeAaaa}) {
      Answer answer = ask(name, type, true);
      EXPECT_EQ(rcode_of(answer), Rcode::no_error);
      EXPECT_EQ(records_of(answer), 1u);
    }
    EXPECT_EQ(records_of(ask(name, 16, true)), 0u) << "TXT";
  }
  Answer answer = ask("localhost", kTypeA, true);
  EXPECT_EQ(std::vector(answer.end() - 4, answer.end()),
            (std::vector{std::byte{127}, std::byte{0}, std::byte{0}, std::byte{1}}));
  EXPECT_TRUE(lines.empty());
}

TEST_F(ResolverTest, AnswersOwnNamesAtOnceAndNobodyElseIsAskedForThem) {
  start({"*", "*.mayfly"}, [](const std::string&) -> NameResult { throw std::logic_error("looked up"); },
        {{"api.mayfly", *parse_ip("192.0.2.16")}});
  EXPECT_EQ(records_of(ask("API.mayfly", kTypeA, true)), 1u);
  Answer none = ask("api.mayfly", kTypeAaaa, true);
  EXPECT_EQ(rcode_of(none), Rcode::no_error);
  EXPECT_EQ(records_of(none), 0u);
  for (const char* name : {"other.mayfly", "other.mayfly", "mayfly"}) {
    EXPECT_EQ(rcode_of(ask(name, kTypeA, true)), Rcode::no_such_name) << name;
  }
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "look-up of other.mayfly refused: there is no such backend: add it with --backend other=URL");
}

TEST_F(ResolverTest, RefusesAtOnceAndSaysSoOnce) {
  start({"*.example.com", "10.0.0.5"}, [](const std::string&) -> NameResult { throw std::logic_error("looked up"); });
  EXPECT_EQ(rcode_of(ask("db.internal", kTypeA, true)), Rcode::refused);
  EXPECT_EQ(rcode_of(ask("DB.internal", kTypeAaaa, true)), Rcode::refused);
  EXPECT_EQ(rcode_of(ask("example.com", kTypeA, true)), Rcode::refused);
  EXPECT_EQ(lines, (std::vector<std::string>{"look-up of db.internal refused: allow it with --allow-net db.internal",
                                             "look-up of example.com refused: allow it with --allow-net example.com"}));
}

TEST_F(ResolverTest, AnswersAtOnceWhatNeedsNoLookUp) {
  start({"*"}, [](const std::string&) -> NameResult { throw std::logic_error("looked up"); });
  EXPECT_EQ(rcode_of(ask("127.0.0.1", kTypeA, true)), Rcode::no_such_name);
  EXPECT_EQ(rcode_of(ask("0x7f000001", kTypeA, true)), Rcode::no_such_name);
  EXPECT_EQ(rcode_of(ask("1.0.0.127.in-addr.arpa", 12, true)), Rcode::no_such_name);
  Answer text = ask("example.com", 16, true);
  EXPECT_EQ(rcode_of(text), Rcode::no_error);
  EXPECT_EQ(records_of(text), 0u);
  auto message = dns_query("example.com", kTypeA);
  message.pop_back();
  bool answered = false;
  auto ticket =
      resolver->ask(message, [&](const Answer& answer) { answered = rcode_of(answer) == Rcode::format_error; });
  EXPECT_TRUE(answered);
  auto dropped = resolver->ask({}, [](const Answer&) { ADD_FAILURE() << "no query has been answered"; });
}

TEST_F(ResolverTest, TellsThePolicyFirst) {
  IpBytes ip = *parse_ip("93.184.216.34");
  start({"api.example.com:443"}, [&](const std::string& name) {
    return NameResult{name == "api.example.com" ? Rcode::no_error : Rcode::server_failure, {ip}};
  });
  EXPECT_FALSE(policy->check({ip, 443}).allowed);
  std::promise<bool> allowed;
  auto ticket = resolver->ask(dns_query("API.example.com", kTypeA), [&](const Answer& answer) {
    allowed.set_value(records_of(answer) == 1 && policy->check({ip, 443}).allowed);
  });
  EXPECT_TRUE(allowed.get_future().get());
}

TEST_F(ResolverTest, PassesFailuresOn) {
  for (Rcode rcode : {Rcode::no_such_name, Rcode::server_failure}) {
    start({"*"}, [&](const std::string&) { return NameResult{rcode}; });
    EXPECT_EQ(rcode_of(ask("a.example.com", kTypeA, false)), rcode);
  }
}

/// Look-ups that wait until they are let go.
struct Gate {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<int> looked_up = 0;
  std::latch all_busy{static_cast<std::ptrdiff_t>(Resolver::kThreads)};

  Resolver::LookUp look_up() {
    return [this](const std::string& name) {
      // The first occupy all threads; later ones are those that have waited.
      if (looked_up++ < static_cast<int>(Resolver::kThreads)) all_busy.count_down();
      opened.wait();
      return NameResult{Rcode::no_error, {*parse_ip(name.starts_with('b') ? "10.0.0.6" : "10.0.0.5")}};
    };
  }
};

TEST_F(ResolverTest, QuestionsForOneNameShareALookUp) {
  Gate gate;
  start({"*"}, gate.look_up());
  std::latch answered(100);
  std::vector<Resolver::Ticket> tickets;
  for (int i = 0; i < 100; ++i) {
    tickets.push_back(resolver->ask(dns_query(i % 2 ? "A.example" : "a.example", i % 3 ? kTypeA : kTypeAaaa),
                                    [&](const Answer&) { answered.count_down(); }));
  }
  gate.open.set_value();
  answered.wait();
  EXPECT_EQ(gate.looked_up, 1);
}

TEST_F(ResolverTest, IsBoundedAndForgetsWhoLeft) {
  constexpr auto kThreads = static_cast<int>(Resolver::kThreads);
  Gate gate;
  start({"*"}, gate.look_up());
  std::latch busy_answered(kThreads);
  std::atomic<int> waiting_answered = 0;
  std::vector<Resolver::Ticket> busy, waiting;
  for (int i = 0; i < kThreads; ++i) {
    busy.push_back(resolver->ask(dns_query("b" + std::to_string(i) + ".example", kTypeA),
                                 [&](const Answer&) { busy_answered.count_down(); }));
  }
  gate.all_busy.wait();
  for (std::size_t i = 0; i < Resolver::kMaxNames; ++i) {
    waiting.push_back(resolver->ask(dns_query("w" + std::to_string(i) + ".example", kTypeA),
                                    [&](const Answer&) { ++waiting_answered; }));
  }
  EXPECT_EQ(waiting_answered, 0) << "so many fit";
  EXPECT_EQ(rcode_of(ask("one-more.example", kTypeA, true)), Rcode::server_failure);
  waiting.clear();
  std::promise<Answer> promise;
  auto ticket = resolver->ask(dns_query("one-more.example", kTypeA),
                              [&](Answer answer) { promise.set_value(std::move(answer)); });
  gate.open.set_value();
  EXPECT_EQ(records_of(promise.get_future().get()), 1u);
  busy_answered.wait();
  resolver.reset();
  EXPECT_EQ(waiting_answered, 0) << "who has left is not answered";
  EXPECT_EQ(gate.looked_up, kThreads + 1) << "nor looked up for";
}

TEST_F(ResolverTest, ADestroyedTicketIsNotAnswered) {
  Gate gate;
  start({"*"}, gate.look_up());
  std::promise<void> other;
  {
    auto ticket = resolver->ask(dns_query("a.example", kTypeA), [](const Answer&) { ADD_FAILURE() << "answered"; });
  }
  auto ticket = resolver->ask(dns_query("a.example", kTypeA), [&](const Answer&) { other.set_value(); });
  gate.open.set_value();
  other.get_future().get();
}

TEST_F(ResolverTest, DestroyingATicketWaitsForARunningAnswer) {
  start({"*"}, [](const std::string&) { return NameResult{Rcode::no_error}; });
  std::promise<void> running;
  std::promise<void> proceed;
  std::atomic<bool> finished = false;
  auto ticket = resolver->ask(dns_query("a.example", kTypeA), [&](const Answer&) {
    running.set_value();
    proceed.get_future().wait();
    finished = true;
  });
  running.get_future().wait();
  proceed.set_value();
  ticket = {};
  EXPECT_TRUE(finished);
}

TEST_F(ResolverTest, AnAnswerMayDestroyItsOwnTicket) {
  Gate gate;
  start({"*"}, gate.look_up());
  std::promise<void> done;
  Resolver::Ticket ticket;
  ticket = resolver->ask(dns_query("a.example", kTypeA), [&](const Answer&) {
    ticket = {};
    done.set_value();
  });
  gate.open.set_value();
  done.get_future().get();
}

TEST_F(ResolverTest, EndsWhileAskersWait) {
  Gate gate;
  start({"*"}, gate.look_up());
  std::vector<Resolver::Ticket> tickets;
  for (int i = 0; i < 20; ++i) {
    tickets.push_back(resolver->ask(dns_query("n" + std::to_string(i) + ".example", kTypeA), [](const Answer&) {}));
  }
  gate.all_busy.wait();
  std::jthread opener([&] { gate.open.set_value(); });
  resolver.reset();
  // That it ends is the test; and that the tickets, which go only now, do not miss it.
  tickets.clear();
}

/// Names of this machine's hosts file that lead to one address only.
std::vector<std::pair<std::string, std::string>> hosts_names() {
  std::vector<std::pair<std::string, std::string>> result;
  std::ifstream file("/etc/hosts");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address, name;
    words >> address;
    auto ip = parse_ip(address);
    if (!ip || !is_ipv4(*ip)) continue;
    while (words >> name) {
      auto normal = normal_host_name(name);
      if (normal && !is_localhost(*normal)) result.emplace_back(*normal, address);
    }
  }
  return result;
}

TEST_F(ResolverTest, HeedsTheHostsFile) {
  auto names = hosts_names();
  if (names.empty()) GTEST_SKIP() << "/etc/hosts has no names but localhost";
  start({"*"});
  for (const auto& [name, address] : names) {
    Answer answer = ask(name, kTypeA, false);
    EXPECT_EQ(rcode_of(answer), Rcode::no_error) << name;
    IpBytes ip = *parse_ip(address);
    EXPECT_NE(std::search(answer.begin(), answer.end(), reinterpret_cast<std::byte*>(&ip[12]),
                          reinterpret_cast<std::byte*>(&ip[12]) + 4),
              answer.end())
        << name << " " << address;
  }
}

TEST_F(ResolverTest, AnUnknownNameHasNoAddresses) {
  start({"*.invalid"});
  Answer answer = ask("no-such-name.invalid", kTypeA, false);
  EXPECT_TRUE(rcode_of(answer) == Rcode::no_such_name || rcode_of(answer) == Rcode::server_failure);
  EXPECT_EQ(records_of(answer), 0u);
}

}  // namespace
}  // namespace mayfly::net
