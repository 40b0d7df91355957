// What a peer presents in the TLS handshake. The honest chain is known to all;
// without its private key nothing else may pass for it.

#include <array>
#include <chrono>
#include <vector>

#include "absl/strings/escaping.h"
#include "federation/identity/certificate.h"
#include "federation/identity/peer_verification.h"
#include "tests/fuzz/honest_chain.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/target.h"

namespace interlink::fuzz {
namespace {

using federation::Certificate;
using federation::PeerPin;

// 2030, when the honest chain is valid.
constexpr federation::WallTime kNow{std::chrono::seconds(1'893'456'000)};

std::string DerOf(const char* pem) {
  return OrDie(Certificate::ListFromPem(pem), "the honest chain reads")
      .at(0)
      .ToDer();
}

struct Honest {
  std::string leaf = DerOf(kHonestLeaf);
  std::string root = DerOf(kHonestRoot);
  store::AccountId account = *store::AccountId::FromHex(kHonestAccount);
  PeerPin linked{account, {root}, {}};
  PeerPin first_contact{
      account,
      {},
      OrDie(Certificate::FromDer(root), "the root reads").SpkiSha256()};
};

const Honest& Known() {
  static const Honest honest;
  return honest;
}

// `der` as PEM, whether or not it is a certificate.
std::string Armor(const std::string& der) {
  constexpr size_t kLine = 64;
  const std::string base64 = absl::Base64Escape(der);
  std::string pem = "-----BEGIN CERTIFICATE-----\n";
  for (size_t at = 0; at < base64.size(); at += kLine) {
    pem += base64.substr(at, kLine) + "\n";
  }
  return pem + "-----END CERTIFICATE-----\n";
}

// All that is signed: the certificate but for the signature, which whoever
// knows it can rewrite into another that is as good.
std::string SignedPart(const std::string& der) {
  const auto at = [&der](size_t i) { return static_cast<uint8_t>(der.at(i)); };
  const auto size_of_header = [&](size_t i) -> size_t {
    return at(i + 1) < 0x80 ? 2 : 2 + (at(i + 1) & 0x7f);
  };
  const size_t begin = size_of_header(0);
  size_t size = 0;
  for (size_t i = begin + 2; i < begin + size_of_header(begin); ++i) {
    size = size << 8 | at(i);
  }
  return der.substr(begin, size_of_header(begin) + size);
}

void VerifyAs(const PeerPin& pin, federation::TlsSide side,
              const federation::PresentedChain& presented) {
  const auto until = VerifyPeer(pin, presented, side, kNow);
  if (!until.ok()) return;
  Require(*until > kNow, "what is verified is in date");
  const auto leaf = Certificate::ListFromPem(presented.leaf_pem);
  Require(leaf.ok() && leaf->size() == 1 &&
              SignedPart(leaf->front().ToDer()) == SignedPart(Known().leaf),
          "only the honest leaf is verified");
}

// As a link's peer on either side, and as the issuer that a redeemer dials.
void Verify(const std::string& leaf, const std::string& chain) {
  VerifyAs(Known().linked, federation::TlsSide::kClient, {leaf, chain});
  VerifyAs(Known().linked, federation::TlsSide::kServer, {leaf, chain});
  VerifyAs(Known().first_contact, federation::TlsSide::kServer, {leaf, chain});
}

void ReadDer(const std::string& der) {
  const auto certificate = Certificate::FromDer(der);
  if (!certificate.ok()) return;
  Require(certificate->SpkiSha256().size() == 32 ||
              certificate->SpkiSha256().empty(),
          "a hash has 32 bytes");
  certificate->AccountName();
  certificate->IsSelfSignedRoot();
  Require(certificate->NotBefore() >= federation::WallTime() &&
              certificate->NotAfter() >= federation::WallTime(),
          "dates are within the clock's range");
  const auto again = Certificate::ListFromPem(certificate->ToPem());
  Require(again.ok() && again->size() == 1 &&
              again->front().ToDer() == certificate->ToDer(),
          "a certificate reads back as it is written");
}

// A leaf and up to four others.
void VerifyBlocks(Input& input) {
  const std::string leaf = Armor(input.Block());
  std::string chain;
  for (int i = 0; i < 4 && !input.empty(); ++i) chain += Armor(input.Block());
  Verify(leaf, chain);
}

// The honest chain with some of its bytes replaced.
void VerifyEdited(Input& input) {
  std::array<std::string, 2> ders = {Known().leaf, Known().root};
  while (!input.empty()) {
    std::string& der = ders[input.Below(ders.size())];
    const size_t at = std::min(input.Word(), der.size());
    const size_t removed = input.Below(32);
    der.replace(at, removed, input.Text());
  }
  ReadDer(ders[0]);
  ReadDer(ders[1]);
  Verify(Armor(ders[0]), Armor(ders[1]));
  Verify(Armor(ders[0]), Armor(Known().root));
}

const Registration kCertificateTarget(
    "certificate", [](std::string_view bytes) {
      Input input(bytes);
      switch (input.Below(4)) {
        case 0:
          ReadDer(input.Rest());
          return;
        case 1: {
          // As text: the leaf, a zero byte, the chain.
          const std::string text = input.Rest();
          const size_t end = std::min(text.find('\0'), text.size());
          Verify(text.substr(0, end),
                 text.substr(std::min(end + 1, text.size())));
          return;
        }
        case 2:
          VerifyBlocks(input);
          return;
        default:
          VerifyEdited(input);
          return;
      }
    });

}  // namespace
}  // namespace interlink::fuzz
