#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "daemon/cli/csv.h"
#include "interlink/v1/interlink.pb.h"

namespace interlink::cli {

// The internal numbers in a CSV text: number,name,destination,private on each
// line, with or without that line as the first. The last columns may be left
// out; private is true, yes or 1, or false, no, 0 or empty.
//
// Threading: one thread. Lifetime: the stream must outlive it.
class NumberCsv {
 public:
  enum class Line { kEntry, kRefused, kEnd };

  explicit NumberCsv(std::istream& in) : lines_(in) {}

  // Reads up to the next line that is not empty. kEntry fills `entry`, kRefused
  // fills `refusal` (reason CSV_INVALID).
  Line Next(v1::ImportNumbersRequest::Entry* entry,
            v1::ImportNumbersResponse::Refusal* refusal);

  int64_t bytes_read() const { return lines_.bytes_read(); }
  // The first line names other columns than ours, or ours in another order:
  // then nothing below it means what it seems to.
  bool has_wrong_header() const { return has_wrong_header_; }

 private:
  // Empty if the line is fine, else what is wrong with it.
  std::string ReadFields(std::vector<std::string>* fields);
  bool IsHeader(const std::vector<std::string>& fields);

  LineReader lines_;
  bool is_first_ = true;
  bool has_wrong_header_ = false;
};

}  // namespace interlink::cli
