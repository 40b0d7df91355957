#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grpcpp/support/status.h"

// What the messages of a stream are wrapped in: a byte of flags and four of
// length, the highest first.
namespace interlink::cli {

enum class EnvelopeKind : uint8_t { kMessage = 0, kEnd = 2 };

std::string Envelope(EnvelopeKind kind, std::string_view message);

// Adds the messages that `body` consists of to `messages`; they are parts of
// it. Errors: INVALID_ARGUMENT (REQUEST_INVALID).
grpc::Status OpenEnvelopes(std::string_view body,
                           std::vector<std::string_view>* messages);

}  // namespace interlink::cli
