#include "federation/directory/directory_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "federation/directory/directory_feed.h"
#include "tests/support/virtual_time.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using ::testing::SizeIs;

// An account's numbers, and the feeds of its sessions.
class DirectoryPartsTest : public ::testing::Test {
 protected:
  struct World {
    explicit World(EventLoop& loop) : parts(directory, changes, loop) {}

    void Put(const std::string& digits, bool is_private = false,
             const std::string& name = "A name") {
      store::v1::NumberRecord record;
      record.set_name(name);
      record.set_destination("sip:x@10.0.0.1");
      record.set_private_(is_private);
      const auto number = *store::InternalNumber::Parse(digits);
      if (directory.Put(number, record)) changes.Tell(number);
    }
    void Remove(const std::string& digits) {
      const auto number = *store::InternalNumber::Parse(digits);
      if (directory.Remove(number)) changes.Tell(number);
    }

    Directory directory;
    Observers<store::InternalNumber> changes;
    DirectoryParts parts;
  };

  static DirectoryFeed Subscribed(World& world) {
    DirectoryFeed feed(world.parts);
    feed.Subscribe({});
    return feed;
  }
  // All parts that there are, as bytes.
  static std::vector<std::string> Drain(DirectoryFeed& feed) {
    std::vector<std::string> parts;
    while (feed.HasPart()) {
      parts.push_back(feed.NextPart()->SerializeAsString());
    }
    return parts;
  }
  static v1::DirectoryPart Read(const std::string& bytes) {
    v1::SessionMessage message;
    EXPECT_TRUE(message.ParseFromString(bytes));
    EXPECT_TRUE(message.has_directory_part());
    return message.directory_part();
  }
  static std::string NumbersIn(const std::string& bytes) {
    std::string numbers;
    const v1::DirectoryPart part = Read(bytes);
    for (const auto& entry : part.entries()) numbers += entry.number() + " ";
    for (const auto& gone : part.removed_numbers()) numbers += "-" + gone + " ";
    return numbers;
  }

  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  World world_{loop_};
};

// "Privacy Enabled: not available to interlinked accounts."
TEST_F(DirectoryPartsTest, PrivateNumbersDoNotShowInTheParts) {
  World other(loop_);
  for (int i = 0; i < 5000; ++i) {
    const std::string shared = std::to_string(10'000 + i);
    world_.Put(shared);
    other.Put(shared);
    other.Put(shared + "0", /*is_private=*/true);
  }
  auto feed = Subscribed(world_);
  auto with_private = Subscribed(other);
  const auto parts = Drain(feed);
  EXPECT_THAT(parts, SizeIs(::testing::Gt(2u)));
  EXPECT_EQ(parts, Drain(with_private));

  for (int i = 0; i < 5000; ++i) {
    const std::string shared = std::to_string(10'000 + i);
    other.Put(shared + "0", /*is_private=*/true, "Another name");
    world_.Put(shared, /*is_private=*/i % 2 == 0, "B");
    other.Put(shared, /*is_private=*/i % 2 == 0, "B");
  }
  EXPECT_EQ(Drain(feed), Drain(with_private));
}

TEST_F(DirectoryPartsTest, APartIsFullBeforeTheNextBegins) {
  for (int i = 0; i < 5000; ++i) world_.Put(std::to_string(10'000 + i));
  auto feed = Subscribed(world_);
  auto parts = Drain(feed);
  EXPECT_TRUE(Read(parts[0]).begins_snapshot());
  EXPECT_TRUE(Read(parts.back()).has_directory());
  parts.pop_back();
  for (const std::string& part : parts) {
    EXPECT_GE(Read(part).entries_size(), 1000);
    EXPECT_LE(part.size(), 64u * 1024);
    EXPECT_FALSE(Read(part).has_directory());
  }
}

TEST_F(DirectoryPartsTest, SessionsAtOnePlaceGetOnePart) {
  for (int i = 0; i < 5000; ++i) world_.Put(std::to_string(10'000 + i));
  auto first = Subscribed(world_);
  auto second = Subscribed(world_);
  while (first.HasPart()) {
    ASSERT_TRUE(second.HasPart());
    EXPECT_EQ(first.NextPart(), second.NextPart());
  }
  world_.Put("1");
  EXPECT_EQ(first.NextPart(), second.NextPart());
}

TEST_F(DirectoryPartsTest, PartsThatNobodyTakesAreForgotten) {
  world_.Put("201");
  auto feed = Subscribed(world_);
  const std::weak_ptr<const v1::SessionMessage> part = feed.NextPart();
  EXPECT_FALSE(part.expired());
  time_.Advance(2s);
  EXPECT_TRUE(part.expired());
}

TEST_F(DirectoryPartsTest, ChangesAreSentOnceEachAsTheyAreWhenTaken) {
  for (const char* number : {"201", "202", "203"}) world_.Put(number);
  auto feed = Subscribed(world_);
  Drain(feed);
  world_.Put("201", false, "first");
  world_.Put("201", false, "second");
  world_.Remove("202");
  world_.Put("203", /*is_private=*/true);
  const auto parts = Drain(feed);
  ASSERT_THAT(parts, SizeIs(1));
  EXPECT_EQ(NumbersIn(parts[0]), "201 -202 -203 ");
  EXPECT_EQ(Read(parts[0]).entries(0).name(), "second");
}

TEST_F(DirectoryPartsTest,
       ANumberThatBecamePrivateIsNotSentFromAPartMadeBefore) {
  world_.Put("201");
  auto first = Subscribed(world_);
  auto second = Subscribed(world_);
  EXPECT_EQ(NumbersIn(first.NextPart()->SerializeAsString()), "201 ");
  world_.Put("201", /*is_private=*/true);
  for (const std::string& part : Drain(second)) {
    EXPECT_EQ(Read(part).entries_size(), 0);
  }
}

TEST_F(DirectoryPartsTest, ChangesDuringASnapshotFollowIt) {
  for (int i = 0; i < 3000; ++i) world_.Put(std::to_string(10'000 + i));
  auto feed = Subscribed(world_);
  std::set<std::string> known;
  const auto take = [&] {
    const auto part = Read(feed.NextPart()->SerializeAsString());
    for (const auto& entry : part.entries()) known.insert(entry.number());
    for (const auto& gone : part.removed_numbers()) known.erase(gone);
    return part;
  };
  take();
  world_.Remove("10000");
  world_.Remove("12999");
  world_.Put("20000");
  v1::DirectoryPart last;
  while (feed.HasPart()) last = take();
  EXPECT_EQ(known.size(), 2999u);
  EXPECT_FALSE(known.contains("10000"));
  EXPECT_TRUE(known.contains("20000"));
  EXPECT_EQ(last.directory().SerializeAsString(),
            ToProto(world_.directory.position()).SerializeAsString());
}

TEST_F(DirectoryPartsTest, ASessionTooFarBehindBeginsAgain) {
  world_.Put("201");
  auto feed = Subscribed(world_);
  Drain(feed);
  for (size_t i = 0; i <= DirectoryParts::kMostChanges; ++i) {
    world_.Put("202", false, std::to_string(i % 2));
  }
  const auto parts = Drain(feed);
  ASSERT_THAT(parts, SizeIs(1));
  EXPECT_TRUE(Read(parts[0]).begins_snapshot());
  EXPECT_EQ(NumbersIn(parts[0]), "201 202 ");
}

TEST_F(DirectoryPartsTest, AnUpToDatePeerGetsThePositionAlone) {
  world_.Put("201");
  DirectoryFeed feed(world_.parts);
  EXPECT_FALSE(feed.HasPart());
  v1::Subscribe request;
  *request.mutable_have() = ToProto(world_.directory.position());
  feed.Subscribe(request);
  const auto parts = Drain(feed);
  ASSERT_THAT(parts, SizeIs(1));
  EXPECT_EQ(NumbersIn(parts[0]), "");
  EXPECT_TRUE(Read(parts[0]).has_directory());
  request.set_stop(true);
  feed.Subscribe(request);
  world_.Put("202");
  EXPECT_FALSE(feed.HasPart());
}

}  // namespace
}  // namespace interlink::federation
