#include "store/etcd/seal.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace interlink::store {
namespace {

constexpr char kVersion = 1;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kHeadBytes = 1 + kNonceBytes;
static_assert(Seal::kOverhead == kHeadBytes + kTagBytes);

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// OpenSSL fails here only if memory or randomness has run out.
void Require(bool ok) {
  if (!ok) std::abort();
}

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
uint8_t* Bytes(std::string& text) {
  return reinterpret_cast<uint8_t*>(text.data());
}

// What seals, or opens, after the nonce of `head` a value of this name.
Context Begin(const std::string& key, std::string_view name,
              std::string_view head, bool seals) {
  static const EVP_CIPHER* const cipher =
      EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0;
  Require(
      cipher != nullptr && context != nullptr &&
      EVP_CipherInit_ex2(context.get(), cipher, Bytes(key),
                         Bytes(head.substr(1)), seals ? 1 : 0, nullptr) == 1 &&
      EVP_CipherUpdate(context.get(), nullptr, &length, Bytes(head), 1) == 1 &&
      EVP_CipherUpdate(context.get(), nullptr, &length, Bytes(name),
                       static_cast<int>(name.size())) == 1);
  return context;
}

absl::Status DoesNotOpen() {
  return absl::DataLossError("it does not open with this seal key");
}

}  // namespace

absl::StatusOr<Seal> Seal::Make(std::string_view key) {
  if (key.size() == kKeyBytes) return Seal(key);
  return absl::InvalidArgumentError(
      "a seal key has " + std::to_string(kKeyBytes) + " bytes, and this one " +
      std::to_string(key.size()));
}

std::string Seal::Close(std::string_view name, std::string_view value) const {
  std::string sealed(kHeadBytes + value.size() + kTagBytes, kVersion);
  Require(RAND_bytes(Bytes(sealed) + 1, kNonceBytes) == 1);
  const Context context = Begin(key_, name, sealed, true);
  int length = 0;
  uint8_t* const encrypted = Bytes(sealed) + kHeadBytes;
  Require(EVP_CipherUpdate(context.get(), encrypted, &length, Bytes(value),
                           static_cast<int>(value.size())) == 1 &&
          EVP_CipherFinal_ex(context.get(), encrypted + value.size(),
                             &length) == 1 &&
          EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                              encrypted + value.size()) == 1);
  return sealed;
}

absl::StatusOr<std::string> Seal::Open(std::string_view name,
                                       std::string_view sealed) const {
  if (sealed.size() < kOverhead) return DoesNotOpen();
  if (sealed[0] != kVersion) {
    return absl::FailedPreconditionError(
        "it was sealed by a later version of the program, or by none: its "
        "first byte is " +
        std::to_string(static_cast<uint8_t>(sealed[0])));
  }
  const Context context =
      Begin(key_, name, sealed.substr(0, kHeadBytes), false);
  std::string value(sealed.size() - kOverhead, '\0');
  std::array<uint8_t, kTagBytes> tag;
  sealed.substr(sealed.size() - kTagBytes)
      .copy(reinterpret_cast<char*>(tag.data()), kTagBytes);
  int length = 0;
  Require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes,
                              tag.data()) == 1);
  if (EVP_CipherUpdate(context.get(), Bytes(value), &length,
                       Bytes(sealed.substr(kHeadBytes)),
                       static_cast<int>(value.size())) == 1 &&
      EVP_CipherFinal_ex(context.get(), Bytes(value) + value.size(), &length) ==
          1) {
    return value;
  }
  return DoesNotOpen();
}

}  // namespace interlink::store
