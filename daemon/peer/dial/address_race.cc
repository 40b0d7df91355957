#include "daemon/peer/dial/address_race.h"

#include <algorithm>
#include <utility>

namespace interlink::daemon {

using boost::system::error_code;

std::shared_ptr<AddressRace> AddressRace::Start(
    boost::asio::io_context& context, Endpoints endpoints, Times times,
    Done done) {
  std::shared_ptr<AddressRace> race(
      new AddressRace(context, std::move(endpoints), times, std::move(done)));
  race->end_.async_wait([weak = race->weak_from_this()](error_code off) {
    const auto self = weak.lock();
    if (self != nullptr && !off) self->End(0);
  });
  race->TryNext();
  return race;
}

AddressRace::AddressRace(boost::asio::io_context& context, Endpoints endpoints,
                         Times times, Done done)
    : context_(context),
      endpoints_(std::move(endpoints)),
      times_(times),
      done_(std::move(done)),
      next_(context),
      end_(context, times.whole) {}

void AddressRace::TryNext() {
  if (tries_.size() == endpoints_.size()) return;
  const size_t index = tries_.size();
  tries_.emplace_back(context_).async_connect(
      endpoints_[index], [weak = weak_from_this(), index](error_code error) {
        const auto self = weak.lock();
        if (self == nullptr || !self->done_) return;
        if (error) {
          self->HasFailed();
        } else {
          self->End(index);
        }
      });
  next_.expires_after(times_.stagger);
  next_.async_wait([weak = weak_from_this()](error_code off) {
    const auto self = weak.lock();
    if (self != nullptr && self->done_ && !off) self->TryNext();
  });
}

void AddressRace::HasFailed() {
  if (++failed_ == endpoints_.size()) {
    End(0);
  } else {
    TryNext();
  }
}

void AddressRace::End(size_t first) {
  if (!done_) return;
  next_.cancel();
  end_.cancel();
  tries_.clear();
  std::rotate(endpoints_.begin(),
              endpoints_.begin() + static_cast<std::ptrdiff_t>(first),
              endpoints_.end());
  std::exchange(done_, nullptr)(std::move(endpoints_));
}

}  // namespace interlink::daemon
