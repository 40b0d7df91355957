#include "federation/identity/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

constexpr std::string_view kAccountUri = "interlink://account/";

template <class T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* object) const { Free(object); }
};
using StorePtr =
    std::unique_ptr<X509_STORE, Deleter<X509_STORE, X509_STORE_free>>;
using StoreContextPtr =
    std::unique_ptr<X509_STORE_CTX,
                    Deleter<X509_STORE_CTX, X509_STORE_CTX_free>>;
using NamesPtr =
    std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES, GENERAL_NAMES_free>>;
struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;
struct StackDeleter {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), StackDeleter>;

// Takes back what OpenSSL notes of its failures within a scope: the next TLS
// call on this thread would take it for its own.
class ErrorScope {
 public:
  ErrorScope() { ERR_set_mark(); }
  ~ErrorScope() { ERR_pop_to_mark(); }
  ErrorScope(const ErrorScope&) = delete;
  ErrorScope& operator=(const ErrorScope&) = delete;
};

absl::Status Damaged() {
  return Refusal(Reason::kRequestInvalid, "this certificate cannot be read");
}

WallTime ToWallTime(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return WallTime();
  // Neither the year 1 nor 9999 fits into a clock's range.
  constexpr std::time_t kEarliest = 0;
  constexpr std::time_t kLatest = 9'000'000'000;
  return WallTime(
      std::chrono::seconds(std::clamp(timegm(&parts), kEarliest, kLatest)));
}

absl::Status NotThatAccount(std::string_view why) {
  return Refusal(Reason::kPeerIdentityMismatch,
                 "the certificate presented there is not the expected "
                 "account's: " +
                     std::string(why));
}

// Whether `leaf` leads to `root` and may be used for that side of TLS. Dates
// are looked at elsewhere, because a refusal has to say by how much they are
// off.
absl::Status VerifyChain(const Certificate& leaf,
                         const std::vector<Certificate>& untrusted,
                         const std::vector<Certificate>& roots, TlsSide side,
                         std::vector<Certificate>& used) {
  StorePtr store(X509_STORE_new());
  StoreContextPtr context(X509_STORE_CTX_new());
  StackPtr others(sk_X509_new_null());
  if (!store || !context || !others) std::abort();
  for (const Certificate& root : roots) {
    X509_STORE_add_cert(store.get(), root.get());
  }
  for (const Certificate& other : untrusted) {
    sk_X509_push(others.get(), other.get());
  }
  if (X509_STORE_CTX_init(context.get(), store.get(), leaf.get(),
                          others.get()) != 1) {
    return Damaged();
  }
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_NO_CHECK_TIME |
                                         X509_V_FLAG_X509_STRICT |
                                         X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_depth(rules, static_cast<int>(Certificate::kMaxChain));
  X509_VERIFY_PARAM_set_purpose(rules, side == TlsSide::kClient
                                           ? X509_PURPOSE_SSL_CLIENT
                                           : X509_PURPOSE_SSL_SERVER);
  // Strict, but that AuthorityKeyIdentifier is only a hint to which key has
  // signed, and careful makers of certificates leave it out, too.
  X509_STORE_CTX_set_verify_cb(
      context.get(), [](int is_good, X509_STORE_CTX* where) {
        const bool lacks_hint = X509_STORE_CTX_get_error(where) ==
                                X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER;
        return is_good == 1 || lacks_hint ? 1 : 0;
      });
  if (X509_verify_cert(context.get()) != 1) {
    return NotThatAccount(
        X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  }
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    used.push_back(Certificate::Share(sk_X509_value(chain, i)));
  }
  return absl::OkStatus();
}

// The roots that count: those stored, or the presented one that the key names.
absl::StatusOr<std::vector<Certificate>> RootsFor(
    const PeerPin& pin, const std::vector<Certificate>& presented) {
  std::vector<Certificate> roots;
  for (const std::string& der : pin.roots) {
    auto root = Certificate::FromDer(der);
    if (!root.ok()) return root.status();
    roots.push_back(*std::move(root));
  }
  if (!roots.empty()) return roots;
  for (const Certificate& certificate : presented) {
    if (!pin.root_spki_sha256.empty() &&
        certificate.SpkiSha256() == pin.root_spki_sha256 &&
        certificate.IsSelfSignedRoot()) {
      roots.push_back(certificate);
      return roots;
    }
  }
  return NotThatAccount("it does not come with the root that the key names");
}

std::string InWords(WallTime::duration time) {
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(time).count();
  if (minutes < 120) return std::to_string(minutes) + " minutes";
  if (minutes < 48 * 60) return std::to_string(minutes / 60) + " hours";
  return std::to_string(minutes / (24 * 60)) + " days";
}

// Until when all of `chain` is in date, with leeway.
absl::StatusOr<WallTime> CheckDates(const std::vector<Certificate>& chain,
                                    WallTime now) {
  WallTime until = WallTime::max();
  for (const Certificate& certificate : chain) {
    const WallTime begin = certificate.NotBefore() - kClockLeeway;
    const WallTime end = certificate.NotAfter() + kClockLeeway;
    if (now < begin) {
      return Refusal(Reason::kNotPermitted,
                     "the certificate is not valid yet: the clocks of the two "
                     "accounts differ by at least " +
                         InWords(certificate.NotBefore() - now) +
                         "; set them right");
    }
    if (now > end) {
      return Refusal(Reason::kNotPermitted,
                     "the certificate expired " +
                         InWords(now - certificate.NotAfter()) +
                         " ago by the clock here: the clocks of the two "
                         "accounts differ, or the other daemon has not renewed "
                         "it; set the clocks right or restart that daemon");
    }
    until = std::min(until, end);
  }
  return until;
}

}  // namespace

Certificate::Certificate(X509* x509) : x509_(x509, &X509_free) {}

Certificate Certificate::Share(X509* x509) {
  X509_up_ref(x509);
  return Certificate(x509);
}

absl::StatusOr<Certificate> Certificate::FromDer(std::string_view der) {
  if (der.size() > kMaxBytes) return Damaged();
  const ErrorScope errors;
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* end = bytes + der.size();
  X509* x509 = d2i_X509(nullptr, &bytes, static_cast<long>(der.size()));
  if (x509 == nullptr) return Damaged();
  Certificate certificate(x509);
  if (bytes != end) return Damaged();
  return certificate;
}

absl::StatusOr<std::vector<Certificate>> Certificate::ListFromPem(
    std::string_view pem) {
  std::vector<Certificate> certificates;
  // PEM is a third longer than what it holds.
  if (pem.size() > 2 * kMaxChain * kMaxBytes) return Damaged();
  const ErrorScope errors;
  pem = pem.substr(0, pem.find_last_not_of("\r\n ") + 1);
  BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) std::abort();
  // Without a passphrase OpenSSL would ask for one on the terminal.
  char no_passphrase[] = "";
  while (!BIO_eof(bio.get())) {
    X509* x509 = PEM_read_bio_X509(bio.get(), nullptr, nullptr, no_passphrase);
    if (x509 == nullptr) return Damaged();
    certificates.push_back(Certificate(x509));
    if (certificates.size() > kMaxChain ||
        certificates.back().ToDer().size() > kMaxBytes) {
      return Damaged();
    }
  }
  return certificates;
}

std::string Certificate::ToDer() const {
  const int size = i2d_X509(x509_.get(), nullptr);
  if (size <= 0) return "";
  std::string der(static_cast<size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(x509_.get(), &out);
  return der;
}

std::string Certificate::ToPem() const {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509(bio.get(), x509_.get()) != 1) std::abort();
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

std::string Certificate::SpkiSha256() const {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509_.get()), &der);
  if (size <= 0) return "";
  std::string hash =
      Sha256({reinterpret_cast<char*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return hash;
}

std::optional<store::AccountId> Certificate::AccountName() const {
  const ErrorScope errors;
  NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(x509_.get(), NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return std::nullopt;
  std::optional<store::AccountId> account;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_STRING* text = name->d.uniformResourceIdentifier;
    const std::string_view uri(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
        static_cast<size_t>(ASN1_STRING_length(text)));
    // Others, such as a SPIFFE id, are other people's business.
    if (uri.substr(0, kAccountUri.size()) != kAccountUri) continue;
    if (account) return std::nullopt;
    account = store::AccountId::FromHex(uri.substr(kAccountUri.size()));
    if (!account) return std::nullopt;
  }
  return account;
}

bool Certificate::IsSelfSignedRoot() const {
  const ErrorScope errors;
  return X509_check_ca(x509_.get()) == 1 &&
         X509_NAME_cmp(X509_get_subject_name(x509_.get()),
                       X509_get_issuer_name(x509_.get())) == 0 &&
         X509_verify(x509_.get(), X509_get0_pubkey(x509_.get())) == 1;
}

WallTime Certificate::NotBefore() const {
  return ToWallTime(X509_get0_notBefore(x509_.get()));
}

WallTime Certificate::NotAfter() const {
  return ToWallTime(X509_get0_notAfter(x509_.get()));
}

std::string Sha256(std::string_view bytes) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

std::optional<store::AccountId> NamedAccount(const PresentedChain& presented) {
  auto leaf = Certificate::ListFromPem(presented.leaf_pem);
  if (!leaf.ok() || leaf->empty()) return std::nullopt;
  return leaf->front().AccountName();
}

absl::StatusOr<WallTime> VerifyPeer(const PeerPin& pin,
                                    const PresentedChain& presented,
                                    TlsSide side, WallTime now) {
  const ErrorScope errors;
  auto leaf = Certificate::ListFromPem(presented.leaf_pem);
  auto others = Certificate::ListFromPem(presented.chain_pem);
  if (!leaf.ok() || leaf->size() != 1 || !others.ok()) {
    return NotThatAccount("there is none that can be read");
  }
  if (leaf->front().AccountName() != pin.account_id) {
    return NotThatAccount("it names another account, or none");
  }
  if (X509_check_ca(leaf->front().get()) != 0) {
    return NotThatAccount("it is a CA's own");
  }
  auto roots = RootsFor(pin, *others);
  if (!roots.ok()) return roots.status();
  std::vector<Certificate> chain;
  absl::Status verified =
      VerifyChain(leaf->front(), *others, *roots, side, chain);
  if (!verified.ok()) return verified;
  return CheckDates(chain, now);
}

}  // namespace interlink::federation
