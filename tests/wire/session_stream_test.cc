// Both ends of a Session stream over real TLS: what arrives, and how it ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/rpc/grpc_status.h"
#include "federation/base/reason.h"
#include "tests/federation/reason_matcher.h"
#include "tests/wire/raw_peer.h"
#include "tests/wire/session_ends.h"

namespace interlink::testing {
namespace {

using boost::asio::ip::tcp;
using federation::Reason;
using federation::Refusal;
using ::testing::HasSubstr;

class SessionStreamTest : public ::testing::Test {
 protected:
  ~SessionStreamTest() override {
    john_.OnLoop([this] { server_.ends.clear(); });
    server_.Shutdown();
    john_.OnLoop([] {});
  }

  template <class Task>
  bool AtServer(Task is_so) {
    return Eventually([&] { return john_.OnLoop(is_so); });
  }
  // The first end that John accepted.
  SessionEnd& Accepted() {
    EXPECT_TRUE(AtServer([this] { return !server_.ends.empty(); }));
    return *server_.ends.front();
  }
  federation::PeerTarget ByName() const {
    const std::string& address = server_.target().address;
    return {"localhost" + address.substr(address.rfind(':')), john_.pin()};
  }

  WireAccount john_{"John"};
  SessionServer server_{john_, john_.loop()};
  Dialler mike_;
};

TEST_F(SessionStreamTest, TenThousandMessagesEachWayArriveInOrder) {
  constexpr int kMany = 10'000;
  SessionEnd& dialled = mike_.Dial(server_.target());
  mike_.OnLoop([&] { dialled.SendAll(kMany); });
  SessionEnd& accepted = Accepted();
  john_.OnLoop([&] { accepted.SendAll(kMany); });
  EXPECT_TRUE(AtServer([&] {
    return AreNumbered(accepted.received, kMany) && accepted.sent == kMany;
  }));
  EXPECT_TRUE(Eventually([&] {
    return mike_.OnLoop([&] {
      return AreNumbered(dialled.received, kMany) && dialled.sent == kMany;
    });
  }));
}

TEST_F(SessionStreamTest, AMessageOf64KibPassesEitherWay) {
  v1::SessionMessage large;
  large.mutable_goodbye()->set_message(std::string(64 * 1024, 'x'));
  SessionEnd& dialled = mike_.Dial(server_.target());
  mike_.OnLoop([&] { dialled.Send(large); });
  SessionEnd& accepted = Accepted();
  john_.OnLoop([&] { accepted.Send(large); });
  EXPECT_TRUE(AtServer([&] { return accepted.received.size() == 1; }));
  EXPECT_TRUE(Eventually([&] {
    return mike_.OnLoop([&] { return dialled.received.size() == 1; });
  }));
}

TEST_F(SessionStreamTest, TheAcceptingSidesReasonComesAfterWhatItHasSent) {
  server_.on_accept = [](SessionEnd& end) {
    end.on_message = [&end] {
      end.Send(Numbered(1));
      end.Close(Refusal(Reason::kLinkTerminated, "it was deleted"));
    };
  };
  SessionEnd& dialled = mike_.Dial(server_.target());
  mike_.OnLoop([&] { dialled.Send(Numbered(1)); });
  ASSERT_TRUE(mike_.IsClosed(dialled));
  EXPECT_TRUE(AreNumbered(dialled.received, 1));
  EXPECT_THAT(dialled.status,
              Refuses(Reason::kLinkTerminated, "it was deleted"));
  EXPECT_TRUE(dialled.from_peer);
  SessionEnd& accepted = Accepted();
  EXPECT_TRUE(AtServer([&] { return accepted.closed == 1; }));
}

TEST_F(SessionStreamTest, TheDiallingSideClosesAfterWhatItHasSent) {
  SessionEnd& dialled = mike_.Dial(server_.target());
  mike_.OnLoop([&] {
    dialled.Send(Numbered(1));
    dialled.Close(absl::OkStatus());
  });
  ASSERT_TRUE(mike_.IsClosed(dialled));
  EXPECT_THAT(dialled.status, StatusIs(absl::StatusCode::kUnavailable));
  SessionEnd& accepted = Accepted();
  ASSERT_TRUE(AtServer([&] { return accepted.closed == 1; }));
  EXPECT_TRUE(AreNumbered(accepted.received, 1));
  EXPECT_THAT(accepted.status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(accepted.from_peer);
}

TEST_F(SessionStreamTest, EitherEndMayGoInTheMiddleOfAMessageOrOfSending) {
  using Hook = std::function<void()> SessionEnd::*;
  for (const Hook hook : {&SessionEnd::on_message, &SessionEnd::on_sent}) {
    for (const bool is_dialler : {true, false}) {
      const size_t index = john_.OnLoop([this] { return server_.ends.size(); });
      server_.on_accept = [=](SessionEnd& end) {
        if (!is_dialler) end.*hook = [&end] { end.Drop(); };
      };
      SessionEnd& dialled = mike_.Dial(server_.target());
      mike_.OnLoop([&] {
        if (is_dialler) dialled.*hook = [&dialled] { dialled.Drop(); };
        dialled.Send(Numbered(1));
      });
      ASSERT_TRUE(AtServer([&] { return server_.ends.size() > index; }));
      SessionEnd& accepted = *server_.ends[index];
      john_.OnLoop([&] { accepted.Send(Numbered(1)); });
      if (is_dialler) {
        EXPECT_TRUE(AtServer([&] { return accepted.closed == 1; }));
        EXPECT_THAT(accepted.status, StatusIs(absl::StatusCode::kUnavailable));
      } else {
        EXPECT_TRUE(mike_.IsClosed(dialled));
        EXPECT_THAT(dialled.status, Refuses(Reason::kPeerUnreachable));
        EXPECT_FALSE(dialled.from_peer);
      }
    }
  }
}

TEST_F(SessionStreamTest, AnEndMayBeDestroyedWhenItHearsOfTheEnd) {
  server_.on_accept = [](SessionEnd& end) {
    end.on_closed = [&end] { end.Drop(); };
  };
  SessionEnd& dialled = mike_.Dial(server_.target());
  mike_.OnLoop([&] { dialled.on_closed = [&dialled] { dialled.Drop(); }; });
  SessionEnd& accepted = Accepted();
  john_.OnLoop([&] { accepted.Close(absl::OkStatus()); });
  EXPECT_TRUE(mike_.IsClosed(dialled));
  EXPECT_TRUE(AtServer([&] { return accepted.closed == 1; }));
}

TEST_F(SessionStreamTest, ABrokenConnectionIsTheUnreachablePeer) {
  SessionEnd& dialled = mike_.Dial(server_.target());
  Accepted();
  server_.Shutdown();
  ASSERT_TRUE(mike_.IsClosed(dialled));
  EXPECT_THAT(dialled.status, Refuses(Reason::kPeerUnreachable,
                                      HasSubstr(server_.target().address)));
  EXPECT_FALSE(dialled.from_peer);
}

TEST_F(SessionStreamTest, WithoutAListenerItEndsAsACallDoes) {
  const federation::PeerTarget target = server_.target();
  server_.Shutdown();
  SessionEnd& dialled = mike_.Dial(target);
  ASSERT_TRUE(mike_.IsClosed(dialled));
  EXPECT_THAT(dialled.status,
              Refuses(Reason::kPeerUnreachable,
                      "connection refused at " + target.address +
                          ": no daemon listens there"));
  EXPECT_FALSE(dialled.from_peer);
}

TEST_F(SessionStreamTest, AnotherAccountIsSentNothing) {
  SessionEnd& dialled =
      mike_.Dial({server_.target().address, mike_.account().pin()});
  mike_.OnLoop([&] { dialled.Send(Numbered(1)); });
  ASSERT_TRUE(mike_.IsClosed(dialled));
  EXPECT_THAT(dialled.status, Refuses(Reason::kPeerIdentityMismatch));
  EXPECT_FALSE(dialled.from_peer);
  EXPECT_TRUE(john_.OnLoop([this] { return server_.ends.empty(); }));
}

TEST_F(SessionStreamTest, TextThatIsNoAddressIsRefused) {
  SessionEnd& dialled = mike_.Dial({"unix:/run/x.sock", john_.pin()});
  ASSERT_TRUE(mike_.IsClosed(dialled));
  EXPECT_THAT(dialled.status, Refuses(Reason::kRequestInvalid));
}

TEST_F(SessionStreamTest, MessagesSentDuringAHostLookupArrive) {
  mike_.OnLoop([&] {
    SessionEnd& end = mike_.Make(ByName());
    end.Open();
    end.Send(Numbered(1));
    end.Close(absl::OkStatus());
  });
  SessionEnd& accepted = Accepted();
  ASSERT_TRUE(AtServer([&] { return accepted.closed == 1; }));
  EXPECT_TRUE(AreNumbered(accepted.received, 1));
}

TEST_F(SessionStreamTest, AStreamMayGoWhileAHostNameIsLookedUp) {
  SessionEnd& dropped = mike_.OnLoop([&]() -> SessionEnd& {
    SessionEnd& end = mike_.Make(ByName());
    end.Open();
    end.Send(Numbered(1));
    end.Drop();
    return end;
  });
  SessionEnd& next = mike_.Dial(ByName());
  mike_.OnLoop([&] { next.Send(Numbered(2)); });
  SessionEnd& accepted = Accepted();
  EXPECT_TRUE(AtServer([&] { return accepted.received.size() == 1; }));
  john_.OnLoop([&] {
    EXPECT_EQ(accepted.received[0].ping().sequence(), 2u);
    EXPECT_EQ(server_.ends.size(), 1u);
  });
  mike_.OnLoop([&] { EXPECT_EQ(dropped.closed, 0); });
}

TEST_F(SessionStreamTest, AdmissionIsReportedOnceAndOnlyAtTheAcceptingSide) {
  SessionEnd& dialled = mike_.Dial(server_.target());
  SessionEnd& accepted = Accepted();
  mike_.OnLoop([&] { dialled.Admit(); });
  EXPECT_EQ(server_.admitted, 0);
  john_.OnLoop([&] {
    accepted.Admit();
    accepted.Admit();
  });
  EXPECT_EQ(server_.admitted, 1);
}

TEST_F(SessionStreamTest, TheClientMayGoWithStreamsOpen) {
  boost::asio::io_context context;
  tcp::acceptor silent(context, {boost::asio::ip::address_v4::loopback(), 0});
  const std::string silence =
      "127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  SessionEnd& dialled = mike_.Dial(server_.target());
  SessionEnd& accepted = Accepted();
  mike_.OnLoop([&] {
    dialled.Send(Numbered(1));
    mike_.Make(server_.target());  // Never opened.
    mike_.Make({silence, john_.pin()}).Open();
    mike_.Make({"localhost:1", john_.pin()}).Open();
    mike_.Make({"nonsense", john_.pin()}).Open();
    mike_.Make({"nonsense", john_.pin()}).Open();
    mike_.DestroyClient();
    dialled.Send(Numbered(2));
    dialled.Close(absl::OkStatus());
  });
  mike_.OnLoop([] {});  // What was posted before has run.
  EXPECT_EQ(dialled.closed, 0);
  EXPECT_TRUE(AtServer([&] { return accepted.closed == 1; }));
}

// With the shipping service: John's account, to which Mike is nobody.
class SessionListenerTest : public ::testing::Test {
 protected:
  std::vector<SessionEnd*> DialMany(int count) {
    std::vector<SessionEnd*> ends;
    ends.reserve(count);
    for (int i = 0; i < count; ++i) ends.push_back(&mike_.Dial(john_.target()));
    return ends;
  }
  // gRPC may take the calls in any order.
  bool IsOneOver(const std::vector<SessionEnd*>& ends) {
    return Eventually([&] {
      return mike_.OnLoop([&] {
        return std::count_if(ends.begin(), ends.end(),
                             [](const SessionEnd* end) {
                               return end->closed > 0 && end->from_peer &&
                                      federation::ReasonOf(end->status) ==
                                          Reason::kLimitReached;
                             }) == 1;
      });
    });
  }

  WireAccount john_{"John"};
  Dialler mike_;
};

TEST_F(SessionListenerTest, AFifthStreamWithoutAHelloIsRefusedUntilOneEnds) {
  const auto ends = DialMany(5);
  ASSERT_TRUE(IsOneOver(ends));
  mike_.OnLoop([&] {
    for (SessionEnd* end : ends) end->Drop();
  });
  // Whoever is let in is asked who he is.
  EXPECT_TRUE(Eventually([&] {
    SessionEnd& end = mike_.Dial(john_.target());
    mike_.OnLoop([&] {
      v1::SessionMessage hello;
      hello.mutable_hello()->set_protocol_min(1);
      hello.mutable_hello()->set_protocol_max(1);
      end.Send(hello);
    });
    if (!mike_.IsClosed(end)) return false;
    return mike_.OnLoop([&] {
      return !end.received.empty() &&
             end.received[0].goodbye().reason() == "LINK_UNKNOWN";
    });
  }));
}

TEST_F(SessionListenerTest, AStreamThatIsAdmittedCountsNoMore) {
  const api::Interlink row = LinkAccounts(john_, mike_.account());
  SessionEnd& admitted = mike_.Dial(john_.target());
  mike_.OnLoop([&] {
    v1::SessionMessage hello;
    hello.mutable_hello()->set_interlink_id(LookupOver(row).interlink_id());
    hello.mutable_hello()->set_protocol_min(1);
    hello.mutable_hello()->set_protocol_max(1);
    hello.mutable_hello()->set_epoch(uint64_t{1} << 40);
    hello.mutable_hello()->set_instance_id(std::string(16, 'm'));
    admitted.Send(hello);
  });
  ASSERT_TRUE(Eventually([&] {
    return mike_.OnLoop([&] {
      return !admitted.received.empty() && admitted.received[0].has_hello();
    });
  }));
  EXPECT_TRUE(IsOneOver(DialMany(5)));
}

TEST_F(SessionListenerTest, ACallSharesTheStreamsConnection) {
  SessionEnd& dialled = mike_.Dial(john_.target());
  std::atomic<bool> has_answer{false};
  mike_.OnLoop([&] {
    mike_.client().Lookup(john_.target(), {}, kPatience,
                          [&](WireAccount::LookupAnswer answer) {
                            EXPECT_TRUE(answer.from_peer);
                            has_answer = true;
                          });
  });
  ASSERT_TRUE(Eventually([&] { return has_answer.load(); }));
  EXPECT_EQ(john_.listener().open_connections(), 1);
  mike_.OnLoop([&] { EXPECT_EQ(dialled.closed, 0); });
}

TEST_F(SessionListenerTest, AGarbledMessageIsRefusedInWords) {
  RawClient client(john_.address(), LeafOf(mike_.account()));
  std::vector<std::string> responses;
  const grpc::Status status =
      client.Stream("interlink.federation.v1.FederationService/Session",
                    "\xff\xff\xff", responses);
  EXPECT_THAT(daemon::FromGrpc(status),
              Refuses(Reason::kRequestInvalid, HasSubstr("protobuf")));
  ASSERT_EQ(responses.size(), 1u);
  v1::SessionResponse response;
  ASSERT_TRUE(response.ParseFromString(responses[0]));
  EXPECT_EQ(response.message().goodbye().reason(), "REQUEST_INVALID");
}

TEST_F(SessionListenerTest, AGarbledAnswerIsReportedAsSuch) {
  auto tim = std::make_unique<WireAccount>("Tim");
  LinkAccounts(*tim, john_);
  const std::string address = tim->address();
  const federation::Leaf leaf = LeafOf(*tim);
  tim.reset();
  const RawStreamServer garbler(address, leaf, "\xff\xff\xff");
  EXPECT_TRUE(Eventually([&] {
    return john_.Row("Tim")->last_error().reason() == "REQUEST_INVALID";
  }));
  EXPECT_THAT(john_.Row("Tim")->last_error().message(), HasSubstr("protobuf"));
}

TEST_F(SessionListenerTest, TheListenersStopEndsTheStreamsAtOnce) {
  SessionEnd& dialled = mike_.Dial(john_.target());
  ASSERT_TRUE(Eventually([&] {
    return john_.OnLoop(
        [&] { return john_.account().sessions().pending() == 1; });
  }));
  john_.StopListening();
  ASSERT_TRUE(mike_.IsClosed(dialled));
  EXPECT_THAT(std::string(dialled.status.message()),
              HasSubstr("the daemon was stopped"));
  EXPECT_EQ(john_.OnLoop([&] { return john_.account().sessions().pending(); }),
            0u);
}

}  // namespace
}  // namespace interlink::testing
