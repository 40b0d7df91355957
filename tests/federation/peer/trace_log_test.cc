#include "federation/peer/trace_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "federation/base/reason.h"
#include "tests/support/virtual_time.h"

namespace interlink::federation {
namespace {

using interlink::testing::VirtualLoop;
using interlink::testing::VirtualTime;
using std::chrono_literals::operator""us;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kTrace =
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const std::string kEnd = ", traceparent " + kTrace;

class TraceLogTest : public ::testing::Test {
 protected:
  TraceLogTest() {
    traces_.SetWrite([this](const std::string& line) { log_.push_back(line); });
  }

  VirtualTime time_;
  VirtualLoop loop_{time_};
  TraceLog traces_{loop_};
  std::vector<std::string> log_;
  const std::optional<TraceContext> trace_ = TraceContext::Parse(kTrace);
};

TEST_F(TraceLogTest, ALookupOfThePbxTellsTheDoorTheOutcomeAndTheTime) {
  api::Resolution local;
  local.set_source(api::RESOLUTION_SOURCE_LOCAL);
  traces_.NoteLookup(trace_, "grpc", local, 1500us);
  api::Resolution found;
  found.set_source(api::RESOLUTION_SOURCE_PEER);
  api::Route& route = *found.add_routes();
  route.set_interlink_name("John Smith");
  route.set_interlink_id("6a6f");
  route.set_number("301");
  traces_.NoteLookup(trace_, "http", found, 800us);
  found.set_stale(true);
  traces_.NoteLookup(trace_, "http", found, 800us);
  traces_.NoteLookup(trace_, "http", Refusal(Reason::kNumberNotFound, "301"),
                     2s);
  const std::string asks = "the PBX asks for a number at ";
  EXPECT_THAT(
      log_,
      ElementsAre(
          asks + "grpc: a local number, after 1.500 ms" + kEnd,
          asks + "http: found at \"John Smith\" (6a6f), after 0.800 ms" + kEnd,
          asks + "http: last known at \"John Smith\" (6a6f), after 0.800 ms" +
              kEnd,
          asks + "http: NUMBER_NOT_FOUND, after 2000.000 ms" + kEnd));
}

TEST_F(TraceLogTest, ACallThatComesInTellsOverWhichLinkOrWhyNot) {
  api::AuthorizeCallResponse admitted;
  traces_.NoteCall(trace_, "http", admitted, 10us);
  admitted.set_interlink_id("6d69");
  admitted.set_interlink_name("Mike");
  traces_.NoteCall(trace_, "http", admitted, 10us);
  traces_.NoteCall(trace_, "grpc", Refusal(Reason::kCallTokenUsed, ""), 10us);
  const std::string asks = "the PBX asks about a call at ";
  EXPECT_THAT(
      log_,
      ElementsAre(
          asks + "http: let in without a token, after 0.010 ms" + kEnd,
          asks + "http: let in over \"Mike\" (6d69), after 0.010 ms" + kEnd,
          asks + "grpc: CALL_TOKEN_USED, after 0.010 ms" + kEnd));
}

TEST_F(TraceLogTest, AQuestionWithoutATraceHasNoLine) {
  traces_.NoteLookup(std::nullopt, "grpc", api::Resolution(), 1us);
  traces_.NoteCall(std::nullopt, "grpc", api::AuthorizeCallResponse(), 1us);
  traces_.NotePeer(store::InterlinkId(), "John", "", v1::LookupResponse());
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(TraceLogTest, LinesThatAPeerCausesAreBoundedForItsLinkAlone) {
  const auto a = *store::InterlinkId::FromBytes(std::string(16, 'a'));
  const auto b = *store::InterlinkId::FromBytes(std::string(16, 'b'));
  const auto ask = [this](store::InterlinkId link, int times) {
    for (int i = 0; i < times; ++i) {
      traces_.NotePeer(link, "John", kTrace, v1::LookupResponse());
    }
  };
  ask(a, 1000);
  EXPECT_THAT(log_, SizeIs(TraceLog::kPeerLinesAtOnce));
  ask(b, 1);
  EXPECT_THAT(log_, SizeIs(TraceLog::kPeerLinesAtOnce + 1));
  time_.Advance(3s);
  ask(a, 1000);
  EXPECT_THAT(log_, SizeIs(TraceLog::kPeerLinesAtOnce + 1 + 3));
}

}  // namespace
}  // namespace interlink::federation
