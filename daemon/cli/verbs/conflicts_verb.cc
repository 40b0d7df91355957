#include <algorithm>
#include <string>

#include "daemon/cli/show/table.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {
namespace {

using Numbers = google::protobuf::RepeatedPtrField<v1::ReachableNumber>;

// Leaves the numbers that several links share, or that an own one hides.
// REQUIRES: those of one number stand together.
void KeepConflicts(Numbers& numbers) {
  Numbers conflicts;
  for (int i = 0; i < numbers.size(); ++i) {
    const std::string& digits = numbers[i].number();
    const bool is_shared =
        (i > 0 && numbers[i - 1].number() == digits) ||
        (i + 1 < numbers.size() && numbers[i + 1].number() == digits);
    if (is_shared || numbers[i].shadowed()) *conflicts.Add() = numbers[i];
  }
  numbers.Swap(&conflicts);
}

// Puts the links of each number in the order in which they are called.
void SortAsCalled(Numbers& numbers) {
  auto begin = numbers.begin();
  while (begin != numbers.end()) {
    const auto end = std::find_if(begin, numbers.end(), [&](const auto& other) {
      return other.number() != begin->number();
    });
    std::stable_sort(begin, end, [](const auto& a, const auto& b) {
      return a.turn() < b.turn();
    });
    begin = end;
  }
}

// What has to be dialled to reach it.
std::string DialledAs(const v1::ReachableNumber& number) {
  const std::string prefixed = Clean(number.prefixed_number());
  if (number.turn() != 1) return prefixed.empty() ? "nothing" : prefixed;
  return Clean(number.number()) + (prefixed.empty() ? "" : ", " + prefixed);
}

std::string NoteOn(const v1::ReachableNumber& number) {
  if (number.shadowed()) return "hidden by an own number or a prefix";
  return number.stale() ? "remembered" : "";
}

}  // namespace

ExitCode ListConflicts(Session& session, const Arguments& /*arguments*/) {
  v1::ListReachableNumbersResponse all;
  const grpc::Status status = session.api.CallForAllPages(
      &v1::NumberService::Stub::ListReachableNumbers,
      v1::ListReachableNumbersRequest(), &all);
  if (!status.ok()) return session.Fail(status);
  KeepConflicts(*all.mutable_numbers());
  SortAsCalled(*all.mutable_numbers());
  if (session.json()) return session.PrintJson(all);
  if (all.numbers().empty()) {
    session.console.out << "No number stands in the way of another.\n";
    return ExitCode::kDone;
  }
  Table table({"NUMBER", "INTERLINK", "NAME", "REACHED BY", "NOTE"});
  std::string before;
  for (const v1::ReachableNumber& number : all.numbers()) {
    const bool is_first = number.number() != before;
    before = number.number();
    table.AddRow({is_first ? Clean(number.number()) : "",
                  Clean(number.interlink_name()), Clean(number.name()),
                  DialledAs(number), NoteOn(number)});
  }
  table.Print(session.console.out);
  session.console.out << "`interlinkctl prefix NAME DIGITS` gives an interlink "
                         "a way of its own.\n";
  return ExitCode::kDone;
}

}  // namespace interlink::cli
