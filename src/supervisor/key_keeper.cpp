#include "supervisor/key_keeper.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "base/error.h"

namespace mayfly::supervisor {
namespace {

constexpr std::size_t kKeptIdentities = 4;
constexpr std::size_t kMaxDigestBytes = 64;
/// How an encoded message of PSS ends (RFC 8017 section 9.1.1); what is to be decrypted hardly ever does.
constexpr char kPssEnd = '\xbc';

using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

std::shared_ptr<EVP_PKEY> read_key(const std::filesystem::path& file) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_file(file.c_str(), "r"), &BIO_free);
  // Without a password; OpenSSL would ask the terminal for one.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  EVP_PKEY* key = bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr;
  ERR_clear_error();
  return {key, &EVP_PKEY_free};
}

std::string contents_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool prepare(EVP_PKEY_CTX* context, KeyQuestion what) {
  if (EVP_PKEY_sign_init(context) != 1) return false;
  if (what == KeyQuestion::ecdsa) return true;
  const int padding = what == KeyQuestion::rsa_pkcs1 ? RSA_PKCS1_PADDING : RSA_NO_PADDING;
  return EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1;
}

/// Whether it is what is signed in a handshake, by a key of this kind.
bool is_sound(const EVP_PKEY* key, KeyQuestion what, std::string_view bytes) {
  const bool rsa = EVP_PKEY_is_a(key, "RSA") == 1;
  const auto key_bytes = static_cast<std::size_t>(EVP_PKEY_get_size(key));
  switch (what) {
    case KeyQuestion::rsa_pkcs1:
      return rsa && !bytes.empty() && bytes.size() < key_bytes;
    case KeyQuestion::rsa_pss:
      return rsa && bytes.size() == key_bytes && bytes.ends_with(kPssEnd);
    case KeyQuestion::ecdsa:
      return !rsa && !bytes.empty() && bytes.size() <= kMaxDigestBytes;
    case KeyQuestion::certificate:
      break;
  }
  return false;
}

}  // namespace

KeyKeeper::KeyKeeper(http::TlsFiles files) : files_(std::move(files)) {
  reload();
}

void KeyKeeper::reload() {
  // All that can be wrong with either is said there.
  static_cast<void>(http::TlsContext(files_, {}));
  Identity fresh{.certificates = contents_of(files_.certificate), .key = read_key(files_.key)};
  if (!fresh.key) throw Error("--tls-key {}: it cannot be read any more", files_.key.string());
  if (EVP_PKEY_is_a(fresh.key.get(), "RSA") != 1 && EVP_PKEY_is_a(fresh.key.get(), "EC") != 1) {
    throw Error("--tls-key {}: several apps can be served by keys of RSA and ECDSA only", files_.key.string());
  }
  if (fresh.certificates.size() > kMaxKeyAnswerBytes - sizeof(KeyHeader)) {
    throw Error(
        "--tls-cert {}: it has more than {} bytes; the server's certificate and those between it and a root are "
        "wanted",
        files_.certificate.string(), kMaxKeyAnswerBytes - sizeof(KeyHeader));
  }
  const std::uint32_t number = identities_.empty() ? 1 : identities_.rbegin()->first + 1;
  identities_.emplace(number, std::move(fresh));
  if (identities_.size() > kKeptIdentities) identities_.erase(identities_.begin());
}

std::string KeyKeeper::answer(std::string_view question) const {
  const auto message = parse_key_message(question);
  if (!message) return {};
  KeyHeader header = message->header;
  header.what = static_cast<std::uint32_t>(KeyVerdict::done);
  if (message->header.what == static_cast<std::uint32_t>(KeyQuestion::certificate)) {
    header.key = identities_.rbegin()->first;
    return to_text({header, identities_.rbegin()->second.certificates});
  }
  const std::string signature = sign(*message);
  if (signature.empty()) header.what = static_cast<std::uint32_t>(KeyVerdict::refused);
  return to_text({header, signature});
}

std::string KeyKeeper::sign(const KeyMessage& message) const {
  const auto identity = identities_.find(message.header.key);
  const auto what = static_cast<KeyQuestion>(message.header.what);
  if (identity == identities_.end()) return {};
  EVP_PKEY* key = identity->second.key.get();
  if (!is_sound(key, what, message.body)) return {};
  const Context context(EVP_PKEY_CTX_new(key, nullptr), &EVP_PKEY_CTX_free);
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = signature.size();
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.body.data());
  const bool good = context && prepare(context.get(), what) &&
                    EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                                  message.body.size()) == 1;
  ERR_clear_error();
  signature.resize(good ? size : 0);
  return signature;
}

}  // namespace mayfly::supervisor
