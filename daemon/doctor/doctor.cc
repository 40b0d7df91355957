#include "daemon/doctor/doctor.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/doctor/destination_trial.h"
#include "daemon/doctor/door_findings.h"
#include "daemon/doctor/link_findings.h"
#include "daemon/doctor/machine.h"
#include "daemon/doctor/way_trial.h"
#include "federation/base/reason.h"
#include "federation/identity/pins.h"
#include "federation/linking/link_key.h"

namespace interlink::daemon {

using federation::Row;

// What was found so far, and what is still tried.
class Doctor::Examination {
 public:
  Examination(const Patient& patient, HostLookup& names, Done done)
      : patient_(patient),
        names_(names),
        done_(std::move(done)),
        deadline_(patient.loop.After(kTime, [this] {
          Finish(v1::FINDING_OUTCOME_NOT_EXAMINED,
                 "no result in time; examine it again, and if that does not "
                 "help, see whether this machine is overloaded");
        })) {}

  // Not in the constructor: it may end at once.
  void Begin(std::optional<store::InterlinkId> link) {
    ++open_;
    ExamineDaemon();
    if (link) {
      ExamineLink(*patient_.account.interlinks().Find(*link));
    } else {
      ExamineAllLinks();
    }
    OneEnded();
  }

  bool is_over() const { return done_ == nullptr; }

  // Answers with what there is; of what is still tried it says `unfinished`.
  void Finish(v1::FindingOutcome outcome, const std::string& unfinished) {
    if (is_over()) return;
    v1::ExamineResponse response;
    for (Subject& subject : subjects_) {
      if (subject.awaited > 0) {
        if (!subject.ways.empty()) subject.judge(subject);
        subject.findings.Add(subject.tries, outcome, unfinished);
      }
      for (const v1::Finding& finding : subject.findings.all()) {
        *response.add_findings() = finding;
      }
    }
    // Later, because one of them may be calling.
    patient_.loop.Post([ways = std::move(ways_), doors = std::move(doors_),
                        destinations = std::move(destinations_)] {});
    std::exchange(done_, nullptr)(std::move(response));
  }

 private:
  // What findings are about, in the order of the answer.
  struct Subject {
    Findings findings;
    std::string tries;  // The check that trials are for.
    int awaited = 0;
    std::vector<WayTrial::Outcome> ways;
    // Adds to `findings` what became of `ways`.
    std::function<void(Subject&)> judge;
  };

  Subject& Add(Findings findings, std::string tries) {
    return subjects_.emplace_back(
        Subject{.findings = std::move(findings), .tries = std::move(tries)});
  }

  void ExamineDaemon() {
    Findings& found = Add({}, "").findings;
    const federation::WallTime now = patient_.loop.WallNow();
    patient_.examine(found);
    JudgeClock(LookWhetherClockIsKept(), found);
    JudgeDisk(LookAtDisk(patient_.data_dir), patient_.data_dir, found);
    JudgeDescriptors(LookAtDescriptors(),
                     patient_.account.interlinks().rows().size(), found);
    JudgeCertificate(patient_.tls.current()->leaf.not_after,
                     federation::Identity::kLeafLife, now, found);
    ExamineListener(found);
    ExamineContact();
    const auto sip_door = patient_.sip_door();
    ExamineDoor("sip", DoorTrial::Door::kSip, sip_door);
    if (sip_door) ExamineDestinations();
    ExamineDoor("pbx-http", DoorTrial::Door::kHttp, patient_.http_door());
  }

  void ExamineListener(Findings& found) {
    const auto& addresses = patient_.account.settings().addresses;
    if (addresses.empty()) {
      found.Warning(
          "listener",
          "no other account can connect to this daemon, as --advertise is "
          "none or there is no network; links work over connections "
          "that this daemon makes");
    }
    for (const std::string& address : addresses) {
      Subject& subject = Add({}, "listener");
      subject.judge = [this](Subject& own) {
        JudgeOwnAddress(own.ways.front(), patient_.listens_at, own.findings);
      };
      Try(subject, {.address = address, .pin = OwnPin()}, PingOfNobody());
    }
  }

  void ExamineContact() {
    const auto contact =
        federation::ContactTemplate::Parse(patient_.account.settings().contact);
    if (!contact.ok()) return;  // Is told of as a setting.
    Subject& subject = Add({}, "contact");
    Awaits(subject);
    const auto found = [this, &subject, text = contact->text()](
                           const HostLookup::Found& addresses) {
      if (subject.awaited == 0) return;  // Too late.
      JudgeContact(text, addresses, subject.findings);
      Ended(subject);
    };
    names_.Find(WithoutBrackets(contact->host().text()), "5060", alive_, found);
    contact_deadline_ = patient_.loop.After(patient_.time_for_names, [found] {
      found(absl::UnavailableError("the name servers do not answer in time"));
    });
  }

  void ExamineDoor(const char* check, DoorTrial::Door door,
                   const std::optional<StandingDoor>& open) {
    if (!open) return;
    Subject& subject = Add({}, check);
    const auto ways = DoorTrial::WaysTo(open->numeric_address);
    const auto way = std::find_if(
        ways.begin(), ways.end(),
        [&](const DoorTrial::Way& one) { return open->answers(one.from); });
    if (way == ways.end()) {
      // Not asked: a door that is silent is no fault, and counts strangers.
      JudgeClosedWay(check, open->address, ways, subject.findings);
      return;
    }
    Awaits(subject);
    doors_.push_back(DoorTrial::Start(
        patient_.loop, door, *way,
        [this, &subject, address = open->address](const std::string& line) {
          JudgeDoor(subject.tries, address, line, subject.findings);
          Ended(subject);
        }));
  }

  void ExamineDestinations() {
    Subject& subject = Add({}, "sip");
    Awaits(subject);
    destinations_ = DestinationTrial::Start(
        patient_.loop, patient_.account.numbers(), patient_.sip_leads_to,
        [this, &subject](const DestinationTrial::Outcome& outcome) {
          JudgeDestinations(outcome, subject.findings);
          Ended(subject);
        });
  }

  // In short those that are well. Of the others only those take up room whose
  // peer is tried: to read a row costs nothing.
  void ExamineAllLinks() {
    int left = kMostTried;
    for (const federation::RowAge& age :
         patient_.account.interlinks().by_age()) {
      const Row& row = *patient_.account.interlinks().Find(age.id);
      if (IsConnected(row) && row.last_error.empty()) {
        Add(FindingsOf(row), "")
            .findings.Ok("session", "the other account answers");
      } else if (AddressesToTry(row).empty() || left-- > 0) {
        ExamineLink(row);
      }
    }
    if (left >= 0) return;
    Add({}, "").findings.NotExamined(
        "state",
        absl::StrCat(-left, " more ", left == -1 ? "link" : "links",
                     " may need attention: `interlinkctl list` shows which, "
                     "and `interlinkctl doctor NAME` examines one"));
  }

  static Findings FindingsOf(const Row& row) {
    return {row.id.ToHex(), row.record.name()};
  }

  static bool HasPeer(const Row& row) {
    return row.Is(store::v1::ROW_STATE_ESTABLISHED) ||
           row.Is(store::v1::ROW_STATE_LINKING);
  }
  static std::vector<std::string> AddressesToTry(const Row& row) {
    return HasPeer(row) ? federation::AddressesOf(row.record)
                        : std::vector<std::string>();
  }

  void ExamineLink(const Row& row) {
    Subject& subject = Add(FindingsOf(row), "tls");
    const auto terms = patient_.account.peer_call_terms().Of(row.id);
    JudgeRow(row,
             {.now = patient_.loop.WallNow(),
              .uptime = patient_.loop.Now() - patient_.start,
              .peer_clock =
                  terms ? std::optional<int64_t>(terms->clock) : std::nullopt},
             subject.findings);
    if (!HasPeer(row)) return;
    const auto addresses = AddressesToTry(row);
    if (addresses.empty()) {
      return subject.findings.NotExamined(
          "dns",
          "the other account has told no address, so that only it can connect; "
          "`interlinkctl address` sets one");
    }
    subject.judge = [row](Subject& link) {
      JudgeWays(row, link.ways, link.findings);
    };
    for (const std::string& address : addresses) {
      Try(subject,
          {.address = address, .pin = federation::PinOf(row.record.peer())},
          PingOf(row));
    }
  }

  void Try(Subject& subject, federation::PeerTarget target,
           federation::v1::LookupRequest ping) {
    Awaits(subject);
    ways_.push_back(WayTrial::Start(
        patient_.loop, names_, patient_.peers, std::move(target),
        std::move(ping), [this, &subject](WayTrial::Outcome outcome) {
          subject.ways.push_back(std::move(outcome));
          Ended(subject);
        }));
  }

  federation::v1::LookupRequest PingOf(const Row& row) const {
    federation::v1::LookupRequest ping;
    ping.set_interlink_id(row.id.ToBytes());
    // The proof says that the key was redeemed, which would void it at an
    // issuer that still waits for it.
    if (row.Is(store::v1::ROW_STATE_ESTABLISHED)) {
      ping.set_redeemed_proof(
          federation::OwnRedeemedProof(patient_.identity, row.record));
    }
    return ping;
  }
  // About a link that nobody has: this daemon answers that it knows none.
  federation::v1::LookupRequest PingOfNobody() const {
    federation::v1::LookupRequest ping;
    ping.set_interlink_id(store::InterlinkId().ToBytes());
    return ping;
  }
  federation::PeerPin OwnPin() const {
    return {.account_id = patient_.identity.account_id(),
            .roots = {patient_.identity.root().ToDer()},
            .root_spki_sha256 = patient_.identity.root_spki_sha256()};
  }

  void Awaits(Subject& subject) {
    ++subject.awaited;
    ++open_;
  }
  void Ended(Subject& subject) {
    if (--subject.awaited == 0 && subject.judge) subject.judge(subject);
    OneEnded();
  }
  void OneEnded() {
    if (--open_ == 0) Finish(v1::FINDING_OUTCOME_UNSPECIFIED, "");
  }

  const Patient& patient_;
  HostLookup& names_;
  Done done_;
  std::deque<Subject> subjects_;  // Trials point to them.
  int open_ = 0;                  // What has not ended.
  std::vector<std::shared_ptr<WayTrial>> ways_;
  std::vector<std::shared_ptr<DoorTrial>> doors_;
  std::shared_ptr<DestinationTrial> destinations_;
  const std::shared_ptr<void> alive_ = std::make_shared<char>();
  std::unique_ptr<federation::EventLoop::Timer> contact_deadline_;
  std::unique_ptr<federation::EventLoop::Timer> deadline_;
};

Doctor::Doctor(Patient patient)
    : patient_(std::move(patient)), names_(patient_.loop, patient_.ask_dns) {}

Doctor::~Doctor() = default;

void Doctor::Examine(const v1::ExamineRequest& request, Done done) {
  if (is_stopping_ || (running_ != nullptr && !running_->is_over())) {
    return done(federation::Refusal(
        federation::Reason::kLimitReached,
        "another examination is under way, or the daemon stops; try again in "
        "some seconds"));
  }
  std::optional<store::InterlinkId> link;
  if (!request.interlink_id().empty()) {
    auto id = federation::ParseInterlinkId(request.interlink_id());
    if (!id.ok()) return done(id.status());
    if (patient_.account.interlinks().Find(*id) == nullptr) {
      return done(federation::NoSuchInterlink());
    }
    link = *id;
  }
  running_ = std::make_unique<Examination>(patient_, names_, std::move(done));
  running_->Begin(link);
}

void Doctor::Finish() {
  is_stopping_ = true;
  if (running_ == nullptr) return;
  running_->Finish(v1::FINDING_OUTCOME_NOT_EXAMINED, "the daemon is stopping");
}

}  // namespace interlink::daemon
