/* cli/gradcheck.h -- a gradient held against central differences.
 *
 * Differences at four step sizes are extrapolated to zero (Ridders 1982, "Accurate computation of
 * F'(x) and F'(x) F''(x)"), which also tells how far they can be trusted. All globals are looked
 * at, up to a number, and a random choice of row-local elements.
 */
#ifndef MST_CLI_GRADCHECK_H
#define MST_CLI_GRADCHECK_H

#include "target/target.h"

typedef struct mst_gradcheck_options {
  int points;    /* at how many random points */
  double radius; /* uniform in (-radius, radius), unconstrained scale */
  uint64_t seed;
  int64_t most_global, most_local; /* elements looked at, of a parameter */
} mst_gradcheck_options;

typedef struct mst_gradcheck {
  int64_t checked, wrong, undecided; /* elements times points; undecided: differences too rough */
  double worst; /* |difference - gradient| / max(1, |gradient|), over those decided */
  int worst_point;
  int64_t worst_element; /* in Stan's order */
  double worst_gradient, worst_difference;
  int bad_points; /* points without a finite log density, left out */
} mst_gradcheck;

/* Collective; the result is the same on all ranks. */
masting_status mst_gradcheck_run(mst_target *target, const mst_comm *comm,
                                 const mst_gradcheck_options *options, mst_gradcheck *result,
                                 mst_error *err);

#endif
