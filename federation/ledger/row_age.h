#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "interlink/store/v1/records.pb.h"
#include "store/ids.h"

namespace interlink::federation {

// The place of a row in a list: rows are ordered by when they were made, then
// by id.
struct RowAge {
  uint64_t micros = 0;  // Since 1970.
  store::InterlinkId id;

  // The age of the row stored under `id`, which a damaged record may not name.
  static RowAge Of(store::InterlinkId id,
                   const store::v1::InterlinkRecord& record);
  // Reads a page token: 16 and 32 hexadecimal digits; nullopt for another text.
  static std::optional<RowAge> Parse(std::string_view token);
  std::string ToText() const;

  friend auto operator<=>(const RowAge&, const RowAge&) = default;
};

}  // namespace interlink::federation
