// Each refusal of the API tells the administrator or the PBX what is wrong and
// what to do next (design.md section 12).

#include <functional>
#include <string>
#include <vector>

#include "federation/base/settings.h"
#include "federation/ledger/interlink_update.h"
#include "federation/ledger/interlink_view.h"
#include "tests/story/two_accounts.h"
#include "tests/support/awaited_numbers.h"

namespace interlink::testing {
namespace {

using ::testing::HasSubstr;

struct RefusingWorld {
  VirtualTime& time;
  SimulatedNetwork& network;
  SimulatedAccount& mike;
  SimulatedAccount& john;

  std::string Key(const std::string& name = "John") {
    return *mike.GenerateKey(name);
  }
  void Link() {
    ASSERT_THAT(john.Link("Mike", Key()), IsOk());
    time.Advance(15s);
  }
  absl::Status LinkAgain(const std::string& name, const std::string& key) {
    return john.Link(name, key).status();
  }
  absl::StatusOr<api::ShowKeyResponse> ShowKey(SimulatedAccount& account) {
    api::ShowKeyRequest request;
    request.set_id(account.Rows(/*removed=*/true).back().id());
    return account.account().issuer().ShowKey(request);
  }
  // Changes the field `path` of Mike's first row.
  absl::Status Update(const std::string& path, const api::Interlink& row) {
    api::UpdateInterlinkRequest request;
    *request.mutable_interlink() = row;
    request.mutable_interlink()->set_id(mike.Rows()[0].id());
    if (!path.empty()) request.mutable_update_mask()->add_paths(path);
    return mike.Update(request).status();
  }
  absl::Status AddNumber(const std::string& field, const std::string& value) {
    api::CreateNumberRequest request;
    request.mutable_number()->set_number("201");
    if (field == "name") request.mutable_number()->set_name(value);
    if (field == "contact") request.mutable_number()->set_contact(value);
    if (field == "destination") {
      request.mutable_number()->set_destination(value);
    }
    return AwaitedNumbers(time, mike.account().numbers())
        .Create(request)
        .status();
  }
  absl::Status UpdateNumber(const std::string& number,
                            const std::string& path) {
    api::UpdateNumberRequest request;
    request.mutable_number()->set_number(number);
    if (!path.empty()) request.mutable_update_mask()->add_paths(path);
    return AwaitedNumbers(time, mike.account().numbers())
        .Update(request)
        .status();
  }
  void Change(const std::function<void(federation::AccountSettings&)>& change) {
    change(mike.settings);
    mike.account().Reload(mike.settings);
  }
};

struct RefusalCase {
  std::string name;
  Reason reason;
  std::string next_step;
  std::function<absl::Status(RefusingWorld&)> ask;

  friend void PrintTo(const RefusalCase& c, std::ostream* out) {
    *out << c.name;
  }
};

api::Interlink Row() { return {}; }

const std::vector<RefusalCase>& Cases() {
  static const auto& cases = *new std::vector<RefusalCase>{
      // The name of a row.
      {"NameWithoutLetters", Reason::kNameInvalid, "it needs a letter",
       [](RefusingWorld& w) { return w.mike.GenerateKey("\u200b").status(); }},
      {"NameTooLong", Reason::kNameInvalid, "1 to 64 characters",
       [](RefusingWorld& w) {
         return w.mike.GenerateKey(std::string(65, 'x')).status();
       }},
      {"NameWithAControlCharacter", Reason::kNameInvalid,
       "without control characters",
       [](RefusingWorld& w) { return w.mike.GenerateKey("a\x01").status(); }},
      {"NameWithAKey", Reason::kNameInvalid, "give the name where",
       [](RefusingWorld& w) { return w.mike.GenerateKey(w.Key()).status(); }},
      {"NameTaken", Reason::kNameTaken, "choose another name",
       [](RefusingWorld& w) {
         w.Key();
         return w.mike.GenerateKey("john").status();
       }},
      // A key that is generated, and read again.
      {"KeyLife", Reason::kRequestInvalid, "5 minutes to 90 days",
       [](RefusingWorld& w) {
         return w.mike.GenerateKey("John", 1s).status();
       }},
      {"NoAddress", Reason::kNoAddress, "set --advertise",
       [](RefusingWorld& w) {
         w.Change([](auto& settings) { settings.addresses.clear(); });
         return w.mike.GenerateKey("John").status();
       }},
      {"TooManyKeys", Reason::kLimitReached, "delete one first",
       [](RefusingWorld& w) {
         w.Change([](auto& settings) { settings.max_interlinks = 1; });
         w.Key();
         return w.mike.GenerateKey("Tim").status();
       }},
      {"KeyOfTheOtherAccount", Reason::kKeyNotPending, "no key works twice",
       [](RefusingWorld& w) {
         w.Link();
         return w.ShowKey(w.john).status();
       }},
      {"KeyThatMadeTheLink", Reason::kKeyNotPending, "generate another",
       [](RefusingWorld& w) {
         w.Link();
         return w.ShowKey(w.mike).status();
       }},
      {"OwnExpiredKey", Reason::kKeyExpired, "delete it and generate another",
       [](RefusingWorld& w) {
         EXPECT_THAT(w.mike.GenerateKey("John", 300s), IsOk());
         w.time.Advance(10min);
         return w.ShowKey(w.mike).status();
       }},
      {"OwnKeyOfACopy", Reason::kKeyNotPending, "generate another",
       [](RefusingWorld& w) {
         w.Key();
         w.mike.Restore(*w.mike.BackUp());
         return w.ShowKey(w.mike).status();
       }},
      {"IdThatIsNone", Reason::kLinkNotFound, "list the interlinks",
       [](RefusingWorld& w) { return w.mike.DeleteById("x"); }},
      {"IdOfNoRow", Reason::kLinkNotFound, "list the interlinks",
       [](RefusingWorld& w) {
         return w.mike.DeleteById(std::string(32, 'a'));
       }},
      // A key that is entered.
      {"NoKey", Reason::kKeyDamaged, "copy the line that begins with ilk1_",
       [](RefusingWorld& w) { return w.LinkAgain("Mike", ""); }},
      {"NotAKey", Reason::kKeyDamaged, "copy the line that begins with ilk1_",
       [](RefusingWorld& w) { return w.LinkAgain("Mike", "hello"); }},
      {"KeyCutShort", Reason::kKeyDamaged, "copy it again, whole",
       [](RefusingWorld& w) {
         return w.LinkAgain("Mike", w.Key().substr(0, 90));
       }},
      {"MailThatIsTooLong", Reason::kKeyDamaged, "copy only the line",
       [](RefusingWorld& w) {
         return w.LinkAgain("Mike", std::string(20'000, 'x'));
       }},
      {"KeyOfALaterVersion", Reason::kKeyVersion,
       "bring this daemon up to date",
       [](RefusingWorld& w) { return w.LinkAgain("Mike", "ilk2_AAAA"); }},
      {"OwnKey", Reason::kSelfLink, "send it to the administrator of another",
       [](RefusingWorld& w) { return w.mike.Link("Me", w.Key()).status(); }},
      {"KeyEnteredUnderAnotherName", Reason::kAlreadyLinked,
       "use that interlink, or delete it",
       [](RefusingWorld& w) {
         const std::string key = w.Key();
         EXPECT_THAT(w.john.Link("Mike", key), IsOk());
         return w.LinkAgain("Again", key);
       }},
      {"SecondLinkWithOneAccount", Reason::kAlreadyLinked,
       "delete that interlink first",
       [](RefusingWorld& w) {
         w.Link();
         return w.LinkAgain("Again", w.Key("Again"));
       }},
      {"KeyOfALinkThatWasDeleted", Reason::kLinkTerminated, "ask for a new key",
       [](RefusingWorld& w) {
         const std::string key = w.Key();
         EXPECT_THAT(w.john.Link("Mike", key), IsOk());
         EXPECT_THAT(w.john.Delete("Mike"), IsOk());
         return w.LinkAgain("Mike", key);
       }},
      {"TooManyLinks", Reason::kLimitReached, "delete one first",
       [](RefusingWorld& w) {
         w.Change([](auto& settings) { settings.max_interlinks = 1; });
         w.Key("Tim");
         return w.mike.Link("John", *w.john.GenerateKey("Mike")).status();
       }},
      // What the issuer answers.
      {"KeyUnknownToItsIssuer", Reason::kInvalidKey,
       "the other account does not know this key; ask its administrator",
       [](RefusingWorld& w) {
         const std::string empty = *w.mike.BackUp();
         const std::string key = w.Key();
         w.mike.Restore(empty);
         return w.LinkAgain("Mike", key);
       }},
      {"ExpiredKey", Reason::kKeyExpired, "ask the other administrator",
       [](RefusingWorld& w) {
         const std::string key = *w.mike.GenerateKey("John", 300s);
         w.time.Advance(10min);
         return w.LinkAgain("Mike", key);
       }},
      {"RevokedKey", Reason::kKeyRevoked, "ask its administrator for a new one",
       [](RefusingWorld& w) {
         const std::string key = w.Key();
         EXPECT_THAT(w.mike.Delete("John"), IsOk());
         return w.LinkAgain("Mike", key);
       }},
      // A row that is changed.
      {"NothingToChange", Reason::kRequestInvalid, "name what is to change",
       [](RefusingWorld& w) {
         w.Key();
         return w.Update("", Row());
       }},
      {"UnknownField", Reason::kRequestInvalid, "name, priority, paused,",
       [](RefusingWorld& w) {
         w.Key();
         return w.Update("colour", Row());
       }},
      {"Priority", Reason::kRequestInvalid, "from 0 to 1000",
       [](RefusingWorld& w) {
         w.Key();
         api::Interlink row;
         row.set_priority(1001);
         return w.Update("priority", row);
       }},
      {"Address", Reason::kRequestInvalid, "such as pbx.example.net:7443",
       [](RefusingWorld& w) {
         w.Key();
         api::Interlink row;
         row.set_manual_address("nowhere");
         return w.Update("manual_address", row);
       }},
      {"AddressOfAll", Reason::kRequestInvalid, "name another",
       [](RefusingWorld& w) {
         w.Key();
         api::Interlink row;
         row.set_manual_address("0.0.0.0:7443");
         return w.Update("manual_address", row);
       }},
      // Lists.
      {"PageToken", Reason::kRequestInvalid, "begin again without one",
       [](RefusingWorld& w) {
         api::ListInterlinksRequest request;
         request.set_page_token("x");
         return ListInterlinks(w.mike.account().interlinks(), request).status();
       }},
      {"PageSize", Reason::kRequestInvalid, "ask for 1 to 1000 items",
       [](RefusingWorld& w) {
         api::ListNumbersRequest request;
         request.set_page_size(-1);
         return w.mike.account().numbers().List(request).status();
       }},
      {"ReachableOverNoLink", Reason::kLinkNotFound, "list the interlinks",
       [](RefusingWorld& w) {
         api::ListReachableNumbersRequest request;
         request.set_interlink_id(std::string(32, 'a'));
         return w.mike.account().reachable().List(request).status();
       }},
      // Numbers.
      {"NotDigits", Reason::kNumberInvalid, "1 to 15 digits",
       [](RefusingWorld& w) { return w.mike.AddNumber("12a"); }},
      {"NumberTaken", Reason::kNumberTaken, "number set 201` changes it",
       [](RefusingWorld& w) {
         EXPECT_THAT(w.mike.AddNumber("201"), IsOk());
         return w.mike.AddNumber("201");
       }},
      {"TooManyNumbers", Reason::kLimitReached, "delete some",
       [](RefusingWorld& w) {
         w.Change([](auto& settings) { settings.max_numbers = 0; });
         return w.mike.AddNumber("201");
       }},
      {"NameOfANumber", Reason::kNameInvalid, "1 to 64 characters",
       [](RefusingWorld& w) {
         return w.AddNumber("name", std::string(65, 'x'));
       }},
      {"DestinationWithSpaces", Reason::kContactInvalid,
       "such as sip:reception@10.0.0.5",
       [](RefusingWorld& w) { return w.AddNumber("destination", "the desk"); }},
      {"DestinationWithoutScheme", Reason::kContactInvalid,
       "write sip:a@10.0.0.5",
       [](RefusingWorld& w) {
         return w.AddNumber("destination", "a@10.0.0.5");
       }},
      {"ContactWithoutNumber", Reason::kContactInvalid,
       "such as sip:{number}@pbx.example.net",
       [](RefusingWorld& w) {
         return w.AddNumber("contact", "sip:a@example.net");
       }},
      {"ContactOfNoHost", Reason::kContactInvalid,
       "such as pbx.example.net:5060",
       [](RefusingWorld& w) {
         return w.AddNumber("contact", "sip:{number}@pbx");
       }},
      {"NoSuchNumber", Reason::kNumberNotFound, "list the numbers",
       [](RefusingWorld& w) { return w.UpdateNumber("201", "name"); }},
      {"NothingToChangeOfANumber", Reason::kRequestInvalid,
       "name what is to change",
       [](RefusingWorld& w) {
         EXPECT_THAT(w.mike.AddNumber("201"), IsOk());
         return w.UpdateNumber("201", "");
       }},
      {"UnknownFieldOfANumber", Reason::kRequestInvalid,
       "name, destination, private and contact",
       [](RefusingWorld& w) {
         EXPECT_THAT(w.mike.AddNumber("201"), IsOk());
         return w.UpdateNumber("201", "colour");
       }},
      // What is dialled.
      {"NobodyHas", Reason::kNumberNotFound, "ask that account's administrator",
       [](RefusingWorld& w) { return w.mike.Resolve("201").status(); }},
      {"NeverRemote", Reason::kNumberNotFound,
       "add it here, or take it out of --never-remote",
       [](RefusingWorld& w) {
         w.Change([](auto& settings) {
           settings.never_remote = {*store::InternalNumber::Parse("112")};
         });
         return w.mike.Resolve("112").status();
       }},
      {"Paused", Reason::kNumberNotFound, "once it is resumed",
       [](RefusingWorld& w) {
         w.Link();
         EXPECT_THAT(w.mike.SetPaused("John", true), IsOk());
         return w.mike.Resolve("201").status();
       }},
      {"SilentForLong", Reason::kLookupIncomplete,
       "try again, and if the silence lasts, see the list of interlinks for "
       "its "
       "reason",
       [](RefusingWorld& w) {
         w.Link();
         w.john.Crash();
         w.time.Advance(24h);
         return w.mike.Resolve("201").status();
       }},
      {"CallingNumber", Reason::kRequestInvalid, "at most 255 bytes",
       [](RefusingWorld& w) {
         api::ResolveRequest request;
         request.set_number("201");
         request.set_calling_number(std::string(256, '1'));
         return w.mike.account().resolver().AnswerAtOnce(request)->status();
       }},
  };
  return cases;
}

class RefusalTest : public AccountsTest,
                    public ::testing::WithParamInterface<RefusalCase> {};

TEST_P(RefusalTest, SaysWhatToDoNext) {
  RefusingWorld world{time, network, mike, john};
  const absl::Status status = GetParam().ask(world);
  EXPECT_THAT(status, HasReason(GetParam().reason));
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().next_step));
}

INSTANTIATE_TEST_SUITE_P(Api, RefusalTest, ::testing::ValuesIn(Cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace interlink::testing
