#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "store/internal_number.h"

// Names, sentences and numbers as people and peers type them.
namespace interlink::federation {

// RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool IsUtf8(std::string_view text);

// Returns `text` without surrounding white space and with a single space for
// each run of spaces within. NAME_INVALID unless the result is 1 to 64
// characters of valid UTF-8, none of them a control character and at least one
// of them visible. `what` begins the error's sentence: "the name of an
// interlink".
absl::StatusOr<std::string> ParseName(std::string_view text,
                                      std::string_view what);

// A key that is equal for two names which people would take for the same one:
// names that differ in case, in spaces, in how an accent is written, or in
// characters that cannot be seen.
std::string FoldedName(std::string_view name);

// A name that a peer gives to itself or to a number, made fit to be shown:
// control characters and damaged UTF-8 are dropped, the rest is cut at 64
// characters.
std::string ShownName(std::string text);
// The same for a peer's sentence, which is cut at 512 characters.
std::string ShownSentence(std::string text);
// A text that is refused, in quotes and fit to be shown. A blank at its
// beginning or end stays, because that may be what is wrong with it.
std::string QuotedText(std::string_view text);

// NUMBER_INVALID unless `text` is 1 to 15 digits.
absl::StatusOr<store::InternalNumber> ParseNumber(std::string_view text);

}  // namespace interlink::federation
