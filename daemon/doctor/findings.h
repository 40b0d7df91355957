#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interlink/v1/doctor.pb.h"

namespace interlink::daemon {

// What was found of the daemon or of one link. Messages say what there is or
// what is wrong, then what to do; `check` is as in doctor.proto.
class Findings {
 public:
  // Of the daemon.
  Findings() = default;
  // Of a link.
  Findings(std::string id, std::string name)
      : id_(std::move(id)), name_(std::move(name)) {}

  void Ok(std::string_view check, std::string message) {
    Add(check, v1::FINDING_OUTCOME_OK, std::move(message));
  }
  void Warning(std::string_view check, std::string message) {
    Add(check, v1::FINDING_OUTCOME_WARNING, std::move(message));
  }
  void Fault(std::string_view check, std::string message) {
    Add(check, v1::FINDING_OUTCOME_FAULT, std::move(message));
  }
  void NotExamined(std::string_view check, std::string message) {
    Add(check, v1::FINDING_OUTCOME_NOT_EXAMINED, std::move(message));
  }

  void Add(std::string_view check, v1::FindingOutcome outcome,
           std::string message) {
    v1::Finding& finding = all_.emplace_back();
    finding.set_check(std::string(check));
    finding.set_outcome(outcome);
    finding.set_message(std::move(message));
    finding.set_interlink_id(id_);
    finding.set_interlink_name(name_);
  }

  const std::vector<v1::Finding>& all() const { return all_; }

 private:
  const std::string id_;
  const std::string name_;
  std::vector<v1::Finding> all_;
};

}  // namespace interlink::daemon
