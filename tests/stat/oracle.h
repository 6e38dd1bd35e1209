/* tests/stat/oracle.h -- draws of the sampler against what is known of a posterior.
 *
 * A test runs mst_sample into a draws file, reads it back, and compares means and variances of
 * quantities with truths from closed forms or quadrature: each within 4 Monte Carlo standard
 * errors, with a floor for the effective sample size, which src/diag computes.
 */
#ifndef TESTS_STAT_ORACLE_H
#define TESTS_STAT_ORACLE_H

#include <stdint.h>

#include "fixture.h"
#include "run/sampler.h"

typedef struct oracle {
  int chains, draws;
  int64_t divergences, steps;
  int failed;    /* quantities that were not as they should be */
  char path[64]; /* of the draws file */
} oracle;

/* Collective. Samples; failures end the test. options->out is set here. */
void oracle_sample(oracle *o, const mst_comm *comm, const fixture *g, mst_sample_options *options);

/* A variable's draws, [chains][draws][*each]; the caller frees. */
double *oracle_read(const oracle *o, const char *name, int64_t *each);

/* Compares one quantity's draws x[chains][draws]; prints a line. sd NAN: the mean alone. Wrong ones
 * are counted; oracle_end ends the test if there were any. */
void oracle_check(oracle *o, const char *name, const double *x, double mean, double sd,
                  double least_ess);
void oracle_end(oracle *o);

/* Weighted moments of a quantity, for quadrature with log weights: oracle_add, then oracle_mean and
 * oracle_sd. Start from zero. */
typedef struct moments {
  double weight, first, second;
} moments;
void moments_add(moments *m, double weight, double mean, double variance);
double moments_mean(const moments *m);
double moments_sd(const moments *m);

/* Cholesky factor of the n x n matrix a in place, lower triangle; ends the test if it is not
 * positive definite. Returns log det. */
double factor(int n, double *a);

/* x := a^-1 x, a factored. */
void solve(int n, const double *a, double *x);

#endif
