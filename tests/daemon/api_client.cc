#include "tests/daemon/api_client.h"

#include <gtest/gtest.h>

namespace interlink::daemon {
namespace {

// Whether the operation that was just started went well.
bool Await(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

}  // namespace

Outcome Call(const std::shared_ptr<grpc::Channel>& channel,
             const std::string& method, const std::string& request) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  SetPatience(context);
  const auto call = stub.PrepareCall(&context, "/" + method, &queue);
  Outcome outcome;
  grpc::ByteBuffer answer;
  call->StartCall(&queue);
  if (Await(queue)) {
    const grpc::Slice slice(request);
    call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), &queue);
    Await(queue);
    call->Read(&answer, &queue);
    outcome.answered = Await(queue);
    if (outcome.answered) {
      grpc::Slice bytes;
      answer.TrySingleSlice(&bytes);
      outcome.answer.assign(bytes.begin(), bytes.end());
      context.TryCancel();  // A watch would go on.
    }
  }
  call->Finish(&outcome.status, &queue);
  Await(queue);
  return outcome;
}

v1::GenerateKeyResponse ApiClient::GenerateKey(const std::string& name) {
  grpc::ClientContext context;
  SetPatience(context);
  v1::GenerateKeyRequest request;
  request.set_name(name);
  v1::GenerateKeyResponse response;
  const auto status = interlinks->GenerateKey(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

grpc::Status ApiClient::Rename(const std::string& id, const std::string& name) {
  grpc::ClientContext context;
  SetPatience(context);
  v1::UpdateInterlinkRequest request;
  request.mutable_interlink()->set_id(id);
  request.mutable_interlink()->set_name(name);
  request.mutable_update_mask()->add_paths("name");
  v1::UpdateInterlinkResponse response;
  return interlinks->UpdateInterlink(&context, request, &response);
}

grpc::Status ApiClient::Delete(const std::string& id) {
  grpc::ClientContext context;
  SetPatience(context);
  v1::DeleteInterlinkRequest request;
  request.set_id(id);
  v1::DeleteInterlinkResponse response;
  return interlinks->DeleteInterlink(&context, request, &response);
}

grpc::Status ApiClient::CreateNumber(const std::string& number) {
  grpc::ClientContext context;
  SetPatience(context);
  v1::CreateNumberRequest request;
  request.mutable_number()->set_number(number);
  v1::CreateNumberResponse response;
  return numbers->CreateNumber(&context, request, &response);
}

grpc::Status ApiClient::GetAccount(v1::GetAccountResponse* response,
                                   bool wait_for_ready) {
  grpc::ClientContext context;
  SetPatience(context);
  context.set_wait_for_ready(wait_for_ready);
  v1::GetAccountResponse ignored;
  return daemon->GetAccount(&context, {},
                            response != nullptr ? response : &ignored);
}

}  // namespace interlink::daemon
