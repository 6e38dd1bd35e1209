/* diag/loo.h -- how well a model predicts each observation: LOO and WAIC of a draws file.
 *
 * The pointwise log likelihood is read block by block of rows, so memory is that of a block and of
 * four numbers a row. Numbers are ArviZ's (`az.loo`, `az.waic`, `az.compare`), on the scale of the
 * log density. Serial, with OpenMP threads over rows; not collective; needs no MPI.
 */
#ifndef MST_DIAG_LOO_H
#define MST_DIAG_LOO_H

#include <stdio.h>

#include "diag/psis_loo.h"
#include "diag/reader.h"

typedef enum mst_loo_kind { MST_LOO, MST_WAIC } mst_loo_kind;

typedef struct mst_loo_options {
  mst_loo_kind kind;
  const char *log_lik; /* the variable; NULL: the one of group log_likelihood, or log_lik */
  double reff;         /* effective over plain draws; NaN: of the posterior, as ArviZ has it */
} mst_loo_options;

typedef struct mst_loo {
  mst_loo_kind kind;
  char name[256];        /* of the log likelihood's variable */
  int64_t points;        /* observations */
  int64_t samples;       /* draws of all chains */
  double elpd, se, p;    /* sum over points, its standard error, effective number of parameters */
  double reff, good_k;   /* of LOO; good_k: min(1 - 1 / log10(samples), 0.7) */
  int64_t bad, very_bad; /* k in (good_k, 1], above 1 */
  int64_t uneven;        /* of WAIC: points whose variance is above 0.4 */
  double *elpd_i, *k_i;  /* [points]; k_i: of LOO */
} mst_loo;

/* Errors: those of the reader; MASTING_ERR_USAGE when there is no log likelihood, or not its draws
 * (says what to do); MASTING_ERR_DATA when it is NaN. Free with mst_loo_free, also on failure. */
masting_status mst_loo_make(mst_loo *loo, const mst_reader *reader, const mst_loo_options *options,
                            mst_error *err);
void mst_loo_free(mst_loo *loo);

/* A table, with k and the worst points, or JSON, or a line of CSV for each point (in loo_print.c).
 */
masting_status mst_loo_print(const mst_loo *loo, const mst_reader *reader, FILE *out,
                             mst_error *err);
masting_status mst_loo_print_json(const mst_loo *loo, FILE *out, mst_error *err);
masting_status mst_loo_print_points(const mst_loo *loo, const mst_reader *reader, FILE *out,
                                    mst_error *err);

/* Models of the same observations, best first, with differences, their standard errors, and weights
 * of stacking (Yao, Vehtari, Simpson and Gelman 2018, Bayesian Analysis 13(3)) (in loo_compare.c).
 * Errors: MASTING_ERR_USAGE when they have other numbers of points. */
masting_status mst_loo_compare(const mst_loo *loo, const char *const *names, int count, bool json,
                               FILE *out, mst_error *err);

#endif
