#include <filesystem>
#include <string>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/row.h"
#include "daemon/cli/show/table.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/show/when.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {
namespace {

using DaemonStub = v1::DaemonService::Stub;

// "3 green, 1 amber"; empty if there are no rows.
std::string ColoursInWords(const v1::ListInterlinksResponse& list) {
  std::string words;
  for (const auto indicator : {v1::INDICATOR_GREEN, v1::INDICATOR_AMBER,
                               v1::INDICATOR_RED, v1::INDICATOR_GREY}) {
    int count = 0;
    for (const v1::Interlink& row : list.interlinks()) {
      if (row.indicator() == indicator) ++count;
    }
    if (count == 0) continue;
    if (!words.empty()) words += ", ";
    words += std::to_string(count) + " " + std::string(ColourWord(indicator));
  }
  return words;
}

std::string NamesOf(const v1::ListInterlinksResponse& list,
                    v1::Indicator indicator) {
  std::string names;
  for (const v1::Interlink& row : list.interlinks()) {
    if (row.indicator() != indicator) continue;
    if (!names.empty()) names += ", ";
    names += row.name();
  }
  return names;
}

// Troubles that will not end by themselves: a store that takes no changes,
// settings that were refused, and red rows. Empty if all is well.
std::string WhatIsNotWell(const v1::GetAccountResponse& account,
                          const v1::ListInterlinksResponse& list) {
  std::string troubles;
  const auto add = [&troubles](const std::string& trouble) {
    if (!troubles.empty() && !trouble.empty()) troubles += "; ";
    troubles += trouble;
  };
  add(FailureOf({grpc::StatusCode::UNAVAILABLE, account.store_failure()})
          .message);
  add(account.settings_failure());
  const std::string names = NamesOf(list, v1::INDICATOR_RED);
  if (!names.empty()) add("red: " + names + "; `interlinkctl list` says why");
  return troubles;
}

std::string AddressesInWords(const v1::GetAccountResponse& account) {
  std::string words;
  for (const std::string& address : account.addresses()) {
    if (!words.empty()) words += ", ";
    words += Clean(address);
  }
  return words.empty() ? "none: peers cannot reach this daemon" : words;
}

std::string AdmissionInWords(v1::CallAdmission admission) {
  return admission == v1::CALL_ADMISSION_TOKEN
             ? "those that bring a call token"
             : "all to numbers that are shared";
}

void PrintAccount(const Console& console, const v1::GetAccountResponse& account,
                  const v1::ListInterlinksResponse& list) {
  std::string rows = std::to_string(list.interlinks_size());
  if (!list.interlinks().empty()) rows += ": " + ColoursInWords(list);
  Table table({"account", Clean(account.account_name())});
  table.AddRow({"id", Clean(account.account_id())});
  table.AddRow({"root SHA-256", Clean(account.root_sha256())});
  table.AddRow({"addresses", AddressesInWords(account)});
  table.AddRow({"contact", Clean(account.contact())});
  table.AddRow({"calls let in", AdmissionInWords(account.call_admission())});
  table.AddRow({"version", Clean(account.version())});
  table.AddRow(
      {"up", SpanInWords(std::chrono::seconds(account.uptime().seconds()))});
  table.AddRow({"numbers", std::to_string(account.number_count())});
  table.AddRow({"interlinks", rows});
  if (account.mirrored_number_count() > 0) {
    table.AddRow(
        {"their numbers", std::to_string(account.mirrored_number_count())});
  }
  if (account.undelivered_removal_count() > 0) {
    table.AddRow(
        {"deletions", std::to_string(account.undelivered_removal_count()) +
                          " still to be told to their peers"});
  }
  if (account.has_restore_time()) {
    table.AddRow(
        {"restored", ClockTime(ToTime(account.restore_time()), console.now()) +
                         ": " + Clean(account.restore_sign())});
  }
  if (!account.store_failure().empty()) {
    table.AddRow({"store", Clean(account.store_failure())});
  }
  if (!account.settings_failure().empty()) {
    table.AddRow({"settings", Clean(account.settings_failure())});
  }
  table.Print(console.out);
}

// What is wrong with green rows: their peers answer, but that is not all.
std::string TroublesOfGreen(const v1::ListInterlinksResponse& list) {
  std::string troubles;
  for (const v1::Interlink& row : list.interlinks()) {
    // With a next try, the connection has just ended and is made again.
    if (row.indicator() != v1::INDICATOR_GREEN || !row.has_last_error() ||
        row.has_next_try_time()) {
      continue;
    }
    if (!troubles.empty()) troubles += "; ";
    troubles += row.name() + ": " + row.last_error().message();
  }
  return troubles;
}

// The last line of the status.
std::string VerdictInWords(const std::string& trouble,
                           const v1::ListInterlinksResponse& list) {
  if (!trouble.empty()) return "Not well: " + trouble + ".";
  const std::string amber = NamesOf(list, v1::INDICATOR_AMBER);
  const std::string troubles = TroublesOfGreen(list);
  if (amber.empty() && troubles.empty()) return "All is well.";
  return "All is well here" +
         (amber.empty() ? "" : "; amber, so silent or paused: " + amber) +
         (troubles.empty() ? "" : "; green, but " + troubles) + ".";
}

}  // namespace

ExitCode Status(Session& session, const Arguments& arguments) {
  v1::GetAccountResponse account;
  grpc::Status status = session.api.Call(&DaemonStub::GetAccount,
                                         v1::GetAccountRequest(), &account);
  if (!status.ok()) return session.Fail(status);
  v1::ListInterlinksResponse list;
  status = session.api.ListInterlinks(&list);
  if (!status.ok()) return session.Fail(status);
  const std::string trouble = WhatIsNotWell(account, list);
  if (session.json()) {
    session.PrintJson(account);
  } else {
    PrintAccount(session.console, account, list);
    session.console.out << Clean(VerdictInWords(trouble, list)) << '\n';
  }
  if (!arguments.check || trouble.empty()) return ExitCode::kDone;
  return session.Fail(
      LocalFailure(grpc::StatusCode::FAILED_PRECONDITION, "NOT_WELL", trouble));
}

ExitCode Backup(Session& session, const Arguments& arguments) {
  v1::BackupRequest request;
  request.set_directory(arguments.directory);
  if (session.endpoint.address.empty()) {  // The daemon's machine is this one.
    std::error_code error;
    const auto path = std::filesystem::absolute(arguments.directory, error);
    if (!error) request.set_directory(path.lexically_normal().string());
  }
  grpc::ClientContext context;
  session.api.SetDeadline(context, std::nullopt);
  v1::BackupResponse response;
  const grpc::Status status =
      session.api.stub<DaemonStub>().Backup(&context, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) return session.PrintJson(response);
  session.console.out << Count(response.size_bytes(), "byte") << " copied to "
                      << Clean(request.directory())
                      << "; it holds the account's private key: keep it so.\n";
  return ExitCode::kDone;
}

}  // namespace interlink::cli
