// What libFuzzer calls: the one target that is linked in.

#include <google/protobuf/stubs/logging.h>

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto target = [] {
    // Of every text that is no UTF-8.
    google::protobuf::SetLogHandler(nullptr);
    return interlink::fuzz::Targets().begin()->second;
  }();
  target({reinterpret_cast<const char*>(data), size});
  return 0;
}
