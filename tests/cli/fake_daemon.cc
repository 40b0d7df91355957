#include "tests/cli/fake_daemon.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "grpcpp/server_builder.h"

namespace interlink::cli {
namespace {

constexpr size_t kPageSize = 2;

// Two of `all` from where the token says, and the token of the rest.
template <typename Item, typename Add>
std::string PageAfter(const std::vector<Item>& all, const std::string& token,
                      Add add) {
  const size_t begin = token.empty() ? 0 : std::stoul(token);
  const size_t end = std::min(begin + kPageSize, all.size());
  for (size_t i = begin; i < end; ++i) *add() = all[i];
  return end < all.size() ? std::to_string(end) : "";
}

}  // namespace

FakeDaemon::FakeDaemon(const std::string& socket) {
  Start("unix:" + socket, grpc::InsecureServerCredentials());
}

FakeDaemon::FakeDaemon(
    const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  Start("127.0.0.1:0", credentials);
}

void FakeDaemon::Start(
    const std::string& address,
    const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, credentials, &port_);
  builder.RegisterService(static_cast<v1::InterlinkService::Service*>(this));
  builder.RegisterService(static_cast<v1::NumberService::Service*>(this));
  builder.RegisterService(static_cast<v1::ResolverService::Service*>(this));
  builder.RegisterService(static_cast<v1::DaemonService::Service*>(this));
  builder.RegisterService(static_cast<v1::DoctorService::Service*>(this));
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) std::abort();
}

FakeDaemon::~FakeDaemon() {
  stop_.set_value();
  server_->Shutdown(std::chrono::system_clock::now());
}

v1::Interlink& FakeDaemon::AddRow(const std::string& name,
                                  const std::string& id,
                                  v1::InterlinkState state,
                                  v1::Indicator indicator) {
  v1::Interlink& row = rows.emplace_back();
  row.set_name(name);
  row.set_id(id);
  row.set_state(state);
  row.set_indicator(indicator);
  row.set_priority(100);
  return row;
}

grpc::Status FakeDaemon::GenerateKey(Context*,
                                     const v1::GenerateKeyRequest* request,
                                     v1::GenerateKeyResponse* response) {
  generate_key_request = *request;
  response->mutable_interlink()->set_name(request->name());
  response->mutable_interlink()->set_state(v1::INTERLINK_STATE_PENDING);
  response->mutable_interlink()->set_indicator(v1::INDICATOR_GREY);
  response->set_key("ilk1_secret");
  *response->mutable_warnings() = {warnings.begin(), warnings.end()};
  return refusal;
}

grpc::Status FakeDaemon::ShowKey(Context*, const v1::ShowKeyRequest* request,
                                 v1::ShowKeyResponse* response) {
  shown_id = request->id();
  response->set_key("ilk1_secret");
  *response->mutable_warnings() = {warnings.begin(), warnings.end()};
  return refusal;
}

grpc::Status FakeDaemon::LinkAccount(Context* context,
                                     const v1::LinkAccountRequest* request,
                                     v1::LinkAccountResponse* response) {
  link_request = *request;
  return link ? link(context, response) : refusal;
}

grpc::Status FakeDaemon::ListInterlinks(
    Context*, const v1::ListInterlinksRequest* request,
    v1::ListInterlinksResponse* response) {
  std::vector<v1::Interlink> all = rows;
  if (request->show_removed()) {
    all.insert(all.end(), removed_rows.begin(), removed_rows.end());
  }
  response->set_next_page_token(
      PageAfter(all, request->page_token(),
                [response] { return response->add_interlinks(); }));
  return grpc::Status::OK;
}

grpc::Status FakeDaemon::GetInterlink(Context*,
                                      const v1::GetInterlinkRequest* request,
                                      v1::GetInterlinkResponse* response) {
  for (const v1::Interlink& row : removed_rows) {
    if (row.id() == request->id()) *response->mutable_interlink() = row;
  }
  return response->has_interlink()
             ? grpc::Status::OK
             : grpc::Status(grpc::StatusCode::NOT_FOUND, "LINK_NOT_FOUND: no");
}

grpc::Status FakeDaemon::UpdateInterlink(
    Context*, const v1::UpdateInterlinkRequest* request,
    v1::UpdateInterlinkResponse* response) {
  update_request = *request;
  *response->mutable_interlink() = rows.at(0);
  response->mutable_interlink()->MergeFrom(request->interlink());
  return refusal;
}

grpc::Status FakeDaemon::DeleteInterlink(
    Context*, const v1::DeleteInterlinkRequest* request,
    v1::DeleteInterlinkResponse*) {
  deleted_id = request->id();
  return refusal;
}

grpc::Status FakeDaemon::WatchInterlinks(
    Context* context, const v1::WatchInterlinksRequest*,
    grpc::ServerWriter<v1::WatchInterlinksResponse>* writer) {
  on_watch(context);
  for (const auto& event : watch) writer->Write(event);
  if (watch_stays_open) stopped_.wait();
  return refusal;
}

grpc::Status FakeDaemon::CreateNumber(Context*,
                                      const v1::CreateNumberRequest* request,
                                      v1::CreateNumberResponse* response) {
  created_number = request->number();
  *response->mutable_number() = request->number();
  return refusal;
}

grpc::Status FakeDaemon::UpdateNumber(Context*,
                                      const v1::UpdateNumberRequest* request,
                                      v1::UpdateNumberResponse* response) {
  update_number_request = *request;
  *response->mutable_number() = request->number();
  return refusal;
}

grpc::Status FakeDaemon::DeleteNumber(Context*,
                                      const v1::DeleteNumberRequest* request,
                                      v1::DeleteNumberResponse*) {
  deleted_id = request->number();
  return refusal;
}

// One a page.
grpc::Status FakeDaemon::ListReachableNumbers(
    Context*, const v1::ListReachableNumbersRequest* request,
    v1::ListReachableNumbersResponse* response) {
  reachable_request = *request;
  const size_t at =
      request->page_token().empty() ? 0 : std::stoul(request->page_token());
  if (at < reachable.size()) *response->add_numbers() = reachable[at];
  if (at + 1 < reachable.size()) {
    response->set_next_page_token(std::to_string(at + 1));
  }
  return grpc::Status::OK;
}

grpc::Status FakeDaemon::ListNumbers(Context*,
                                     const v1::ListNumbersRequest* request,
                                     v1::ListNumbersResponse* response) {
  response->set_next_page_token(
      PageAfter(numbers, request->page_token(),
                [response] { return response->add_numbers(); }));
  return grpc::Status::OK;
}

grpc::Status FakeDaemon::ImportNumbers(
    Context*, grpc::ServerReader<v1::ImportNumbersRequest>* reader,
    v1::ImportNumbersResponse* response) {
  v1::ImportNumbersRequest chunk;
  while (reader->Read(&chunk)) chunks.push_back(chunk);
  *response = import_answer;
  on_import();
  return refusal;
}

grpc::Status FakeDaemon::Resolve(Context*, const v1::ResolveRequest* request,
                                 v1::ResolveResponse* response) {
  resolve_request = *request;
  *response->mutable_resolution() = resolution;
  return refusal;
}

grpc::Status FakeDaemon::AuthorizeCall(Context*,
                                       const v1::AuthorizeCallRequest* request,
                                       v1::AuthorizeCallResponse* response) {
  authorize_request = *request;
  *response = admission;
  return refusal;
}

grpc::Status FakeDaemon::GetAccount(Context*, const v1::GetAccountRequest*,
                                    v1::GetAccountResponse* response) {
  response->set_account_id("00112233445566778899aabbccddeeff");
  response->set_account_name("Mike Brown");
  response->add_addresses("10.0.0.5:7443");
  response->mutable_uptime()->set_seconds(7200);
  response->set_undelivered_removal_count(1);
  response->set_store_failure(store_failure);
  response->set_settings_failure(settings_failure);
  return refusal;
}

grpc::Status FakeDaemon::Backup(Context*, const v1::BackupRequest* request,
                                v1::BackupResponse* response) {
  backup_directory = request->directory();
  response->set_size_bytes(4096);
  return refusal;
}

grpc::Status FakeDaemon::ListEvents(Context*,
                                    const v1::ListEventsRequest* request,
                                    v1::ListEventsResponse* response) {
  response->set_next_page_token(
      PageAfter(events, request->page_token(),
                [response] { return response->add_events(); }));
  return grpc::Status::OK;
}

// The events after the one named, and the mark.
grpc::Status FakeDaemon::WatchEvents(
    Context*, const v1::WatchEventsRequest* request,
    grpc::ServerWriter<v1::WatchEventsResponse>* writer) {
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (event->sequence() <= request->after_sequence()) continue;
    v1::WatchEventsResponse step;
    *step.mutable_event() = *event;
    writer->Write(step);
  }
  v1::WatchEventsResponse mark;
  mark.set_current(true);
  if (!events_are_cut) writer->Write(mark);
  if (watch_stays_open) stopped_.wait();
  return refusal;
}

}  // namespace interlink::cli
