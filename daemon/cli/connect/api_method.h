#pragma once

#include <string_view>

#include "google/protobuf/descriptor.h"

namespace interlink::cli {

// The method that `path`, "/interlink.v1.InterlinkService/ListInterlinks", is
// of; nullptr unless it is one of the API that the daemon serves to
// administrators.
const google::protobuf::MethodDescriptor* FindMethod(std::string_view path);

}  // namespace interlink::cli
