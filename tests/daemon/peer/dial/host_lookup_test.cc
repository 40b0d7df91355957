#include "daemon/peer/dial/host_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "daemon/system/asio_event_loop.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::testing::Contains;

// 10.0.0.1 and what follows.
HostLookup::Endpoints Addresses(unsigned count) {
  HostLookup::Endpoints addresses;
  for (unsigned i = 1; i <= count; ++i) {
    addresses.emplace_back(boost::asio::ip::address_v4(0x0a000000 + i), 7443);
  }
  return addresses;
}

class HostLookupTest : public ::testing::Test {
 protected:
  HostLookup::Found Find(const std::string& host) {
    HostLookup::Found found;
    lookup_->Find(host, "7443", asker_, [&](HostLookup::Found addresses) {
      found = std::move(addresses);
      loop_.Stop();
    });
    loop_.Run();
    loop_.context().restart();  // Or the next run would end at once.
    return found;
  }

  AsioEventLoop loop_;
  std::unique_ptr<HostLookup> lookup_ = std::make_unique<HostLookup>(loop_);
  std::shared_ptr<void> asker_ = std::make_shared<char>();
};

TEST_F(HostLookupTest, FindsTheAddressesOfAName) {
  const auto found = Find("localhost");
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(*found, Contains(tcp::endpoint(
                          boost::asio::ip::address_v4::loopback(), 7443)));
}

TEST_F(HostLookupTest, ANameThatIsNotKnownHasNone) {
  lookup_ = std::make_unique<HostLookup>(
      loop_, [](const std::string&, const std::string&) {
        return HostLookup::Endpoints();
      });
  EXPECT_THAT(Find("a.example"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(HostLookupTest, WhatCannotBeLookedUpIsNotTakenForAbsence) {
  lookup_ = std::make_unique<HostLookup>(
      loop_, [](const std::string&, const std::string&) {
        return absl::UnavailableError("the name servers are away");
      });
  EXPECT_THAT(Find("a.example"), StatusIs(absl::StatusCode::kUnavailable,
                                          "the name servers are away"));
}

// Twelve, of which eight are tried at once.
TEST_F(HostLookupTest, EachOfManyAddressesHasItsTurn) {
  HostLookup::Endpoints many = Addresses(12);
  const auto first = HostLookup::InTurn(many, 0);
  EXPECT_THAT(first, ::testing::ElementsAreArray(many.data(), 8));
  const auto second = HostLookup::InTurn(many, 1);
  ASSERT_EQ(second.size(), 8u);
  EXPECT_EQ(second[0], many[8]);
  EXPECT_EQ(second[3], many[11]);
  EXPECT_EQ(second[4], many[0]);
  EXPECT_EQ(HostLookup::InTurn(many, 2)[0], many[4]);
  // Fewer keep the system's order.
  many.resize(8);
  EXPECT_EQ(HostLookup::InTurn(many, 1), many);
}

TEST_F(HostLookupTest, EachLookupOfANameGoesOnWhereTheOneBeforeHasEnded) {
  const HostLookup::Endpoints many = Addresses(12);
  lookup_ = std::make_unique<HostLookup>(
      loop_, [many](const std::string&, const std::string&) { return many; });
  EXPECT_EQ(Find("a.example")->front(), many[0]);
  EXPECT_EQ(Find("a.example")->front(), many[8]);
  EXPECT_EQ(Find("a.example")->front(), many[4]);
  // Each name has its own turn.
  EXPECT_EQ(Find("b.example")->front(), many[0]);
}

TEST_F(HostLookupTest, AnAskerThatIsGoneGetsNoAnswer) {
  auto gone = std::make_shared<char>();
  lookup_->Find("localhost", "1", std::exchange(gone, nullptr),
                [](const HostLookup::Found&) { FAIL() << "is told"; });
  for (int i = 0; i < 2 * HostLookup::kMostThreads; ++i) {
    EXPECT_TRUE(Find("localhost").ok());
  }
}

TEST_F(HostLookupTest, OpenQuestionsAreForgottenAtItsEnd) {
  for (int i = 0; i < 2 * HostLookup::kMostThreads; ++i) {
    lookup_->Find("localhost", "1", asker_,
                  [](const HostLookup::Found&) { FAIL() << "is told"; });
  }
  lookup_.reset();
}

}  // namespace
}  // namespace interlink::daemon
