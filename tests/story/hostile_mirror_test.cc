// A peer that is linked, and hostile all the same (design.md section 9).

#include "tests/story/two_accounts.h"
#include "tests/support/scripted_peer.h"

namespace interlink::testing {
namespace {

namespace wire = federation::v1;

class HostileMirrorTest : public AccountsTest {
 protected:
  HostileMirrorTest() {
    Link(mike, john);
    Advance(5s);
    john.Crash();
    Reopen(1);
  }
  void Reopen(uint64_t epoch) {
    peer_ = std::make_unique<ScriptedPeer>(network, john, mike);
    peer_->Greet(mike.Rows()[0].id(), epoch);
    Advance(1s);
  }
  void SendPart(const std::vector<wire::DirectoryEntry>& entries,
                std::optional<federation::DirectoryPosition> position) {
    wire::SessionMessage message;
    auto& part = *message.mutable_directory_part();
    part.set_begins_snapshot(true);
    federation::DirectoryPosition sum{.sequence = 1};
    for (const auto& entry : entries) {
      *part.add_entries() = entry;
      sum.digest += federation::EntryDigest(entry.number(), entry.name(),
                                            entry.contact());
      ++sum.count;
    }
    *part.mutable_directory() = federation::ToProto(position.value_or(sum));
    peer_->directory = part.directory();
    peer_->Send(message);
    Advance(15s);
  }
  // How often the peer was asked for its directory.
  ptrdiff_t Asked() const {
    return std::count_if(
        peer_->received.begin(), peer_->received.end(),
        [](const auto& message) { return message.has_subscribe(); });
  }
  static wire::DirectoryEntry Entry(const std::string& number,
                                    const std::string& name = "",
                                    const std::string& contact = "") {
    wire::DirectoryEntry entry;
    entry.set_number(number);
    entry.set_name(name);
    entry.set_contact(contact);
    return entry;
  }

  std::unique_ptr<ScriptedPeer> peer_;
};

TEST_F(HostileMirrorTest, ItsContactsCannotSendCallsAnywhereElse) {
  mike.settings.contact_hosts = {*federation::Host::Parse("johnsmith.test")};
  mike.settings.never_remote = {*store::InternalNumber::Parse("112")};
  mike.account().Reload(mike.settings);
  SendPart({Entry("1", "", "tel:+1900123456"),
            Entry("2", "", "sip:{number}@premium.test"),
            Entry("3", "", "sip:{number}@johnsmith.test?Subject=x"),
            Entry("4", "", "sip:{number}@johnsmith.test\r\nX: y"),
            Entry("6", "", "sip:{number}@johnsmith.test;maddr=premium.test"),
            Entry("7", "", "sip:{number}&Local/0900@johnsmith.test"),
            Entry("5", "Ren\xc3\xa9\x07", "sip:{number}@johnsmith.test"),
            Entry("112")},
           std::nullopt);
  EXPECT_EQ(mike.account().mirrors().in_step(), 1u);
  for (const char* number : {"1", "2", "3", "4", "6", "7", "112"}) {
    EXPECT_THAT(mike.Resolve(number), HasReason(Reason::kNumberNotFound));
  }
  auto resolution = mike.Resolve("5");
  ASSERT_THAT(resolution, IsOk());
  EXPECT_EQ(resolution->routes(0).uri(), "sip:5@johnsmith.test");
  EXPECT_EQ(resolution->routes(0).display_name(), "Ren\xc3\xa9");
  EXPECT_EQ(mike.account().reachable().List({})->numbers_size(), 1);
}

TEST_F(HostileMirrorTest, EntriesThatAreNoNumbersAreLeftOutAndReported) {
  const std::string long_name(300, 'n');
  SendPart({Entry("201"), Entry("12a"), Entry("202", long_name), Entry("203")},
           std::nullopt);
  EXPECT_EQ(peer_->Farewell(), "none");
  EXPECT_EQ(mike.account().mirrors().in_step(), 1u);
  EXPECT_EQ(mike.account().mirrors().size(), 2u);
  EXPECT_THAT(mike.Resolve("201"), IsOk());
  EXPECT_THAT(mike.Resolve("202"), HasReason(Reason::kNumberNotFound));
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
  EXPECT_THAT(mike.Rows()[0].last_error().message(),
              ::testing::HasSubstr("2 cannot be numbers, such as \"12a\""));
  // Once John has corrected it, no trouble is shown.
  SendPart({Entry("201"), Entry("202"), Entry("203")}, std::nullopt);
  EXPECT_EQ(mike.account().mirrors().size(), 3u);
  EXPECT_EQ(mike.account().mirrors().in_step(), 1u);
  EXPECT_FALSE(mike.Rows()[0].has_last_error());
}

TEST_F(HostileMirrorTest, EntriesThatAreNoNumbersCanBeChangedAndRemoved) {
  SendPart({Entry("201"), Entry("12a"), Entry("12b")}, std::nullopt);
  wire::SessionMessage message;
  auto& part = *message.mutable_directory_part();
  part.add_removed_numbers("12a");
  part.add_removed_numbers("no such");
  *part.add_entries() = Entry("12b", "renamed");
  federation::DirectoryPosition sum{.sequence = 2, .count = 2};
  sum.digest = federation::EntryDigest("201", "", "") +
               federation::EntryDigest("12b", "renamed", "");
  *part.mutable_directory() = federation::ToProto(sum);
  peer_->directory = part.directory();
  peer_->Send(message);
  Advance(15s);
  EXPECT_EQ(mike.account().mirrors().in_step(), 1u);
  EXPECT_EQ(mike.account().mirrors().size(), 1u);
}

TEST_F(HostileMirrorTest, ThousandsOfEntriesThatAreNoNumbersAreTooMany) {
  std::vector<wire::DirectoryEntry> entries;
  for (int i = 0; i < 1'001; ++i) {
    entries.push_back(Entry("x" + std::to_string(i)));
  }
  SendPart(entries, std::nullopt);
  EXPECT_EQ(peer_->Farewell(), "none");
  EXPECT_EQ(mike.Rows()[0].last_error().reason(), "LIMIT_REACHED");
}

TEST_F(HostileMirrorTest, AMirrorThatDoesNotAddUpIsAskedForAtOnce) {
  const auto before = Asked();
  wire::SessionMessage message;
  auto& part = *message.mutable_directory_part();
  part.set_begins_snapshot(true);
  *part.mutable_directory() = federation::ToProto({.sequence = 1, .count = 5});
  peer_->Send(message);
  Advance(10ms);
  EXPECT_EQ(Asked(), before + 1);
  EXPECT_FALSE(peer_->received.back().subscribe().has_have());
}

TEST_F(HostileMirrorTest, ADirectoryThatDoesNotAddUpIsNeverInStep) {
  for (int i = 0; i < 3; ++i) {
    SendPart({Entry("201")},
             federation::DirectoryPosition{.sequence = 1, .count = 1});
    EXPECT_EQ(mike.account().mirrors().in_step(), 0u);
  }
  // It is asked again at pongs, and no more often.
  EXPECT_LE(Asked(), 8);
}

TEST_F(HostileMirrorTest, APauseEmptiesTheMirrorWhichIsAskedForOnce) {
  SendPart({Entry("201")}, std::nullopt);
  ASSERT_THAT(mike.Resolve("201"), IsOk());
  const auto before = Asked();
  wire::SessionMessage message;
  *message.mutable_introduction() = ScriptedPeer::StockIntroduction();
  message.mutable_introduction()->set_paused(true);
  peer_->Send(message);
  Advance(2min);
  EXPECT_EQ(mike.account().mirrors().size(), 0u);
  EXPECT_EQ(Asked(), before + 1);
  EXPECT_FALSE(peer_->received.back().subscribe().has_have());
  message.mutable_introduction()->set_paused(false);
  peer_->Send(message);
  SendPart({Entry("202")}, std::nullopt);
  EXPECT_THAT(mike.Resolve("202"), IsOk());
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kNumberNotFound));
}

TEST_F(HostileMirrorTest, SnapshotsWithoutEndCostNoMemory) {
  for (int i = 0; i < 600; ++i) {
    wire::SessionMessage message;
    message.mutable_directory_part()->set_begins_snapshot(true);
    *message.mutable_directory_part()->add_entries() =
        Entry(std::to_string(1000 + i));
    peer_->Send(message);
    Advance(10ms);
  }
  Advance(5s);
  EXPECT_LE(mike.account().mirrors().size(), 300u);
}

TEST_F(HostileMirrorTest, AHostOfASingleNumberIsToldOnceForEachLinkAndHost) {
  const auto count = [this] {
    const auto kinds = mike.EventKinds();
    return std::count(kinds.begin(), kinds.end(), "CONTACT_HOST_CHANGED");
  };
  SendPart({Entry("1", "", "sip:{number}@johnsmith.test:5080"),
            Entry("2", "", "sip:{number}@premium.test"),
            Entry("3", "", "sip:{number}@premium.test;lr"),
            Entry("4", "", "sip:{number}@[2001:db8::1]")},
           std::nullopt);
  EXPECT_EQ(count(), 2);
  // A restart does not report it again, and the number of reports is bounded.
  mike.Crash();
  mike.Start();
  Advance(1min);
  Reopen(2);
  for (int i = 0; i < 100; ++i) {
    SendPart(
        {Entry("2", "", "sip:{number}@premium.test"),
         Entry("5", "", "sip:{number}@host" + std::to_string(i) + ".test")},
        std::nullopt);
  }
  EXPECT_EQ(count(), federation::ContactAlarm::kMostHosts);
}

TEST_F(HostileMirrorTest, AnAnnouncedHostThatIsNewIsToldToTheAdministrator) {
  wire::SessionMessage message;
  message.mutable_introduction()->set_contact("sip:{number}@strange.test");
  peer_->Send(message);
  Advance(5s);
  EXPECT_THAT(mike.EventKinds(), Contains("CONTACT_HOST_CHANGED"));
}

}  // namespace
}  // namespace interlink::testing
