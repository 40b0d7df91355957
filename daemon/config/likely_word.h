#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace interlink::daemon {

// Which of the `known` words was probably meant by `word`: the one that differs
// by the fewest letters, if these are few. Empty if none is so near.
std::string LikelyWord(std::string_view word,
                       const std::vector<std::string>& known);

}  // namespace interlink::daemon
