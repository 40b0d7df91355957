// Every file of the corpus through its target, without a fuzzer: what once was
// a crash stays mended.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/fuzz/target.h"

namespace interlink::fuzz {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string target;
  fs::path file;

  friend void PrintTo(const Case& c, std::ostream* out) {
    *out << c.target << "/" << c.file.filename().string();
  }
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const auto& [target, run] : Targets()) {
    for (const auto& file :
         fs::directory_iterator(fs::path(INTERLINK_FUZZ_CORPUS) / target)) {
      cases.push_back({target, file.path()});
    }
  }
  std::sort(cases.begin(), cases.end(),
            [](const Case& a, const Case& b) { return a.file < b.file; });
  return cases;
}

std::string NameOf(const ::testing::TestParamInfo<Case>& info) {
  std::string name =
      info.param.target + "_" + info.param.file.filename().string();
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; },
      '_');
  return name;
}

class CorpusTest : public ::testing::TestWithParam<Case> {};

TEST_P(CorpusTest, Holds) {
  std::ifstream in(GetParam().file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  ASSERT_TRUE(in.good());
  Targets().at(GetParam().target)(bytes.str());
}

// Called from main(), when all targets are registered.
INSTANTIATE_TEST_SUITE_P(Every, CorpusTest, ::testing::ValuesIn(Cases()),
                         NameOf);

}  // namespace
}  // namespace interlink::fuzz
