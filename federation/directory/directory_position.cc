#include "federation/directory/directory_position.h"

#include <openssl/evp.h>

#include <memory>
#include <string>

namespace interlink::federation {
namespace {

constexpr size_t kDigestBytes = 16;

// Fetched and allocated once: an import asks for two digests a number.
class Hasher {
 public:
  Hasher()
      : md_(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free),
        context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {}

  void Begin() { EVP_DigestInit_ex2(context_.get(), md_.get(), nullptr); }
  void Add(std::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  }
  DirectoryDigest End() {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    EVP_DigestFinal_ex(context_.get(), bytes, nullptr);
    DirectoryDigest digest = 0;
    for (size_t i = 0; i < kDigestBytes; ++i) digest = digest << 8 | bytes[i];
    return digest;
  }

 private:
  const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> md_;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::string BytesOf(DirectoryDigest digest) {
  std::string bytes(kDigestBytes, '\0');
  for (size_t i = kDigestBytes; i-- > 0; digest >>= 8) {
    bytes[i] = static_cast<char>(digest & 0xff);
  }
  return bytes;
}

template <class Message>
Message WriteAs(const DirectoryPosition& position) {
  Message message;
  message.set_sequence(position.sequence);
  message.set_digest(BytesOf(position.digest));
  message.set_count(position.count);
  return message;
}

template <class Message>
std::optional<DirectoryPosition> Read(const Message& message) {
  if (message.digest().size() != kDigestBytes) return std::nullopt;
  DirectoryPosition position{.sequence = message.sequence(),
                             .count = message.count()};
  for (const char byte : message.digest()) {
    position.digest = position.digest << 8 | static_cast<unsigned char>(byte);
  }
  return position;
}

}  // namespace

DirectoryDigest EntryDigest(store::InternalNumber number, std::string_view name,
                            std::string_view contact) {
  return EntryDigest(std::string_view(number.ToString()), name, contact);
}

DirectoryDigest EntryDigest(std::string_view number, std::string_view name,
                            std::string_view contact) {
  thread_local Hasher hasher;
  constexpr std::string_view kEnd("\0", 1);
  hasher.Begin();
  hasher.Add(number);
  hasher.Add(kEnd);
  hasher.Add(name);
  hasher.Add(kEnd);
  hasher.Add(contact);
  return hasher.End();
}

v1::DirectoryPosition ToProto(const DirectoryPosition& position) {
  return WriteAs<v1::DirectoryPosition>(position);
}

store::v1::DirectoryRecord ToRecord(const DirectoryPosition& position) {
  return WriteAs<store::v1::DirectoryRecord>(position);
}

std::optional<DirectoryPosition> FromProto(
    const v1::DirectoryPosition& position) {
  return Read(position);
}

std::optional<DirectoryPosition> FromRecord(
    const store::v1::DirectoryRecord& record) {
  return Read(record);
}

}  // namespace interlink::federation
