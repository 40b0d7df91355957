// The manual's page about interlinks, sentence by sentence.

#include <google/protobuf/util/time_util.h>

#include <set>

#include "tests/story/two_accounts.h"

namespace interlink::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ManualTest = AccountsTest;

// "Generate an authorization code, and send that code to the administrator of
// the remote account. Once the authorization code has been entered on the
// remote account, then the two PBX systems will be interconnected."
TEST_F(ManualTest, EnteringTheGeneratedKeyInterconnectsTheTwoAccounts) {
  auto key = mike.GenerateKey("John");
  ASSERT_THAT(key, IsOk());
  auto row = john.Link("Mike", *key);
  ASSERT_THAT(row, IsOk());
  EXPECT_EQ(row->state(), api::INTERLINK_STATE_ESTABLISHED);
  EXPECT_EQ(row->peer_account_name(), "Mike Brown");
  EXPECT_EQ(mike.Row("John")->peer_account_name(), "John Smith");
  ExpectAgree(mike, john, 1);
}

// "If a key has been generated locally, but interconnection has not yet been
// established, this status will be indicated by a grey circle ... Once
// interconnection is established, the status will be automatically updated with
// a green circle."
TEST_F(ManualTest, TheCircleTurnsFromGreyToGreenForAWatcher) {
  std::vector<api::Indicator> seen;
  auto watch = mike.account().interlinks().observers().Add([&](const auto&) {
    auto row = mike.Row("John");
    if (row && (seen.empty() || seen.back() != row->indicator())) {
      seen.push_back(row->indicator());
    }
  });
  auto key = mike.GenerateKey("John");
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(mike.Row("John")->indicator(), api::INDICATOR_GREY);
  ASSERT_THAT(john.Link("Mike", *key), IsOk());
  EXPECT_EQ(mike.Row("John")->indicator(), api::INDICATOR_GREEN);
  EXPECT_EQ(john.Row("Mike")->indicator(), api::INDICATOR_GREEN);
  EXPECT_EQ(seen.front(), api::INDICATOR_GREY);
  EXPECT_EQ(seen.back(), api::INDICATOR_GREEN);
}

// "If an Interlink is deleted by any of the two participants, then this listing
// will be automatically removed from the connection details for both accounts."
TEST_F(ManualTest, DeletingOnEitherSideRemovesTheRowOnBoth) {
  Link(mike, john);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  EXPECT_THAT(mike.Rows(), IsEmpty());  // Without waiting for John.
  Advance(1s);
  EXPECT_THAT(john.Rows(), IsEmpty());

  Link(mike, john);
  ASSERT_THAT(john.Delete("Mike Brown"), IsOk());
  Advance(1s);
  EXPECT_THAT(mike.Rows(), IsEmpty());
}

// The same for a row that is still grey; its key no longer works.
TEST_F(ManualTest, DeletingAGreyRowRevokesItsKey) {
  auto key = mike.GenerateKey("John");
  ASSERT_THAT(key, IsOk());
  ASSERT_THAT(mike.Delete("John"), IsOk());
  EXPECT_THAT(mike.Rows(), IsEmpty());
  EXPECT_THAT(john.Link("Mike", *key), HasReason(Reason::kKeyRevoked));
  EXPECT_THAT(john.Rows(), IsEmpty());
}

// "Each authorization key may be used to link only one user account."
TEST_F(ManualTest, AKeyLinksOnlyOneAccount) {
  auto key = mike.GenerateKey("John");
  ASSERT_THAT(key, IsOk());
  ASSERT_THAT(john.Link("Mike", *key), IsOk());
  EXPECT_THAT(tim.Link("Mike", *key), HasReason(Reason::kKeyAlreadyUsed));
  EXPECT_THAT(tim.Rows(), IsEmpty());
  EXPECT_THAT(mike.EventKinds(), Contains("KEY_REUSE_REFUSED"));
  ExpectAgree(mike, john, 1);
}

// "Only the two accounts that have been interconnected using a single
// authorization key will have access to each other's shared internal
// resources." Mike is linked with John and with Tim; that does not link John
// with Tim.
TEST_F(ManualTest, LinksAreNotTransitive) {
  Link(mike, john);
  Link(mike, tim);
  ASSERT_THAT(mike.AddNumber("101"), IsOk());
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  ASSERT_THAT(tim.AddNumber("301"), IsOk());
  EXPECT_THAT(mike.Resolve("201"), IsOk());
  EXPECT_THAT(mike.Resolve("301"), IsOk());
  EXPECT_THAT(john.Resolve("101"), IsOk());
  EXPECT_THAT(tim.Resolve("101"), IsOk());
  EXPECT_THAT(john.Resolve("301"), HasReason(Reason::kNumberNotFound));
  EXPECT_THAT(tim.Resolve("201"), HasReason(Reason::kNumberNotFound));
}

// "In the next window, enter a name for this connection ... an authorization
// key will be generated. Copy this key." For as long as it is grey.
TEST_F(ManualTest, TheKeyOfAGreyRowCanBeReadAgainUntilItIsUsed) {
  auto key = mike.GenerateKey("John");
  ASSERT_THAT(key, IsOk());
  api::ShowKeyRequest request;
  request.set_id(mike.Row("John")->id());
  auto again = mike.account().issuer().ShowKey(request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->key(), *key);
  ASSERT_THAT(john.Link("Mike", *key), IsOk());
  EXPECT_THAT(mike.account().issuer().ShowKey(request),
              HasReason(Reason::kKeyNotPending));
}

TEST_F(ManualTest, ShowKeyOfAnExpiredKeySaysWhenItExpired) {
  ASSERT_THAT(mike.GenerateKey("John"), IsOk());
  api::ShowKeyRequest request;
  request.set_id(mike.Row("John")->id());
  const std::string end = google::protobuf::util::TimeUtil::ToString(
      mike.Row("John")->key_expire_time());
  Advance(std::chrono::hours(8 * 24));
  const auto shown = mike.account().issuer().ShowKey(request);
  EXPECT_THAT(shown, HasReason(Reason::kKeyExpired));
  EXPECT_THAT(shown.status().ToString(),
              HasSubstr("this key expired at " + end.substr(0, 19)));
}

TEST_F(ManualTest, AKeyThatLeadsToAFormerAddressIsShownWithAWarning) {
  mike.settings.addresses = {"old.example.net:7443", "older.example.net:7443"};
  mike.settings.contact = "sip:{number}@pbx.example.net";
  mike.account().Reload(mike.settings);
  ASSERT_THAT(mike.GenerateKey("John"), IsOk());
  api::ShowKeyRequest request;
  request.set_id(mike.Row("John")->id());
  EXPECT_THAT(mike.account().issuer().ShowKey(request)->warnings(), IsEmpty());
  // One address that is still right is enough, however it is written.
  mike.settings.addresses = {"new.example.net:7443", "Older.Example.net:07443"};
  mike.account().Reload(mike.settings);
  EXPECT_THAT(mike.account().issuer().ShowKey(request)->warnings(), IsEmpty());
  mike.settings.addresses = {"new.example.net:7443"};
  mike.account().Reload(mike.settings);
  EXPECT_THAT(mike.account().issuer().ShowKey(request)->warnings(),
              ElementsAre(AllOf(
                  HasSubstr("old.example.net:7443, older.example.net:7443"),
                  HasSubstr("now at new.example.net:7443"),
                  HasSubstr("delete the row and generate another key"))));
  mike.settings.addresses.clear();
  mike.account().Reload(mike.settings);
  EXPECT_THAT(mike.account().issuer().ShowKey(request)->warnings(),
              ElementsAre(HasSubstr("now at no address")));
}

TEST_F(ManualTest, ShowKeyRepeatsTheWarningsOfGenerateKey) {
  mike.settings.addresses = {"10.0.0.1:7443"};
  mike.account().Reload(mike.settings);
  api::GenerateKeyRequest generate;
  generate.set_name("John");
  const auto generated = *mike.GenerateKey(generate);
  EXPECT_THAT(generated.warnings(), Not(IsEmpty()));
  api::ShowKeyRequest request;
  request.set_id(generated.interlink().id());
  const auto shown = *mike.account().issuer().ShowKey(request);
  EXPECT_TRUE(std::equal(shown.warnings().begin(), shown.warnings().end(),
                         generated.warnings().begin(),
                         generated.warnings().end()));
}

// "Enter a name to identify this interconnection, as well as the authorization
// key."
TEST_F(ManualTest, EachSideNamesItsOwnRow) {
  auto key = mike.GenerateKey("The Smiths");
  ASSERT_THAT(key, IsOk());
  ASSERT_THAT(john.Link("Head office", *key), IsOk());
  EXPECT_THAT(mike.Names(), ElementsAre("The Smiths"));
  EXPECT_THAT(john.Names(), ElementsAre("Head office"));
}

// "Clicking on the interlink will allow you to rename the selected
// interconnection."
TEST_F(ManualTest, ARenameIsSeenOnlyWhereItWasMade) {
  Link(mike, john);
  ASSERT_THAT(mike.Rename("John Smith", "Johnny"), IsOk());
  Advance(1min);
  EXPECT_THAT(mike.Names(), ElementsAre("Johnny"));
  EXPECT_THAT(john.Names(), ElementsAre("Mike Brown"));
}

// "To delete the interlink, click on the X." Twice does no harm.
TEST_F(ManualTest, DeletingTwiceIsTheSameAsOnce) {
  Link(mike, john);
  const std::string id = mike.Row("John Smith")->id();
  EXPECT_THAT(mike.DeleteById(id), IsOk());
  EXPECT_THAT(mike.DeleteById(id), IsOk());
  Advance(1min);
  EXPECT_THAT(john.DeleteById(id), IsOk());
  ExpectAgree(mike, john, 0);
}

// "Users directly dial Internal Numbers on linked PBX accounts."
TEST_F(ManualTest, ANumberOfALinkedAccountCanBeDialled) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  auto resolution = mike.Resolve("201");
  ASSERT_THAT(resolution, IsOk());
  EXPECT_EQ(resolution->source(), api::RESOLUTION_SOURCE_PEER);
  ASSERT_EQ(resolution->routes_size(), 1);
  EXPECT_EQ(resolution->routes(0).uri(), "sip:201@johnsmith.test");
  EXPECT_EQ(resolution->routes(0).display_name(), "Internal Number 201");
  EXPECT_EQ(resolution->routes(0).interlink_name(), "John Smith");
  EXPECT_TRUE(resolution->complete());
}

// "If both accounts have the same Internal Number configured, then calling
// those numbers will reach the local Internal Number destination."
TEST_F(ManualTest, TheLocalNumberWins) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201", false, "sip:john@10.0.0.2"), IsOk());
  ASSERT_THAT(mike.AddNumber("201", false, "sip:mike@10.0.0.1"), IsOk());
  auto resolution = mike.Resolve("201");
  ASSERT_THAT(resolution, IsOk());
  EXPECT_EQ(resolution->source(), api::RESOLUTION_SOURCE_LOCAL);
  ASSERT_EQ(resolution->routes_size(), 1);
  EXPECT_EQ(resolution->routes(0).uri(), "sip:mike@10.0.0.1");
}

// "Privacy Disabled (default option): accessible to interlinked accounts.
// Privacy Enabled: not available to interlinked accounts."
TEST_F(ManualTest, APrivateNumberIsDialledOnlyWithinItsAccount) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  EXPECT_THAT(mike.Resolve("201"), IsOk());
  ASSERT_THAT(john.SetPrivate("201", true), IsOk());
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kNumberNotFound));
  EXPECT_THAT(john.Resolve("201"), IsOk());
  ASSERT_THAT(john.SetPrivate("201", false), IsOk());
  EXPECT_THAT(mike.Resolve("201"), IsOk());
}

}  // namespace
}  // namespace interlink::testing
