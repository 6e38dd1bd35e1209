/* run/fixed.h -- draws of a program without parameters: its generated quantities, again and again
 * (Stan's fixed_param).
 */
#ifndef MST_RUN_FIXED_H
#define MST_RUN_FIXED_H

#include "run/sampler.h"

/* Is there nothing to sample: no parameters, or none with elements? Not collective. */
bool mst_fixed_is(const mst_target *target);

/* Collective. As mst_sample on such a target; no warm-up, and the log density of a draw is the
 * program's constant. Errors are agreed. */
masting_status mst_fixed_sample(const mst_comm *comm, mst_target *target,
                                const mst_sample_options *options, mst_sample_result *result,
                                mst_error *err);

#endif
