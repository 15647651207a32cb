// TLS 1.2 and 1.3 for clients' connections, by OpenSSL.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;

namespace mayfly::http {

/// PEM files, as the makers of certificates hand them out.
struct TlsFiles {
  std::filesystem::path certificate;  ///< the server's, then those that vouch for it
  std::filesystem::path key;
};

/// A certificate whose key need not be in this process.
struct TlsIdentity {
  std::string certificates;  ///< PEM, as in TlsFiles::certificate
  std::shared_ptr<evp_pkey_st> key;
};

/// One client's side of TLS over a non-blocking socket, whose handshake is part of the first reads and writes. Used by
/// one thread. Sends no SIGPIPE.
class TlsSession {
 public:
  enum class Result {
    done,         ///< some bytes went
    wants_read,   ///< try again when the socket is readable
    wants_write,  ///< try again when the socket is writable
    ended,        ///< the client has closed its sending side
    broken,       ///< also by a client that does not speak TLS
  };

  /// @param fd stays the caller's, and open until the session's end
  TlsSession(ssl_ctx_st& context, int fd);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// @param bytes receives how many were read: 1 or more after `done`, else 0
  [[nodiscard]] Result read(std::span<std::byte> room, std::size_t& bytes);
  /// What both sides agreed on by ALPN; empty if nothing, or before the handshake's end.
  [[nodiscard]] std::string_view agreed_protocol() const noexcept;
  /// @param data not empty @param bytes receives how many were taken
  [[nodiscard]] Result write(std::span<const std::byte> data, std::size_t& bytes);
  /// Tells the client that nothing more comes, if that can be said without waiting.
  void shut_sending();

 private:
  [[nodiscard]] Result result_of(int returned);

  struct Free {
    void operator()(ssl_st* session) const;
  };
  std::unique_ptr<ssl_st, Free> session_;
  int fd_;
  bool broken_ = false;
};

/// The certificate and what goes with it. Thread-safe.
class TlsContext {
 public:
  /// Throws Error that names the file and says what is wrong with it.
  /// @param protocols that clients of ALPN (RFC 7301) may agree on, such as "http/1.1", the best one first; empty if
  ///        there is nothing to agree on
  TlsContext(TlsFiles files, const std::vector<std::string_view>& protocols);
  /// @param source asked now, and at each reload, on the thread that asks for it; what it throws is thrown on
  TlsContext(std::function<TlsIdentity()> source, const std::vector<std::string_view>& protocols);

  /// For connections from now on. Throws like the constructor, and goes on with what it had.
  void reload();
  [[nodiscard]] std::unique_ptr<TlsSession> new_session(int fd) const;

 private:
  [[nodiscard]] std::shared_ptr<ssl_ctx_st> load() const;

  void use_files(ssl_ctx_st* context) const;
  void use_identity(ssl_ctx_st* context) const;

  TlsFiles files_;
  std::function<TlsIdentity()> source_;  ///< empty: the files
  std::string protocols_;                ///< in the form of ALPN
  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> context_;  ///< guarded by `mutex_`
};

}  // namespace mayfly::http
