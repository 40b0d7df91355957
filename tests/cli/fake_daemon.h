#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "interlink/v1/interlink.grpc.pb.h"
#include "tests/cli/fake_doctor.h"

namespace interlink::cli {

// A daemon that answers by script: the next calls get what a test has put into
// the public members. Lists come in pages of two.
// Threading: set the script before the call; read the requests after it.
class FakeDaemon final : public v1::InterlinkService::Service,
                         public v1::NumberService::Service,
                         public v1::ResolverService::Service,
                         public v1::DaemonService::Service,
                         public FakeDoctor {
 public:
  explicit FakeDaemon(const std::string& socket);
  explicit FakeDaemon(  // On a port of 127.0.0.1 that the system gives.
      const std::shared_ptr<grpc::ServerCredentials>& credentials);
  ~FakeDaemon() override;

  int port() const { return port_; }
  v1::Interlink& AddRow(const std::string& name, const std::string& id,
                        v1::InterlinkState state, v1::Indicator indicator);

  using Context = grpc::ServerContext;
  using Status = grpc::Status;
  template <class Message>
  using Writer = grpc::ServerWriter<Message>;
  grpc::Status refusal;  // Of every unary call but lists; OK: none.
  std::vector<v1::Interlink> rows;
  std::vector<v1::Interlink> removed_rows;
  std::vector<v1::Number> numbers;
  std::vector<v1::ReachableNumber> reachable;
  std::vector<v1::Event> events;  // The newest first.
  std::vector<v1::WatchInterlinksResponse> watch;
  bool watch_stays_open = false;  // Until the end of the fake.
  bool events_are_cut = false;    // Before the mark of a watch.
  std::function<void(Context*)> on_watch = [](Context*) {};  // Of interlinks.
  std::function<grpc::Status(Context*, v1::LinkAccountResponse*)> link;
  std::string store_failure, settings_failure;  // Of GetAccount.
  std::vector<std::string> warnings;  // Of GenerateKey, ShowKey, LinkAccount.
  v1::ImportNumbersResponse import_answer;
  std::function<void()> on_import = [] {};  // Before each answer.
  v1::Resolution resolution;
  v1::AuthorizeCallResponse admission;

  v1::GenerateKeyRequest generate_key_request;
  v1::LinkAccountRequest link_request;
  v1::UpdateInterlinkRequest update_request;
  std::string deleted_id;
  std::string shown_id;
  v1::Number created_number;
  v1::UpdateNumberRequest update_number_request;
  v1::ResolveRequest resolve_request;
  v1::AuthorizeCallRequest authorize_request;
  v1::ListReachableNumbersRequest reachable_request;
  std::vector<v1::ImportNumbersRequest> chunks;
  std::string backup_directory;

  Status GenerateKey(Context*, const v1::GenerateKeyRequest* request,
                     v1::GenerateKeyResponse* response) override;
  Status ShowKey(Context*, const v1::ShowKeyRequest* request,
                 v1::ShowKeyResponse* response) override;
  Status LinkAccount(Context* context, const v1::LinkAccountRequest* request,
                     v1::LinkAccountResponse* response) override;
  Status ListInterlinks(Context*, const v1::ListInterlinksRequest* request,
                        v1::ListInterlinksResponse* response) override;
  Status GetInterlink(Context*, const v1::GetInterlinkRequest* request,
                      v1::GetInterlinkResponse* response) override;
  Status UpdateInterlink(Context*, const v1::UpdateInterlinkRequest* request,
                         v1::UpdateInterlinkResponse* response) override;
  Status DeleteInterlink(Context*, const v1::DeleteInterlinkRequest* request,
                         v1::DeleteInterlinkResponse*) override;
  Status WatchInterlinks(Context*, const v1::WatchInterlinksRequest*,
                         Writer<v1::WatchInterlinksResponse>* writer) override;
  Status CreateNumber(Context*, const v1::CreateNumberRequest* request,
                      v1::CreateNumberResponse* response) override;
  Status UpdateNumber(Context*, const v1::UpdateNumberRequest* request,
                      v1::UpdateNumberResponse* response) override;
  Status DeleteNumber(Context*, const v1::DeleteNumberRequest* request,
                      v1::DeleteNumberResponse*) override;
  Status ListNumbers(Context*, const v1::ListNumbersRequest* request,
                     v1::ListNumbersResponse* response) override;
  Status ListReachableNumbers(
      Context*, const v1::ListReachableNumbersRequest* request,
      v1::ListReachableNumbersResponse* response) override;
  Status ImportNumbers(Context*,
                       grpc::ServerReader<v1::ImportNumbersRequest>* reader,
                       v1::ImportNumbersResponse* response) override;
  Status Resolve(Context*, const v1::ResolveRequest* request,
                 v1::ResolveResponse* response) override;
  Status AuthorizeCall(Context*, const v1::AuthorizeCallRequest* request,
                       v1::AuthorizeCallResponse* response) override;
  Status GetAccount(Context*, const v1::GetAccountRequest*,
                    v1::GetAccountResponse* response) override;
  Status Backup(Context*, const v1::BackupRequest* request,
                v1::BackupResponse* response) override;
  Status ListEvents(Context*, const v1::ListEventsRequest* request,
                    v1::ListEventsResponse* response) override;
  Status WatchEvents(Context*, const v1::WatchEventsRequest* request,
                     Writer<v1::WatchEventsResponse>* writer) override;

 private:
  void Start(const std::string& address,
             const std::shared_ptr<grpc::ServerCredentials>& credentials);
  std::promise<void> stop_;
  std::shared_future<void> stopped_ = stop_.get_future().share();
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace interlink::cli
