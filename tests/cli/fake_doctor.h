#pragma once

#include <vector>

#include "grpcpp/grpcpp.h"
#include "interlink/v1/doctor.grpc.pb.h"

namespace interlink::cli {

// Finds what a test has put into `findings`. Threading: as FakeDaemon.
class FakeDoctor : public v1::DoctorService::Service {
 public:
  grpc::Status Examine(grpc::ServerContext*, const v1::ExamineRequest* request,
                       v1::ExamineResponse* response) override {
    examine_request = *request;
    for (const v1::Finding& finding : findings) {
      *response->add_findings() = finding;
    }
    return grpc::Status::OK;
  }

  std::vector<v1::Finding> findings;
  v1::ExamineRequest examine_request;
};

}  // namespace interlink::cli
