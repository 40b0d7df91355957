#include "daemon/http/phone_book.h"

#include <algorithm>

#include "federation/base/api.h"
#include "federation/base/reason.h"

namespace interlink::daemon {
namespace {

namespace api = federation::api;

constexpr std::chrono::seconds kKept{1};
constexpr int kPageSize = 1000;
// Where own numbers hide most of the others, many pages have no entry.
constexpr int kMostPages = 20;

}  // namespace

PhoneBook::PhoneBook(const federation::EventLoop& loop,
                     const federation::ReachableNumbers& reachable,
                     const federation::Mirrors& mirrors)
    : loop_(loop),
      reachable_(reachable),
      mirrors_(mirrors),
      start_(loop.Now()) {}

absl::StatusOr<std::shared_ptr<const std::string>> PhoneBook::In(
    PhoneBookFormat format) {
  Book& book = books_[static_cast<size_t>(format)];
  if (book.text == nullptr || loop_.Now() >= book.written + kKept) {
    const auto entries = Entries();
    if (!entries.ok()) return entries.status();
    book.text =
        std::make_shared<const std::string>(WritePhoneBook(*entries, format));
    book.written = loop_.Now();
  }
  return book.text;
}

bool PhoneBook::IsAnyLinkUnheard() const {
  const auto links = mirrors_.LiveLinks();
  return std::any_of(links.begin(), links.end(), [this](const auto& id) {
    const auto peer = mirrors_.PeerOf(id);
    return peer != nullptr && !peer->is_paused &&
           !mirrors_.ExtentOf(id).in_step;
  });
}

absl::StatusOr<std::vector<PhoneBookEntry>> PhoneBook::Entries() const {
  if (loop_.Now() < start_ + kPatience && IsAnyLinkUnheard()) {
    return federation::Refusal(
        federation::Reason::kLookupIncomplete,
        "the daemon has just started and has not heard from every linked "
        "account yet; ask again in some seconds");
  }
  std::vector<PhoneBookEntry> entries;
  api::ListReachableNumbersRequest request;
  request.set_page_size(kPageSize);
  for (int page = 0; page < kMostPages; ++page) {
    const auto listed = reachable_.List(request);
    if (!listed.ok()) {
      return federation::Refusal(federation::Reason::kLookupIncomplete,
                                 "the phone book cannot be read to its end: " +
                                     std::string(listed.status().message()) +
                                     "; ask again");
    }
    for (const api::ReachableNumber& number : listed->numbers()) {
      if (entries.size() + 2 > kMostEntries) return entries;
      const std::string name =
          number.name() + " (" + number.interlink_name() + ")";
      if (!number.prefixed_number().empty()) {
        entries.push_back({name, number.prefixed_number()});
      }
      if (number.turn() == 1) entries.push_back({name, number.number()});
    }
    if (listed->next_page_token().empty()) break;
    request.set_page_token(listed->next_page_token());
  }
  return entries;
}

}  // namespace interlink::daemon
