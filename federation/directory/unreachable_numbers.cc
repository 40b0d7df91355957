#include "federation/directory/unreachable_numbers.h"

#include <utility>

#include "federation/directory/number_record.h"

namespace interlink::federation {
namespace {

// Numbers that an event names.
constexpr size_t kMostNumbersNamed = 5;

}  // namespace

void UnreachableNumbers::Look() {
  after_.reset();
  named_.clear();
  count_ = 0;
  next_ = loop_.After({}, [this] { LookAtSome(); });
}

// In steps, so that neither the loop nor whoever changes a number waits for
// long.
void UnreachableNumbers::LookAtSome() {
  next_.reset();
  if (!settings_.asks_for_call_tokens) return;  // Then all can be called.
  size_t looked = 0;
  directory_.VisitShared(after_, [&](store::InternalNumber number,
                                     const Directory::Shared& shared) {
    after_ = number;
    if (IsUnreachableBy(shared.contact, settings_) &&
        ++count_ <= kMostNumbersNamed) {
      named_ += (named_.empty() ? "" : ", ") + number.ToString();
    }
    return ++looked < kStep;
  });
  if (looked == kStep) {
    next_ = loop_.After({}, [this] { LookAtSome(); });
  } else if (count_ > 0) {
    Tell();
  }
}

void UnreachableNumbers::Tell() {
  std::string named = std::move(named_);
  if (count_ > kMostNumbersNamed) {
    named += " and " + std::to_string(count_ - kMostNumbersNamed) + " more";
  }
  store::v1::EventRecord event = NumberEvent(
      "NUMBERS_UNREACHABLE",
      "linked accounts cannot call " + named +
          ": calls need call tokens here, and a contact with text beside "
          "{number} has no room for one; change the contact, or set "
          "--call-admission to open",
      ledger_.WallNow());
  event.set_actor(std::string(kByDaemon));
  Changes changes;
  changes.events.push_back(std::move(event));
  ledger_.Submit(
      [changes = std::move(changes)](const Draft&) { return changes; },
      // The list of numbers says it all the same.
      [](const absl::Status&) {});
}

}  // namespace interlink::federation
