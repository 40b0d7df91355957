#include "federation/identity/peer_verification.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>

#include "federation/base/openssl.h"
#include "federation/base/reason.h"
#include "federation/identity/certificate.h"

namespace interlink::federation {
namespace {

using StorePtr = OpensslPtr<X509_STORE, X509_STORE_free>;
using StoreContextPtr = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;

void FreeStack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
using StackPtr = OpensslPtr<STACK_OF(X509), FreeStack>;

absl::Status NotThatAccount(std::string_view why) {
  return Refusal(Reason::kPeerIdentityMismatch,
                 "the certificate presented there is not the expected "
                 "account's: " +
                     std::string(why));
}

absl::Status NotReadable() {
  return NotThatAccount("there is none that can be read");
}

// The certificates that lead from `leaf` to one of `roots`, if `leaf` may be
// used for that side of TLS. CheckDates() looks at the dates, because a refusal
// has to say by how much they are off.
absl::StatusOr<std::vector<Certificate>> VerifyChain(
    const Certificate& leaf, const std::vector<Certificate>& untrusted,
    const std::vector<Certificate>& roots, TlsSide side) {
  StorePtr store(X509_STORE_new());
  StoreContextPtr context(X509_STORE_CTX_new());
  StackPtr others(sk_X509_new_null());
  Require(store && context && others);
  for (const Certificate& root : roots) {
    X509_STORE_add_cert(store.get(), root.get());
  }
  for (const Certificate& other : untrusted) {
    sk_X509_push(others.get(), other.get());
  }
  Require(X509_STORE_CTX_init(context.get(), store.get(), leaf.get(),
                              others.get()) == 1);
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_NO_CHECK_TIME |
                                         X509_V_FLAG_X509_STRICT |
                                         X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_depth(rules, static_cast<int>(Certificate::kMaxChain));
  X509_VERIFY_PARAM_set_purpose(rules, side == TlsSide::kClient
                                           ? X509_PURPOSE_SSL_CLIENT
                                           : X509_PURPOSE_SSL_SERVER);
  // AuthorityKeyIdentifier only hints at which key has signed, and even careful
  // makers of certificates leave it out.
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
  std::vector<Certificate> used;
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    used.push_back(Certificate::Share(sk_X509_value(chain, i)));
  }
  return used;
}

// The trust anchors: the stored roots, or the presented root that the key
// names.
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

// Returns until when all certificates of `chain` are valid, with leeway.
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

std::optional<store::AccountId> NamedAccount(const PresentedChain& presented) {
  auto leaf = Certificate::ListFromPem(presented.leaf_pem);
  if (!leaf.ok() || leaf->empty()) return std::nullopt;
  return leaf->front().AccountName();
}

absl::StatusOr<WallTime> VerifyPeer(const PeerPin& pin,
                                    const PresentedChain& presented,
                                    TlsSide side, WallTime now) {
  const OpensslErrorScope errors;
  auto leaf = Certificate::ListFromPem(presented.leaf_pem);
  if (!leaf.ok() || leaf->size() != 1) return NotReadable();
  if (leaf->front().AccountName() != pin.account_id) {
    return NotThatAccount(
        "it names another account, or none; if that account was set up anew, "
        "delete this row and link again, else look where its address leads");
  }
  if (X509_check_ca(leaf->front().get()) != 0) {
    return NotThatAccount("it is a CA's own");
  }
  // To read a certificate takes longer than to check its signature, so others
  // are read last, and the leaf once.
  std::string_view rest = presented.chain_pem;
  if (rest.starts_with(presented.leaf_pem)) {
    rest.remove_prefix(presented.leaf_pem.size());
  }
  auto others = Certificate::ListFromPem(rest);
  if (!others.ok()) return NotReadable();
  auto roots = RootsFor(pin, *others);
  if (!roots.ok()) return roots.status();
  auto chain = VerifyChain(leaf->front(), *others, *roots, side);
  if (!chain.ok()) return chain.status();
  return CheckDates(*chain, now);
}

}  // namespace interlink::federation
