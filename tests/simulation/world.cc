#include "tests/simulation/world.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "federation/base/reason.h"
#include "tests/support/simulated_pbx.h"

namespace interlink::testing {
namespace {

using federation::ReasonOf;

// The longest wait of a retry is 15 minutes.
constexpr std::chrono::minutes kHealing{20};
constexpr std::chrono::milliseconds kLook{200};
// While nothing happens, at most so many looks in a row are left out.
constexpr int kMostSaved = 4;
constexpr uint64_t kNumbers = 6;
// Of kDelete: the row that was made last.
constexpr uint64_t kNewest = 20;

std::string Outcome(const absl::Status& status) {
  if (status.ok()) return "OK";
  const auto reason = ReasonOf(status);
  return reason ? std::string(federation::ReasonName(*reason))
                : absl::StatusCodeToString(status.code());
}

}  // namespace

World::World(const Plan& plan) : plan_(plan), engine_(~plan.seed) {
  for (uint32_t i = 0; i < plan.accounts; ++i) {
    accounts_.push_back(std::make_unique<SimulatedAccount>(
        time_, network_, "n" + std::to_string(i), plan.seed));
    Watched(i);
    if (plan.slowest_sync.count() > 0) {
      At(i).disk().sync_takes = [this, slowest = plan.slowest_sync] {
        return std::chrono::milliseconds(
            Below(static_cast<uint64_t>(slowest.count()) + 1));
      };
    }
    if (i % 2 == 0) AskForCallTokens(At(i), true);
  }
  if (plan.is_first_hidden) {
    network_.Hide(At(0));
    At(0).settings.addresses.clear();
    At(0).account().Reload(At(0).settings);
  }
  network_.fate = [this] {
    SimulatedNetwork::Fate fate{
        std::chrono::milliseconds(1 + Below(static_cast<uint64_t>(slowest_)))};
    fate.is_lost = Below(1000) < static_cast<uint64_t>(loss_);
    fate.is_repeated = Below(1000) < static_cast<uint64_t>(loss_);
    return fate;
  };
  network_.on_arrival = network_.on_answer = [this](const std::string& method,
                                                    SimulatedAccount& callee) {
    // Of what a session carries most are pings.
    MaybeCrash(callee, method == "Session" ? 5 : 20);
  };
  time_.after_each = [this] { CrashFailed(); };
}

World::~World() {
  time_.after_each = nullptr;
  for (size_t i = 0; i < accounts_.size(); ++i) Unwatched(i);
}

void World::Note(const std::string& line) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
      time_.Now().time_since_epoch());
  transcript_.push_back(std::to_string(ms.count()) + " " + line);
}

std::string World::Run() {
  try {
    RunSteps();
  } catch (const std::exception& refusal) {
    // By value() of a result that cannot be a refusal in a correct build.
    oracle_.Violate(std::string("an unexpected refusal: ") + refusal.what());
  }
  return oracle_.violation();
}

void World::RunSteps() {
  for (const Step& step : plan_.steps) {
    Do(step);
    CrashFailed();
    Watch(step.pause);
    oracle_.Check();
    if (!oracle_.violation().empty()) return;
  }
  EndFaults();
  time_.Advance(kHealing);
  oracle_.Check();
  oracle_.CheckAgreement();
  for (size_t i = 0; i < accounts_.size(); ++i) {
    for (const auto& row : At(i).Rows()) {
      Note(At(i).name() + " ends with " + row.id() + " " +
           api::InterlinkState_Name(row.state()) + " " +
           api::InterlinkHealth_Name(row.health()) + " " +
           row.last_error().message());
    }
  }
}

void World::Watch(federation::Duration pause) {
  int saved = 0;
  for (const auto end = time_.Now() + pause; time_.Now() < end;) {
    const uint64_t before = time_.tasks_run();
    time_.Advance(std::min<federation::Duration>(kLook, end - time_.Now()));
    // Answers grow old all the same.
    if (time_.tasks_run() == before && ++saved <= kMostSaved) continue;
    saved = 0;
    oracle_.CheckRoutes();
    oracle_.CheckCircles();
  }
}

void World::Watched(size_t account) {
  oracle_.Started(account, At(account).left_open());
  calls_.Started(account);
  edits_.Started(account);
}

void World::Unwatched(size_t account) {
  oracle_.Stopped(account);
  calls_.Stopped(account);
  edits_.Stopped(account);
}

void World::Start(size_t account) {
  if (At(account).is_running()) return;
  At(account).Start();
  Watched(account);
}

void World::Crash(size_t account) {
  if (!At(account).is_running()) return;
  Note(At(account).name() + " crashes");
  Unwatched(account);
  At(account).Crash();
}

void World::Do(const Step& step) {
  Note(step.ToString());
  switch (step.act) {
    case Act::kCrash:
    case Act::kFailSync:
    case Act::kCut:
    case Act::kCutBoth:
    case Act::kMend:
    case Act::kMendAll:
    case Act::kBreakSessions:
    case Act::kWeather:
    case Act::kHold:
    case Act::kRelease:
    case Act::kSetClock:
      DoFault(step);
      return;
    default:
      break;
  }
  Start(step.account);
  switch (step.act) {
    case Act::kAddNumber:
    case Act::kDeleteNumber:
    case Act::kFlipPrivacy:
      EditNumbers(step);
      return;
    case Act::kResolve:
      Resolve(step);
      return;
    case Act::kCall:
      PlaceCall(step);
      return;
    case Act::kSwitchAdmission:
      AskForCallTokens(At(step.account),
                       !At(step.account).settings.asks_for_call_tokens);
      calls_.Switched(step.account);
      return;
    case Act::kBackUp:
    case Act::kSnapshot:
      Copies(step);
      return;
    case Act::kPutBack:
      PutBack(step);
      return;
    case Act::kMove:
      Move(step);
      return;
    default:
      DoLink(step);
  }
}

void World::DoLink(const Step& step) {
  SimulatedAccount& account = At(step.account);
  const auto rows = account.Rows();
  switch (step.act) {
    case Act::kGenerateKey: {
      // Some expire while the run lasts.
      const auto key = account.GenerateKey(
          "key " + std::to_string(++names_),
          step.value % 5 == 0 ? std::optional(std::chrono::seconds(300))
                              : std::nullopt);
      if (!key.ok()) return;
      keys_.push_back(*key);
      oracle_.KeyGenerated(
          step.account,
          account.Row("key " + std::to_string(names_)).value().id());
      return;
    }
    case Act::kLink:
      Link(step);
      return;
    case Act::kDelete:
      if (!rows.empty()) Delete(step);
      return;
    case Act::kRename:
      if (!rows.empty()) {
        account
            .Rename(rows[step.value % rows.size()].name(),
                    "name " + std::to_string(++names_))
            .IgnoreError();
      }
      return;
    default:
      if (!rows.empty()) {
        const auto& row = rows[step.value % rows.size()];
        account.SetPaused(row.name(), !row.paused()).IgnoreError();
      }
  }
}

void World::Link(const Step& step) {
  if (keys_.empty()) return;
  // Most often a key that may still be good.
  const size_t back = std::min<size_t>(keys_.size(), 1 + step.value % 4);
  At(step.account)
      .BeginLink("link " + std::to_string(++names_), keys_[keys_.size() - back],
                 std::chrono::seconds(step.value / 4 % 20));
}

void World::Delete(const Step& step) {
  const auto rows = At(step.account).Rows();
  const size_t place =
      step.value == kNewest ? rows.size() - 1 : step.value % rows.size();
  const auto& row = rows[place];
  // Of one that is not answered, nobody knows.
  oracle_.Deleted(step.account, row, /*is_known=*/false);
  const absl::Status status = At(step.account).DeleteById(row.id());
  Note("delete " + row.id() + ": " + Outcome(status));
  if (status.ok()) oracle_.Deleted(step.account, row, /*is_known=*/true);
}

void World::EditNumbers(const Step& step) {
  constexpr Edits::Edit::Kind kKinds[] = {Edits::Edit::Kind::kAdd,
                                          Edits::Edit::Kind::kDelete,
                                          Edits::Edit::Kind::kSetPrivacy};
  const uint64_t kind = step.act == Act::kAddNumber      ? 0
                        : step.act == Act::kDeleteNumber ? 1
                                                         : 2;
  // Sometimes others before it is answered: of the same number, then of
  // another.
  const uint64_t edits = step.value / kNumbers / 3 % 3 == 0 ? 4 : 1;
  for (uint64_t i = 0; i < edits; ++i) {
    edits_.Begin(step.account,
                 {.kind = kKinds[(kind + i) % 3],
                  .number = std::to_string((step.value + i / 2) % kNumbers),
                  .is_private = step.value / kNumbers % 3 == 0});
  }
}

void World::Resolve(const Step& step) {
  const std::string number = std::to_string(step.value % kNumbers);
  const bool bypass = step.value / kNumbers % 4 == 0;
  const federation::SteadyTime begin = time_.Now();
  api::ResolveRequest request;
  request.set_number(number);
  request.set_bypass_mirror(bypass);
  const auto answered = [this, account = step.account, number, bypass,
                         begin](absl::StatusOr<api::Resolution> answer) {
    Note("resolve " + number + ": " + Outcome(answer.status()));
    oracle_.Resolved(account, number, bypass, begin, answer);
  };
  if (auto at_once = AnswerAtOnce(At(step.account), request)) {
    answered(*std::move(at_once));
  } else {
    At(step.account).account().resolver().AskPeers(request, answered);
  }
}

void World::PlaceCall(const Step& step) {
  constexpr int kDelays[] = {100, 100, 2000, 20'000, 100'000, 240'000};
  const std::string number = std::to_string(step.value % kNumbers);
  const std::chrono::milliseconds delay(kDelays[step.value / kNumbers % 6]);
  const uint64_t manner = step.value / kNumbers / 6;
  const auto answered = [this, account = step.account, number, delay, manner](
                            const absl::StatusOr<api::Resolution>& answer) {
    auto call = calls_.Over(account, number, answer);
    if (!call) return;
    // Sometimes once more than a token may be let in.
    if (manner % 4 == 1) call->questions = 9;
    call->is_one_call = manner % 8 < 4;
    time_.RunAt(time_.Now() + delay,
                [this, call = *call] { calls_.Arrived(call); });
  };
  api::ResolveRequest request;
  request.set_number(number);
  if (const auto at_once = AnswerAtOnce(At(step.account), request)) {
    answered(*at_once);
  } else {
    At(step.account).account().resolver().AskPeers(request, answered);
  }
}

void World::Copies(const Step& step) {
  SimulatedAccount& account = At(step.account);
  Copy copy{.is_backup = step.act == Act::kBackUp,
            .generation = account.account().generation().count(),
            .deletions = oracle_.deletions()};
  if (copy.is_backup) {
    auto directory = account.BackUp();
    if (!directory.ok()) return;
    copy.directory = *std::move(directory);
  } else {
    Unwatched(step.account);
    copy.directory = account.Snapshot();
    Watched(step.account);
  }
  copies_[step.account].push_back(std::move(copy));
}

void World::PutBack(const Step& step) {
  const auto& copies = copies_[step.account];
  if (copies.empty()) return;
  const Copy& copy = copies[copies.size() - 1 - step.value % copies.size()];
  SimulatedAccount& account = At(step.account);
  const auto rows = account.Rows();
  const bool is_file_kept = copy.is_backup || step.value / 64 % 2 == 0;
  const bool must_tell =
      copy.is_backup ||
      (is_file_kept && account.noted_generation() > copy.generation);
  Note("put back " + copy.directory);
  Unwatched(step.account);
  if (copy.is_backup) {
    account.Restore(copy.directory);
  } else {
    account.PutBack(copy.directory,
                    is_file_kept ? SimulatedAccount::GenerationFile::kKept
                                 : SimulatedAccount::GenerationFile::kPutBack);
  }
  oracle_.PutBack(step.account, rows, copy.deletions);
  edits_.PutBack(step.account);
  if (!must_tell) oracle_.Forgive(step.account);
  Watched(step.account);
  if (must_tell && !account.account().Describe().has_restore_time()) {
    oracle_.Violate(account.name() + " does not say that it was restored");
  }
}

void World::Move(const Step& step) {
  SimulatedAccount& account = At(step.account);
  if (account.settings.addresses.empty()) return;
  const std::string address =
      account.name() + "-" + std::to_string(step.value % 4) + ".test:7443";
  former_addresses_[account.address()] = step.account;
  former_addresses_[address] = step.account;
  network_.Move(account, address);
  account.settings.addresses = {address};
  account.account().Reload(account.settings);
}

}  // namespace interlink::testing
