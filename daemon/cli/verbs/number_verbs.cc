#include <string>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/csv/number_csv.h"
#include "daemon/cli/show/table.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {
namespace {

using NumberStub = v1::NumberService::Stub;

// Of a number that is shared.
constexpr const char* kUnreachable =
    "warning: linked accounts cannot call it: calls need a call token, and its "
    "contact, which has text beside {number}, has no room for one.\n";

std::string DestinationInWords(const v1::Number& number) {
  return number.destination().empty() ? "not assigned"
                                      : Clean(number.destination());
}

std::string SharingInWords(const v1::Number& number) {
  if (number.private_()) return "private";
  if (number.destination().empty()) return "";
  return number.unreachable() ? "shared, but cannot be called" : "shared";
}

ExitCode PrintNumber(const Console& console, const v1::Number& number) {
  console.out << Clean(number.number()) << ' ' << Clean(number.name()) << ": "
              << DestinationInWords(number);
  const std::string sharing = SharingInWords(number);
  if (!sharing.empty()) console.out << ", " << sharing;
  console.out << '\n';
  if (number.unreachable()) console.err << kUnreachable;
  return ExitCode::kDone;
}

// The number with the fields that were given; `mask` gets their names.
v1::Number NumberOf(const Arguments& arguments,
                    google::protobuf::FieldMask* mask) {
  v1::Number number;
  number.set_number(arguments.number);
  if (arguments.number_name.has_value()) {
    number.set_name(*arguments.number_name);
    mask->add_paths("name");
  }
  if (arguments.destination.has_value()) {
    number.set_destination(*arguments.destination);
    mask->add_paths("destination");
  }
  if (arguments.is_private.has_value()) {
    number.set_private_(*arguments.is_private);
    mask->add_paths("private");
  }
  if (arguments.contact.has_value()) {
    number.set_contact(*arguments.contact);
    mask->add_paths("contact");
  }
  return number;
}

}  // namespace

ExitCode AddNumber(Session& session, const Arguments& arguments) {
  google::protobuf::FieldMask ignored;
  v1::CreateNumberRequest request;
  *request.mutable_number() = NumberOf(arguments, &ignored);
  v1::CreateNumberResponse response;
  const grpc::Status status =
      session.api.Call(&NumberStub::CreateNumber, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(response);
  const v1::Number& number = response.number();
  PrintNumber(session.console, number);
  if (number.destination().empty()) {
    session.console.out
        << "Nobody can call it yet: `interlinkctl number set "
        << Clean(number.number())
        << " --destination EXTENSION` says where a call goes.\n";
  }
  return ExitCode::kDone;
}

ExitCode SetNumber(Session& session, const Arguments& arguments) {
  v1::UpdateNumberRequest request;
  *request.mutable_number() =
      NumberOf(arguments, request.mutable_update_mask());
  if (request.update_mask().paths().empty()) {
    PrintFailure(session.console, session.output,
                 {grpc::StatusCode::INVALID_ARGUMENT, "USAGE",
                  "say what to change: --name, --destination, --private, "
                  "--shared or --contact"});
    return ExitCode::kUsage;
  }
  v1::UpdateNumberResponse response;
  const grpc::Status status =
      session.api.Call(&NumberStub::UpdateNumber, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(response);
  return PrintNumber(session.console, response.number());
}

ExitCode DeleteNumber(Session& session, const Arguments& arguments) {
  v1::DeleteNumberRequest request;
  request.set_number(arguments.number);
  v1::DeleteNumberResponse response;
  const grpc::Status status =
      session.api.Call(&NumberStub::DeleteNumber, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(response);
  session.console.out << Clean(arguments.number) << " is deleted.\n";
  return ExitCode::kDone;
}

ExitCode ExportNumbers(Session& session, const Arguments&) {
  v1::ListNumbersResponse all;
  const grpc::Status status = session.api.CallForAllPages(
      &NumberStub::ListNumbers, v1::ListNumbersRequest(), &all);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(all);
  std::ostream& out = session.console.out;
  out << NumberCsvHeading() << '\n';
  int formulas = 0;
  for (const v1::Number& number : all.numbers()) {
    out << NumberCsvLine(number) << '\n';
    formulas += FormulasIn(number);
  }
  if (formulas > 0) {
    session.Warn(Count(formulas, "field") +
                 (formulas == 1 ? " begins" : " begin") +
                 " with =, +, - or @: have a spreadsheet read the columns as "
                 "text, not as formulas");
  }
  return ExitCode::kDone;
}

ExitCode ListNumbers(Session& session, const Arguments& arguments) {
  v1::ListNumbersRequest request;
  request.set_filter(arguments.filter);
  v1::ListNumbersResponse all;
  const grpc::Status status =
      session.api.CallForAllPages(&NumberStub::ListNumbers, request, &all);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(all);
  if (all.numbers().empty()) {
    session.console.out << (arguments.filter.empty() ? "No numbers yet.\n"
                                                     : "No such numbers.\n");
    return ExitCode::kDone;
  }
  Table table({"NUMBER", "NAME", "DESTINATION", "PRIVACY", "CONTACT"});
  bool any_unreachable = false;
  for (const v1::Number& number : all.numbers()) {
    any_unreachable |= number.unreachable();
    table.AddRow({Clean(number.number()), Clean(number.name()),
                  DestinationInWords(number), SharingInWords(number),
                  Clean(number.contact())});
  }
  table.Print(session.console.out);
  if (any_unreachable) {
    session.console.out
        << "What cannot be called has a contact with text beside {number}, "
           "which leaves no room for a call token.\n";
  }
  return ExitCode::kDone;
}

}  // namespace interlink::cli
