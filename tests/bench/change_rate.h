#pragma once

namespace interlink::bench {

// How many changes of numbers an account stores in a second on a disk that
// takes 5 ms for each sync: 64 at a time, against one at a time. Prints the
// figure.
void MeasureChangeRate();

}  // namespace interlink::bench
