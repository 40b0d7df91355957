// Whom an outgoing call reaches, and what is reported if it reaches nobody.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "federation/base/reason.h"
#include "tests/support/certificate_forge.h"
#include "tests/support/status_matchers.h"
#include "tests/wire/raw_peer.h"
#include "tests/wire/wire_account.h"

namespace interlink::testing {
namespace {

using boost::asio::ip::tcp;
using federation::PeerPin;
using federation::Reason;
using federation::ReasonOf;
using ::testing::HasSubstr;

const std::string kUnreachable = "PEER_UNREACHABLE: ";

std::string MessageOf(const WireAccount::LookupAnswer& answer) {
  return std::string(answer.status.message());
}

// A port at which nobody listens, or at which nobody ever answers.
class Port {
 public:
  enum class Kind { kClosed, kSilent };

  explicit Port(Kind kind)
      : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}),
        address_("127.0.0.1:" +
                 std::to_string(acceptor_.local_endpoint().port())) {
    if (kind == Kind::kClosed) acceptor_.close();
  }
  const std::string& address() const { return address_; }
  std::string name() const {
    return "localhost" + address_.substr(address_.rfind(':'));
  }

 private:
  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  const std::string address_;
};

class PeerClientTest : public ::testing::Test {
 protected:
  // The outcome of Mike's call to a server that presents `leaf`, where John is
  // expected. If it fails, nothing may have been sent.
  absl::Status CallTo(const federation::Leaf& leaf, const PeerPin& pin) {
    RawServer server(leaf);
    const auto answer = mike_.CallLookup({server.address(), pin});
    EXPECT_EQ(server.calls(), answer.status.ok() ? 1 : 0);
    EXPECT_EQ(answer.from_peer, answer.status.ok());
    return answer.status;
  }

  WireAccount mike_{"Mike"};
  WireAccount john_{"John"};
};

TEST_F(PeerClientTest, ThePinnedAccountIsCalled) {
  EXPECT_THAT(CallTo(LeafOf(john_), john_.pin()), IsOk());
}

TEST_F(PeerClientTest, AnotherAccountGetsNothing) {
  EXPECT_EQ(ReasonOf(CallTo(LeafOf(mike_), john_.pin())),
            Reason::kPeerIdentityMismatch);
}

TEST_F(PeerClientTest, TheVictimsRootAppendedToAnOwnChainIsNoHelp) {
  federation::Leaf leaf = LeafOf(mike_);
  leaf.chain_pem += john_.identity().root().ToPem();
  EXPECT_EQ(ReasonOf(CallTo(leaf, john_.pin())), Reason::kPeerIdentityMismatch);
}

TEST_F(PeerClientTest, ASiblingAccountUnderTheSameRootGetsNothing) {
  const auto root =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("One CA for all"));
  const PeerPin pin{.account_id = john_.identity().account_id(),
                    .roots = {root.certificate().ToDer()},
                    .root_spki_sha256 = ""};
  const auto own =
      root.Issue(ForgeOptions::LeafOf(john_.identity().account_id()));
  const auto sibling =
      root.Issue(ForgeOptions::LeafOf(mike_.identity().account_id()));
  EXPECT_THAT(CallTo(own.Present(root.certificate().ToPem()), pin), IsOk());
  EXPECT_EQ(ReasonOf(CallTo(sibling.Present(root.certificate().ToPem()), pin)),
            Reason::kPeerIdentityMismatch);
}

TEST_F(PeerClientTest, ALeafSignedByALeafGetsNothing) {
  const auto forged =
      ForgedCertificate::FromLeaf(LeafOf(john_))
          .Issue(ForgeOptions::LeafOf(john_.identity().account_id()));
  EXPECT_EQ(
      ReasonOf(CallTo(forged.Present(LeafOf(john_).chain_pem), john_.pin())),
      Reason::kPeerIdentityMismatch);
}

TEST_F(PeerClientTest, AKeysHashWantsARootThatIsSignedByItself) {
  const PeerPin pin{.account_id = john_.identity().account_id(),
                    .roots = {},
                    .root_spki_sha256 = john_.identity().root_spki_sha256()};
  federation::Leaf leaf = LeafOf(john_);
  EXPECT_THAT(CallTo(leaf, pin), IsOk());
  const auto certificates =
      federation::Certificate::ListFromPem(leaf.chain_pem);
  leaf.chain_pem =
      certificates->front().ToPem() + ForgedCertificate::SelfSigned({})
                                          .SignAgain(john_.identity().root())
                                          .ToPem();
  EXPECT_EQ(ReasonOf(CallTo(leaf, pin)), Reason::kPeerIdentityMismatch);
}

TEST_F(PeerClientTest, AnExpiredLeafIsRefusedInWordsAboutTheClocks) {
  const auto leaf = john_.identity().IssueLeaf(john_.loop().WallNow() -
                                               std::chrono::hours(60 * 24));
  ASSERT_THAT(leaf, IsOk());
  const absl::Status status = CallTo(*leaf, john_.pin());
  EXPECT_EQ(ReasonOf(status), Reason::kNotPermitted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("clocks"));
}

TEST_F(PeerClientTest, APeersRefusalIsKnownAsItsOwn) {
  api::Interlink row;
  row.set_id(std::string(32, 'a'));
  const auto answer = mike_.CallLookup(john_.target(), LookupOver(row));
  EXPECT_EQ(ReasonOf(answer.status), Reason::kLinkUnknown);
  EXPECT_TRUE(answer.from_peer);
}

TEST_F(PeerClientTest, ARefusedConnectionIsReportedAsSuch) {
  const Port port(Port::Kind::kClosed);
  const auto answer = mike_.CallLookup({port.address(), john_.pin()});
  EXPECT_EQ(MessageOf(answer), kUnreachable + "connection refused at " +
                                   port.address() +
                                   ": no daemon listens there");
  EXPECT_FALSE(answer.from_peer);
}

TEST_F(PeerClientTest, SilenceEndsAtTheDeadline) {
  const Port port(Port::Kind::kSilent);
  // The shorter one ends while the name is being looked up.
  for (const auto& [address, ms] :
       {std::pair{port.address(), 300}, {port.name(), 300}, {port.name(), 1}}) {
    const auto answer = mike_.CallLookup({address, john_.pin()}, {},
                                         std::chrono::milliseconds(ms));
    EXPECT_EQ(MessageOf(answer), kUnreachable + "no answer from " + address +
                                     " within " + std::to_string(ms) + " ms");
  }
}

TEST_F(PeerClientTest, AServerWithoutTlsIsReportedAsNoDaemon) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  const auto server = builder.BuildAndStart();
  const std::string address = "127.0.0.1:" + std::to_string(port);
  const auto answer = mike_.CallLookup({address, john_.pin()});
  EXPECT_THAT(MessageOf(answer), HasSubstr(address));
  EXPECT_THAT(MessageOf(answer), HasSubstr("no Interlink daemon"));
  server->Shutdown();
}

TEST_F(PeerClientTest, AnAnswerThatIsTooLargeIsNotRead) {
  RawServer server(LeafOf(john_));
  server.response.mutable_entry()->set_name(std::string(73 * 1024, 'x'));
  const auto answer = mike_.CallLookup({server.address(), john_.pin()});
  EXPECT_THAT(MessageOf(answer), HasSubstr("too large"));
  EXPECT_FALSE(answer.from_peer);
}

TEST_F(PeerClientTest, AnAddressNamesNoOtherWayToConnect) {
  for (const std::string address :
       {"unix:/run/x.sock", "unix-abstract:x", "dns:///example.net:1",
        "xds:///x:1", "ipv4:127.0.0.1:1,127.0.0.1:2", "vsock:2:1", ""}) {
    const auto answer = mike_.CallLookup({address, john_.pin()});
    EXPECT_EQ(ReasonOf(answer.status), Reason::kRequestInvalid) << address;
  }
}

TEST_F(PeerClientTest, AHostNameIsResolved) {
  const std::string port = john_.address().substr(john_.address().rfind(':'));
  const auto answer = mike_.CallLookup({"localhost" + port, john_.pin()});
  EXPECT_TRUE(answer.from_peer) << answer.status;
}

TEST_F(PeerClientTest, NothingIsCalledBackAfterItsDestruction) {
  const Port port(Port::Kind::kSilent);
  daemon::TlsIdentity& identity = mike_.tls();
  bool is_called = false;
  mike_.OnLoop([&] {
    daemon::GrpcPeerClient client(mike_.loop(), identity);
    for (const std::string& address :
         {port.address(), port.name(), john_.address(),
          std::string("nonsense")}) {
      client.Lookup({address, john_.pin()}, {}, kPatience,
                    [&](WireAccount::LookupAnswer) { is_called = true; });
    }
  });
  mike_.OnLoop([] {});  // What was posted before has run.
  EXPECT_FALSE(is_called);
}

}  // namespace
}  // namespace interlink::testing
