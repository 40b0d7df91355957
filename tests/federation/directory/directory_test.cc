#include "federation/directory/directory.h"

#include <gtest/gtest.h>

namespace interlink::federation {
namespace {

const auto kNumber = *store::InternalNumber::Parse("201");

store::v1::NumberRecord Record(const std::string& destination,
                               bool is_private) {
  store::v1::NumberRecord record;
  record.set_name("Reception");
  record.set_contact("sip:{number}@here");
  record.set_destination(destination);
  record.set_private_(is_private);
  return record;
}

TEST(DirectoryTest, PeersSeeWhatIsAssignedAndNotPrivate) {
  Directory directory;
  directory.Put(kNumber, Record("sip:x@10.0.0.1", false));
  ASSERT_TRUE(directory.FindShared(kNumber));
  EXPECT_EQ(directory.FindShared(kNumber)->name, "Reception");
  EXPECT_EQ(directory.FindShared(kNumber)->contact, "sip:{number}@here");
  EXPECT_EQ(directory.FindOwn(kNumber), "sip:x@10.0.0.1");
}

// "Privacy Enabled: not available to interlinked accounts."
TEST(DirectoryTest, ANumberThatBecomesPrivateIsOutOfReach) {
  Directory directory;
  directory.Put(kNumber, Record("sip:x@10.0.0.1", false));
  directory.Put(kNumber, Record("sip:x@10.0.0.1", true));
  EXPECT_FALSE(directory.FindShared(kNumber));
  EXPECT_EQ(directory.FindOwn(kNumber), "sip:x@10.0.0.1");
}

TEST(DirectoryTest, PeersDoNotSeeANumberWithoutADestination) {
  Directory directory;
  directory.Put(kNumber, Record("sip:x@10.0.0.1", false));
  directory.Put(kNumber, Record("", false));
  EXPECT_FALSE(directory.FindShared(kNumber));
  EXPECT_EQ(directory.FindOwn(kNumber), "");
  EXPECT_EQ(directory.size(), 1u);
}

TEST(DirectoryTest, ARemovedNumberIsNowhere) {
  Directory directory;
  directory.Put(kNumber, Record("sip:x@10.0.0.1", false));
  directory.Remove(kNumber);
  directory.Remove(kNumber);
  EXPECT_FALSE(directory.FindShared(kNumber));
  EXPECT_EQ(directory.FindOwn(kNumber), std::nullopt);
  EXPECT_EQ(directory.size(), 0u);
}

}  // namespace
}  // namespace interlink::federation
