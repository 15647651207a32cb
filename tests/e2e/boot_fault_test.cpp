// What keeps a program from being served is said, with its remedy where there is one.
#include <gtest/gtest.h>

#include <elf.h>
#include <unistd.h>

#include <cstring>

#include "cli/test_folder.h"
#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

void expect_failure(const Outcome& outcome, int status, const Strings& said) {
  EXPECT_EQ(outcome.status, status) << outcome.err;
  EXPECT_EQ(outcome.err.find(" serving "), std::string::npos) << outcome.err;
  for (const std::string& text : said)
    EXPECT_NE(outcome.err.find(text), std::string::npos) << text << " in " << outcome.err;
}

/// Runs `mayfly ARGUMENTS` under a program that takes something away from it.
Outcome deprived(const Strings& wrapper, const Strings& arguments) {
  Start start;
  start.command = wrapper;
  start.command.push_back(mayfly_program());
  start.command.insert(start.command.end(), arguments.begin(), arguments.end());
  return run(start);
}

TEST(BootFault, NoKvm) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can hide /dev/kvm from a program";
  const Outcome outcome =
      deprived({"/usr/bin/unshare", "--mount", "/bin/sh", "-c", "mount -t tmpfs none /dev && exec \"$@\"", "sh"},
               {"run", "--", test_server()});
  expect_failure(outcome, 1, {"/dev/kvm does not exist", "modprobe"});
}

TEST(BootFault, NoPermissionForKvm) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can take its permission away";
  const Outcome outcome =
      deprived({"/usr/bin/unshare", "--mount", "/bin/sh", "-c",
                "mount -t tmpfs none /dev && mknod -m 0 /dev/kvm c 10 232 && exec setpriv --inh-caps=-all "
                "--bounding-set=-all --no-new-privs \"$@\"",
                "sh"},
               {"run", "--", "/bin/true"});
  expect_failure(outcome, 1, {"permission denied", "usermod -aG kvm"});
}

TEST(BootFault, ProgramNotFound) {
  expect_failure(run_mayfly({"run", "--", "/no/such/program"}), 1, {"/no/such/program", "does not exist"});
  expect_failure(run_mayfly({"run", "--", "no-such-program"}), 1, {"no-such-program", "PATH"});
  expect_failure(run_mayfly({"serve", "no-such-app.js"}), 1, {"no-such-app.js", "does not exist"});
}

TEST(BootFault, NotAnElfFile) {
  const cli::TestFolder folder;
  const std::string text = folder.write("text", "just text\n", true);
  expect_failure(run_mayfly({"run", "--", text}), 1, {text, "no ELF header"});
}

TEST(BootFault, WrongArchitecture) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = EM_AARCH64;
  const cli::TestFolder folder;
  const std::string program =
      folder.write("program", std::string_view(reinterpret_cast<const char*>(&header), sizeof header), true);
  expect_failure(run_mayfly({"run", "--", program}), 1, {program, "x86-64 is needed"});
}

TEST(BootFault, AnElfFileOfGarbage) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = EM_X86_64;
  header.e_phoff = ~0UL;
  header.e_phnum = 9;
  const cli::TestFolder folder;
  const std::string program =
      folder.write("program", std::string_view(reinterpret_cast<const char*>(&header), sizeof header), true);
  const Outcome outcome = run_mayfly({"run", "--", program});
  EXPECT_NE(outcome.status, 0);
  EXPECT_LT(outcome.status, 128) << "mayfly itself must not fall over: " << outcome.err;
}

TEST(BootFault, ACommandsExitIsPassedOn) {
  expect_failure(run_mayfly({"run", "--", existing(MAYFLY_ENDING), "exit"}), 9, {"last words"});
}

TEST(BootFault, ACrashShowsItsLastWordsAndItsSignal) {
  expect_failure(run_mayfly({"run", "--", existing(MAYFLY_ENDING), "crash"}), 128 + 11, {"last words", "SIGSEGV"});
}

TEST(BootFault, AScriptThatFailsShowsItsStack) {
  const Outcome outcome = run_mayfly({"serve", "--runtime=" + deno(), app("throws.js")});
  expect_failure(outcome, 1, {"about to fail", "this app is broken", "throws.js:2", "did not come to listen"});
}

TEST(BootFault, NeverListens) {
  for (const char* how : {"sleep", "loop"}) {
    const Outcome outcome = run_mayfly({"run", "--boot-timeout=500ms", "--", existing(MAYFLY_ENDING), how});
    expect_failure(outcome, 1, {"last words", "does not listen after 0.5 s", "--boot-timeout"});
  }
}

TEST(BootFault, WaitsForWhatCannotCome) {
  expect_failure(run_mayfly({"run", "--", existing(MAYFLY_ENDING), "wait"}), 1, {"does not listen"});
}

TEST(BootFault, AddressInUse) {
  const Server first = Server::run();
  const Outcome outcome = run_mayfly({"run", "--listen=" + first.address(), "--", test_server()});
  expect_failure(outcome, 1, {first.address(), "in use"});
  EXPECT_EQ(first.get("/hello").status, 200);
}

TEST(BootFault, UnixSocketInUse) {
  const cli::TestFolder folder;
  const std::string address = "unix:" + folder.path().string() + "/socket";
  const Server first = Server::run({"--listen=" + address});
  EXPECT_EQ(first.get("/hello").body, "hello\n");
  expect_failure(run_mayfly({"run", "--listen=" + address, "--", test_server()}), 1, {address, "listens there"});
  EXPECT_EQ(first.get("/hello").body, "hello\n");
}

TEST(BootFault, UnknownOptionsAndWrongValues) {
  expect_failure(run_mayfly({"run", "--no-such-option", "--", test_server()}), 2, {"--no-such-option"});
  expect_failure(run_mayfly({"run", "--vms=0", "--", test_server()}), 2, {"--vms", "1 to 65536"});
  expect_failure(run_mayfly({"run", "--isolate=always", "--", test_server()}), 2, {"--isolate", "request"});
  expect_failure(run_mayfly({"run", "--memory=lots", "--", test_server()}), 2, {"--memory", "size"});
  expect_failure(run_mayfly({"run", "--listen=nowhere", "--", test_server()}), 2, {"--listen"});
}

TEST(BootFault, TooLittleMemoryNamesTheOption) {
  expect_failure(
      run_mayfly({"serve", "--listen=127.0.0.1:0", "--memory=32m", "--runtime=" + deno(), example("hello/server.js")}),
      1, {"--memory"});
}

}  // namespace
}  // namespace mayfly::e2e
