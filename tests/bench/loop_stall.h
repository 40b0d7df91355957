#pragma once

namespace interlink::bench {

// How long one task of an account's loop takes at most while 100 000 numbers
// are imported and `links` sessions are told of them; prints the figure.
void MeasureLoopStall(int links);

}  // namespace interlink::bench
