#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "federation/base/event_loop.h"
#include "federation/identity/proof.h"
#include "store/ids.h"

namespace interlink::federation {

// What one administrator sends to another so that their accounts can be linked
// (design.md section 5).
//
// Its text is one line that survives mail and chat: "ilk1_" and base64url
// without padding of a serialized federation.v1.AuthorizationKey followed by
// the first four bytes of its SHA-256. A key that was cut short is therefore
// never taken for a wrong one. The text is a secret: log `interlink_id`, never
// the key.
//
// A value.
struct AuthorizationKey {
  static constexpr size_t kMaxTextBytes = 2048;
  // The longest text that Parse() searches: a mail with its quotations, say.
  static constexpr size_t kMaxPastedBytes = 16384;
  static constexpr size_t kSecretBytes = 32;

  store::InterlinkId interlink_id;
  std::string secret;  // kSecretBytes.
  store::AccountId issuer_account_id;
  std::string issuer_root_spki_sha256;  // 32 bytes.
  std::vector<std::string> addresses;   // 1 to 4 of "host:port".
  std::optional<WallTime> expire_time;  // Only the issuer's clock decides.

  // Reads a key as an administrator pasted it: the first whole key within
  // `text`, whatever stands around it (quotes, a greeting, the box that
  // interlinkctl draws) and whatever mail and chat have put between its
  // characters (line breaks, "> ").
  // Errors: KEY_VERSION for a key of a later version ("ilk2_" and so on),
  // KEY_DAMAGED for anything else without a whole key; the message says which
  // (empty, cut short, not a key at all, altered), and never what was pasted.
  static absl::StatusOr<AuthorizationKey> Parse(std::string_view text);

  // The serialized message, for the store, and back.
  static absl::StatusOr<AuthorizationKey> FromBytes(std::string_view bytes);
  std::string ToBytes() const;

  // The inverse of Parse().
  std::string ToText() const;

  // What the redeemer's proofs for this key are bound to.
  ProofContext proof_context() const {
    return {interlink_id, issuer_account_id, issuer_root_spki_sha256};
  }
};

}  // namespace interlink::federation
