/* run/identity.h -- what decides the draws of a run, as lines NAME=VALUE, to tell whether another
 * run would make the same. Not collective. */
#ifndef MST_RUN_IDENTITY_H
#define MST_RUN_IDENTITY_H

#include "run/sampler_impl.h"

/* To be freed; NULL when out of memory. Options that do not matter for the bits (where output goes,
 * how many draws there shall be, limits, progress) are not in it; nor are ranks and threads. */
char *mst_identity(const mst_sampler *s);

/* Compares two such texts: what differs as "NAME was A and is now B", joined by commas, at most
 * `size` bytes. The number of differences. */
int mst_identity_differs(const char *was, const char *now, char *text, size_t size);

#endif
