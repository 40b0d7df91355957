#include "federation/ledger/row_age.h"

#include "google/protobuf/util/time_util.h"
#include "store/records.h"

namespace interlink::federation {
namespace {

constexpr size_t kTimeDigits = 16;

}  // namespace

RowAge RowAge::Of(store::InterlinkId id,
                  const store::v1::InterlinkRecord& record) {
  using google::protobuf::util::TimeUtil;
  return {static_cast<uint64_t>(
              TimeUtil::TimestampToMicroseconds(record.create_time())),
          id};
}

std::optional<RowAge> RowAge::Parse(std::string_view token) {
  if (token.size() < kTimeDigits) return std::nullopt;
  // The digits are written as in the key of an event.
  const auto micros =
      store::ParseEventKey(std::string(store::kEventPrefix) +
                           std::string(token.substr(0, kTimeDigits)));
  const auto id = store::InterlinkId::FromHex(token.substr(kTimeDigits));
  if (!micros || !id) return std::nullopt;
  return RowAge{*micros, *id};
}

std::string RowAge::ToText() const {
  return store::EventKey(micros).substr(store::kEventPrefix.size()) +
         id.ToHex();
}

}  // namespace interlink::federation
