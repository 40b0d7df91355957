#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "tests/support/temp_dir.h"

namespace interlink::daemon {

// Each test begins without any variable that the daemon reads.
class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    std::vector<std::string> names = {"STATE_DIRECTORY", "XDG_STATE_HOME",
                                      "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string text = *variable;
      if (text.starts_with("INTERLINK_")) {
        names.push_back(text.substr(0, text.find('=')));
      }
    }
    for (const std::string& name : names) {
      if (const char* value = std::getenv(name.c_str())) {
        before_[name] = value;
        unsetenv(name.c_str());
      }
    }
  }
  ~ConfigTest() override {
    for (const std::string& name : set_) unsetenv(name.c_str());
    for (const auto& [name, value] : before_) {
      setenv(name.c_str(), value.c_str(), 1);
    }
  }

  void Set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }

  std::string File(const std::string& text) {
    const std::string path = dir_.File("interlinkd.toml");
    std::ofstream(path) << text;
    return path;
  }

  static ConfigOrExit Read(std::vector<std::string> words) {
    words.insert(words.begin(), "interlinkd");
    std::vector<const char*> argv;
    argv.reserve(words.size());
    for (const std::string& word : words) argv.push_back(word.c_str());
    return ReadConfig(static_cast<int>(argv.size()), argv.data());
  }

  static Config Good(const std::vector<std::string>& words) {
    ConfigOrExit read = Read(words);
    EXPECT_TRUE(read.config.has_value()) << read.text;
    return read.config.value_or(Config());
  }

  // The text that refuses such words as wrong usage.
  static std::string Refusal(const std::vector<std::string>& words) {
    const ConfigOrExit read = Read(words);
    EXPECT_FALSE(read.config.has_value()) << "is accepted";
    EXPECT_EQ(read.exit_code, 2);
    return read.text;
  }

  interlink::testing::TempDir dir_;

 private:
  std::map<std::string, std::string> before_;
  std::vector<std::string> set_;
};

}  // namespace interlink::daemon
