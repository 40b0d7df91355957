#include "daemon/http/phone_book.h"

#include "federation/base/api.h"

namespace interlink::daemon {
namespace {

namespace api = federation::api;

constexpr std::chrono::seconds kKept{1};
constexpr int kPageSize = 1000;
// Where own numbers hide most of the others, many pages have no entry.
constexpr int kMostPages = 20;

}  // namespace

PhoneBook::PhoneBook(const federation::EventLoop& loop,
                     const federation::ReachableNumbers& reachable)
    : loop_(loop), reachable_(reachable) {}

std::shared_ptr<const std::string> PhoneBook::In(PhoneBookFormat format) {
  Book& book = books_[static_cast<size_t>(format)];
  if (book.text == nullptr || loop_.Now() >= book.written + kKept) {
    book.text =
        std::make_shared<const std::string>(WritePhoneBook(Entries(), format));
    book.written = loop_.Now();
  }
  return book.text;
}

std::vector<PhoneBookEntry> PhoneBook::Entries() const {
  std::vector<PhoneBookEntry> entries;
  api::ListReachableNumbersRequest request;
  request.set_page_size(kPageSize);
  for (int page = 0; page < kMostPages; ++page) {
    const auto listed = reachable_.List(request);
    if (!listed.ok()) break;
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
