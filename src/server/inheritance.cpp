#include "server/inheritance.h"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "http/inherited_socket.h"

namespace mayfly::server {
namespace {

// A line with the descriptor for tell_ready(), then one for each endpoint: "5,6 127.0.0.1:8080".

[[noreturn]] void throw_malformed() {
  throw Error("{} in the environment is not what a running Mayfly sets: unset it", kInheritanceVariable);
}

/// The text up to the separator, which is removed with it; all of it if there is none.
std::string_view cut(std::string_view& text, char separator) {
  const std::string_view piece = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(piece.size() + 1, text.size()));
  return piece;
}

int parse_descriptor(std::string_view text) {
  int descriptor = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), descriptor);
  if (error != std::errc{} || end != text.data() + text.size() || descriptor < 0) throw_malformed();
  return descriptor;
}

}  // namespace

std::string inheritance_text(int ready, std::span<const NamedSockets> sockets) {
  std::string text = std::to_string(ready);
  for (const NamedSockets& one : sockets) {
    if (one.name.find('\n') != std::string::npos) throw Error("'{}' has a line break in its name", one.name);
    text += fmt::format("\n{} {}", fmt::join(one.descriptors, ","), one.name);
  }
  return text;
}

Inheritance::Inheritance(std::string_view text) {
  const int ready = parse_descriptor(cut(text, '\n'));
  if (::fcntl(ready, F_SETFD, FD_CLOEXEC) < 0) throw_malformed();
  ready_ = UniqueFd(ready);
  while (!text.empty()) add_line(cut(text, '\n'));
}

void Inheritance::add_line(std::string_view line) {
  std::string_view descriptors = cut(line, ' ');
  if (line.empty()) throw_malformed();
  Sockets& added = sockets_.emplace_back(Sockets{std::string(line), {}});
  do {
    added.sockets.push_back(http::take_inherited_socket(parse_descriptor(cut(descriptors, ','))));
  } while (!descriptors.empty());
}

std::vector<UniqueFd> Inheritance::take(std::string_view name) {
  const auto found = std::ranges::find(sockets_, name, &Sockets::name);
  if (found == sockets_.end()) return {};
  std::vector<UniqueFd> sockets = std::move(found->sockets);
  sockets_.erase(found);
  return sockets;
}

std::vector<std::string> Inheritance::names() const {
  std::vector<std::string> names;
  for (const Sockets& one : sockets_) names.push_back(one.name);
  return names;
}

void Inheritance::tell_ready() {
  // A predecessor that is gone makes this fail, and needs no answer.
  if (ready_) static_cast<void>(::send(ready_.get(), "1", 1, MSG_NOSIGNAL));
  ready_.reset();
  sockets_.clear();
}

}  // namespace mayfly::server
