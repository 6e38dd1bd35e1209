/* base/nearest.h -- the nearest of several names by edit distance, for "did you mean". Not
 * collective; pure. */
#ifndef MST_BASE_NEAREST_H
#define MST_BASE_NEAREST_H

/* The name in `names` (NULL-terminated) with the least Levenshtein distance from `name`; NULL if
 * none is within a third of its length and one more. */
const char *mst_nearest(const char *name, const char *const *names);

#endif
