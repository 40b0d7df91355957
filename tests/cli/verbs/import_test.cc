#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <string>

#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ImportTest : public ::testing::Test {
 protected:
  interlink::testing::TempDir dir_;
  FakeDaemon daemon_{dir_.File("api.sock")};
  Ctl ctl_{dir_.File("api.sock")};
};

TEST_F(ImportTest, LinesAreSentInChunksWithTheirPlaceInTheText) {
  ctl_.input = "number,name,destination,private\n";
  for (int i = 1; i <= 1200; ++i) {
    ctl_.input += std::to_string(i) + ",Name,sip:a@b,no\n";
  }
  daemon_.import_answer.set_created_count(400);
  EXPECT_EQ(ctl_.Run({"number", "import", "-"}), ExitCode::kDone) << ctl_.err;
  ASSERT_THAT(daemon_.chunks, SizeIs(3));
  EXPECT_EQ(daemon_.chunks[0].entries_size(), 500);
  EXPECT_EQ(daemon_.chunks[2].entries_size(), 200);
  EXPECT_EQ(daemon_.chunks[2].entries(0).line(), 1002);
  EXPECT_EQ(daemon_.chunks[2].entries(0).number().number(), "1001");
  EXPECT_THAT(ctl_.out, HasSubstr("1200 numbers added"));
  EXPECT_EQ(ctl_.err, "");
}

TEST_F(ImportTest, RefusalsOfBothSidesAreListedInTheOrderOfLines) {
  ctl_.input = "1\n\"2\n3\n";
  auto& refusal = *daemon_.import_answer.add_refusals();
  refusal.set_line(3);
  refusal.set_reason("NUMBER_INVALID");
  refusal.set_message("not this one");
  daemon_.import_answer.set_refused_count(1);
  daemon_.import_answer.set_skipped_count(2);
  EXPECT_EQ(ctl_.Run({"number", "import", "-"}), ExitCode::kRefused);
  ASSERT_THAT(daemon_.chunks, SizeIs(1));
  EXPECT_EQ(daemon_.chunks[0].entries_size(), 2);
  EXPECT_EQ(ctl_.err,
            "line 2: CSV_INVALID: a quoted field is not closed on its line\n"
            "line 3: NUMBER_INVALID: not this one\n"
            "interlinkctl: correct the refused lines and import the whole file "
            "again: what is stored already stays as it is\n");
  EXPECT_THAT(ctl_.out, HasSubstr("2 lines refused, 1 good line not stored "
                                  "because of them\n"));
  EXPECT_EQ(ctl_.Run({"number", "import", "-", "--dry-run"}),
            ExitCode::kRefused);
  EXPECT_THAT(ctl_.out, HasSubstr("1 good line would not be stored because of "
                                  "them; nothing was stored\n"));
  EXPECT_EQ(ctl_.Run({"number", "import", "-", "-o", "json"}),
            ExitCode::kRefused);
  EXPECT_THAT(ctl_.out, HasSubstr("\"refused_count\":\"2\""));
}

TEST_F(ImportTest, ATextOfBadLinesOnlyNeedsNoChunk) {
  ctl_.input = "\"\n\"\n";
  EXPECT_EQ(ctl_.Run({"number", "import", "-"}), ExitCode::kRefused);
  EXPECT_THAT(daemon_.chunks, SizeIs(0));
}

TEST_F(ImportTest, AHeadingThatIsNotUnderstoodImportsNothing) {
  ctl_.input = "nom,number\nReception,201\n";
  EXPECT_EQ(ctl_.Run({"number", "import", "-"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err, HasSubstr("CSV_INVALID: line 1: the heading names a "
                                  "column \"nom\""));
  EXPECT_EQ(ctl_.out, "");
  EXPECT_THAT(daemon_.chunks, SizeIs(0));
}

TEST_F(ImportTest, ADryRunAsksForOneAndSaysSo) {
  ctl_.input = "1\n";
  daemon_.import_answer.set_created_count(1);
  EXPECT_EQ(ctl_.Run({"number", "import", "-", "--dry-run"}), ExitCode::kDone);
  ASSERT_THAT(daemon_.chunks, SizeIs(1));
  EXPECT_TRUE(daemon_.chunks[0].validate_only());
  EXPECT_EQ(ctl_.out,
            "1 number would be added, 0 changed, 0 as before, 0 lines refused; "
            "nothing was stored\n");
  ctl_.Run({"number", "import", "-"});
  EXPECT_FALSE(daemon_.chunks[1].validate_only());
}

TEST_F(ImportTest, AnImportThatBreaksOffSaysWhatIsStored) {
  for (int i = 1; i <= 1200; ++i) ctl_.input += std::to_string(i) + "\n";
  daemon_.import_answer.set_created_count(500);
  daemon_.on_import = [this] {
    if (daemon_.chunks.size() == 2) {
      daemon_.refusal = grpc::Status(grpc::StatusCode::UNAVAILABLE,
                                     "STORE_UNAVAILABLE: the disk is full");
    }
  };
  EXPECT_EQ(ctl_.Run({"number", "import", "-"}), ExitCode::kInternal);
  EXPECT_THAT(ctl_.out, StartsWith("500 numbers added, 0 changed"));
  EXPECT_THAT(ctl_.err, HasSubstr("STORE_UNAVAILABLE: the disk is full"));
}

TEST_F(ImportTest, CtrlCEndsAnImportAfterAStoredChunk) {
  for (int i = 1; i <= 1200; ++i) ctl_.input += std::to_string(i) + "\n";
  daemon_.import_answer.set_created_count(500);
  daemon_.on_import = [] { std::raise(SIGINT); };
  EXPECT_EQ(ctl_.Run({"number", "import", "-"}), ExitCode::kInternal);
  EXPECT_THAT(daemon_.chunks, SizeIs(1));
  EXPECT_THAT(ctl_.out, StartsWith("500 numbers added"));
  EXPECT_THAT(ctl_.err, HasSubstr("INTERRUPTED: the import was stopped"));
}

TEST_F(ImportTest, AnExportIsWhatAnImportReads) {
  v1::Number& number = daemon_.numbers.emplace_back();
  number.set_number("007");
  number.set_name("Smith, John");
  number.set_destination("sip:a@b;transport=tls");
  number.set_private_(true);
  number.set_contact("sip:{number}@own.example");
  EXPECT_EQ(ctl_.Run({"number", "export"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.out,
            "number,name,destination,private,contact\n"
            "007,\"Smith, John\",\"sip:a@b;transport=tls\",true,"
            "sip:{number}@own.example\n");
  ctl_.input = ctl_.out;
  EXPECT_EQ(ctl_.Run({"number", "import", "-"}), ExitCode::kDone);
  ASSERT_THAT(daemon_.chunks, SizeIs(1));
  EXPECT_EQ(daemon_.chunks[0].entries(0).number().DebugString(),
            number.DebugString());
}

// Nor does anything else stand in the file than in the account.
TEST_F(ImportTest, AnExportWarnsOfWhatASpreadsheetTakesForAFormula) {
  for (const char* name : {"=1+2", "-1 floor",
                           "\xef\xbc\x9d"
                           "1",
                           "a=b"}) {
    v1::Number& number = daemon_.numbers.emplace_back();
    number.set_number(std::to_string(daemon_.numbers.size()));
    number.set_name(name);
    number.set_destination("sip:a@b");
  }
  daemon_.numbers.back().set_destination("+493012345");
  EXPECT_EQ(ctl_.Run({"number", "export"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, AllOf(HasSubstr("\n1,=1+2,sip:a@b,"),
                              HasSubstr("\n4,a=b,+493012345,")));
  EXPECT_THAT(ctl_.err,
              StartsWith("warning: 4 fields begin with =, +, - or @"));
  daemon_.numbers.resize(1);
  EXPECT_EQ(ctl_.Run({"number", "export"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.err, StartsWith("warning: 1 field begins with"));
  daemon_.numbers[0].set_name("Reception");
  EXPECT_EQ(ctl_.Run({"number", "export"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.err, "");
}

TEST_F(ImportTest, ATerminalShowsABarOfStoredNumbers) {
  std::ofstream(dir_.File("numbers.csv")) << "1\n2\n";
  ctl_.err_is_terminal = true;
  daemon_.import_answer.set_created_count(2);
  EXPECT_EQ(ctl_.Run({"number", "import", dir_.File("numbers.csv")}),
            ExitCode::kDone);
  EXPECT_THAT(ctl_.err, HasSubstr("##] 100 %  2 numbers stored"));
}

TEST_F(ImportTest, AFileThatCannotBeReadIsWrongUsage) {
  EXPECT_EQ(ctl_.Run({"number", "import", dir_.File("none.csv")}),
            ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr("none.csv: No such file or directory"));
  EXPECT_EQ(ctl_.Run({"number", "import", dir_.path()}), ExitCode::kUsage);
  EXPECT_THAT(ctl_.err, HasSubstr(dir_.path() + ": Is a directory"));
}

// Which of the two is meant is not for the program to say.
TEST_F(ImportTest, ANumberThatComesTwiceIsRefused) {
  ctl_.input = "number,name\n601,Fax\n602,Desk\n601,Phone\n602,Lamp\n";
  daemon_.import_answer.set_created_count(2);
  EXPECT_EQ(ctl_.Run({"number", "import", "-"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err,
              StartsWith("line 4: CSV_INVALID: number 601 is in line 2 "
                         "already\nline 5: CSV_INVALID: number 602 is in line "
                         "3 already\n"));
  ASSERT_THAT(daemon_.chunks, SizeIs(1));
  EXPECT_EQ(daemon_.chunks[0].entries_size(), 2);
}

TEST_F(ImportTest, AFileWithoutNumbersSaysSo) {
  for (const std::string text : {"", "\n", "number,name\n"}) {
    ctl_.input = text;
    EXPECT_EQ(ctl_.Run({"number", "import", "-"}), ExitCode::kRefused);
    EXPECT_THAT(ctl_.err, HasSubstr("CSV_INVALID: the file has no numbers"));
  }
  EXPECT_THAT(daemon_.chunks, SizeIs(0));
}

TEST_F(ImportTest, JsonIsRefusedByName) {
  for (const std::string text :
       {"{\"numbers\":[{\"number\":\"1\"}]}\n", "[\n{\n", " {\n"}) {
    ctl_.input = text;
    EXPECT_EQ(ctl_.Run({"number", "import", "-"}), ExitCode::kRefused);
    EXPECT_THAT(ctl_.err, HasSubstr("CSV_INVALID: line 1: this is JSON"));
  }
}

TEST_F(ImportTest, AnImportThatBreaksOffIsAnError) {
  ctl_.input = "1\n";
  daemon_.refusal =
      grpc::Status(grpc::StatusCode::UNAVAILABLE, "STORE_UNAVAILABLE: full");
  EXPECT_EQ(ctl_.Run({"number", "import", "-"}), ExitCode::kInternal);
  EXPECT_THAT(ctl_.err, HasSubstr("STORE_UNAVAILABLE: full"));
}

}  // namespace
}  // namespace interlink::cli
