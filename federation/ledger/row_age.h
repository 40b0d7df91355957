#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "interlink/store/v1/records.pb.h"
#include "store/ids.h"

namespace interlink::federation {

// A row's place in a list: in the order of their making, then of their ids.
struct RowAge {
  uint64_t micros = 0;  // Since 1970.
  store::InterlinkId id;

  // Of the row that is stored under `id`, which a damaged record may not name.
  static RowAge Of(store::InterlinkId id,
                   const store::v1::InterlinkRecord& record);
  // As a page token: 16 and 32 hexadecimal digits; nullopt for another text.
  static std::optional<RowAge> Parse(std::string_view token);
  std::string ToText() const;

  friend auto operator<=>(const RowAge&, const RowAge&) = default;
};

}  // namespace interlink::federation
