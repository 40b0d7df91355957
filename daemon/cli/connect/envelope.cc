#include "daemon/cli/connect/envelope.h"

#include "daemon/cli/connect/connect_error.h"

namespace interlink::cli {
namespace {

constexpr size_t kHeadBytes = 5;
constexpr size_t kMostMessages = 1000;

size_t LengthIn(std::string_view head) {
  size_t length = 0;
  for (const char byte : head.substr(1, kHeadBytes - 1)) {
    length = length << 8U | static_cast<uint8_t>(byte);
  }
  return length;
}

}  // namespace

std::string Envelope(EnvelopeKind kind, std::string_view message) {
  std::string envelope;
  envelope.reserve(kHeadBytes + message.size());
  envelope += static_cast<char>(kind);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    envelope += static_cast<char>(message.size() >> shift & 0xFFU);
  }
  return envelope.append(message);
}

grpc::Status OpenEnvelopes(std::string_view body,
                           std::vector<std::string_view>* messages) {
  while (!body.empty()) {
    if (body.size() < kHeadBytes || body.size() - kHeadBytes < LengthIn(body)) {
      return RequestInvalid(
          "the request ends within a message; each begins with a byte of flags "
          "and four bytes of its length");
    }
    // 1 says that it is compressed, 2 is for answers.
    if (body[0] != 0) {
      return RequestInvalid("the flags of a message are " +
                            std::to_string(static_cast<uint8_t>(body[0])) +
                            "; send it uncompressed, with 0");
    }
    // Each takes memory, also an empty one.
    if (messages->size() == kMostMessages) {
      return RequestInvalid("a request has at most " +
                            std::to_string(kMostMessages) +
                            " messages; send the rest in another one");
    }
    messages->push_back(body.substr(kHeadBytes, LengthIn(body)));
    body.remove_prefix(kHeadBytes + messages->back().size());
  }
  return grpc::Status::OK;
}

}  // namespace interlink::cli
