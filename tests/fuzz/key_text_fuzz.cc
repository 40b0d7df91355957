// What an administrator pastes as an authorization key, and the same bytes as
// what a key with a good checksum holds.

#include "absl/strings/escaping.h"
#include "federation/base/address.h"
#include "federation/identity/certificate.h"
#include "federation/linking/authorization_key.h"
#include "tests/fuzz/target.h"

namespace interlink::fuzz {
namespace {

using federation::AuthorizationKey;
using federation::kMaxPeerAddresses;

void Parse(std::string_view text) {
  const auto key = AuthorizationKey::Parse(text);
  if (!key.ok()) return;
  Require(key->secret.size() == 32 && key->issuer_root_spki_sha256.size() == 32,
          "a key's secret and hash have 32 bytes");
  Require(!key->addresses.empty() && key->addresses.size() <= kMaxPeerAddresses,
          "a key has 1 to 4 addresses");
  const std::string again = key->ToText();
  const auto same = AuthorizationKey::Parse(again);
  Require(same.ok(), "a key's text is a key");
  Require(same->interlink_id == key->interlink_id &&
              same->secret == key->secret &&
              same->issuer_account_id == key->issuer_account_id &&
              same->issuer_root_spki_sha256 == key->issuer_root_spki_sha256 &&
              same->addresses == key->addresses &&
              same->expire_time == key->expire_time,
          "a key's text is that key");
}

const Registration kKeyTextTarget("key_text", [](std::string_view input) {
  Parse(input);
  const std::string sum = federation::Sha256(input).substr(0, 4);
  Parse("ilk1_" + absl::WebSafeBase64Escape(std::string(input) + sum));
});

}  // namespace
}  // namespace interlink::fuzz
