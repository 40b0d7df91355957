#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "daemon/cli/connect/connect_call.h"

namespace interlink::cli {

// What one call of the Connect protocol was answered.
class RecordedAnswer final : public ConnectAnswer {
 public:
  void Answer(int with_status, const Metadata& with,
              std::string text) override {
    status = with_status;
    headers = with;
    body = std::move(text);
    is_whole = true;
  }
  void Begin(const Metadata& with) override {
    status = 200;
    headers = with;
  }
  void Send(std::string part) override {
    parts.push_back(part);
    body += part;
    wants_more = true;
  }
  void End(std::string part) override {
    body += part;
    is_whole = true;
  }

  // "" if there is no such header.
  std::string Header(const std::string& name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return "";
  }
  nlohmann::json Json() const { return nlohmann::json::parse(body); }
  // The messages of a stream, each as its flags and its JSON.
  std::vector<std::pair<int, nlohmann::json>> Envelopes() const {
    std::vector<std::pair<int, nlohmann::json>> all;
    for (size_t at = 0; at + 5 <= body.size();) {
      size_t size = 0;
      for (size_t i = at + 1; i < at + 5; ++i) {
        size = size << 8U | static_cast<uint8_t>(body[i]);
      }
      all.emplace_back(body[at],
                       nlohmann::json::parse(body.substr(at + 5, size)));
      at += 5 + size;
    }
    return all;
  }

  int status = 0;
  Metadata headers;
  std::string body;
  std::vector<std::string> parts;
  bool is_whole = false;
  bool wants_more = false;
};

}  // namespace interlink::cli
