#include "daemon/cli/connect/api_method.h"

#include <string>

#include "interlink/v1/doctor.pb.h"
#include "interlink/v1/interlink.pb.h"

namespace interlink::cli {

const google::protobuf::MethodDescriptor* FindMethod(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == 0 || slash == std::string_view::npos) return nullptr;
  const std::string service(path.substr(1, slash - 1));
  const std::string name(path.substr(slash + 1));
  for (const auto* file : {v1::Interlink::descriptor()->file(),
                           v1::Finding::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      if (file->service(i)->full_name() != service) continue;
      return file->service(i)->FindMethodByName(name);
    }
  }
  return nullptr;
}

}  // namespace interlink::cli
