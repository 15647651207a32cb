// A machine's connections to the world outside: the host's end of all slots of SharedArea::outbound.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "machine/outbound_connection.h"
#include "machine/outbound_scope.h"
#include "machine/outbound_slot.h"
#include "machine/outbound_stream.h"

namespace mayfly::machine {

/// All that the host holds for the connections, and lets go of at a reset. Used by the thread of its loop only, while
/// the machine stands still; never throws for what the guest does.
class OutboundTable {
 public:
  /// @param area of one machine; it, what `host` refers to and the listener outlive this
  /// @param wrote told of all that is written to guest memory
  OutboundTable(abi::SharedArea& area, HostWrote wrote, OutboundHost host, MachineListener& listener);
  ~OutboundTable();
  OutboundTable(const OutboundTable&) = delete;
  OutboundTable& operator=(const OutboundTable&) = delete;

  /// Does what the guest asks for and what sockets are ready for. @return whether the guest is to look
  [[nodiscard]] bool serve();
  /// A waiting machine may yet hear from a connection.
  [[nodiscard]] bool pending() const;
  /// Connections are being made, or answers expected: a program that waits for such is not idle.
  [[nodiscard]] bool busy(loop::Clock::time_point now = loop::Clock::now()) const;
  /// What the program wrote to connections that it has closed since is still being sent.
  [[nodiscard]] bool sends_last_bytes() const;
  /// @param on_ready called from the loop when serve() is worth while; may be empty
  void set_on_ready(std::function<void()> on_ready) { scope_.set_on_ready(std::move(on_ready)); }
  /// Limits count anew, and reports carry this id.
  /// @param depth see InnerPeers::connect
  void begin_request(u64 id, unsigned depth) { scope_.begin_request(id, depth); }

  /// Drops everything, as guest memory goes back to the snapshot.
  void reset();
  /// Breaks off what is open (ECONNRESET): no copy of the machine can go on with it.
  /// @return the peers of what was
  [[nodiscard]] std::vector<std::string> break_off();

  /// Made so far, the loop's not included.
  [[nodiscard]] u64 syscalls() const { return scope_.syscalls(); }

 private:
  struct Entry {
    OutboundSlot slot;
    std::unique_ptr<OutboundConnection> connection{};  ///< null: free, or the guest has to let go of it
  };

  [[nodiscard]] OutboundConnection::Served serve(Entry& entry);
  [[nodiscard]] bool begin(Entry& entry);
  /// @return 0 if the entry has its connection now, or the errno for the program
  [[nodiscard]] int connect(Entry& entry, const OutboundRequest& request);
  [[nodiscard]] int connect_tcp(Entry& entry, const net::Address& address);

  abi::SharedArea& area_;
  HostWrote wrote_;
  OutboundScope scope_;
  OutboundStream::Farewells farewells_;
  std::vector<Entry> entries_;
  u32 connected_ = 0;  ///< a bit for each entry with a connection
};

}  // namespace mayfly::machine
