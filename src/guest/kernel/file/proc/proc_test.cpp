// /proc, /dev and the standard streams.
#include "guest/kernel/file/files_fixture.h"

namespace mayfly::kernel {
namespace {

class ProcTest : public FilesTest {};

TEST_F(ProcTest, KnowsTheProcess) {
  std::string id = std::to_string(kernel.process.id);
  EXPECT_EQ(read_link("/proc/self"), id);
  EXPECT_EQ(read_link("/proc/self/exe"), "/host/bin/program");
  EXPECT_EQ(read_link("/proc/" + id + "/cwd"), "/");
  EXPECT_EQ(read_link("/proc/thread-self"), id + "/task/" + id);
  EXPECT_EQ(read("/proc/" + std::to_string(kernel.process.id + 1)), "error 2");
  EXPECT_TRUE(list("/proc").contains(id));
  EXPECT_TRUE(list("/proc/self/task").contains(id));
  EXPECT_NE(read("/proc/self/status").find("\nPid:\t" + id + "\n"), std::string::npos);
  EXPECT_EQ(read("/proc/self/stat").find(id + " ("), 0u);
  kernel.process.id = 4711;
  EXPECT_EQ(read_link("/proc/self"), "4711") << "a reset machine has another number";
  EXPECT_NE(read("/proc/self/task/4711/status").find("\nPid:\t4711\n"), std::string::npos);
}

TEST_F(ProcTest, ExecutableCanBeOpened) {
  tree.write("bin/program", "ELF");
  EXPECT_EQ(read("/proc/self/exe"), "ELF");
}

TEST_F(ProcTest, ShowsMaps) {
  Area stack;
  stack.protection = abi::kProtRead | abi::kProtWrite;
  stack.flags = kAreaStack;
  ASSERT_GT(kernel.process.memory.map(0x7ffe'0000'0000, 0x2000, Placement::fixed, stack), 0);
  tree.write("lib", std::string(4096, 'x'));
  long fd = open("/host/lib");
  Area code;
  code.protection = abi::kProtRead | abi::kProtExec;
  code.file = kernel.process.files.get(static_cast<int>(fd));
  code.offset = 0x1000;
  ASSERT_GT(kernel.process.memory.map(0x5000'0000, 0x1000, Placement::fixed, code), 0);
  std::string maps = read("/proc/self/maps");
  EXPECT_EQ(maps.find("50000000-50001000 r-xp 00001000 "), 0u) << maps;
  EXPECT_NE(maps.find(" /host/lib\n"), std::string::npos) << maps;
  EXPECT_NE(maps.find("7ffe00000000-7ffe00002000 rw-p 00000000 00:00 0"), std::string::npos) << maps;
  EXPECT_NE(maps.find(" [stack]\n"), std::string::npos) << maps;
  auto others = host.on_call;
  host.on_call = [others](abi::Call call, const u64(&args)[6]) -> long {
    return call == abi::Call::resident ? 2 : others(call, args);
  };
  EXPECT_EQ(read("/proc/self/statm"), "3 2 1 1 0 2 0\n");
  EXPECT_NE(read("/proc/self/smaps").find("Rss:                   8 kB\n"), std::string::npos);
}

TEST_F(ProcTest, ShowsDescriptors) {
  tree.write("file", "text");
  long fd = open("/host/file");
  std::string path = "/proc/self/fd/" + std::to_string(fd);
  EXPECT_EQ(read_link(path), "/host/file");
  EXPECT_EQ(read(path), "text");
  EXPECT_TRUE(list("/proc/self/fd").contains(std::to_string(fd)));
  EXPECT_EQ(read_link("/proc/self/fd/99"), "error 2");
  EXPECT_EQ(status(path).st_size, 4);
  int ends[2];
  ASSERT_EQ(call(__NR_pipe, ends), 0);
  EXPECT_EQ(read_link("/proc/self/fd/" + std::to_string(ends[0])).find("pipe:["), 0u);
}

TEST_F(ProcTest, ReadsAfreshFromTheStart) {
  long fd = open("/proc/uptime");
  char first[40] = {};
  char second[40] = {};
  EXPECT_GT(call(__NR_pread64, fd, first, sizeof first - 1, 0), 0);
  host.now_ns += 5'000'000'000;
  EXPECT_GT(call(__NR_pread64, fd, second, sizeof second - 1, 0), 0);
  EXPECT_STRNE(first, second);
}

TEST_F(ProcTest, DescribesOneProcessor) {
  EXPECT_EQ(read("/sys/devices/system/cpu/online"), "0\n");
  EXPECT_NE(read("/proc/cpuinfo").find("processor\t: 0\n"), std::string::npos);
  EXPECT_NE(read("/proc/meminfo").find("MemTotal: "), std::string::npos);
  EXPECT_EQ(read("/proc/sys/vm/overcommit_memory"), "1\n");
  EXPECT_EQ(read("/proc/sys/kernel/random/uuid").size(), 37u);
  EXPECT_NE(read("/proc/sys/kernel/random/uuid"), read("/proc/sys/kernel/random/uuid"));
}

TEST_F(ProcTest, CannotBeChanged) {
  EXPECT_EQ(open("/proc/new", O_CREAT | O_WRONLY), -ENOENT);
  EXPECT_EQ(open("/proc/cpuinfo", O_WRONLY), -EACCES);
  EXPECT_EQ(call(__NR_unlink, "/proc/cpuinfo"), -EPERM);
  EXPECT_EQ(call(__NR_mkdir, "/proc/self/x", 0755), -ENOENT);
  write("/proc/self/oom_score_adj", "100\n");
}

TEST_F(ProcTest, HasDevices) {
  write("/dev/null", "away");
  EXPECT_EQ(read("/dev/null"), "");
  char bytes[64];
  long zero = open("/dev/zero");
  std::memset(bytes, 1, sizeof bytes);
  EXPECT_EQ(call(__NR_read, zero, bytes, sizeof bytes), 64);
  EXPECT_EQ(bytes[63], 0);
  char other[64];
  long random = open("/dev/urandom");
  EXPECT_EQ(call(__NR_read, random, bytes, sizeof bytes), 64);
  EXPECT_EQ(call(__NR_read, random, other, sizeof other), 64);
  EXPECT_NE(std::memcmp(bytes, other, sizeof bytes), 0);
  long full = open("/dev/full", O_WRONLY);
  EXPECT_EQ(call(__NR_write, full, "x", 1), -ENOSPC);
  EXPECT_EQ(open("/dev/tty"), -ENXIO);
  EXPECT_EQ(status("/dev/null").st_mode, kModeCharacter | 0666);
  EXPECT_EQ(status("/dev/null").st_rdev, 0x103u);
  write("/dev/shm/segment", "x");
  EXPECT_EQ(read("/dev/shm/segment"), "x");
}

TEST_F(ProcTest, StandardStreamsGoToTheHost) {
  EXPECT_EQ(call(__NR_write, 1, "out\n", 4), 4);
  EXPECT_EQ(call(__NR_write, 2, "err\n", 4), 4);
  write("/dev/stdout", "more\n");
  EXPECT_EQ(host.console, "out\nerr\nmore\n");
  char byte = 0;
  EXPECT_EQ(call(__NR_read, 0, &byte, 1), 0);
  char termios[64];
  EXPECT_EQ(call(__NR_ioctl, 1, 0x5401, termios), -ENOTTY);
  EXPECT_EQ(call(__NR_lseek, 1, 0, 1), -ESPIPE);
  std::vector<char> large(600'000, 'x');
  EXPECT_EQ(call(__NR_write, 1, large.data(), large.size()), 600'000);
}

TEST_F(ProcTest, ATerminalIsOneByTheBootPage) {
  shared().boot.stdout_is_terminal = 1;
  kernel.vfs.open_standard_streams(kernel.process);
  u16 window[4] = {};
  EXPECT_EQ(call(__NR_ioctl, 1, 0x5413, window), 0);
  EXPECT_EQ(window[1], 80);
  char termios[64];
  EXPECT_EQ(call(__NR_ioctl, 1, 0x5401, termios), 0);
  EXPECT_EQ(call(__NR_ioctl, 0, 0x5401, termios), -ENOTTY);
}

}  // namespace
}  // namespace mayfly::kernel
