#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "interlink/federation/v1/federation.pb.h"
#include "interlink/store/v1/records.pb.h"
#include "store/internal_number.h"

namespace interlink::federation {

// A sum of entries modulo 2^128, so that their order does not matter.
__extension__ using DirectoryDigest = unsigned __int128;

// How far a shared directory has come (design.md section 9).
struct DirectoryPosition {
  uint64_t sequence = 0;  // Changes so far.
  DirectoryDigest digest = 0;
  uint64_t count = 0;  // Entries.

  friend bool operator==(const DirectoryPosition&,
                         const DirectoryPosition&) = default;
};

// The first 16 bytes, big-endian, of SHA-256(number | 0 | name | 0 | contact).
// `number` may be any text. Threading: any.
DirectoryDigest EntryDigest(std::string_view number, std::string_view name,
                            std::string_view contact);
DirectoryDigest EntryDigest(store::InternalNumber number, std::string_view name,
                            std::string_view contact);

v1::DirectoryPosition ToProto(const DirectoryPosition& position);
store::v1::DirectoryRecord ToRecord(const DirectoryPosition& position);
// nullopt unless the digest has 16 bytes.
std::optional<DirectoryPosition> FromProto(
    const v1::DirectoryPosition& position);
std::optional<DirectoryPosition> FromRecord(
    const store::v1::DirectoryRecord& record);

}  // namespace interlink::federation
