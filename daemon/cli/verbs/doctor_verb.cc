#include <string>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/table.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/verbs/verbs.h"
#include "interlink/v1/doctor.grpc.pb.h"

namespace interlink::cli {
namespace {

std::string OutcomeInWords(v1::FindingOutcome outcome) {
  switch (outcome) {
    case v1::FINDING_OUTCOME_OK:
      return "ok";
    case v1::FINDING_OUTCOME_WARNING:
      return "warning";
    case v1::FINDING_OUTCOME_FAULT:
      return "FAULT";
    default:
      return "not examined";
  }
}

std::string SubjectOf(const v1::Finding& finding) {
  return finding.interlink_id().empty() ? "this account"
                                        : Clean(finding.interlink_name());
}

void PrintFindings(const Console& console, const v1::ExamineResponse& found) {
  Table table({"OF", "CHECK", "OUTCOME", "WHAT WAS FOUND"});
  std::string last;
  for (const v1::Finding& finding : found.findings()) {
    const std::string subject = SubjectOf(finding);
    table.AddRow({subject == last ? "" : subject, Clean(finding.check()),
                  OutcomeInWords(finding.outcome()), Clean(finding.message())});
    last = subject;
  }
  table.Print(console.out);
}

// The first finding: that there is an answer at all.
v1::Finding SocketFinding(const std::string& version,
                          const std::string& own_version) {
  v1::Finding finding;
  finding.set_check("socket");
  if (version == own_version) {
    finding.set_outcome(v1::FINDING_OUTCOME_OK);
    finding.set_message("interlinkd " + version + " answers");
  } else {
    finding.set_outcome(v1::FINDING_OUTCOME_WARNING);
    finding.set_message("interlinkd " + version + " answers interlinkctl " +
                        own_version + "; restart the daemon after an upgrade");
  }
  return finding;
}

}  // namespace

ExitCode Examine(Session& session, const Arguments& arguments) {
  v1::GetAccountResponse account;
  grpc::Status status = session.api.Call(&v1::DaemonService::Stub::GetAccount,
                                         v1::GetAccountRequest(), &account);
  if (!status.ok()) return session.Fail(status);
  v1::ExamineRequest request;
  if (!arguments.name.empty()) {
    v1::Interlink row;
    status = session.api.FindInterlink(arguments.name, &row);
    if (!status.ok()) return session.Fail(status);
    request.set_interlink_id(row.id());
  }
  v1::ExamineResponse found;
  *found.add_findings() = SocketFinding(account.version(), INTERLINK_VERSION);
  grpc::ClientContext context;
  session.api.SetDeadline(context, std::chrono::seconds(20));
  v1::ExamineResponse answer;
  status = session.api.stub<v1::DoctorService::Stub>().Examine(
      &context, request, &answer);
  if (!status.ok()) return session.Fail(status);
  found.MergeFrom(answer);
  int faults = 0;
  for (const v1::Finding& finding : found.findings()) {
    if (finding.outcome() == v1::FINDING_OUTCOME_FAULT) ++faults;
  }
  if (session.json()) {
    session.PrintJson(found);
  } else {
    PrintFindings(session.console, found);
  }
  if (faults == 0) return ExitCode::kDone;
  return session.Fail(LocalFailure(grpc::StatusCode::FAILED_PRECONDITION,
                                   "NOT_WELL",
                                   Count(faults, "fault") + " found"));
}

}  // namespace interlink::cli
