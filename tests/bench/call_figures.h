#pragma once

namespace interlink::bench {

// What a call token costs; prints its figures.
void MeasureCallTokens();

}  // namespace interlink::bench
