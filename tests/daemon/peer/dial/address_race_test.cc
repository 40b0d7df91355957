#include "daemon/peer/dial/address_race.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <utility>

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

const auto kLoopback = boost::asio::ip::address_v4::loopback();

// Listens but accepts nobody: once its queue is full it does not answer, like a
// machine that is off.
class SilentPort {
 public:
  explicit SilentPort(boost::asio::io_context& context)
      : acceptor_(context), first_(context) {
    acceptor_.open(tcp::v4());
    acceptor_.bind({kLoopback, 0});
    acceptor_.listen(0);
    first_.connect(endpoint());
  }
  tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

 private:
  tcp::acceptor acceptor_;
  tcp::socket first_;
};

class AddressRaceTest : public ::testing::Test {
 protected:
  using Endpoints = AddressRace::Endpoints;

  tcp::endpoint Silent() { return silent_.emplace_back(context_).endpoint(); }
  // Nobody listens there.
  tcp::endpoint Refusing() {
    tcp::acceptor gone(context_, {kLoopback, 0});
    return gone.local_endpoint();
  }
  tcp::endpoint Living() {
    return living_.emplace_back(context_, tcp::endpoint(kLoopback, 0))
        .local_endpoint();
  }

  // The order that the race ends with.
  Endpoints Run(Endpoints endpoints,
                AddressRace::Times times = {.stagger = 20ms, .whole = 60s}) {
    Endpoints in_turn;
    const auto race = AddressRace::Start(context_, std::move(endpoints), times,
                                         [&](Endpoints found) {
                                           in_turn = std::move(found);
                                           context_.stop();
                                         });
    EXPECT_THAT(in_turn, ElementsAre()) << "told before the return";
    context_.restart();
    context_.run();
    return in_turn;
  }

  boost::asio::io_context context_;
  std::deque<tcp::acceptor> living_;
  std::deque<SilentPort> silent_;
};

TEST_F(AddressRaceTest, SilentAddressesArePassedAndComeLast) {
  const Endpoints all = {Silent(), Silent(), Silent(), Living(), Refusing()};
  EXPECT_THAT(Run(all), ElementsAre(all[3], all[4], all[0], all[1], all[2]));
}

// The next try must not wait for its turn, which is hours away.
TEST_F(AddressRaceTest, AnAddressThatRefusesIsPassedAtOnce) {
  const Endpoints all = {Refusing(), Refusing(), Living()};
  EXPECT_THAT(Run(all, {.stagger = 24h, .whole = 60s}),
              ElementsAre(all[2], all[0], all[1]));
}

TEST_F(AddressRaceTest, TheFirstStaysFirstIfItAnswers) {
  const Endpoints all = {Living(), Living(), Silent()};
  EXPECT_THAT(Run(all, {.stagger = 24h, .whole = 60s}), ElementsAreArray(all));
}

TEST_F(AddressRaceTest, TheOrderStaysIfNobodyAnswers) {
  const Endpoints closed = {Refusing(), Refusing()};
  EXPECT_THAT(Run(closed), ElementsAreArray(closed));
  const Endpoints mute = {Silent(), Refusing(), Silent()};
  EXPECT_THAT(Run(mute, {.stagger = 1ms, .whole = 50ms}),
              ElementsAreArray(mute));
}

TEST_F(AddressRaceTest, ADestroyedRaceReportsNothing) {
  bool is_told = false;
  auto race = AddressRace::Start(context_, {Living(), Refusing()}, {},
                                 [&](const Endpoints&) { is_told = true; });
  race.reset();
  context_.run();
  EXPECT_FALSE(is_told);
}

}  // namespace
}  // namespace interlink::daemon
