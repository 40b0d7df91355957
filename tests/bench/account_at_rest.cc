#include "tests/bench/account_at_rest.h"

#include <future>
#include <utility>

#include "federation/base/workplace.h"
#include "federation/identity/pins.h"
#include "store/rocksdb/database.h"
#include "tests/bench/figures.h"

namespace interlink::bench {

AccountAtRest::AccountAtRest(const std::string& folder)
    : database_(OrFail(
          store::OpenRocksDb(folder, nullptr, federation::WorkplaceOf(loop_)))),
      identity_(std::make_unique<federation::Identity>(
          OrFail(federation::Identity::LoadOrCreate(*database_, randomness_,
                                                    loop_.WallNow())))),
      tls_(std::make_unique<daemon::TlsIdentity>(*identity_, loop_)),
      peers_(std::make_unique<daemon::GrpcPeerClient>(loop_, *tls_)) {
  federation::AccountSettings settings;
  settings.account_name = "the load";
  account_ = OrFail(federation::Account::Open(settings, *identity_, *database_,
                                              loop_, randomness_, *peers_));
  thread_ = std::thread([this] { loop_.Run(); });
}

AccountAtRest::~AccountAtRest() {
  loop_.Post([this] { loop_.Stop(); });
  thread_.join();
  account_.reset();
  peers_.reset();
  tls_.reset();
}

store::InterlinkId AccountAtRest::Link(const std::string& key) {
  std::promise<absl::StatusOr<v1::Interlink>> linked;
  loop_.Post([&] {
    v1::LinkAccountRequest request;
    request.set_name("the daemon");
    request.set_key(key);
    account_->redeemer().LinkAccount(
        request, std::chrono::seconds(10),
        [&](absl::StatusOr<v1::Interlink> row) { linked.set_value(row); });
  });
  return *store::InterlinkId::FromHex(OrFail(linked.get_future().get()).id());
}

federation::PeerPin AccountAtRest::PinOf(store::InterlinkId id) {
  std::promise<federation::PeerPin> pin;
  loop_.Post([&] {
    pin.set_value(
        federation::PinOf(account_->interlinks().Find(id)->record.peer()));
  });
  return pin.get_future().get();
}

}  // namespace interlink::bench
