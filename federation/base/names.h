#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "store/internal_number.h"

// Names, sentences and numbers as people and peers type them.
namespace interlink::federation {

// RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool IsUtf8(std::string_view text);

// `text` without surrounding white space, and with one space for any within;
// NAME_INVALID unless it is then 1 to 64 characters of valid UTF-8, without
// control characters, of which something can be seen. `what` begins the
// sentence, such as "the name of an interlink".
absl::StatusOr<std::string> ParseName(std::string_view text,
                                      std::string_view what);

// What is the same of two names that people would take for one: they differ in
// case, in spaces, in how an accent is written, or in what cannot be seen.
std::string FoldedName(std::string_view name);

// What a peer calls itself or its number, made fit to be shown: control
// characters and damaged UTF-8 are dropped, the rest cut at 64 characters.
std::string ShownName(std::string text);
// The same for what a peer says in a sentence, which may be longer.
std::string ShownSentence(std::string text);

// NUMBER_INVALID unless 1 to 15 digits.
absl::StatusOr<store::InternalNumber> ParseNumber(std::string_view text);

}  // namespace interlink::federation
