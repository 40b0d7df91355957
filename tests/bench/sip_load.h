#pragma once

#include <chrono>
#include <string>

#include "tests/bench/load.h"

namespace interlink::bench {

// Calls numbers by SIP over UDP, and acknowledges the redirection: INVITE, 302,
// ACK. `in_flight` calls are under way all the time, for `time`. Numbers run
// from `first` for `count`. Ends the program if one is not redirected.
LoadResult RunSipCalls(const std::string& server, int first, int count,
                       int in_flight, std::chrono::milliseconds time);

// Whether a server there answers.
bool AnswersSip(const std::string& server);

}  // namespace interlink::bench
