#include "daemon/cli/show/row.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace interlink::cli {
namespace {

constexpr int64_t kNow = 1'800'000'000;
const Time kNowTime = Time(std::chrono::seconds(kNow));

v1::Interlink Established(v1::InterlinkHealth health, v1::Indicator indicator) {
  v1::Interlink row;
  row.set_name("John Smith");
  row.set_state(v1::INTERLINK_STATE_ESTABLISHED);
  row.set_health(health);
  row.set_indicator(indicator);
  row.set_peer_account_name("John");
  return row;
}

v1::Interlink Pending() {
  v1::Interlink row;
  row.set_name("John Smith");
  row.set_state(v1::INTERLINK_STATE_PENDING);
  row.set_indicator(v1::INDICATOR_GREY);
  return row;
}

TEST(RowTest, TheCircleHasItsWordAndItsColour) {
  EXPECT_EQ(Circle(v1::INDICATOR_GREEN, false), "● green ");
  EXPECT_EQ(Circle(v1::INDICATOR_RED, false), "● red   ");
  EXPECT_EQ(Circle(v1::INDICATOR_GREEN, true), "\x1b[32m●\x1b[0m green ");
  EXPECT_EQ(Circle(v1::INDICATOR_AMBER, true), "\x1b[33m●\x1b[0m amber ");
  EXPECT_EQ(Circle(v1::INDICATOR_RED, true), "\x1b[31m●\x1b[0m red   ");
  EXPECT_EQ(Circle(v1::INDICATOR_GREY, true), "\x1b[90m●\x1b[0m grey  ");
}

TEST(RowTest, AGreyRowSaysHowLongItsKeyLives) {
  v1::Interlink row = Pending();
  EXPECT_EQ(StateInWords(row, kNowTime), "waiting for its key");
  row.mutable_key_expire_time()->set_seconds(kNow + 7200);
  EXPECT_EQ(StateInWords(row, kNowTime), "waiting, key expires in 2 hours");
}

TEST(RowTest, HealthIsSaidInWords) {
  v1::Interlink row =
      Established(v1::INTERLINK_HEALTH_CONNECTED, v1::INDICATOR_GREEN);
  row.mutable_round_trip()->set_nanos(12'000'000);
  EXPECT_EQ(StateInWords(row, kNowTime), "connected, 12 ms");
  // Green for some seconds after its session has ended.
  row.mutable_next_try_time()->set_seconds(kNow + 1);
  EXPECT_EQ(StateInWords(row, kNowTime), "reconnecting");
  row.set_health(v1::INTERLINK_HEALTH_UNREACHABLE);
  EXPECT_EQ(StateInWords(row, kNowTime), "not reachable");
  row.set_health(v1::INTERLINK_HEALTH_PAUSED);
  EXPECT_EQ(StateInWords(row, kNowTime), "paused by the other account");
  row.set_paused(true);
  EXPECT_EQ(StateInWords(row, kNowTime), "paused");
  row.set_health(v1::INTERLINK_HEALTH_ORPHANED);
  EXPECT_EQ(StateInWords(row, kNowTime),
            "forgotten by the other account, paused");
  row.set_paused(false);
  EXPECT_EQ(StateInWords(row, kNowTime), "forgotten by the other account");
}

TEST(RowTest, TroubleNamesTheReasonOnceAndTheNextTry) {
  v1::Interlink row =
      Established(v1::INTERLINK_HEALTH_UNREACHABLE, v1::INDICATOR_AMBER);
  EXPECT_EQ(TroubleInWords(row, kNowTime), "");
  row.mutable_last_error()->set_reason("PEER_UNREACHABLE");
  row.mutable_last_error()->set_message("10.0.0.5:7443: connection refused");
  row.mutable_next_try_time()->set_seconds(kNow + 3);
  const std::string expected =
      "PEER_UNREACHABLE: 10.0.0.5:7443: connection refused; next try in 3 s";
  EXPECT_EQ(TroubleInWords(row, kNowTime), expected);
  row.mutable_last_error()->set_message(
      "PEER_UNREACHABLE: 10.0.0.5:7443: connection refused");
  EXPECT_EQ(TroubleInWords(row, kNowTime), expected);
  row.mutable_last_answer_time()->set_seconds(kNow - 11);
  EXPECT_EQ(TroubleInWords(row, kNowTime),
            expected + "; last answered 11 s ago");
}

TEST(RowTest, ASilentRowSaysWhenItLastAnsweredAndAWellOneDoesNot) {
  v1::Interlink row =
      Established(v1::INTERLINK_HEALTH_UNREACHABLE, v1::INDICATOR_AMBER);
  row.mutable_last_answer_time()->set_seconds(kNow - 3600);
  EXPECT_EQ(TroubleInWords(row, kNowTime), "last answered 1 hour ago");
  row.set_health(v1::INTERLINK_HEALTH_CONNECTED);
  EXPECT_EQ(TroubleInWords(row, kNowTime), "");
}

TEST(RowTest, GreyTurningGreenSaysWhoIsLinked) {
  const v1::Interlink row =
      Established(v1::INTERLINK_HEALTH_CONNECTED, v1::INDICATOR_GREEN);
  EXPECT_EQ(ChangeInWords(Pending(), row, kNowTime),
            "grey → green: linked with John");
}

TEST(RowTest, OnlyWhatAnAdministratorWouldNoticeIsAChange) {
  const v1::Interlink before =
      Established(v1::INTERLINK_HEALTH_CONNECTED, v1::INDICATOR_GREEN);
  v1::Interlink row = before;
  row.mutable_round_trip()->set_nanos(5'000'000);
  EXPECT_EQ(ChangeInWords(before, row, kNowTime), "");
  row.set_name("Johnny");
  row.set_priority(7);
  EXPECT_EQ(ChangeInWords(before, row, kNowTime),
            "renamed from John Smith; priority 7");
  row = before;
  row.set_state(v1::INTERLINK_STATE_REMOVED);
  row.set_indicator(v1::INDICATOR_RED);
  EXPECT_EQ(ChangeInWords(before, row, kNowTime), "removed");
}

TEST(RowTest, NewTroubleIsAChangeAndItsEndIsNot) {
  v1::Interlink well = Pending();
  well.set_state(v1::INTERLINK_STATE_LINKING);
  v1::Interlink row = well;
  row.mutable_last_error()->set_reason("PEER_UNREACHABLE");
  row.mutable_last_error()->set_message("connection refused");
  EXPECT_EQ(ChangeInWords(well, row, kNowTime),
            "PEER_UNREACHABLE: connection refused");
  row.mutable_next_try_time()->set_seconds(kNow + 3);
  EXPECT_EQ(ChangeInWords(row, row, kNowTime), "");
  well.set_priority(7);
  EXPECT_EQ(ChangeInWords(row, well, kNowTime), "priority 7");
}

TEST(RowTest, ForeignTextCannotSteerTheTerminal) {
  v1::Interlink row =
      Established(v1::INTERLINK_HEALTH_UNREACHABLE, v1::INDICATOR_AMBER);
  row.set_peer_account_name("\x1b[2JEve");
  row.mutable_last_error()->set_message("\x1b]0;x\x07");
  EXPECT_EQ(PeerInWords(row), "[2JEve");
  EXPECT_EQ(TroubleInWords(row, kNowTime), "]0;x");
}

}  // namespace
}  // namespace interlink::cli
