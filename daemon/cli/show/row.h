#pragma once

#include <string>
#include <string_view>

#include "daemon/cli/show/console.h"
#include "interlink/v1/interlink.pb.h"

// How a row of the manual's Interlinks page reads in a terminal. All texts
// are Clean().
namespace interlink::cli {

// "grey", "green", "amber" or "red".
std::string_view ColourWord(v1::Indicator indicator);

// The circle, the word for its colour, which not everybody sees, and a space.
std::string Circle(v1::Indicator indicator, bool in_colour);

// "connected, 12 ms", "waiting for its key" and so on.
std::string StateInWords(const v1::Interlink& row, Time now);

// What is wrong with a row, when the daemon tries again and when the peer last
// answered; empty if nothing is wrong.
std::string TroubleInWords(const v1::Interlink& row, Time now);

// The peer's own name for its account, else the first digits of its id; "-"
// before the row is linked.
std::string PeerInWords(const v1::Interlink& row);

// One line: "● John Smith: connected, 12 ms".
std::string RowInOneLine(const v1::Interlink& row, Time now, bool in_colour);

// What an administrator would notice between two states of a row: "grey →
// green: linked with John Smith"; empty if nothing.
std::string ChangeInWords(const v1::Interlink& before, const v1::Interlink& row,
                          Time now);

}  // namespace interlink::cli
