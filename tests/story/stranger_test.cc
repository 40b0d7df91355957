// Nothing can be done with the id of a link by an account that has no part in
// it: ids stand in metrics, logs and the lists of viewers (design.md sections 9
// and 10).

#include "federation/identity/proof.h"
#include "federation/linking/authorization_key.h"
#include "tests/story/two_accounts.h"
#include "tests/support/scripted_peer.h"

namespace interlink::testing {
namespace {

namespace wire = federation::v1;

class StrangerTest : public AccountsTest {
 protected:
  static absl::StatusOr<wire::LookupResponse> LookUp(
      SimulatedAccount& callee, SimulatedAccount& caller, const std::string& id,
      const std::string& proof = "", const std::string& number = "") {
    wire::LookupRequest request;
    request.set_interlink_id(id);
    request.set_number(number);
    request.set_redeemed_proof(proof);
    auto answer = callee.account().lookups().Answer(caller.AsCaller(), request);
    return answer ? *answer : callee.DecideLookup(caller.AsCaller(), request);
  }
  static absl::Status Terminate(SimulatedAccount& callee,
                                SimulatedAccount& caller, const std::string& id,
                                const std::string& proof = "") {
    wire::TerminateRequest request;
    request.set_interlink_id(id);
    request.set_redeemed_proof(proof);
    return callee.Terminate(caller.AsCaller(), request);
  }
  // Returns what the Goodbye says.
  std::string Greet(SimulatedAccount& callee, SimulatedAccount& caller,
                    const std::string& id, const std::string& proof = "") {
    ScriptedPeer peer(network, caller, callee);
    wire::SessionMessage message;
    auto& hello = *message.mutable_hello();
    hello.set_interlink_id(id);
    hello.set_protocol_min(1);
    hello.set_protocol_max(1);
    hello.set_epoch(1);
    hello.set_redeemed_proof(proof);
    peer.Send(message);
    Advance(1s);
    return peer.received.empty()
               ? "none"
               : peer.received.back().goodbye().ShortDebugString();
  }
  static std::string IdOf(const api::Interlink& row) {
    return store::InterlinkId::FromHex(row.id())->ToBytes();
  }
  // Mike's key, which nobody has used.
  void GenerateKey() {
    text_ = *mike.GenerateKey("John Smith");
    id_ = IdOf(mike.Rows()[0]);
  }
  // Proves that `caller` has redeemed Mike's key.
  std::string Proof(const SimulatedAccount& caller) {
    const auto key = *federation::AuthorizationKey::Parse(text_);
    return federation::RedeemedProof(federation::ProofKey(key.secret),
                                     key.interlink_id,
                                     caller.identity().account_id());
  }
  bool IsPending() {
    return mike.Rows()[0].state() == api::INTERLINK_STATE_PENDING;
  }

  std::string text_;
  std::string id_;
  const std::string unknown_ = std::string(16, 'x');
};

TEST_F(StrangerTest, KnowingAPendingIdDoesNotRevokeItsKey) {
  GenerateKey();
  for (const std::string& proof : {std::string(), std::string(32, 'x'),
                                   Proof(john), std::string(1, 'x')}) {
    EXPECT_THAT(LookUp(mike, tim, id_, proof), HasReason(Reason::kLinkUnknown));
    EXPECT_TRUE(IsPending());
    EXPECT_THAT(Terminate(mike, tim, id_, proof), IsOk());
    EXPECT_TRUE(IsPending());
    Greet(mike, tim, id_, proof);
    EXPECT_TRUE(IsPending());
  }
  EXPECT_THAT(john.Link("Mike Brown", text_), IsOk());
}

// Nor are they of a doctor who looks whether the way to an issuer is free.
TEST_F(StrangerTest, RefusedPingsAreNoRefusedLookups) {
  GenerateKey();
  const auto& refused = mike.account().counters().lookups_refused;
  for (const std::string& id : {id_, unknown_, std::string("x")}) {
    EXPECT_THAT(LookUp(mike, tim, id), HasReason(Reason::kLinkUnknown));
  }
  Greet(mike, tim, unknown_);
  EXPECT_EQ(refused.load(), 0u);
  for (const std::string& id : {id_, unknown_, std::string("x")}) {
    EXPECT_THAT(LookUp(mike, tim, id, "", "201"),
                HasReason(Reason::kLinkUnknown));
  }
  EXPECT_EQ(refused.load(), 3u);
}

TEST_F(StrangerTest, ARemovalOfAPendingIdDoesNotRevokeItsKey) {
  GenerateKey();
  ASSERT_THAT(tim.Link("Mike Brown", *mike.GenerateKey("Tim Andrews")), IsOk());
  store::v1::OutboxRecord removal;
  removal.set_interlink_id(id_);
  *removal.mutable_peer() =
      tim.account().interlinks().FindByName("Mike Brown")->record.peer();
  *removal.mutable_create_time() = store::ToTimestamp(time.WallNow());
  ASSERT_TRUE(
      tim.database()
          .Commit({}, {store::Op::Put(
                          store::OutboxKey(*store::InterlinkId::FromBytes(id_)),
                          store::Encode(removal))})
          .ok());
  Advance(1min);  // It is told over the session.
  EXPECT_EQ(mike.Row("John Smith")->state(), api::INTERLINK_STATE_PENDING);
}

TEST_F(StrangerTest, AProofThatAPendingKeyWasRedeemedRevokesIt) {
  GenerateKey();
  EXPECT_THAT(LookUp(mike, john, id_, Proof(john)),
              HasReason(Reason::kLinkUnknown));
  EXPECT_EQ(mike.Rows()[0].state(), api::INTERLINK_STATE_FAILED);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  GenerateKey();
  EXPECT_THAT(Terminate(mike, john, id_, Proof(john)), IsOk());
  EXPECT_EQ(mike.Rows()[0].state(), api::INTERLINK_STATE_FAILED);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  GenerateKey();
  Greet(mike, john, id_, Proof(john));
  EXPECT_EQ(mike.Rows()[0].state(), api::INTERLINK_STATE_FAILED);
  EXPECT_THAT(tim.Link("Mike Brown", text_), HasReason(Reason::kKeyRevoked));
}

// If its session does not come up, a redeemer still has the unary call.
TEST_F(StrangerTest, ALookupOfTheRedeemerBringsTheProof) {
  GenerateKey();
  const std::string snapshot = mike.Snapshot();
  ASSERT_THAT(john.Link("Mike Brown", text_), IsOk());
  network.Hold("Session", 1000);
  mike.PutBack(snapshot, SimulatedAccount::GenerationFile::kPutBack);
  ASSERT_TRUE(IsPending());
  EXPECT_THAT(john.Resolve("201"), HasReason(Reason::kNumberNotFound));
  EXPECT_EQ(mike.Rows()[0].state(), api::INTERLINK_STATE_FAILED);
}

TEST_F(StrangerTest, EveryIdIsUnknownToAStrangerInTheSameWords) {
  Link(mike, john);  // Stands.
  std::vector<std::string> ids = {IdOf(mike.Rows()[0])};
  ASSERT_THAT(mike.GenerateKey("pending"), IsOk());
  ids.push_back(IdOf(*mike.Row("pending")));
  SimulatedAccount ann(time, network, "Ann");
  network.Hold("Redeem", 1000);
  mike.BeginLink("linking", *ann.GenerateKey("Mike"));
  ASSERT_EQ(mike.Row("linking")->state(), api::INTERLINK_STATE_LINKING);
  ids.push_back(IdOf(*mike.Row("linking")));
  ASSERT_THAT(mike.GenerateKey("gone"), IsOk());
  ids.push_back(IdOf(*mike.Row("gone")));
  ASSERT_THAT(mike.Delete("gone"), IsOk());

  const absl::Status unknown = LookUp(mike, tim, unknown_).status();
  const std::string goodbye = Greet(mike, tim, unknown_);
  EXPECT_THAT(unknown, HasReason(Reason::kLinkUnknown));
  EXPECT_THAT(goodbye, ::testing::HasSubstr("LINK_UNKNOWN"));
  for (const std::string& id : ids) {
    EXPECT_EQ(LookUp(mike, tim, id).status(), unknown);
    EXPECT_EQ(LookUp(mike, tim, id, "", "201").status(), unknown);
    EXPECT_EQ(Greet(mike, tim, id), goodbye);
    EXPECT_THAT(Terminate(mike, tim, id), IsOk());
  }
}

}  // namespace
}  // namespace interlink::testing
