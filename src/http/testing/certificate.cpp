#include "http/testing/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace mayfly::http::testing {
namespace {

template <typename T, auto kFree>
struct Freed {
  void operator()(T* object) const { kFree(object); }
};
template <typename T, auto kFree>
using Owned = std::unique_ptr<T, Freed<T, kFree>>;

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("cannot make a certificate: ") + what);
}

void add_names(X509* certificate) {
  Owned<X509_EXTENSION, X509_EXTENSION_free> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"));
  require(names && X509_add_ext(certificate, names.get(), -1) == 1, "names");
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto* name = reinterpret_cast<const unsigned char*>("localhost");
  require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1, "subject");
  require(X509_set_issuer_name(certificate, subject) == 1, "issuer");
}

Owned<std::FILE, std::fclose> open_file(const std::filesystem::path& path) {
  Owned<std::FILE, std::fclose> file(std::fopen(path.c_str(), "w"));
  require(file != nullptr, "open a file");
  return file;
}

}  // namespace

Certificate::Certificate(Key kind) {
  std::string name = std::filesystem::temp_directory_path() / "mayfly-certificate-XXXXXX";
  require(::mkdtemp(name.data()) != nullptr, "mkdtemp");
  folder_ = name;
  renew(kind);
}

Certificate::~Certificate() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Certificate::renew(Key kind) const {
  Owned<EVP_PKEY, EVP_PKEY_free> made(kind == Key::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
  Owned<X509, X509_free> certificate(X509_new());
  require(made && certificate, "a key");
  std::uint32_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "a serial number");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial | 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), made.get());
  add_names(certificate.get());
  require(X509_sign(certificate.get(), made.get(), EVP_sha256()) > 0, "the signature");
  require(PEM_write_X509(open_file(file()).get(), certificate.get()) == 1, "the file");
  require(PEM_write_PrivateKey(open_file(key()).get(), made.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "the key");
}

}  // namespace mayfly::http::testing
