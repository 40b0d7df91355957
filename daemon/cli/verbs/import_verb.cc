#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/csv/number_csv.h"
#include "daemon/cli/show/progress.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/verbs/interrupt.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {
namespace {

constexpr int kLinesPerChunk = 500;    // As the help of import says.
constexpr int kListedRefusals = 1000;  // As many as the daemon lists.

using Refusal = v1::ImportNumbersResponse::Refusal;

// How many numbers are, or would be, as the file says.
int64_t NumbersIn(const v1::ImportNumbersResponse& summary) {
  return summary.created_count() + summary.updated_count() +
         summary.unchanged_count();
}

// One import on its way to the daemon. Each chunk is a call of its own, so that
// an answered chunk is known to be stored whatever happens afterwards.
class Import {
 public:
  Import(Session& session, bool is_dry_run)
      : session_(session), is_dry_run_(is_dry_run) {}

  // Sends all of `csv`, which has `total_bytes` (0: not known), and shows how
  // far the daemon has answered. An error ends it; so does Ctrl-C, with OK.
  grpc::Status Run(NumberCsv& csv, int64_t total_bytes) {
    const Progress progress(session_.console);
    while (!Interrupt::has_happened()) {
      v1::ImportNumbersRequest::Entry entry;
      v1::ImportNumbersResponse::Refusal refusal;
      const NumberCsv::Line line = csv.Next(&entry, &refusal);
      if (line == NumberCsv::Line::kUnreadable) return Unreadable(refusal);
      if (line == NumberCsv::Line::kEntry) {
        *chunk_.add_entries() = std::move(entry);
      } else if (line == NumberCsv::Line::kRefused) {
        RefuseHere(std::move(refusal));
      }
      const bool is_end = line == NumberCsv::Line::kEnd;
      if (chunk_.entries_size() == kLinesPerChunk || is_end) {
        const grpc::Status status = SendChunk();
        if (!status.ok()) return status;
        progress.Show(ProgressBar(csv.bytes_read(), total_bytes) +
                      Count(NumbersIn(summary_), "number") +
                      (is_dry_run_ ? " checked" : " stored"));
      }
      is_complete_ = is_end && !Interrupt::has_happened();
      if (is_end) break;
    }
    return grpc::Status::OK;
  }

  // The sum of all answers so far, with the refusals of this side, in the order
  // of lines.
  const v1::ImportNumbersResponse& summary() {
    std::stable_sort(
        summary_.mutable_refusals()->begin(),
        summary_.mutable_refusals()->end(),
        [](const Refusal& a, const Refusal& b) { return a.line() < b.line(); });
    return summary_;
  }
  bool is_complete() const { return is_complete_; }

 private:
  static grpc::Status Unreadable(const Refusal& refusal) {
    const std::string place =
        refusal.line() == 0 ? ""
                            : "line " + std::to_string(refusal.line()) + ": ";
    return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, refusal.reason(),
                        place + refusal.message());
  }

  void RefuseHere(Refusal refusal) {
    summary_.set_refused_count(summary_.refused_count() + 1);
    summary_.set_skipped_count(summary_.skipped_count() + 1);
    List(std::move(refusal));
  }

  void List(Refusal refusal) {
    if (summary_.refusals_size() < kListedRefusals) {
      *summary_.add_refusals() = std::move(refusal);
    }
  }

  grpc::Status SendChunk() {
    if (chunk_.entries().empty()) return grpc::Status::OK;
    chunk_.set_validate_only(is_dry_run_);
    grpc::ClientContext context;
    session_.api.SetDeadline(context, std::nullopt);
    v1::ImportNumbersResponse answer;
    const auto writer =
        session_.api.stub<v1::NumberService::Stub>().ImportNumbers(&context,
                                                                   &answer);
    writer->Write(chunk_);  // Finish() reports a failure.
    writer->WritesDone();
    grpc::Status status = writer->Finish();
    chunk_.Clear();
    if (status.ok()) Add(answer);
    return status;
  }

  void Add(const v1::ImportNumbersResponse& answer) {
    summary_.set_created_count(summary_.created_count() +
                               answer.created_count());
    summary_.set_updated_count(summary_.updated_count() +
                               answer.updated_count());
    summary_.set_unchanged_count(summary_.unchanged_count() +
                                 answer.unchanged_count());
    summary_.set_skipped_count(summary_.skipped_count() +
                               answer.skipped_count());
    summary_.set_refused_count(summary_.refused_count() +
                               answer.refused_count());
    for (const Refusal& refusal : answer.refusals()) List(refusal);
  }

  Session& session_;
  const bool is_dry_run_;
  v1::ImportNumbersRequest chunk_;
  v1::ImportNumbersResponse summary_;
  bool is_complete_ = false;
};

void PrintRefusals(const Console& console,
                   const v1::ImportNumbersResponse& summary) {
  for (const Refusal& refusal : summary.refusals()) {
    const std::string reason = Clean(refusal.reason()) + ": ";
    std::string message = Clean(refusal.message());
    if (!message.starts_with(reason)) message = reason + message;
    console.err << "line " << refusal.line() << ": " << message << '\n';
  }
  if (summary.refused_count() > summary.refusals_size()) {
    console.err << "and "
                << Count(summary.refused_count() - summary.refusals_size(),
                         "more refused line")
                << '\n';
  }
  console.err.flush();
}

void PrintAsText(const Console& console,
                 const v1::ImportNumbersResponse& summary, bool is_dry_run) {
  const int64_t refused = summary.refused_count();
  PrintRefusals(console, summary);
  console.out << Count(summary.created_count(), "number")
              << (is_dry_run ? " would be" : "") << " added, "
              << summary.updated_count() << " changed, "
              << summary.unchanged_count() << " as before, "
              << Count(refused, "line") << " refused";
  // A refused line keeps its whole chunk from being stored.
  const int64_t others = summary.skipped_count() - summary.refused_count();
  if (others > 0) {
    console.out << ", " << Count(others, "good line")
                << (is_dry_run ? " would not be" : " not")
                << " stored because of " << (refused == 1 ? "it" : "them");
  }
  if (is_dry_run) console.out << "; nothing was stored";
  console.out << std::endl;
  if (refused == 0) return;
  console.err << "interlinkctl: correct "
              << (refused == 1 ? "the refused line" : "the refused lines")
              << " and import the whole file again: what is stored already "
                 "stays as it is"
              << std::endl;
}

void PrintSummary(Session& session, const v1::ImportNumbersResponse& summary,
                  bool is_dry_run) {
  if (session.json()) {
    session.PrintJson(summary);
  } else {
    PrintAsText(session.console, summary, is_dry_run);
  }
}

}  // namespace

ExitCode ImportNumbers(Session& session, const Arguments& arguments) {
  const Console& console = session.console;
  std::ifstream file;
  int64_t size = 0;
  if (arguments.file != "-") {
    std::error_code error;
    if (std::filesystem::is_regular_file(arguments.file, error)) {
      size = static_cast<int64_t>(
          std::filesystem::file_size(arguments.file, error));
    }
    errno = 0;
    file.open(arguments.file, std::ios::binary);
    const bool is_folder = std::filesystem::is_directory(arguments.file, error);
    if (!file || is_folder) {
      PrintFailure(console, session.output,
                   {grpc::StatusCode::INVALID_ARGUMENT, "FILE_UNREADABLE",
                    "cannot read " + arguments.file + ": " +
                        std::strerror(is_folder ? EISDIR : errno) +
                        "; name a file that you may read, or - for standard "
                        "input"});
      return ExitCode::kUsage;
    }
  }
  NumberCsv csv(arguments.file == "-" ? console.in : file);
  Import import(session, arguments.dry_run);
  grpc::Status status;
  {
    const Interrupt interrupt;
    status = import.Run(csv, size);
  }
  const v1::ImportNumbersResponse& summary = import.summary();
  // Numbers that were stored before the import broke off stay, so they are
  // reported.
  if (status.ok() || NumbersIn(summary) > 0) {
    PrintSummary(session, summary, arguments.dry_run);
  }
  if (!status.ok()) return session.Fail(status);
  if (!import.is_complete()) {
    return session.Fail(LocalFailure(
        grpc::StatusCode::CANCELLED, "INTERRUPTED",
        "the import was stopped; import the text again to go on: what is "
        "stored already does not change"));
  }
  return summary.refused_count() > 0 ? ExitCode::kRefused : ExitCode::kDone;
}

}  // namespace interlink::cli
