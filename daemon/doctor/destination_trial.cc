#include "daemon/doctor/destination_trial.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace interlink::daemon {
namespace {

// One reading of the store, and one turn on the loop.
constexpr int kAtOnce = 500;

}  // namespace

std::shared_ptr<DestinationTrial> DestinationTrial::Start(
    federation::EventLoop& loop, const federation::Numbers& numbers,
    std::function<bool(const std::string& destination)> leads_to, Done done) {
  std::shared_ptr<DestinationTrial> trial(new DestinationTrial(
      loop, numbers, std::move(leads_to), std::move(done)));
  trial->GoOnLater();
  return trial;
}

DestinationTrial::DestinationTrial(
    federation::EventLoop& loop, const federation::Numbers& numbers,
    std::function<bool(const std::string&)> leads_to, Done done)
    : loop_(loop),
      numbers_(numbers),
      leads_to_(std::move(leads_to)),
      done_(std::move(done)) {}

void DestinationTrial::GoOnLater() {
  loop_.Post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->LookAtSome();
  });
}

void DestinationTrial::LookAtSome() {
  federation::api::ListNumbersRequest request;
  request.set_page_size(kAtOnce);
  request.set_page_token(next_page_);
  const auto page = numbers_.List(request);
  if (!page.ok()) {
    outcome_.status = page.status();
    return End();
  }
  for (const auto& number : page->numbers()) {
    LookAt(number.number(), number.destination());
    if (outcome_.unusable.size() == kMostNamed) return End();
  }
  next_page_ = page->next_page_token();
  if (next_page_.empty()) return End();
  GoOnLater();
}

void DestinationTrial::LookAt(const std::string& number,
                              const std::string& destination) {
  if (destination.empty()) return;  // Nobody is to be led there.
  ++outcome_.examined;
  if (!leads_to_(destination)) {
    outcome_.unusable.push_back(
        absl::StrCat(number, " (\"", destination, "\")"));
  } else if (destination == number && ++outcome_.own == 1) {
    outcome_.first_own = number;
  }
}

void JudgeDestinations(const DestinationTrial::Outcome& outcome,
                       Findings& findings) {
  if (!outcome.unusable.empty()) {
    const bool may_be_more =
        outcome.unusable.size() == DestinationTrial::kMostNamed;
    return findings.Warning(
        "sip",
        absl::StrCat("calls by SIP to ", absl::StrJoin(outcome.unusable, ", "),
                     may_be_more ? " and perhaps to others" : "",
                     " are answered 404, because the destination is no SIP "
                     "URI, and no extension of at most 32 letters, digits and "
                     "*#+._-; set another with `interlinkctl number set`, "
                     "unless the PBX asks for it by HTTP"));
  }
  if (!outcome.status.ok()) {
    return findings.NotExamined(
        "sip", absl::StrCat("the destinations of own numbers cannot be read: ",
                            outcome.status.message(),
                            "; examine them again once the store is well"));
  }
  std::string found = absl::StrCat("calls can be led to the destinations of ",
                                   outcome.examined, " own numbers");
  // It is how an extension is shared: the PBX rings it by itself, and asks only
  // about calls that come in with a call token.
  if (outcome.own > 0) {
    absl::StrAppend(&found, "; ", outcome.own,
                    outcome.own == 1 ? " is its" : " are their",
                    " own destination, such as ", outcome.first_own,
                    ": the PBX has to put its own calls to it through without "
                    "asking, because those are answered 404");
  }
  findings.Ok("sip", std::move(found));
}

}  // namespace interlink::daemon
