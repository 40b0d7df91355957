#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace interlink::daemon {

// The one of the `known` words that was probably meant by `word`: it differs by
// the fewest letters, and by few. Empty if there is none.
std::string LikelyWord(std::string_view word,
                       const std::vector<std::string>& known);

}  // namespace interlink::daemon
