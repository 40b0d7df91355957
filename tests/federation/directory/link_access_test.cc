#include "federation/directory/link_access.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "tests/federation/reason_matcher.h"
#include "tests/support/certificate_forge.h"
#include "tests/support/virtual_time.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using testing::ForgedCertificate;
using testing::ForgeOptions;
using testing::Refuses;
using Verdict = LinkAccess::Verdict;

class LinkAccessTest : public ::testing::Test {
 protected:
  static ForgeOptions LeafOptions(store::AccountId account,
                                  const testing::VirtualTime& time) {
    ForgeOptions options = ForgeOptions::LeafOf(account);
    options.not_after = testing::ToAsn1(time.WallNow() + 24h);
    return options;
  }

  Row RowOf(const ForgedCertificate& root) const {
    Row row;
    row.id = id_;
    row.record.set_state(store::v1::ROW_STATE_ESTABLISHED);
    row.record.mutable_peer()->set_account_id(account_.ToBytes());
    row.record.mutable_peer()->add_root_certificates(root.der());
    return row;
  }
  void Pin(const ForgedCertificate& root) {
    const Row row = RowOf(root);
    access_.Set(id_, &row);
  }
  Verdict Check(const ForgedCertificate& leaf) {
    return access_.Check(id_, {leaf.pem(), ""}, &why_);
  }

  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  LinkAccess access_{loop_};
  absl::Status why_;
  const store::InterlinkId id_ =
      *store::InterlinkId::FromBytes(std::string(16, 'i'));
  const store::AccountId account_ =
      *store::AccountId::FromBytes(std::string(16, 'a'));
  const ForgedCertificate root_ =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("root"));
  const ForgedCertificate other_root_ =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("root"));
  const ForgedCertificate leaf_ = root_.Issue(LeafOptions(account_, time_));
  const ForgedCertificate stranger_ =
      other_root_.Issue(LeafOptions(account_, time_));
};

// When the row changes, the certificate that was found good is forgotten. An
// absent certificate must not be taken for it.
TEST_F(LinkAccessTest,
       ACallerWithoutACertificateIsNoPeerAlsoAfterTheRowHasChanged) {
  Pin(root_);
  EXPECT_EQ(Check(leaf_), Verdict::kPeer);
  EXPECT_EQ(access_.Check(id_, {}, &why_), Verdict::kNotPeer);
  Pin(root_);
  EXPECT_EQ(access_.Check(id_, {}, &why_), Verdict::kNotPeer);
}

TEST_F(LinkAccessTest, ThePeerIsAdmittedAndNobodyElse) {
  Pin(root_);
  EXPECT_EQ(Check(leaf_), Verdict::kPeer);
  EXPECT_EQ(Check(leaf_), Verdict::kPeer);  // From the cache.
  EXPECT_EQ(Check(stranger_), Verdict::kNotPeer);
  EXPECT_THAT(why_, Refuses(Reason::kPeerIdentityMismatch));
  EXPECT_EQ(Check(leaf_), Verdict::kPeer);
  EXPECT_EQ(access_.Check(id_, {"", ""}, &why_), Verdict::kNotPeer);
}

TEST_F(LinkAccessTest, OnlyAnEstablishedLinkIsOpen) {
  EXPECT_EQ(Check(leaf_), Verdict::kNotOpen);
  for (auto state :
       {store::v1::ROW_STATE_PENDING, store::v1::ROW_STATE_LINKING,
        store::v1::ROW_STATE_FAILED, store::v1::ROW_STATE_REMOVED}) {
    Pin(root_);
    ASSERT_EQ(Check(leaf_), Verdict::kPeer);
    Row row = RowOf(root_);
    row.record.set_state(state);
    access_.Set(id_, &row);
    EXPECT_EQ(Check(leaf_), Verdict::kNotOpen);
  }
}

TEST_F(LinkAccessTest, ADeletedLinkIsShutAlthoughItsCertificateWasKnown) {
  Pin(root_);
  ASSERT_EQ(Check(leaf_), Verdict::kPeer);
  access_.Set(id_, nullptr);
  EXPECT_EQ(Check(leaf_), Verdict::kNotOpen);
}

TEST_F(LinkAccessTest, APausedLinkIsPausedToItsPeerOnly) {
  Row row = RowOf(root_);
  row.record.set_paused(true);
  access_.Set(id_, &row);
  EXPECT_EQ(Check(leaf_), Verdict::kPaused);
  EXPECT_EQ(Check(stranger_), Verdict::kNotPeer);
  Pin(root_);
  EXPECT_EQ(Check(leaf_), Verdict::kPeer);
}

TEST_F(LinkAccessTest, AKnownCertificateCountsNoMoreUnderOtherPins) {
  Pin(root_);
  ASSERT_EQ(Check(leaf_), Verdict::kPeer);
  Pin(other_root_);
  EXPECT_EQ(Check(leaf_), Verdict::kNotPeer);
  EXPECT_EQ(Check(stranger_), Verdict::kPeer);
}

TEST_F(LinkAccessTest, AKnownCertificateExpiresLikeANewOne) {
  Pin(root_);
  ASSERT_EQ(Check(leaf_), Verdict::kPeer);
  time_.Advance(24h + 4min);
  EXPECT_EQ(Check(leaf_), Verdict::kPeer);
  time_.Advance(2min);
  EXPECT_EQ(Check(leaf_), Verdict::kNotPeer);
  EXPECT_THAT(why_, Refuses(Reason::kNotPermitted));
}

// Else a peer could have one verified for each of its calls.
TEST_F(LinkAccessTest, ThePeersCertificatesAreKnownWhicheverItShows) {
  std::vector<ForgedCertificate> leaves;
  ForgeOptions options = LeafOptions(account_, time_);
  options.not_before = testing::ToAsn1(time_.WallNow() - 1h);
  for (size_t i = 0; i < LinkAccess::kMostCertificates; ++i) {
    leaves.push_back(root_.Issue(options));
  }
  const ForgedCertificate unknown = root_.Issue(options);
  Pin(root_);
  for (int round = 0; round < 2; ++round) {
    for (const auto& leaf : leaves) ASSERT_EQ(Check(leaf), Verdict::kPeer);
  }
  // None of them would pass now.
  time_.JumpWallClock(-3h);
  for (const auto& leaf : leaves) EXPECT_EQ(Check(leaf), Verdict::kPeer);
  EXPECT_EQ(Check(unknown), Verdict::kNotPeer);
  // Of more than these, the latest are known.
  time_.JumpWallClock(3h);
  EXPECT_EQ(Check(unknown), Verdict::kPeer);
  time_.JumpWallClock(-3h);
  EXPECT_EQ(Check(unknown), Verdict::kPeer);
  EXPECT_EQ(Check(leaves.front()), Verdict::kNotPeer);
  EXPECT_EQ(Check(leaves.back()), Verdict::kPeer);
  // Under other pins, none.
  Pin(other_root_);
  EXPECT_EQ(Check(leaves.back()), Verdict::kNotPeer);
}

TEST_F(LinkAccessTest, LookupsHaveARatePerLink) {
  access_.SetLookupLimit(3);
  Pin(root_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Check(leaf_), Verdict::kPeer);
  EXPECT_EQ(Check(leaf_), Verdict::kRateLimited);
  time_.Advance(1s);
  EXPECT_EQ(Check(leaf_), Verdict::kPeer);
  // A change of the row gives no new burst.
  for (int i = 0; i < 3; ++i) Check(leaf_);
  Pin(root_);
  EXPECT_EQ(Check(leaf_), Verdict::kRateLimited);
  access_.SetLookupLimit(0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Check(leaf_), Verdict::kPeer);
}

TEST_F(LinkAccessTest, AsManyRefusalsCountAsLookupsAreAllowed) {
  access_.SetLookupLimit(3);
  EXPECT_FALSE(access_.TakeRefusal(id_));
  Pin(root_);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(access_.TakeRefusal(id_));
  EXPECT_FALSE(access_.TakeRefusal(id_));
  // They take nothing from the lookups.
  EXPECT_EQ(Check(leaf_), Verdict::kPeer);
  time_.Advance(1s);
  EXPECT_TRUE(access_.TakeRefusal(id_));
  access_.SetLookupLimit(5);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(access_.TakeRefusal(id_));
  EXPECT_FALSE(access_.TakeRefusal(id_));
}

TEST_F(LinkAccessTest, WhoACallerIsCostsNoLookup) {
  access_.SetLookupLimit(1);
  Pin(root_);
  const auto identify = [&](const ForgedCertificate& leaf) {
    return access_.CheckIdentity(id_, {leaf.pem(), ""}, &why_);
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(identify(leaf_), Verdict::kPeer);
  EXPECT_EQ(identify(stranger_), Verdict::kNotPeer);
  EXPECT_EQ(Check(leaf_), Verdict::kPeer);
  ASSERT_EQ(Check(leaf_), Verdict::kRateLimited);
  EXPECT_EQ(identify(leaf_), Verdict::kPeer);
}

TEST_F(LinkAccessTest, StrangersDoNotUseUpThePeersRate) {
  access_.SetLookupLimit(3);
  Pin(root_);
  for (int i = 0; i < 100; ++i) Check(stranger_);
  EXPECT_EQ(Check(leaf_), Verdict::kPeer);
}

TEST_F(LinkAccessTest, ASessionsPeerIsKnownAndBoundByTheSameRules) {
  EXPECT_EQ(access_.CheckKnown(id_), Verdict::kNotOpen);
  access_.SetLookupLimit(2);
  Row row = RowOf(root_);
  row.record.set_paused(true);
  access_.Set(id_, &row);
  EXPECT_EQ(access_.CheckKnown(id_), Verdict::kPaused);
  Pin(root_);
  EXPECT_EQ(access_.CheckKnown(id_), Verdict::kPeer);
  EXPECT_EQ(access_.CheckKnown(id_), Verdict::kRateLimited);
  access_.Set(id_, nullptr);
  EXPECT_EQ(access_.CheckKnown(id_), Verdict::kNotOpen);
}

// RPC threads ask while the loop opens and shuts the link. After Set(nullptr)
// has returned every check is refused, even if it verified the certificate
// while the link stood.
TEST_F(LinkAccessTest, AShutLinkAdmitsNobodyWhateverTheThreadsDo) {
  std::atomic<bool> stop{false};
  // Even: open, or being shut. Odd: shut.
  std::atomic<int> phase{0};
  std::atomic<int> wrongly_admitted{0};
  std::atomic<int> admitted{0};
  Pin(root_);
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      // Certificates alternate, so that the cached one is seldom the caller's.
      const ForgedCertificate mine =
          i == 0 ? leaf_ : root_.Issue(LeafOptions(account_, time_));
      absl::Status why;
      while (!stop) {
        const int before = phase;
        const Verdict verdict = access_.Check(id_, {mine.pem(), ""}, &why);
        if (verdict != Verdict::kPeer) continue;
        ++admitted;
        if (before % 2 == 1 && phase == before) ++wrongly_admitted;
      }
    });
  }
  for (int round = 0; round < 200; ++round) {
    access_.Set(id_, nullptr);
    ++phase;
    for (int i = 0; i < 20; ++i) {
      if (Check(leaf_) != Verdict::kNotOpen) ++wrongly_admitted;
    }
    ++phase;
    Pin(root_);
    const int seen = admitted;
    while (admitted == seen) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrongly_admitted, 0);
}

}  // namespace
}  // namespace interlink::federation
