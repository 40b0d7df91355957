#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace interlink::daemon {

// The one of the `known` words that was probably meant by `word`: it differs by
// the fewest letters, and by few; two that changed places count as one. Empty
// if there is none.
std::string LikelyWord(std::string_view word,
                       const std::vector<std::string>& known);

// The same, or else the only one of the `known` words that `word` is a part of:
// "name" is "account-name", and "warning" is "warn".
std::string LikelyWordOrPart(std::string_view word,
                             const std::vector<std::string>& known);

// "; did you mean WORD?"; empty without a word.
std::string AskIfMeant(const std::string& word);

}  // namespace interlink::daemon
