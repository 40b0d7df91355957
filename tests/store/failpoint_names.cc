// Compiled by tests, with this name, which is known, and with one that is not.
#include "store/failpoint.h"

#ifndef NAME
#define NAME "redeem/sent"
#endif

void Pass() { interlink::store::PassFailpoint(NAME); }
