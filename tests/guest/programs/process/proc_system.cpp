// /proc and /sys outside of the process: what runtimes size themselves by.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <cmath>

#include "proc_text.h"

namespace {

void processors() {
  auto fields = fields_of(text_of("/proc/cpuinfo"));
  for (const char* name : {"vendor_id", "cpu family", "model", "model name", "stepping", "cpu MHz", "bogomips"}) {
    CHECK(fields.count(name) == 1 && !fields[name].empty());
  }
  std::string flags = " " + fields["flags"] + " ";
  for (const char* flag : {" fpu ", " tsc ", " sse2 ", " cx16 ", " lm ", " nx ", " syscall "}) {
    CHECK(flags.find(flag) != std::string::npos);
  }
  CHECK((flags.find(" avx2 ") != std::string::npos) == (__builtin_cpu_supports("avx2") != 0));
  CHECK((flags.find(" sse4_2 ") != std::string::npos) == (__builtin_cpu_supports("sse4.2") != 0));
  CHECK(std::stod(fields["cpu MHz"]) > 100);
  for (const char* name : {"online", "possible", "present"}) {
    CHECK(text_of(std::string("/sys/devices/system/cpu/") + name)[0] == '0');
  }
  CHECK(text_of("/sys/devices/system/cpu/cpu0/topology/core_id").back() == '\n');
  CHECK(text_of("/sys/devices/system/node/online")[0] == '0');
  passed("processors");
}

void memory() {
  auto fields = fields_of(text_of("/proc/meminfo"));
  struct sysinfo info {};
  CHECK(sysinfo(&info) == 0);
  unsigned long total = number_of(fields["MemTotal"]);
  CHECK(total == info.totalram * info.mem_unit / 1024 && fields["MemTotal"].find(" kB") != std::string::npos);
  CHECK(number_of(fields["MemFree"]) <= total && number_of(fields["MemAvailable"]) <= total);
  for (const char* name : {"Buffers", "Cached", "SwapTotal", "SwapFree", "Shmem", "Hugepagesize"})
    CHECK(fields.count(name) == 1);
  passed("memory");
}

void times() {
  auto uptime = words_of(text_of("/proc/uptime"));
  CHECK(uptime.size() == 2 && std::stod(uptime[0]) > 0);
  auto load = words_of(text_of("/proc/loadavg"));
  CHECK(load.size() == 5 && load[3].find('/') != std::string::npos);
  std::istringstream stream(text_of("/proc/stat"));
  std::string line;
  CHECK(static_cast<bool>(std::getline(stream, line)) && line.starts_with("cpu  ") && words_of(line).size() == 11);
  bool boot_time = false;
  while (std::getline(stream, line)) boot_time = boot_time || line.starts_with("btime ");
  CHECK(boot_time);
  passed("times");
}

void versions() {
  utsname name{};
  CHECK(uname(&name) == 0);
  CHECK(text_of("/proc/version").starts_with("Linux version " + std::string(name.release)));
  CHECK(text_of("/proc/sys/kernel/osrelease") == std::string(name.release) + "\n");
  CHECK(text_of("/proc/sys/kernel/hostname") == std::string(name.nodename) + "\n");
  CHECK(text_of("/proc/sys/kernel/ostype") == "Linux\n");
  CHECK(text_of("/proc/sys/kernel/version") == std::string(name.version) + "\n");
  CHECK(text_of("/proc/filesystems").find("\tproc\n") != std::string::npos);
  passed("versions");
}

void random_numbers() {
  std::string first = text_of("/proc/sys/kernel/random/uuid");
  CHECK(first.size() == 37 && first[8] == '-' && first[14] == '4' && first[36] == '\n');
  CHECK(first != text_of("/proc/sys/kernel/random/uuid"));
  std::string boot = text_of("/proc/sys/kernel/random/boot_id");
  CHECK(boot.size() == 37 && boot == text_of("/proc/sys/kernel/random/boot_id"));
  CHECK(number_of(text_of("/proc/sys/kernel/random/entropy_avail")) >= 256);
  passed("random numbers");
}

void settings() {
  for (const char* name :
       {"kernel/pid_max", "kernel/threads-max", "kernel/cap_last_cap", "kernel/ngroups_max", "vm/overcommit_memory",
        "vm/max_map_count", "vm/mmap_min_addr", "vm/swappiness", "net/core/somaxconn", "net/core/rmem_max",
        "net/ipv4/tcp_fin_timeout", "fs/file-max", "fs/nr_open", "fs/pipe-max-size", "fs/inotify/max_user_watches"}) {
    std::string text = text_of(std::string("/proc/sys/") + name);
    CHECK(text.back() == '\n' && number_of(text) <= ~0ul);
  }
  CHECK(words_of(text_of("/proc/sys/net/ipv4/ip_local_port_range")).size() == 2);
  CHECK(words_of(text_of("/proc/sys/fs/file-nr")).size() == 3);
  CHECK(text_of("/sys/kernel/mm/transparent_hugepage/enabled").find('[') != std::string::npos);
  CHECK(text_of("/proc/net/dev").find("lo:") != std::string::npos);
  CHECK(text_of("/proc/self/net/if_inet6").find(" lo\n") != std::string::npos);
  passed("settings");
}

void what_cannot_be_done() {
  CHECK(open("/proc/uptime", O_RDONLY | O_DIRECTORY) == -1 && errno == ENOTDIR);
  CHECK(open("/proc/none", O_RDONLY) == -1 && errno == ENOENT);
  CHECK(open("/proc/none", O_WRONLY | O_CREAT, 0644) == -1 && errno == ENOENT);
  CHECK(mkdir("/proc/none", 0755) == -1 && errno == ENOENT);
  CHECK(unlink("/proc/uptime") == -1 && errno == EPERM);
  CHECK(rename("/proc/uptime", "/proc/x") == -1 && access("/proc/uptime", F_OK) == 0);
  int fd = open("/proc/self/stat", O_RDONLY);
  char byte = 0;
  CHECK(fd >= 0 && pread(fd, &byte, 1, 1'000'000) == 0 && read(fd, &byte, 1) == 1 && byte >= '1' && byte <= '9');
  CHECK(lseek(fd, 0, SEEK_END) == -1 && errno == EINVAL && close(fd) == 0);
  struct stat status {};
  CHECK(stat("/proc/version", &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0 &&
        (status.st_mode & 0777) == 0444);
  passed("what cannot be done");
}

}  // namespace

int main() {
  processors();
  memory();
  times();
  versions();
  random_numbers();
  settings();
  what_cannot_be_done();
}
