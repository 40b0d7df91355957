#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace interlink::testing {

// A request as a PBX sends it, line by line, for tests to change.
class SipMessage {
 public:
  explicit SipMessage(std::string method = "INVITE",
                      std::string uri = "sip:201@127.0.0.1:5070")
      : start_(method + " " + uri + " SIP/2.0"),
        fields_({{"Via", "SIP/2.0/UDP 127.0.0.11:5060;rport;branch=z9hG4bK1"},
                 {"From", "\"Alice A\" <sip:101@127.0.0.11>;tag=a1"},
                 {"To", "<sip:201@127.0.0.1>"},
                 {"Call-ID", "call-1"},
                 {"CSeq", "7 " + method},
                 {"Max-Forwards", "70"},
                 {"Content-Length", "0"}}) {}

  SipMessage& Start(std::string line) {
    start_ = std::move(line);
    return *this;
  }
  // Sets a field, or adds it.
  SipMessage& With(const std::string& name, const std::string& value) {
    for (auto& [known, text] : fields_) {
      if (known == name) {
        text = value;
        return *this;
      }
    }
    return Add(name, value);
  }
  SipMessage& Add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  SipMessage& Without(const std::string& name) {
    std::erase_if(fields_, [&](const auto& f) { return f.first == name; });
    return *this;
  }
  SipMessage& Branch(const std::string& branch) {
    return With("Via", "SIP/2.0/UDP 127.0.0.11:5060;rport;branch=" + branch);
  }

  std::string text() const {
    std::string text = start_ + "\r\n";
    for (const auto& [name, value] : fields_) {
      text += name + ": " + value + "\r\n";
    }
    return text + "\r\n";
  }

 private:
  std::string start_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

// The status of an answer; 0 if it is none.
inline int SipStatus(std::string_view answer) {
  return answer.starts_with("SIP/2.0 ")
             ? std::stoi(std::string(answer.substr(8, 3)))
             : 0;
}

// The first value of a field of an answer; empty if there is none.
inline std::string SipField(std::string_view answer, const std::string& name) {
  const std::string start = "\r\n" + name + ": ";
  const size_t at = answer.find(start);
  if (at == answer.npos) return "";
  const std::string_view value = answer.substr(at + start.size());
  return std::string(value.substr(0, value.find("\r\n")));
}

}  // namespace interlink::testing
