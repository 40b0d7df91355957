#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"
#include "interlink/v1/doctor.grpc.pb.h"
#include "interlink/v1/interlink.grpc.pb.h"

namespace interlink::cli {

// Whether a list also has the rows of removed links.
enum class Removed { kHidden, kShown };

// The daemon's API, one call after the other.
//
// Threading: any thread. Errors: the daemon's, unchanged.
class Api {
 public:
  // `timeout`: as timeout() says.
  Api(const std::shared_ptr<grpc::Channel>& channel,
      std::optional<std::chrono::seconds> timeout);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // The user's, if given.
  std::optional<std::chrono::seconds> timeout() const { return timeout_; }

  template <typename Stub>
  Stub& stub() {
    return *std::get<std::unique_ptr<Stub>>(stubs_);
  }

  // One unary call, such as Call(&v1::NumberService::Stub::GetNumber, ...),
  // answered within the timeout, by default 10 seconds.
  template <typename Stub, typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*rpc)(grpc::ClientContext*,
                                              const Request&, Response*),
                    const Request& request, Response* response) {
    grpc::ClientContext context;
    SetDeadline(context, std::chrono::seconds(10));
    return (stub<Stub>().*rpc)(&context, request, response);
  }

  // All pages of a list as one response without a page token.
  template <typename Stub, typename Request, typename Response>
  grpc::Status CallForAllPages(grpc::Status (Stub::*rpc)(grpc::ClientContext*,
                                                         const Request&,
                                                         Response*),
                               Request request, Response* all) {
    request.set_page_size(kPageSize);
    while (true) {
      Response page;
      grpc::Status status = Call(rpc, request, &page);
      if (!status.ok()) return status;
      const std::string next = page.next_page_token();
      page.clear_next_page_token();
      all->MergeFrom(page);
      if (next.empty()) return status;
      if (next == request.page_token()) return EndlessListFailure();
      request.set_page_token(next);
    }
  }

  // Gives the call the user's timeout, else `otherwise`; nullopt for none.
  void SetDeadline(grpc::ClientContext& context,
                   std::optional<std::chrono::seconds> otherwise) const;

  // Adds the interlinks of all pages to `list`.
  grpc::Status ListInterlinks(v1::ListInterlinksResponse* list,
                              Removed removed = Removed::kHidden);

  // Finds the listed row with this name, in any case, else with this id, else
  // with the only id that begins with these 8 or more digits. A whole id also
  // finds a removed row. Errors: NOT_FOUND (LINK_NOT_FOUND), INVALID_ARGUMENT
  // (ID_AMBIGUOUS).
  grpc::Status FindInterlink(const std::string& name_or_id,
                             v1::Interlink* interlink);
  // Finds the row of this name that was removed last. Errors: NOT_FOUND
  // (LINK_NOT_FOUND).
  grpc::Status FindRemoved(const std::string& name, v1::Interlink* interlink);

 private:
  static constexpr int kPageSize = 1000;
  static grpc::Status EndlessListFailure();

  std::shared_ptr<grpc::Channel> channel_;
  std::tuple<std::unique_ptr<v1::InterlinkService::Stub>,
             std::unique_ptr<v1::NumberService::Stub>,
             std::unique_ptr<v1::ResolverService::Stub>,
             std::unique_ptr<v1::DaemonService::Stub>,
             std::unique_ptr<v1::DoctorService::Stub>>
      stubs_;
  std::optional<std::chrono::seconds> timeout_;
};

}  // namespace interlink::cli
