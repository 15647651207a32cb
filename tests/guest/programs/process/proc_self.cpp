// /proc/self: what a process is told of itself agrees with what the system calls say.
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <set>
#include <thread>

#include "proc_text.h"

namespace {

void identity() {
  CHECK(link_of("/proc/self") == std::to_string(getpid()));
  CHECK(link_of("/proc/thread-self") == std::to_string(getpid()) + "/task/" + std::to_string(gettid()));
  struct stat self {};
  struct stat by_number {};
  CHECK(stat("/proc/self/", &self) == 0 && stat(("/proc/" + std::to_string(getpid())).c_str(), &by_number) == 0);
  CHECK(S_ISDIR(self.st_mode) && access("/proc/99999999", F_OK) == -1 && errno == ENOENT);
  CHECK(stat("/proc/self/exe", &self) == 0 && stat(link_of("/proc/self/exe").c_str(), &by_number) == 0);
  CHECK(self.st_ino == by_number.st_ino && link_of("/proc/self/root") == "/");
  passed("identity");
}

void status() {
  auto fields = fields_of(text_of("/proc/self/status"));
  CHECK(number_of(fields["Pid"]) == static_cast<unsigned long>(getpid()) && fields["Tgid"] == fields["Pid"]);
  CHECK(number_of(fields["PPid"]) == static_cast<unsigned long>(getppid()) && fields["State"] == "R (running)");
  CHECK(number_of(fields["Threads"]) == 1 && number_of(fields["Uid"]) == getuid() &&
        number_of(fields["Gid"]) == getgid());
  CHECK(number_of(fields["VmRSS"]) > 0 && number_of(fields["VmSize"]) >= number_of(fields["VmRSS"]));
  mode_t mask = umask(027);
  CHECK(fields_of(text_of("/proc/self/status"))["Umask"] == "0027");
  umask(mask);
  CHECK(fields["Cpus_allowed"].size() > 0 && fields["NoNewPrivs"] == "0" && fields["TracerPid"] == "0");
  passed("status");
}

void signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  CHECK(sigprocmask(SIG_BLOCK, &set, nullptr) == 0 && raise(SIGUSR2) == 0);
  CHECK(signal(SIGHUP, SIG_IGN) != SIG_ERR && signal(SIGALRM, [](int) {}) != SIG_ERR);
  auto fields = fields_of(text_of("/proc/self/status"));
  auto has = [&](const char* name, int number) {
    return (std::strtoul(fields[name].c_str(), nullptr, 16) >> (number - 1) & 1) != 0;
  };
  CHECK(has("SigBlk", SIGUSR2) && !has("SigBlk", SIGUSR1) && (has("SigPnd", SIGUSR2) || has("ShdPnd", SIGUSR2)));
  CHECK(has("SigIgn", SIGHUP) && has("SigCgt", SIGALRM) && !has("SigCgt", SIGHUP));
  passed("signals");
}

void stat_line() {
  std::string text = text_of("/proc/self/stat");
  CHECK(number_of(text) == static_cast<unsigned long>(getpid()) && text.back() == '\n');
  std::size_t name_end = text.rfind(')');
  CHECK(text.find('(') != std::string::npos && name_end != std::string::npos);
  auto words = words_of(text.substr(name_end + 1));
  CHECK(words.size() == 50 && words[0] == "R");  // from the third field on
  CHECK(number_of(words[1]) == static_cast<unsigned long>(getppid()) && words[17] == "1");
  CHECK(number_of(words[20]) > 0 && number_of(words[21]) > 0);  // vsize and rss
  auto pages = words_of(text_of("/proc/self/statm"));
  CHECK(pages.size() == 7 && number_of(pages[0]) >= number_of(pages[1]) && number_of(pages[1]) > 0);
  passed("stat line");
}

void arguments() {
  std::string arguments = text_of("/proc/self/cmdline");
  CHECK(!arguments.empty() && arguments.back() == '\0' && arguments.find("proc_self") != std::string::npos);
  std::string environment = text_of("/proc/self/environ");
  CHECK(environment.empty() || environment.find('=') != std::string::npos);
  CHECK(text_of("/proc/self/comm").substr(0, 4) != "\n");
  std::string vector = text_of("/proc/self/auxv");
  bool page_size = false;
  for (std::size_t at = 0; at + 16 <= vector.size(); at += 16) {
    unsigned long entry[2];
    std::memcpy(entry, vector.data() + at, sizeof entry);
    page_size = page_size || (entry[0] == AT_PAGESZ && entry[1] == getauxval(AT_PAGESZ));
  }
  CHECK(page_size);
  passed("arguments");
}

void names() {
  CHECK(prctl(PR_SET_NAME, "renamed") == 0 && text_of("/proc/self/comm") == "renamed\n");
  CHECK(fields_of(text_of("/proc/self/status"))["Name"] == "renamed");
  int fd = open("/proc/self/comm", O_WRONLY);
  CHECK(fd >= 0 && write(fd, "by writing it", 13) == 13 && close(fd) == 0);
  char name[16] = {};
  CHECK(prctl(PR_GET_NAME, name) == 0 && std::string(name) == "by writing it");
  passed("names");
}

void descriptors() {
  int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  CHECK(fd >= 0 && lseek(fd, 5, SEEK_SET) == 5);
  std::string number = std::to_string(fd);
  CHECK(link_of("/proc/self/fd/" + number).find("/status") != std::string::npos);
  auto fields = fields_of(text_of("/proc/self/fdinfo/" + number));
  CHECK(fields["pos"] == "5" && (number_of(fields["flags"]) & O_CLOEXEC) != 0 && fields.count("mnt_id") == 1);
  std::set<std::string> listed;
  DIR* opened = opendir("/proc/self/fd");
  while (dirent* entry = readdir(opened)) listed.insert(entry->d_name);
  CHECK(closedir(opened) == 0 && listed.count("0") == 1 && listed.count(number) == 1 && close(fd) == 0);
  CHECK(access(("/proc/self/fd/" + number).c_str(), F_OK) == -1 && errno == ENOENT);
  CHECK(access(("/proc/self/fdinfo/" + number).c_str(), F_OK) == -1 && errno == ENOENT);
  int pipes[2];
  CHECK(pipe(pipes) == 0 && link_of("/proc/self/fd/" + std::to_string(pipes[0])).substr(0, 6) == "pipe:[");
  CHECK(link_of("/dev/fd/" + std::to_string(pipes[0])).substr(0, 6) == "pipe:[");
  CHECK(close(pipes[0]) == 0 && close(pipes[1]) == 0);
  passed("descriptors");
}

void threads() {
  pid_t other = 0;
  int ready[2];
  int done[2];
  CHECK(pipe(ready) == 0 && pipe(done) == 0);
  std::thread thread([&] {
    char byte = 0;
    other = gettid();
    CHECK(write(ready[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 1);
  });
  char byte = 0;
  CHECK(read(ready[0], &byte, 1) == 1);
  CHECK(pthread_setname_np(thread.native_handle(), "helper") == 0);
  const std::string folder = "/proc/self/task/" + std::to_string(other);
  auto fields = fields_of(text_of(folder + "/status"));
  CHECK(fields["Name"] == "helper" && number_of(fields["Pid"]) == static_cast<unsigned long>(other));
  CHECK(number_of(fields["Tgid"]) == static_cast<unsigned long>(getpid()) && fields["Threads"] == "2");
  CHECK(text_of(folder + "/comm") == "helper\n" && text_of("/proc/self/comm") != "helper\n");
  std::set<std::string> listed;
  DIR* opened = opendir("/proc/self/task");
  while (dirent* entry = readdir(opened)) listed.insert(entry->d_name);
  CHECK(closedir(opened) == 0 && listed.count(std::to_string(other)) == 1 &&
        listed.count(std::to_string(getpid())) == 1);
  CHECK(write(done[1], &byte, 1) == 1);
  thread.join();
  passed("threads");
}

void limits() {
  rlimit files{};
  CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
  rlimit wanted{100, files.rlim_max};
  CHECK(setrlimit(RLIMIT_NOFILE, &wanted) == 0);
  std::istringstream stream(text_of("/proc/self/limits"));
  int lines = 0;
  bool told = false;
  for (std::string line; std::getline(stream, line); ++lines) {
    if (line.starts_with("Max open files")) told = words_of(line)[3] == "100" && words_of(line)[5] == "files";
  }
  CHECK(lines == 17 && told && setrlimit(RLIMIT_NOFILE, &files) == 0);
  passed("limits");
}

void mounts() {
  std::set<std::string> places;
  std::istringstream stream(text_of("/proc/self/mountinfo"));
  for (std::string line; std::getline(stream, line);) {
    auto words = words_of(line);
    CHECK(words.size() >= 9 && line.find(" - ") != std::string::npos);
    places.insert(words[4]);
  }
  CHECK(places.count("/") == 1 && places.count("/proc") == 1);
  CHECK(text_of("/proc/mounts").find(" /proc proc ") != std::string::npos &&
        text_of("/proc/self/cgroup").find("::/") != std::string::npos);
  CHECK(text_of("/proc/self/oom_score_adj").back() == '\n' && !text_of("/proc/self/io").empty());
  passed("mounts");
}

}  // namespace

int main() {
  identity();
  status();
  signals();
  stat_line();
  arguments();
  names();
  descriptors();
  threads();
  limits();
  mounts();
}
