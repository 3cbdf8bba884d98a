#include "counts.h"

uintptr_t saved_heap_end;
