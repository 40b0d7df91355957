#pragma once

#include <sys/socket.h>

#include <string>

namespace interlink::daemon {

// The host as it is written in an address; empty if no other machine can dial
// it.
std::string HostOfSocket(const sockaddr* address);

}  // namespace interlink::daemon
