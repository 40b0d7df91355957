#include "federation/routing/asker.h"

#include <algorithm>

namespace interlink::federation {

bool Asker::IsCalledBy(const ContactTemplate& contact) const {
  if (std::find(hosts.begin(), hosts.end(), contact.host()) == hosts.end()) {
    return false;
  }
  return ports.empty() ||
         std::any_of(ports.begin(), ports.end(),
                     [&](uint32_t port) { return contact.HasPort(port); });
}

}  // namespace interlink::federation
