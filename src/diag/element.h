/* diag/element.h -- one row of a summary: moments, quantiles, MCSE, ESS and R-hat of one scalar.
 *
 * Definitions as in ArviZ 0.23 (`az.summary`), which follows Vehtari et al. 2021 (ess.h): rank-
 * normalised split R-hat (the larger of bulk and folded), bulk ESS of the normalised ranks, tail
 * ESS the smaller over the indicators of the 5 % and 95 % quantiles, MCSE of the mean by the ESS of
 * the plain values, of the sd by that of the squared distances from the mean. The median absolute
 * deviation is not scaled. The HDI is the shortest interval with floor(prob n) + 1 of the n sorted
 * draws. Chains are split in halves; an odd middle draw is left out of ESS and R-hat.
 * Not collective; pure.
 */
#ifndef MST_DIAG_ELEMENT_H
#define MST_DIAG_ELEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define MST_QUANTILES 9 /* that can be asked for */

/* On the draws' own scale but for ess (draws) and r_hat. NaN: not defined (any NaN among the draws,
 * fewer than 4 draws; r_hat also for a single chain or a constant). */
typedef struct mst_element {
  double mean, sd, median, mad, quantile[MST_QUANTILES], hdi_low, hdi_high;
  double mcse_mean, mcse_sd, ess_bulk, ess_tail, r_hat;
} mst_element;

typedef struct mst_element_choice {
  double quantile[MST_QUANTILES]; /* probabilities, nquantiles of them */
  int nquantiles;
  double hdi;   /* probability of the interval, inside (0, 1) */
  bool sd_mcse; /* wants mcse_sd, which costs an ESS more; else it is NaN */
} mst_element_choice;

/* 5 % and 95 %, an HDI of 94 %, with mcse_sd. */
extern const mst_element_choice mst_element_defaults;

typedef struct mst_element_work mst_element_work;

/* Space for elements of chains x draws; one per thread. Free with mst_element_work_free. */
masting_status mst_element_work_make(mst_element_work **work, int64_t chains, int64_t draws,
                                     const mst_element_choice *choice, mst_error *err);
void mst_element_work_free(mst_element_work **work);

/* x: [chains][draws]. */
void mst_element_summarise(mst_element_work *work, const double *x, mst_element *out);

/* ESS of the plain values alone, x: [chains][draws]; NaN with fewer than 4 draws. */
double mst_element_ess(mst_element_work *work, const double *x);

/* energy: [draws] of one chain. E-BFMI (Betancourt 2016, arXiv:1604.00695): mean squared change
 * over variance; NaN when it is not defined. */
double mst_ebfmi(const double *energy, int64_t draws);

#endif
