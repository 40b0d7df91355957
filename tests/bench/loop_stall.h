#pragma once

namespace interlink::bench {

// How long one task of an account's loop takes at most while 100 000 numbers
// are imported and `links` sessions are told of them; prints the figure.
void MeasureLoopStall(int links);

// How long a peer waits for a pong while the account changes a link on a disk
// that takes 200 ms for each sync. Prints the figure.
void MeasurePongs();

}  // namespace interlink::bench
