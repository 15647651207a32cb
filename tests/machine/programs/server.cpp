// The program in the machines of these tests: a TCP server that obeys one command per line. Between commands all its
// vector registers are in use.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

#include "commands.h"
#include "vector_state.h"

namespace {

constexpr unsigned short kPort = 8000;

const std::map<std::string, Command> kCommands = {
    {"check", check_and_spoil},
    {"unmap", unmap_snapshot},
    {"fresh", fresh_mappings},
    {"mappings", change_mappings},
    {"grow", grow},
    {"clocks", clocks},
    {"entropy", entropy},
    {"spin", two_spinning_threads},
    {"churn", churn},
    {"scribble", spin_with_scribbled_vectors},
    {"attack", attack},
};

std::string obey(const std::string& line) {
  auto space = line.find(' ');
  auto found = kCommands.find(line.substr(0, space));
  if (found == kCommands.end()) return "unknown command";
  return found->second(space == std::string::npos ? "" : line.substr(space + 1));
}

/// One command per read: the test waits for each answer.
void serve(int connection) {
  char buffer[256];
  std::string changed;
  for (;;) {
    long got = read_with_vector_state(connection, buffer, sizeof buffer, changed);
    if (got <= 0) return;
    std::string answer = obey(std::string(buffer, static_cast<unsigned long>(got) - 1));
    if (!changed.empty()) answer = "changed registers:" + changed;
    answer += '\n';
    if (write(connection, answer.data(), answer.size()) < 0) return;
  }
}

}  // namespace

int main() {
  prepare_state();
  prepare_mappings();
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 4) != 0) return 1;
  for (;;) {
    int connection = accept(listener, nullptr, nullptr);
    if (connection < 0) return 1;
    serve(connection);
    close(connection);
  }
}
