/* tests/stat/oracle.c -- see oracle.h. */
#include "oracle.h"

#include <hdf5.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/isa.h"
#include "diag/element.h"

#define LIMIT 4.0 /* standard errors */

void oracle_sample(oracle *o, const mst_comm *comm, const fixture *g, mst_sample_options *options) {
  mst_error err = {0};
  mst_sample_result result;
  *o = (oracle){.chains = options->chains, .draws = options->draws};
  snprintf(o->path, sizeof o->path, "oracle-%ld.h5", (long)getpid());
  options->out = o->path;
  options->force = 1;
  mst_sample(comm, &g->set, &g->data, mst_isa_here(), options, NULL, NULL, &result, &err);
  must(&err);
  o->divergences = result.divergences;
  o->steps = result.steps;
  printf("%s: %d chains of %d + %d, %ld steps, %ld divergences\n", fixture_model(g)->name,
         o->chains, options->warmup, o->draws, (long)o->steps, (long)o->divergences);
}

double *oracle_read(const oracle *o, const char *name, int64_t *each) {
  char path[80];
  snprintf(path, sizeof path, "posterior/%s", name);
  hid_t file = H5Fopen(o->path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t set = H5Dopen(file, path, H5P_DEFAULT);
  hid_t space = H5Dget_space(set);
  const int64_t n = H5Sget_simple_extent_npoints(space);
  assert_true(n > 0 && n % ((int64_t)o->chains * o->draws) == 0);
  double *x = calloc((size_t)n, sizeof *x);
  assert_non_null(x);
  assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
  *each = n / ((int64_t)o->chains * o->draws);
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(file);
  return x;
}

void oracle_check(oracle *o, const char *name, const double *x, double mean, double sd,
                  double least_ess) {
  mst_error err = {0};
  mst_element_work *work = NULL;
  mst_element first, second;
  const int64_t n = (int64_t)o->chains * o->draws;
  double *square = calloc((size_t)n, sizeof *square);
  mst_element_work_make(&work, o->chains, o->draws, &mst_element_defaults, &err);
  must(&err);
  for (int64_t i = 0; i < n; i++) square[i] = (x[i] - mean) * (x[i] - mean);
  mst_element_summarise(work, x, &first);
  mst_element_summarise(work, square, &second);
  const double off = (first.mean - mean) / first.mcse_mean;
  const double off_square = isnan(sd) ? 0.0 : (second.mean - sd * sd) / second.mcse_mean;
  const bool bad = !(fabs(off) < LIMIT) || !(fabs(off_square) < LIMIT) ||
                   !(first.ess_bulk >= least_ess) || !(o->chains == 1 || first.r_hat < 1.02);
  printf("%s %-14s mean %10.5f of %10.5f (%+.2f)  sd %9.5f of %9.5f (%+.2f)  ",
         bad ? "WRONG" : "     ", name, first.mean, mean, off, sqrt(second.mean), sd, off_square);
  printf("ess %6.0f  rhat %.4f\n", first.ess_bulk, first.r_hat);
  o->failed += bad;
  mst_element_work_free(&work);
  free(square);
}

void oracle_end(oracle *o) {
  fflush(stdout);
  unlink(o->path);
  if (o->failed) fail_msg("%d quantities are not as they should be", o->failed);
}

void moments_add(moments *m, double weight, double mean, double variance) {
  m->weight += weight;
  m->first += weight * mean;
  m->second += weight * (mean * mean + variance);
}

double moments_mean(const moments *m) { return m->first / m->weight; }

double moments_sd(const moments *m) {
  const double mean = moments_mean(m);
  return sqrt(m->second / m->weight - mean * mean);
}

double factor(int n, double *a) {
  double log_det = 0;
  for (int j = 0; j < n; j++) {
    for (int k = 0; k < j; k++)
      for (int i = j; i < n; i++) a[i * n + j] -= a[i * n + k] * a[j * n + k];
    assert_true(a[j * n + j] > 0);
    const double root = sqrt(a[j * n + j]);
    log_det += 2 * log(root);
    for (int i = j; i < n; i++) a[i * n + j] /= root;
  }
  return log_det;
}

void solve(int n, const double *a, double *x) {
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < i; k++) x[i] -= a[i * n + k] * x[k];
    x[i] /= a[i * n + i];
  }
  for (int i = n - 1; i >= 0; i--) {
    for (int k = i + 1; k < n; k++) x[i] -= a[k * n + i] * x[k];
    x[i] /= a[i * n + i];
  }
}
