#pragma once

#include <map>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/http/http_message.h"
#include "daemon/http/pbx_access.h"
#include "daemon/http/pbx_counts.h"
#include "daemon/http/phone_book.h"
#include "daemon/http/query.h"
#include "daemon/net/once_per_source.h"
#include "daemon/pbx/peer_questions.h"
#include "federation/account.h"

namespace interlink::daemon {

// The pages of --pbx-http-listen (design.md section 17), for a dialplan that
// sees the body alone: so every answer but 200 has none, and says in the header
// X-Interlink-Reason why, and in X-Interlink-Message what to do.
//
// Threading: the loop of its server. Lifetime: the arguments must outlive it,
// and the account's loop must not run once the account is gone.
class PbxPages final : public HttpPages {
 public:
  // `loop` is the server's.
  PbxPages(federation::EventLoop& loop, federation::EventLoop& account_loop,
           federation::Account& account, PbxAccess access);

  void SetAccess(PbxAccess access) { access_ = std::move(access); }
  // From any thread.
  const PbxCounts& counts() const { return counts_; }

  Caller CallerAt(const boost::asio::ip::address& source) const override;
  void Answer(const HttpRequest& request, Respond respond) override;
  HttpResponse Refuse(const HttpRefusal& refusal,
                      const boost::asio::ip::address& source) override;

 private:
  // Why `request` is not answered: nullopt if it may be.
  std::optional<HttpRefusal> Check(const HttpRequest& request,
                                   PbxPage page) const;
  // The answer of a page that began with it at `start`.
  HttpResponse Counted(HttpResponse response, PbxPage page,
                       federation::SteadyTime start);
  HttpResponse Refused(const HttpRefusal& refusal,
                       const boost::asio::ip::address& source);
  void Resolve(const Query& query, const HttpRequest& request, Respond respond);
  HttpResponse Authorize(const Query& query, const HttpRequest& request);
  HttpResponse PhoneBookAs(const Query& query);

  federation::EventLoop& loop_;
  federation::Account& account_;
  PbxAccess access_;
  PeerQuestions questions_;
  PhoneBook phone_book_;
  PbxCounts counts_;
  std::map<unsigned, OncePerSource> log_;  // By status.
};

}  // namespace interlink::daemon
