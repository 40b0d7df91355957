#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "daemon/cli/failure.h"
#include "daemon/cli/number_csv.h"
#include "daemon/cli/text.h"
#include "daemon/cli/verbs.h"

namespace interlink::cli {
namespace {

constexpr int kLinesPerChunk = 500;
constexpr int kListedRefusals = 1000;  // As many as the daemon lists.

using Refusal = v1::ImportNumbersResponse::Refusal;

// A bar on a terminal: of the file's size if that is known, else a count.
class Progress {
 public:
  // `total_bytes` 0: not known.
  Progress(const Console& console, int64_t total_bytes)
      : console_(console), total_bytes_(total_bytes) {}
  ~Progress() {
    if (console_.err_is_terminal) console_.err << "\r\x1b[2K" << std::flush;
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(int64_t bytes, int64_t lines) const {
    if (!console_.err_is_terminal) return;
    console_.err << "\r\x1b[2K";
    if (total_bytes_ > 0) {
      static constexpr int64_t kWidth = 30;
      const int64_t part = std::min(bytes, total_bytes_);
      const auto filled = static_cast<size_t>(part * kWidth / total_bytes_);
      console_.err << '[' << std::string(filled, '#')
                   << std::string(kWidth - filled, ' ') << "] "
                   << part * 100 / total_bytes_ << " %  ";
    }
    console_.err << Count(lines, "line") << std::flush;
  }

 private:
  const Console& console_;
  const int64_t total_bytes_;
};

// What the lines that never reached the daemon add to its answer.
class LocalRefusals {
 public:
  void Add(Refusal refusal) {
    ++count_;
    if (listed_.size() < kListedRefusals) listed_.Add(std::move(refusal));
  }

  void MergeInto(v1::ImportNumbersResponse* response) const {
    response->set_refused_count(response->refused_count() + count_);
    response->set_skipped_count(response->skipped_count() + count_);
    response->mutable_refusals()->MergeFrom(listed_);
    std::sort(
        response->mutable_refusals()->begin(),
        response->mutable_refusals()->end(),
        [](const Refusal& a, const Refusal& b) { return a.line() < b.line(); });
  }

 private:
  int64_t count_ = 0;
  google::protobuf::RepeatedPtrField<Refusal> listed_;
};

grpc::Status WrongHeader() {
  return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, "CSV_INVALID",
                      "the first line names other columns than "
                      "number,name,destination,private; nothing was imported");
}

// Sends the text in chunks, each as soon as it is full: gRPC's flow control
// holds the reading back while the daemon stores.
grpc::Status SendAll(Session& session, NumberCsv& csv, const Progress& progress,
                     v1::ImportNumbersResponse* response) {
  grpc::ClientContext context;
  session.api.SetDeadline(context, std::nullopt);
  const auto writer = session.api.stub<v1::NumberService::Stub>().ImportNumbers(
      &context, response);
  LocalRefusals refusals;
  v1::ImportNumbersRequest chunk;
  int64_t lines = 0;
  bool open = true;
  while (open) {
    v1::ImportNumbersRequest::Entry entry;
    Refusal refusal;
    const NumberCsv::Line line = csv.Next(&entry, &refusal);
    if (csv.has_wrong_header()) {
      context.TryCancel();
      writer->Finish();
      return WrongHeader();
    }
    if (line == NumberCsv::Line::kEntry) {
      *chunk.add_entries() = std::move(entry);
    } else if (line == NumberCsv::Line::kRefused) {
      refusals.Add(std::move(refusal));
    }
    const bool is_end = line == NumberCsv::Line::kEnd;
    if (!is_end) ++lines;
    if (chunk.entries_size() == kLinesPerChunk ||
        (is_end && chunk.entries_size() > 0)) {
      open = writer->Write(chunk);
      chunk.Clear();
      progress.Show(csv.bytes_read(), lines);
    }
    if (is_end) break;
  }
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  refusals.MergeInto(response);
  return status;
}

void PrintSummary(const Console& console,
                  const v1::ImportNumbersResponse& response) {
  for (const Refusal& refusal : response.refusals()) {
    const std::string reason = Clean(refusal.reason()) + ": ";
    std::string message = Clean(refusal.message());
    if (!message.starts_with(reason)) message = reason + message;
    console.err << "line " << refusal.line() << ": " << message << '\n';
  }
  if (response.refused_count() > response.refusals_size()) {
    console.err << "and "
                << Count(response.refused_count() - response.refusals_size(),
                         "more refused line")
                << '\n';
  }
  console.err.flush();
  console.out << Count(response.created_count(), "number") << " added, "
              << response.updated_count() << " changed, "
              << response.unchanged_count() << " as before, "
              << Count(response.refused_count(), "line") << " refused";
  // A refused line keeps its whole chunk from being stored.
  const int64_t others = response.skipped_count() - response.refused_count();
  if (others > 0) {
    console.out << ", " << Count(others, "line")
                << " near them not stored either: correct those refused and "
                   "import again";
  }
  console.out << '\n';
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
    file.open(arguments.file, std::ios::binary);
    if (!file || std::filesystem::is_directory(arguments.file, error)) {
      PrintFailure(console, session.output,
                   {grpc::StatusCode::INVALID_ARGUMENT, "FILE_UNREADABLE",
                    "cannot read " + arguments.file});
      return ExitCode::kUsage;
    }
  }
  NumberCsv csv(arguments.file == "-" ? console.in : file);
  v1::ImportNumbersResponse response;
  grpc::Status status;
  {
    const Progress progress(console, size);
    status = SendAll(session, csv, progress, &response);
  }
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    session.PrintJson(response);
  } else {
    PrintSummary(console, response);
  }
  return response.refused_count() > 0 ? ExitCode::kRefused : ExitCode::kDone;
}

}  // namespace interlink::cli
