#include "federation/mirrors/contact_alarm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/federation/linking/bare_ledger.h"

namespace interlink::federation {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ContactAlarmTest : public BareLedger {
 protected:
  ContactAlarmTest() {
    store::v1::InterlinkRecord record = Entered(Key('k', 'i'), "Mike");
    record.set_state(store::v1::ROW_STATE_ESTABLISHED);
    record.mutable_peer()->set_contact("sip:{number}@mike.test");
    Insert(record);
    disk_.sync_takes = [] { return std::chrono::milliseconds(100); };
  }
  void Hear(const std::string& host, int times = 1) {
    v1::DirectoryPart part;
    auto& entry = *part.add_entries();
    entry.set_number("101");
    entry.set_contact("sip:{number}@" + host);
    for (int i = 0; i < times; ++i) alarm_.Heard(Named("Mike").id, part);
  }

  LinkBudget budget_ = LinkBudget::ForCommits(loop_);
  PeerEvents events_{*ledger_, loop_, budget_};
  ContactAlarm alarm_{loop_, *ledger_, events_};
};

TEST_F(ContactAlarmTest, AHostIsToldOfOnceHoweverOftenItComes) {
  Hear("premium.test", 1000);
  time_.Advance(std::chrono::seconds(1));
  Hear("premium.test", 1000);
  time_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(EventKinds(), SizeIs(1));
}

TEST_F(ContactAlarmTest, HostsThatComeMeanwhileAreToldOfTogether) {
  const int before = disk_.log_syncs();
  Hear("a.test");
  time_.Advance(std::chrono::milliseconds(50));
  for (int i = 0; i < 5; ++i) Hear("b" + std::to_string(i) + ".test");
  time_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(EventKinds(), SizeIs(6));
  EXPECT_EQ(disk_.log_syncs(), before + 2);
}

TEST_F(ContactAlarmTest, AHostIsToldOfThoughTheStoreHasRefusedIt) {
  disk_.FailNextSync(testing::CrashEnv::Failure::kNothingSynced);
  Hear("premium.test");
  time_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(EventKinds(), IsEmpty());
  disk_.Restart();
  ASSERT_TRUE(database_->Reopen().ok());
  Hear("mike.test");  // Of whatever host.
  time_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(EventKinds(), SizeIs(1));
}

}  // namespace
}  // namespace interlink::federation
