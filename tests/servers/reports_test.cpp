// Programs that need what machines do not have: the log says which call, where it was made, and what to do.
#include <gtest/gtest.h>

#include "e2e/places.h"
#include "started_program.h"

namespace mayfly::servers {
namespace {

e2e::Outcome run_in_machine(const ServerProgram& program) {
  const Place place(program, 8000);
  Start start;
  start.folder = place.folder();
  Strings arguments = {"run"};
  for (const std::string& variable : place.environment()) arguments.push_back("--env=" + variable);
  arguments.emplace_back("--");
  arguments.insert(arguments.end(), place.command().begin(), place.command().end());
  return e2e::run_mayfly(arguments, start);
}

/// The texts follow each other in one line of the log.
void expect_line(const e2e::Outcome& outcome, const Strings& texts) {
  std::size_t at = 0;
  for (const std::string& text : texts) {
    const std::size_t found = outcome.err.find(text, at);
    ASSERT_NE(found, std::string::npos) << text << "\n" << outcome.err;
    if (at > 0) {
      EXPECT_LT(found, outcome.err.find('\n', at)) << text << "\n" << outcome.err;
    }
    at = found + text.size();
  }
}

TEST(Reports, GunicornsWorkers) {
  ServerProgram gunicorn = python_program("gunicorn", "");
  gunicorn.command = {"/usr/bin/gunicorn", "--bind", "127.0.0.1:@PORT@", "flask_app:app"};
  const e2e::Outcome outcome = run_in_machine(gunicorn);
  EXPECT_NE(outcome.status, 0);
  EXPECT_EQ(outcome.err.find("may not read"), std::string::npos) << outcome.err;
  expect_line(outcome, {"not supported: fork by /usr/bin/python3.11: a machine runs one process, children are planned; "
                        "until then set the program to work in one (no daemon, no worker processes)",
                        "; called at _Fork+0x", "libc.so.6), from "});
}

class NeedingPrograms : public testing::TestWithParam<std::string> {};

TEST_P(NeedingPrograms, NameWhoForks) {
  ServerProgram program = built_program("needing-" + GetParam());
  program.command.emplace_back("fork");
  const e2e::Outcome outcome = run_in_machine(program);
  EXPECT_EQ(outcome.status, 3);
  EXPECT_EQ(outcome.out, "goes without\n");
  expect_line(outcome, {"not supported: fork by " + program.command[0], "; called at _Fork+0x", "fork+0x",
                        ", from start_worker+0x", program.command[0] + "), from main+0x"});
}

TEST_P(NeedingPrograms, NameCallsThatAreMissing) {
  const ServerProgram program = built_program("needing-" + GetParam());
  const e2e::Outcome outcome = run_in_machine(program);
  EXPECT_EQ(outcome.status, 3);
  expect_line(outcome, {"the program uses shmget (system call 29), which machines do not have yet: it got ENOSYS",
                        "; called at shmget+0x", ", from share_memory+0x", program.command[0] + "), from main+0x"});
}

INSTANTIATE_TEST_SUITE_P(, NeedingPrograms, testing::Values("dynamic", "static", "static-pie"),
                         [](const auto& parameter) {
                           return parameter.param == "static-pie" ? std::string("static_pie") : parameter.param;
                         });

}  // namespace
}  // namespace mayfly::servers
