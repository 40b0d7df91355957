#include "federation/base/contact_template.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/federation/reason_matcher.h"

namespace interlink::federation {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::Refuses;

TEST(ContactTemplateTest, MakesTheUriOfANumber) {
  const auto number = *store::InternalNumber::Parse("007");
  struct Good {
    const char* text;
    const char* uri;
    const char* host;
  };
  for (const Good& good : {
           Good{"sip:{number}@pbx.example.net", "sip:007@pbx.example.net",
                "pbx.example.net"},
           Good{"sips:{number}@PBX.Example.net:5061",
                "sips:007@PBX.Example.net:5061", "pbx.example.net"},
           Good{"sip:{number}@pbx.example.net:5060;transport=tls;lr",
                "sip:007@pbx.example.net:5060;transport=tls;lr",
                "pbx.example.net"},
           Good{"sip:{number}@[2001:DB8::1]:5060", "sip:007@[2001:DB8::1]:5060",
                "[2001:db8::1]"},
           Good{"sip:{number}@10.0.0.5", "sip:007@10.0.0.5", "10.0.0.5"},
           Good{"sip:a.{number}-b_@h.test", "sip:a.007-b_@h.test", "h.test"},
           Good{"sip:{number}@h.test;LR;User=Phone;transport=UDP",
                "sip:007@h.test;lr;user=phone;transport=udp", "h.test"},
           Good{"sip:{number}@xn--bcher-kva.example;transport=tcp",
                "sip:007@xn--bcher-kva.example;transport=tcp",
                "xn--bcher-kva.example"},
       }) {
    auto contact = ContactTemplate::Parse(good.text);
    ASSERT_THAT(contact, IsOk()) << good.text;
    EXPECT_EQ(contact->UriFor(number.ToString()), good.uri);
    EXPECT_EQ(contact->host().text(), good.host);
    EXPECT_EQ(contact->text(), good.text);
  }
}

TEST(ContactTemplateTest, OtherTextsAreRefused) {
  for (const std::string& bad :
       {std::string(),
        std::string("sip:"),
        std::string("{number}@h.test"),
        std::string("tel:{number}"),
        std::string("http://{number}@h.test"),
        std::string("sip:201@h.test"),        // No {number}.
        std::string("sip:{number}"),          // No host.
        std::string("sip:{number}@0.0.0.0"),  // Where nobody can be.
        std::string("sip:{number}@0.1.2.3"),
        std::string("sip:{number}@[::]"),
        std::string("sip:{number}@[::ffff:0.0.0.0]"),
        std::string("sip:{number}@224.0.1.75"),
        std::string("sip:{number}@[ff02::1]:5060"),
        std::string("sip:{number}@240.0.0.1"),
        std::string("sip:{number}@255.255.255.255"),
        std::string("sip:{number}@"),
        std::string("sip:x@{number}.example"),  // Not in the user part.
        std::string("sip:x@h.test;to={number}"),
        std::string("sip:{number}{number}@h.test"),  // Twice.
        std::string("sip:{number}@h.test;a={number}"),
        std::string("sip:{number}:secret@h.test"),      // A password.
        std::string("sip:{number}@h.test?Replaces=x"),  // Headers.
        std::string("sip:{number}@h.test;a=b?c=d"),
        std::string("sip:{number};a=b@h.test"),
        std::string("sip:{number}@h.test@i"),
        std::string("sip:{number}@h.test:0"),
        std::string("sip:{number}@h.test:65536"),
        std::string("sip:{number}@h.test:"),
        std::string("sip:{number}@h.test:x"),
        std::string("sip:{number}@h.test i"),
        std::string("sip:{number}@h.test\r\nVia: x"),
        std::string("sip:{number}\r\n@h.test"),
        std::string("sip:{number}@h.test;a=\n"),
        std::string("sip:{number}@h.test;a=\"b\""),
        std::string("sip:<{number}@h.test>"),
        std::string("sip:{number}@h.test,sip:x@i"),
        std::string("sip:{number}%0a@h.test"),
        std::string("sip:{number}@h.test;a=%0d%0a"),
        std::string("sip:{ number}@h.test"),
        std::string("sip:{{number}}@h.test"),
        std::string("sip:{NUMBER}@h.test"),
        std::string("sip:{number}\0@h.test", 20),
        std::string("sip:\xc3\xbc{number}@h.test"),
        std::string(" sip:{number}@h.test"),
        "sip:{number}@h.test;x=" + std::string(255, 'a')}) {
    EXPECT_THAT(ContactTemplate::Parse(bad), Refuses(Reason::kContactInvalid))
        << bad;
  }
}

// In some dial plan, each of these made a second call or led the call
// elsewhere.
TEST(ContactTemplateTest, AContactThatLeadsElsewhereIsRefused) {
  struct Bad {
    const char* text;
    const char* rule;
  };
  for (const Bad& bad : {
           Bad{"sip:{number}&Local/00900123@from.internal", "user part"},
           Bad{"sip:{number}/x@h.test", "user part"},
           Bad{"sip:+49{number}@h.test", "user part"},
           Bad{"sip:{number},1@h.test", "user part"},
           Bad{"sip:$X{number}@h.test", "user part"},
           Bad{"sip:{number}:secret@h.test", "user part"},
           Bad{"sip:{number}@h.test;maddr=premium.test", "parameters"},
           Bad{"sip:{number}@h.test;transport=udp;maddr=premium.test",
               "parameters"},
           Bad{"sip:{number}@h.test;ttl=1", "parameters"},
           Bad{"sip:{number}@h.test;method=BYE", "parameters"},
           Bad{"sip:{number}@h.test;transport=ws", "parameters"},
           Bad{"sip:{number}@h.test;transport", "parameters"},
           Bad{"sip:{number}@h.test;user=ip", "parameters"},
           Bad{"sip:{number}@h.test;lr=on", "parameters"},
           Bad{"sip:{number}@h.test;lr;lr", "parameters"},
           Bad{"sip:{number}@h.test;transport=tls;transport=udp", "parameters"},
           Bad{"sip:{number}@h.test;", "parameters"},
           Bad{"sip:{number}@h.test;;lr", "parameters"},
           Bad{"sip:{number}@h.test;x=y", "parameters"},
           Bad{"sip:{number}@localhost", "with a dot"},
           Bad{"sip:{number}@vm:5060", "with a dot"},
           Bad{"sip:{number}@from-internal", "with a dot"},
           Bad{"sip:{number}@1.2", "with a dot"},
           Bad{"sip:{number}@127.0.0.0x1", "with a dot"},
           Bad{"sip:{number}@10.0.0.256", "with a dot"},
           Bad{"sip:{number}@10.0.0.010", "with a dot"},
           Bad{"sip:{number}@1.2.3.4.5", "with a dot"},
           Bad{"sip:{number}@h.test.", "with a dot"},
           Bad{"sip:{number}@[::g]", "with a dot"},
           Bad{"sip:{number}@h.test?Replaces=x", "headers"},
       }) {
    const auto refused = ContactTemplate::Parse(bad.text);
    EXPECT_THAT(refused, Refuses(Reason::kContactInvalid)) << bad.text;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr(bad.rule))
        << bad.text;
  }
}

TEST(ContactTemplateTest, ContactsThatLeadToOnePlaceAreRecognised) {
  const auto same = [](const char* a, const char* b) {
    const auto first = *ContactTemplate::Parse(a);
    const auto second = *ContactTemplate::Parse(b);
    EXPECT_EQ(first.LeadsWhere(second), second.LeadsWhere(first));
    return first.LeadsWhere(second);
  };
  EXPECT_TRUE(same("sip:{number}@pbx.test", "sip:x{number}@PBX.test;lr"));
  EXPECT_TRUE(same("sip:{number}@pbx.test", "sip:{number}@pbx.test:5060"));
  EXPECT_TRUE(same("sip:{number}@pbx.test", "sips:{number}@pbx.test:5061"));
  // A PBX that is called at one of these ports listens at the other, too.
  EXPECT_TRUE(same("sip:{number}@pbx.test", "sips:{number}@pbx.test"));
  EXPECT_TRUE(same("sip:{number}@pbx.test:5060", "sips:{number}@pbx.test"));
  EXPECT_TRUE(same("sip:{number}@pbx.test:5061", "sip:{number}@pbx.test"));
  EXPECT_TRUE(same("sip:{number}@pbx.test:5060",
                   "sip:{number}@pbx.test;transport=tls"));
  EXPECT_TRUE(
      same("sip:{number}@pbx.test:5060", "sip:{number}@pbx.test:05060"));
  EXPECT_TRUE(
      same("sip:{number}@[2001:db8::1]", "sip:{number}@[2001:DB8:0::1]"));
  EXPECT_TRUE(
      same("sip:{number}@10.0.0.1:5060", "sip:{number}@[::ffff:10.0.0.1]"));
  EXPECT_FALSE(same("sip:{number}@pbx.test", "sip:{number}@pbx.test:5080"));
  EXPECT_FALSE(
      same("sip:{number}@pbx.test:5070", "sip:{number}@pbx.test:5080"));
  EXPECT_FALSE(same("sip:{number}@pbx.test", "sip:{number}@b.pbx.test"));
  EXPECT_FALSE(
      same("sip:{number}@[2001:db8::1]", "sip:{number}@[2001:db8::2]"));
}

TEST(ContactTemplateTest, IsBoundedTo255Bytes) {
  const std::string stem = "sip:{number}@h.test";
  const auto padded = [&](size_t size) {
    return "sip:" + std::string(size - stem.size(), 'a') + stem.substr(4);
  };
  EXPECT_THAT(ContactTemplate::Parse(padded(255)), IsOk());
  EXPECT_THAT(ContactTemplate::Parse(padded(256)),
              Refuses(Reason::kContactInvalid));
}

TEST(CheckDestinationTest, IsPrintableAndBounded) {
  for (const std::string& good :
       {std::string(), std::string("sip:reception@10.0.0.5"),
        std::string("PJSIP/201"), std::string("PJSIP/201@trunk"),
        std::string("201"), std::string(255, 'x')}) {
    EXPECT_THAT(CheckDestination(good), IsOk());
  }
  for (const std::string& bad :
       {std::string(256, 'x'), std::string("a b"), std::string("a\r\nb"),
        std::string("a\0b", 3), std::string("\xc3\xbc"), std::string("\x7f")}) {
    EXPECT_THAT(CheckDestination(bad), Refuses(Reason::kContactInvalid));
  }
  EXPECT_THAT(CheckDestination("support@10.1.0.5:5060"),
              Refuses(Reason::kContactInvalid,
                      HasSubstr("write sip:support@10.1.0.5:5060")));
  for (const char* cut : {"sip:", "sips:", "sip:reception@"}) {
    EXPECT_THAT(CheckDestination(cut),
                Refuses(Reason::kContactInvalid, HasSubstr("lacks its host")));
  }
}

}  // namespace
}  // namespace interlink::federation
