#include "daemon/doctor/machine.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>

#include "tests/support/temp_dir.h"

namespace interlink::daemon {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr uint64_t kMegabyte = 1 << 20;

v1::FindingOutcome OfDisk(const absl::StatusOr<DiskSpace>& space) {
  Findings findings;
  JudgeDisk(space, "/var/lib/interlink", findings);
  return findings.all().front().outcome();
}

TEST(MachineTest, ADiskThatIsNearlyFullIsToldOfBeforeItIs) {
  EXPECT_EQ(OfDisk(DiskSpace{.free_bytes = 512 * kMegabyte, .free_files = 100}),
            v1::FINDING_OUTCOME_OK);
  EXPECT_EQ(OfDisk(DiskSpace{.free_bytes = 511 * kMegabyte, .free_files = 100}),
            v1::FINDING_OUTCOME_WARNING);
  EXPECT_EQ(OfDisk(DiskSpace{.free_bytes = 7 * kMegabyte, .free_files = 100}),
            v1::FINDING_OUTCOME_FAULT);
  EXPECT_EQ(OfDisk(DiskSpace{.free_bytes = 512 * kMegabyte, .free_files = 99}),
            v1::FINDING_OUTCOME_FAULT);
  EXPECT_EQ(OfDisk(absl::UnavailableError("Stale file handle")),
            v1::FINDING_OUTCOME_FAULT);
}

TEST(MachineTest, TheDiskOfAFolderIsFound) {
  const testing::TempDir dir;
  const auto space = LookAtDisk(dir.path());
  ASSERT_TRUE(space.ok());
  EXPECT_GT(space->free_bytes, 0u);
  EXPECT_FALSE(LookAtDisk(dir.path() + "/nothing").ok());
}

TEST(MachineTest, OpenDescriptorsAreCounted) {
  const auto before = LookAtDescriptors();
  ASSERT_TRUE(before.ok());
  const int opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(LookAtDescriptors()->open, before->open + 1);
  close(opened);
}

TEST(MachineTest, DescriptorsHaveToDoForAllLinks) {
  const auto outcome = [](const absl::StatusOr<Descriptors>& descriptors,
                          size_t links) {
    Findings findings;
    JudgeDescriptors(descriptors, links, findings);
    return findings.all().front().outcome();
  };
  EXPECT_EQ(outcome(Descriptors{.open = 50, .limit = 1024}, 100),
            v1::FINDING_OUTCOME_OK);
  EXPECT_EQ(outcome(Descriptors{.open = 50, .limit = 1024}, 500),
            v1::FINDING_OUTCOME_WARNING);
  EXPECT_EQ(outcome(Descriptors{.open = 1000, .limit = 1024}, 1),
            v1::FINDING_OUTCOME_WARNING);
  EXPECT_EQ(outcome(absl::UnavailableError("No such file or directory"), 1),
            v1::FINDING_OUTCOME_NOT_EXAMINED);
}

// To count them takes one.
TEST(MachineTest, DescriptorsThatAreUsedUpAreAFault) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto found = LookAtDescriptors();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  Findings findings;
  JudgeDescriptors(found, 1, findings);
  const v1::Finding& finding = findings.all().front();
  EXPECT_EQ(finding.outcome(), v1::FINDING_OUTCOME_FAULT);
  EXPECT_THAT(finding.message(), HasSubstr("Too many open files"));
  EXPECT_THAT(finding.message(), HasSubstr("LimitNOFILE="));
}

TEST(MachineTest, ACertificateThatIsNotRenewedInTimeMeansAClockThatWasSet) {
  constexpr auto kLife = std::chrono::hours(30 * 24);
  const federation::WallTime now(std::chrono::seconds(1'800'000'000));
  const auto judged = [&](federation::Duration left) {
    Findings findings;
    JudgeCertificate(now + left, kLife, now, findings);
    return findings.all().front();
  };
  EXPECT_EQ(judged(20 * 24h).outcome(), v1::FINDING_OUTCOME_OK);
  EXPECT_THAT(judged(20 * 24h).message(), HasSubstr("20 days"));
  EXPECT_EQ(judged(7 * 24h).outcome(), v1::FINDING_OUTCOME_WARNING);
  EXPECT_EQ(judged(31 * 24h).outcome(), v1::FINDING_OUTCOME_WARNING);
  EXPECT_EQ(judged(0h).outcome(), v1::FINDING_OUTCOME_FAULT);
}

TEST(MachineTest, AClockThatNobodyKeepsIsToldOf) {
  Findings findings;
  JudgeClock(true, findings);
  JudgeClock(false, findings);
  JudgeClock(std::nullopt, findings);
  EXPECT_EQ(findings.all()[0].outcome(), v1::FINDING_OUTCOME_OK);
  EXPECT_EQ(findings.all()[1].outcome(), v1::FINDING_OUTCOME_WARNING);
  EXPECT_EQ(findings.all()[2].outcome(), v1::FINDING_OUTCOME_NOT_EXAMINED);
  LookWhetherClockIsKept();  // Whatever it is here.
}

}  // namespace
}  // namespace interlink::daemon
