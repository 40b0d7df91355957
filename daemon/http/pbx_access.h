#pragma once

#include <optional>
#include <vector>

#include "daemon/http/access_token.h"
#include "daemon/net/address_range.h"

namespace interlink::daemon {

// Who may ask at --pbx-http-listen. A value.
struct PbxAccess {
  std::vector<AddressRange> pbx;     // --pbx-http-allow
  std::vector<AddressRange> phones;  // --phonebook-allow
  // --pbx-http-token: then every request has to show it.
  std::optional<AccessToken> token;
};

}  // namespace interlink::daemon
