/* diag/element.h -- one row of a summary: mean, quantiles, MCSE, ESS and R-hat of one scalar.
 *
 * Definitions as in ArviZ 0.23 (`az.summary`), which follows Vehtari et al. 2021 (ess.h): rank-
 * normalised split R-hat (the larger of bulk and folded), bulk ESS of the normalised ranks, tail
 * ESS the smaller over the indicators of the 5 % and 95 % quantiles, MCSE of the mean by the ESS of
 * the plain values. Chains are split in halves; an odd middle draw is left out of ESS and R-hat.
 * Not collective; pure.
 */
#ifndef MST_DIAG_ELEMENT_H
#define MST_DIAG_ELEMENT_H

#include <stdint.h>

#include "base/error.h"

/* On the draws' own scale but for ess (draws) and r_hat. NaN: not defined (any NaN among the draws,
 * fewer than 4 draws; r_hat also for a single chain or a constant). */
typedef struct mst_element {
  double mean, sd, q5, q95, mcse_mean, ess_bulk, ess_tail, r_hat;
} mst_element;

typedef struct mst_element_work mst_element_work;

/* Space for elements of chains x draws; one per thread. Free with mst_element_work_free. */
masting_status mst_element_work_make(mst_element_work **work, int64_t chains, int64_t draws,
                                     mst_error *err);
void mst_element_work_free(mst_element_work **work);

/* x: [chains][draws]. */
void mst_element_summarise(mst_element_work *work, const double *x, mst_element *out);

/* energy: [draws] of one chain. E-BFMI (Betancourt 2016, arXiv:1604.00695): mean squared change
 * over variance; NaN when it is not defined. */
double mst_ebfmi(const double *energy, int64_t draws);

#endif
