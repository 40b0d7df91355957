#include "federation/linking/authorization_key.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "federation/base/address.h"
#include "federation/base/reason.h"
#include "federation/identity/certificate.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {
namespace {

constexpr std::string_view kPrefix = "ilk1_";
constexpr size_t kChecksumBytes = 4;
constexpr size_t kHashBytes = 32;

absl::Status Damaged(std::string_view sentence) {
  return Refusal(Reason::kKeyDamaged, sentence);
}

bool IsKeyCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
         c == '_';
}

// The characters of a text that can belong to a key, and where others stood
// between them: a key ends at such a gap, though not always at the first.
struct Dense {
  explicit Dense(std::string_view text) {
    for (const char c : text) {
      if (IsKeyCharacter(c)) {
        characters += c;
      } else if (gaps.empty() || gaps.back() != characters.size()) {
        gaps.push_back(characters.size());
      }
    }
    gaps.push_back(characters.size());
  }

  std::string characters;
  std::vector<size_t> gaps;  // Rising; the last is the end.
};

std::string Checksum(std::string_view bytes) {
  return Sha256(bytes).substr(0, kChecksumBytes);
}

// Where a key may begin.
struct Place {
  size_t at;  // Of the prefix.
  // The number of "_" before it, and then also behind the key: Markdown writes
  // emphasis so.
  size_t marks;
};

// Where the prefix begins a word: the first few places, because each costs time
// and no mail has more.
std::vector<Place> PlacesOfKeys(const Dense& text) {
  constexpr size_t kMaxPlaces = 8;
  constexpr size_t kMaxMarks = 3;
  std::vector<Place> places;
  const auto look = [&](size_t word) {
    size_t at = word;
    while (at < text.characters.size() && at - word < kMaxMarks &&
           text.characters[at] == '_') {
      ++at;
    }
    if (places.size() < kMaxPlaces &&
        text.characters.compare(at, kPrefix.size(), kPrefix) == 0) {
      places.push_back({at, at - word});
    }
  };
  if (text.gaps.front() != 0) look(0);
  for (const size_t gap : text.gaps) look(gap);
  return places;
}

// The bytes that `encoded` stands for; nullopt if it is cut short or altered.
std::optional<std::string> Decode(const std::string& encoded) {
  std::string bytes;
  // The decoder is lenient; a key has exactly one spelling.
  if (!absl::WebSafeBase64Unescape(encoded, &bytes) ||
      absl::WebSafeBase64Escape(bytes) != encoded ||
      bytes.size() <= kChecksumBytes) {
    return std::nullopt;
  }
  std::string body = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (Checksum(body) != bytes.substr(body.size())) return std::nullopt;
  return body;
}

// The bytes of the key at that place; the checksum tells at which gap it ends.
std::optional<std::string> DecodeFrom(const Dense& text, const Place& place) {
  const size_t begin = place.at + kPrefix.size();
  const auto first =
      std::upper_bound(text.gaps.begin(), text.gaps.end(), begin + place.marks);
  for (auto gap = first; gap != text.gaps.end(); ++gap) {
    const size_t size = *gap - place.marks - begin;
    if (size + kPrefix.size() > AuthorizationKey::kMaxTextBytes) break;
    const std::string_view behind =
        std::string_view(text.characters).substr(begin + size, place.marks);
    if (behind.find_first_not_of('_') != behind.npos) continue;
    auto bytes = Decode(text.characters.substr(begin, size));
    if (bytes) return bytes;
  }
  return std::nullopt;
}

// "ilk2_" and so on: a key of a later version.
bool IsLaterVersion(std::string_view text) {
  const size_t end = text.find('_');
  return text.substr(0, 3) == "ilk" && end != std::string_view::npos &&
         end > 3 && end <= 6 && text[3] != '0' &&
         text.substr(3, end - 3).find_first_not_of("0123456789") ==
             std::string_view::npos;
}

bool HasLaterVersion(const Dense& text) {
  const std::string_view characters = text.characters;
  return IsLaterVersion(characters) ||
         std::any_of(text.gaps.begin(), text.gaps.end(), [&](size_t gap) {
           return IsLaterVersion(characters.substr(gap));
         });
}

}  // namespace

absl::StatusOr<AuthorizationKey> AuthorizationKey::Parse(
    std::string_view text) {
  if (text.size() > kMaxPastedBytes) {
    return Damaged(
        "this is too long to be an authorization key; copy only "
        "the line that begins with ilk1_");
  }
  const Dense dense(text);
  if (dense.characters.empty()) {
    return Damaged("no key was entered; copy the line that begins with ilk1_");
  }
  const std::vector<Place> places = PlacesOfKeys(dense);
  for (const Place& place : places) {
    const auto bytes = DecodeFrom(dense, place);
    if (bytes) return FromBytes(*bytes);
  }
  if (!places.empty()) {
    return Damaged("this key is cut short or altered; copy it again, whole");
  }
  if (HasLaterVersion(dense)) {
    return Refusal(Reason::kKeyVersion,
                   "this key was made by a later version; bring this daemon "
                   "up to date");
  }
  return Damaged(
      "this is not an authorization key; copy the line that begins with ilk1_");
}

absl::StatusOr<AuthorizationKey> AuthorizationKey::FromBytes(
    std::string_view bytes) {
  v1::AuthorizationKey message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Damaged("this key cannot be read; ask for a new one");
  }
  const auto id = store::InterlinkId::FromBytes(message.interlink_id());
  const auto issuer = store::AccountId::FromBytes(message.issuer_account_id());
  const bool has_addresses =
      message.addresses_size() >= 1 &&
      message.addresses_size() <= static_cast<int>(kMaxPeerAddresses) &&
      std::all_of(
          message.addresses().begin(), message.addresses().end(),
          [](const auto& address) { return CheckAddress(address).ok(); });
  if (!id || !issuer || message.secret().size() != kSecretBytes ||
      message.issuer_root_spki_sha256().size() != kHashBytes ||
      !has_addresses || message.expire_time_seconds() < 0) {
    return Damaged("this key lacks a part; ask for a new one");
  }
  AuthorizationKey key{
      .interlink_id = *id,
      .secret = message.secret(),
      .issuer_account_id = *issuer,
      .issuer_root_spki_sha256 = message.issuer_root_spki_sha256(),
      .addresses = {message.addresses().begin(), message.addresses().end()},
  };
  // A time beyond every clock means no expiry.
  constexpr int64_t kLatest = 253402300799;  // The end of the year 9999.
  if (message.expire_time_seconds() > 0 &&
      message.expire_time_seconds() <= kLatest) {
    key.expire_time = WallTime(
        std::chrono::duration_cast<WallTime::duration>(std::chrono::seconds(
            std::min<int64_t>(message.expire_time_seconds(), 9'000'000'000))));
  }
  return key;
}

std::string AuthorizationKey::ToBytes() const {
  v1::AuthorizationKey message;
  message.set_interlink_id(interlink_id.ToBytes());
  message.set_secret(secret);
  message.set_issuer_account_id(issuer_account_id.ToBytes());
  message.set_issuer_root_spki_sha256(issuer_root_spki_sha256);
  for (const std::string& address : addresses) message.add_addresses(address);
  if (expire_time) {
    message.set_expire_time_seconds(
        std::chrono::duration_cast<std::chrono::seconds>(
            expire_time->time_since_epoch())
            .count());
  }
  return message.SerializeAsString();
}

std::string AuthorizationKey::ToText() const {
  const std::string body = ToBytes();
  return std::string(kPrefix) +
         absl::WebSafeBase64Escape(body + Checksum(body));
}

}  // namespace interlink::federation
