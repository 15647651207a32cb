// The hello of TLS: what is said of it does not depend on how it arrives, and a name is one that may be looked up.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/invariants.h"
#include "supervisor/client_hello.h"

namespace mayfly::fuzz {
namespace {

using supervisor::ClientHello;

ClientHello::Result parse(ClientHello& hello, std::string_view bytes) {
  const std::string copy(bytes);  // of its own memory, so that nobody reads on
  return hello.parse(copy);
}

void check(std::string_view bytes) {
  ClientHello whole;
  const ClientHello::Result result = parse(whole, bytes);
  ClientHello growing;
  ClientHello::Result before = ClientHello::Result::incomplete;
  for (std::size_t size = 0; size <= bytes.size() && before == ClientHello::Result::incomplete; ++size) {
    before = parse(growing, bytes.substr(0, size));
  }
  require(before == result, "what is decided early stays so");
  if (result != ClientHello::Result::complete) return;
  require(growing.server_name() == whole.server_name(), "the name is the same");
  const std::string& name = whole.server_name();
  require(name.empty() || http::is_host_and_port(name), "a name is a host");
  require(name.size() <= 253 && name.find(':') == std::string::npos, "without a port, and not too long");
}

}  // namespace
}  // namespace mayfly::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mayfly::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
