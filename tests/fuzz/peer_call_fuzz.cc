// The calls that strangers and peers make: bytes as they come over the wire,
// and messages that are good but for what the input says.

#include <array>
#include <chrono>
#include <optional>

#include "federation/identity/proof.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/linked_world.h"
#include "tests/fuzz/target.h"

namespace interlink::fuzz {
namespace {

namespace wire = federation::v1;
using testing::SimulatedAccount;

constexpr int kMostCalls = 6;

class Calls {
 public:
  explicit Calls(LinkedWorld& world) : world_(world), links_(world.Links()) {}

  // One call, and what must hold after it.
  void Make(Input& input) {
    const std::array<SimulatedAccount*, 3> callers = {&world_.john, &world_.eve,
                                                      nullptr};
    caller_ = callers[input.Below(callers.size())];
    certificate_ = {.source = "10.0.0.1:50000"};
    if (caller_ != nullptr) certificate_ = caller_->AsCaller();
    is_keys_holder_ = false;
    const size_t kind = input.Below(10);
    const std::string payload = input.Block();
    switch (kind) {
      case 0:
        RedeemBytes(payload);
        break;
      case 1:
        RedeemProven(payload);
        break;
      case 2:
        RedeemBut(payload);
        break;
      case 3:
        LookupBytes(payload);
        break;
      case 4:
        LookUp(payload);
        break;
      case 5:
        TerminateBytes(payload);
        break;
      case 6:
        TerminateBut(payload);
        break;
      case 7:
        Cancel(payload);
        break;
      case 8:
        // The administrator changes the link's row.
        if (world_.mike.Row("John Smith")) {
          const auto status =
              world_.mike.SetPaused("John Smith", payload.empty());
          Require(status.ok(), "a link can be paused");
        }
        break;
      default:
        world_.time.Advance(std::chrono::seconds(payload.size() % 32));
        break;
    }
    CheckLinks();
  }

 private:
  federation::ProofContext KeyContext() const {
    return {world_.pending_key.interlink_id,
            world_.pending_key.issuer_account_id,
            world_.pending_key.issuer_root_spki_sha256};
  }
  std::string ProofKey() const {
    return federation::ProofKey(world_.pending_key.secret);
  }

  void RedeemBytes(const std::string& bytes) {
    wire::RedeemRequest request;
    if (!request.ParseFromString(bytes)) return;
    const auto response = world_.mike.Redeem(certificate_, request);
    Require(!response.ok(), "nobody guesses a proof");
  }
  void RedeemProven(const std::string& body) {
    wire::RedeemRequest request;
    request.set_interlink_id(world_.pending_key.interlink_id.ToBytes());
    request.set_body(body);
    request.set_proof(federation::RedeemProof(ProofKey(), KeyContext(), body));
    world_.mike.Redeem(certificate_, request).status().IgnoreError();
  }
  // As an honest redeemer's, with the input's fields in place of his.
  void RedeemBut(const std::string& fields) {
    wire::RedeemBody body;
    body.set_redeem_id(std::string(16, 'r'));
    body.set_account_name("somebody");
    body.add_addresses("somebody.test:7443");
    body.set_contact("sip:{number}@somebody.test");
    body.set_protocol_min(1);
    body.set_protocol_max(1);
    if (caller_ != nullptr) {
      const auto& identity = caller_->identity();
      body.set_account_id(identity.account_id().ToBytes());
      body.set_root_certificate(identity.root().ToDer());
    }
    if (body.MergeFromString(fields)) RedeemProven(body.SerializeAsString());
  }

  void LookupBytes(const std::string& bytes) {
    wire::LookupRequest request;
    if (request.ParseFromString(bytes)) LookUp(request);
  }
  void LookUp(const std::string& payload) {
    Input input(payload);
    wire::LookupRequest request;
    request.set_interlink_id(IdFrom(input));
    request.set_number(input.Rest());
    LookUp(request);
  }
  void LookUp(const wire::LookupRequest& request) {
    auto& mike = world_.mike;
    auto answer = mike.account().lookups().Answer(certificate_, request);
    if (!answer) answer = mike.DecideLookup(certificate_, request);
    if (!answer->ok()) return;
    const auto id = store::InterlinkId::FromBytes(request.interlink_id());
    Require(id && links_.contains(*id) && IsCaller(links_.at(*id)),
            "only the link's peer is answered");
    Require(!(*answer)->has_entry() ||
                (request.number() >= "201" && request.number() <= "204"),
            "only shared numbers are found");
  }

  void TerminateBytes(const std::string& bytes) {
    wire::TerminateRequest request;
    if (request.ParseFromString(bytes)) Terminate(request);
  }
  void TerminateBut(const std::string& payload) {
    Input input(payload);
    wire::TerminateRequest request;
    request.set_interlink_id(IdFrom(input));
    if (request.MergeFromString(input.Rest())) Terminate(request);
  }
  // By somebody who has the key that is not used yet.
  void Cancel(std::string redeem_id) {
    redeem_id.resize(16, 'r');
    wire::TerminateRequest request;
    request.set_interlink_id(world_.pending_key.interlink_id.ToBytes());
    request.set_redeem_id(redeem_id);
    request.set_proof(federation::CancelProof(
        ProofKey(), KeyContext(), *store::RedeemId::FromBytes(redeem_id)));
    // The key's holder may end what the key has made.
    is_keys_holder_ = true;
    Terminate(request);
  }
  void Terminate(const wire::TerminateRequest& request) {
    const auto status = world_.mike.Terminate(certificate_, request);
    Require(status.ok(), "a Terminate is always OK");
  }

  std::string IdFrom(Input& input) const {
    const store::InterlinkId ids[] = {world_.johns_link, world_.tims_link,
                                      world_.pending_key.interlink_id};
    const size_t which = input.Below(4);
    return which < 3 ? ids[which].ToBytes() : input.Text();
  }

  bool IsCaller(store::AccountId account) const {
    return caller_ != nullptr && account == caller_->identity().account_id();
  }
  // What this call has changed concerns its caller alone.
  void CheckLinks() {
    const auto now = world_.Links();
    for (const auto& [id, peer] : now) {
      const auto before = links_.find(id);
      Require(before == links_.end() ? IsCaller(peer) : before->second == peer,
              "a new link leads to the caller, an old one where it did");
    }
    for (const auto& [id, peer] : links_) {
      const bool may_end =
          IsCaller(peer) ||
          (is_keys_holder_ && id == world_.pending_key.interlink_id);
      Require(now.contains(id) || may_end, "nobody but its peer ends a link");
    }
    links_ = now;
  }

  LinkedWorld& world_;
  std::map<store::InterlinkId, store::AccountId> links_;
  SimulatedAccount* caller_ = nullptr;
  federation::PeerCaller certificate_;
  bool is_keys_holder_ = false;
};

const Registration kPeerCallTarget("peer_call", [](std::string_view bytes) {
  LinkedWorld& world = LinkedWorld::Fresh();
  Input input(bytes);
  Calls calls(world);
  for (int i = 0; i < kMostCalls && !input.empty(); ++i) calls.Make(input);
  Require(world.AreNumbersUntouched(), "no call changes a number");
  world.PutBack();
});

}  // namespace
}  // namespace interlink::fuzz
