#include "http/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/error.h"

namespace mayfly::http {
namespace {

/// For TLS 1.2, whose own choice has ciphers without forward secrecy. Those of TLS 1.3 are all good.
constexpr const char* kCiphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// The socket as OpenSSL sees it. Its own kind writes by write(2), which raises SIGPIPE.
int to_fd(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool is_transient(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int write_socket(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(to_fd(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && is_transient(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int read_socket(BIO* bio, char* room, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t received = ::recv(to_fd(bio), room, static_cast<std::size_t>(size), 0);
  if (received < 0 && is_transient(errno)) BIO_set_retry_read(bio);
  if (received == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(received);
}

long control_socket(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static const std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "mayfly socket");
    if (made == nullptr) throw Error("OpenSSL is out of memory");
    BIO_meth_set_write(made, write_socket);
    BIO_meth_set_read(made, read_socket);
    BIO_meth_set_ctrl(made, control_socket);
    return std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)>(made, &BIO_meth_free);
  }();
  return method.get();
}

/// What OpenSSL says of the call that failed first.
std::string reason() {
  std::array<char, 256> text{};
  const unsigned long code = ERR_get_error();
  ERR_error_string_n(code, text.data(), text.size());
  ERR_clear_error();
  const char* sentence = ERR_reason_error_string(code);
  return sentence != nullptr ? sentence : text.data();
}

std::string in_alpn_form(const std::vector<std::string_view>& protocols) {
  std::string list;
  for (const std::string_view protocol : protocols) {
    list += static_cast<char>(protocol.size());
    list += protocol;
  }
  return list;
}

/// @param protocols those that the server speaks, in the form of ALPN
int choose_protocol(SSL* /*session*/, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void* protocols) {
  const auto& own = *static_cast<const std::string*>(protocols);
  unsigned char* found = nullptr;
  const auto* own_bytes = reinterpret_cast<const unsigned char*>(own.data());
  const int outcome =
      SSL_select_next_proto(&found, size, own_bytes, static_cast<unsigned int>(own.size()), offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

void TlsSession::Free::operator()(ssl_st* session) const {
  SSL_free(session);
}

TlsSession::TlsSession(ssl_ctx_st& context, int fd) : session_(SSL_new(&context)), fd_(fd) {
  BIO* bio = BIO_new(socket_method());
  if (!session_ || bio == nullptr) {
    BIO_free(bio);
    throw Error("cannot begin a TLS session: {}", reason());
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd_)));
  BIO_set_init(bio, 1);
  SSL_set_bio(session_.get(), bio, bio);
  SSL_set_accept_state(session_.get());
}

TlsSession::~TlsSession() = default;

TlsSession::Result TlsSession::read(std::span<std::byte> room, std::size_t& bytes) {
  bytes = 0;
  if (broken_) return Result::broken;
  ERR_clear_error();
  return result_of(SSL_read_ex(session_.get(), room.data(), room.size(), &bytes));
}

std::string_view TlsSession::agreed_protocol() const noexcept {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(session_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

TlsSession::Result TlsSession::write(std::span<const std::byte> data, std::size_t& bytes) {
  bytes = 0;
  if (broken_) return Result::broken;
  ERR_clear_error();
  return result_of(SSL_write_ex(session_.get(), data.data(), data.size(), &bytes));
}

TlsSession::Result TlsSession::result_of(int returned) {
  switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_NONE:
      return Result::done;
    case SSL_ERROR_WANT_READ:
      return Result::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Result::wants_write;
    case SSL_ERROR_ZERO_RETURN:
      return Result::ended;
    default:
      broken_ = true;  // nothing more may be asked of it, not even an orderly end
      // Many clients close without saying so before; what they sent is whole, as HTTP says where a message ends.
      return ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? Result::ended : Result::broken;
  }
}

void TlsSession::shut_sending() {
  if (broken_ || SSL_in_init(session_.get()) != 0) return;
  ERR_clear_error();
  if (SSL_shutdown(session_.get()) < 0) ERR_clear_error();
}

TlsContext::TlsContext(TlsFiles files, const std::vector<std::string_view>& protocols)
    : files_(std::move(files)), protocols_(in_alpn_form(protocols)), context_(load()) {}

TlsContext::TlsContext(std::function<TlsIdentity()> source, const std::vector<std::string_view>& protocols)
    : source_(std::move(source)), protocols_(in_alpn_form(protocols)), context_(load()) {}

void TlsContext::reload() {
  std::shared_ptr<ssl_ctx_st> fresh = load();
  const std::lock_guard lock(mutex_);
  context_ = std::move(fresh);
}

std::unique_ptr<TlsSession> TlsContext::new_session(int fd) const {
  const std::lock_guard lock(mutex_);
  return std::make_unique<TlsSession>(*context_, fd);
}

std::shared_ptr<ssl_ctx_st> TlsContext::load() const {
  ERR_clear_error();
  std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context) throw Error("cannot set up TLS: {}", reason());
  SSL_CTX* raw = context.get();
  if (SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) != 1 || SSL_CTX_set_cipher_list(raw, kCiphers12) != 1) {
    throw Error("cannot set up TLS: {}", reason());
  }
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Idle connections give their buffers back; a write may go on with other memory, and may take a part.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Clients come back with a ticket; the server keeps no list of them.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  if (source_) {
    use_identity(raw);
  } else {
    use_files(raw);
  }
  if (!protocols_.empty()) {
    SSL_CTX_set_alpn_select_cb(raw, choose_protocol, const_cast<std::string*>(&protocols_));
  }
  return context;
}

void TlsContext::use_files(ssl_ctx_st* raw) const {
  if (SSL_CTX_use_certificate_chain_file(raw, files_.certificate.c_str()) != 1) {
    throw Error("--tls-cert {}: cannot be used: {}; a PEM file with the server's certificate is wanted",
                files_.certificate.string(), reason());
  }
  if (SSL_CTX_use_PrivateKey_file(raw, files_.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw Error("--tls-key {}: cannot be used: {}; a PEM file with the key of {}, without a password, is wanted",
                files_.key.string(), reason(), files_.certificate.string());
  }
}

void TlsContext::use_identity(ssl_ctx_st* raw) const {
  TlsIdentity identity = source_();
  const std::string& pem = identity.certificates;
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                      &BIO_free);
  const auto read = [&] {
    return std::unique_ptr<X509, decltype(&X509_free)>(
        bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr, &X509_free);
  };
  const auto own = read();
  bool good =
      own && SSL_CTX_use_certificate(raw, own.get()) == 1 && SSL_CTX_use_PrivateKey(raw, identity.key.get()) == 1;
  while (good) {
    const auto issuer = read();
    if (!issuer) break;
    good = SSL_CTX_add1_chain_cert(raw, issuer.get()) == 1;
  }
  if (!good) throw Error("the certificate cannot be used: {}", reason());
  ERR_clear_error();  // of the end of the text
}

}  // namespace mayfly::http
