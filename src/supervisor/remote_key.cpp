// Methods of keys are what OpenSSL 3 calls deprecated; what takes their place is a whole provider.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "supervisor/remote_key.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/error.h"

namespace mayfly::supervisor {
namespace {

/// A supervisor that takes longer is not going to answer; the worker waits no longer for one handshake.
constexpr int kPatienceMs = 10'000;
/// Where OpenSSL keeps an application's own data of a key.
constexpr int kOwnData = 0;

std::string_view text_of(const unsigned char* bytes, int size) {
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

int sign_by_rsa(int size, const unsigned char* bytes, unsigned char* signature, RSA* rsa, int padding) {
  const auto* place = static_cast<const RemoteKeyPlace*>(RSA_get_ex_data(rsa, kOwnData));
  if (place == nullptr || (padding != RSA_PKCS1_PADDING && padding != RSA_NO_PADDING)) return -1;
  const KeyQuestion what = padding == RSA_PKCS1_PADDING ? KeyQuestion::rsa_pkcs1 : KeyQuestion::rsa_pss;
  const auto answer = place->asker->sign(place->key, what, text_of(bytes, size));
  if (!answer || answer->size() != static_cast<std::size_t>(RSA_size(rsa))) return -1;
  std::ranges::copy(*answer, signature);
  return static_cast<int>(answer->size());
}

int refuse_rsa(int /*size*/, const unsigned char* /*bytes*/, unsigned char* /*out*/, RSA* /*rsa*/, int /*padding*/) {
  return -1;
}

int sign_by_ec(int /*type*/, const unsigned char* digest, int size, unsigned char* signature,
               unsigned int* signature_size, const BIGNUM* /*kinv*/, const BIGNUM* /*r*/, EC_KEY* key) {
  const auto* place = static_cast<const RemoteKeyPlace*>(EC_KEY_get_ex_data(key, kOwnData));
  if (place == nullptr) return 0;
  const auto answer = place->asker->sign(place->key, KeyQuestion::ecdsa, text_of(digest, size));
  if (!answer || answer->size() > static_cast<std::size_t>(ECDSA_size(key))) return 0;
  std::ranges::copy(*answer, signature);
  *signature_size = static_cast<unsigned int>(answer->size());
  return 1;
}

const RSA_METHOD* rsa_method() {
  static const std::unique_ptr<RSA_METHOD, decltype(&RSA_meth_free)> method = [] {
    RSA_METHOD* made = RSA_meth_dup(RSA_PKCS1_OpenSSL());
    if (made == nullptr) throw Error("OpenSSL is out of memory");
    RSA_meth_set_priv_enc(made, sign_by_rsa);
    RSA_meth_set_priv_dec(made, refuse_rsa);
    return std::unique_ptr<RSA_METHOD, decltype(&RSA_meth_free)>(made, &RSA_meth_free);
  }();
  return method.get();
}

const EC_KEY_METHOD* ec_method() {
  static const std::unique_ptr<EC_KEY_METHOD, decltype(&EC_KEY_METHOD_free)> method = [] {
    EC_KEY_METHOD* made = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    if (made == nullptr) throw Error("OpenSSL is out of memory");
    EC_KEY_METHOD_set_sign(made, sign_by_ec, nullptr, nullptr);
    return std::unique_ptr<EC_KEY_METHOD, decltype(&EC_KEY_METHOD_free)>(made, &EC_KEY_METHOD_free);
  }();
  return method.get();
}

std::shared_ptr<EVP_PKEY> public_key_of(const std::string& certificates) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(certificates.data(), static_cast<int>(certificates.size())), &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> leaf(
      bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr, &X509_free);
  return {leaf ? X509_get_pubkey(leaf.get()) : nullptr, &EVP_PKEY_free};
}

/// A key with the public part of another, whose private part is asked for.
bool make_remote(EVP_PKEY* key, EVP_PKEY* public_key, RemoteKeyPlace* place) {
  if (EVP_PKEY_is_a(public_key, "RSA") == 1) {
    RSA* rsa = RSAPublicKey_dup(EVP_PKEY_get0_RSA(public_key));
    if (rsa != nullptr && RSA_set_method(rsa, rsa_method()) == 1 && RSA_set_ex_data(rsa, kOwnData, place) == 1 &&
        EVP_PKEY_assign_RSA(key, rsa) == 1) {
      return true;
    }
    RSA_free(rsa);
    return false;
  }
  EC_KEY* ec = EC_KEY_dup(EVP_PKEY_get0_EC_KEY(public_key));
  if (ec != nullptr && EC_KEY_set_method(ec, ec_method()) == 1 && EC_KEY_set_ex_data(ec, kOwnData, place) == 1 &&
      EVP_PKEY_assign_EC_KEY(key, ec) == 1) {
    return true;
  }
  EC_KEY_free(ec);
  return false;
}

}  // namespace

http::TlsIdentity RemoteKey::identity() {
  auto answer = ask(0, KeyQuestion::certificate, {});
  if (!answer) throw Error("the supervisor does not tell the certificate of TLS");
  const std::shared_ptr<EVP_PKEY> public_key = public_key_of(answer->body);
  std::shared_ptr<EVP_PKEY> key(EVP_PKEY_new(), &EVP_PKEY_free);
  RemoteKeyPlace* place = nullptr;
  {
    const std::lock_guard lock(mutex_);
    place = &places_.emplace_back(RemoteKeyPlace{this, answer->key});
  }
  const bool good = key && public_key && make_remote(key.get(), public_key.get(), place);
  ERR_clear_error();
  if (!good) throw Error("the supervisor's certificate of TLS cannot be used");
  return {.certificates = std::move(answer->body), .key = std::move(key)};
}

std::optional<std::string> RemoteKey::sign(std::uint32_t key, KeyQuestion what, std::string_view bytes) {
  auto answer = ask(key, what, bytes);
  if (!answer) return std::nullopt;
  return std::move(answer->body);
}

std::optional<RemoteKey::Answer> RemoteKey::ask(std::uint32_t key, KeyQuestion what, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  const std::uint32_t id = next_id_++;
  const std::string question = to_text({{.id = id, .key = key, .what = static_cast<std::uint32_t>(what)}, bytes});
  while (::send(socket_.get(), question.data(), question.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    if (errno == EINTR) continue;
    if (errno != EAGAIN || !wait_for(POLLOUT)) return std::nullopt;
  }
  std::string text(kMaxKeyAnswerBytes, '\0');
  for (;;) {
    if (!wait_for(POLLIN)) return std::nullopt;
    const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size <= 0) return std::nullopt;
    const auto answer = parse_key_message(std::string_view(text).substr(0, static_cast<std::size_t>(size)));
    if (!answer || answer->header.id != id) continue;  // to one that was given up
    if (answer->header.what != static_cast<std::uint32_t>(KeyVerdict::done)) return std::nullopt;
    return Answer{answer->header.key, std::string(answer->body)};
  }
}

bool RemoteKey::wait_for(short event) const {
  pollfd watched{socket_.get(), event, 0};
  int count = 0;
  do {
    count = ::poll(&watched, 1, kPatienceMs);
  } while (count < 0 && errno == EINTR);
  return count == 1;
}

}  // namespace mayfly::supervisor
