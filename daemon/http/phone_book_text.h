#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace interlink::daemon {

// One line of a phone book.
struct PhoneBookEntry {
  std::string name;    // UTF-8 without control characters.
  std::string number;  // Digits.
};

// The formats that desk phones and spreadsheets read.
enum class PhoneBookFormat {
  kYealink,  // A remote phone book: YealinkIPPhoneDirectory.
  kCisco,    // CiscoIPPhoneDirectory.
  kCsv,      // RFC 4180 with a line of headings.
};

// "yealink", "cisco" or "csv"; nullopt for another name.
std::optional<PhoneBookFormat> PhoneBookFormatNamed(std::string_view name);

const char* ContentTypeOf(PhoneBookFormat format);

// A name cannot end its field, whatever is in it, nor be a formula of a
// spreadsheet: such a name has an apostrophe before it in CSV.
std::string WritePhoneBook(const std::vector<PhoneBookEntry>& entries,
                           PhoneBookFormat format);

}  // namespace interlink::daemon
