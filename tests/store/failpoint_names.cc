// The tests compile this twice: with this known name, and with an unknown one.
#include "store/failpoint.h"

#ifndef NAME
#define NAME "redeem/sent"
#endif

void Pass() { interlink::store::PassFailpoint(NAME); }
