#pragma once

#include <optional>
#include <string>

#include "daemon/sip/sip_request.h"
#include "daemon/sip/sip_source.h"

namespace interlink::daemon {

// The URI that a Contact can name for a destination: the destination itself if
// it is a sip or sips URI, else the extension of that name at the asking PBX.
// nullopt if it is neither a URI nor an extension.
std::optional<std::string> ContactUri(const std::string& destination,
                                      const TopVia& via,
                                      const SipSource& source);

// Whether there is such a URI, whoever asks.
bool CanBeContact(const std::string& destination);

// Whether it names an extension, and so leads back to the PBX that asks.
bool IsExtension(const std::string& destination);

}  // namespace interlink::daemon
