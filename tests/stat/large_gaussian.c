/* tests/stat/large_gaussian.c -- large_gaussian [P] [learn]: see large_gaussian.sh.
 *
 * An autoregression: correlations rho^|i-j|, whose condition is ((1 + rho) / (1 - rho))^2 for
 * many dimensions, here 1e6; scales from 0.1 to 10. Gradients cost P, so that what is measured
 * is the metric. It is given, and drawn on in warm-up; learn: from draws alone. */
#define XXH_INLINE_ALL
#include <hdf5.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include <cmocka.h>

#include <masting/model_abi.h>

#include "base/isa.h"
#include "base/mem.h"
#include "diag/element.h"
#include "fixture.h"
#include "run/sampler.h"
#include "run/metric_dist.h"

#define RHO (999.0 / 1001.0)
enum { CHAINS = 8, DRAWS = 500, LIMIT = 4 };

static double sd_of(int64_t i) { return pow(10, (double)(i * 7 % 21) / 10 - 1); }
static double mean_of(int64_t i) { return 0.01 * (double)(i % 100); }
static double covariance_of(int i, int j, void *context) {
  (void)context;
  return sd_of(i) * sd_of(j) * pow(RHO, abs(i - j));
}

/* ---- the model: mean and scale are data */

enum { P };
enum { MEAN, SD };
static const masting_size sizes[] = {{.name = "P", .doc = "dimensions"}};
static const masting_data data[] = {{.name = "mean", .ndims = 1, .dims = {P}},
                                    {.name = "sd", .ndims = 1, .dims = {P}}};
static const masting_param params[] = {{.name = "y", .ndims = 1, .dims = {P}}};

static void global(void *state, int slot, const int64_t *size, const void *const *value,
                   const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                   vreal *grad, vreal *lp) {
  const double *mean = value[MEAN], *sd = value[SD], tau = 1 / (1 - RHO * RHO);
  vreal before = v_all(0.0);
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state;
  for (int64_t i = 0; i < size[P]; i++) {
    const vreal x = (theta[i] - mean[i]) / sd[i];
    const vreal step = i ? x - RHO * before : x, slope = i ? tau * step : step;
    grad[i] -= slope / sd[i];
    if (i) grad[i - 1] += RHO * slope / sd[i - 1];
    *lp -= 0.5 * step * slope;
    before = x;
  }
}

MASTING_MODEL(autoregression) = {.abi = MASTING_ABI,
                                 .lanes = MASTING_LANES,
                                 .name = "autoregression",
                                 .doc = "correlated Gaussian",
                                 .sizes = sizes,
                                 .nsizes = 1,
                                 .shard = MASTING_NO_SIZE,
                                 .data = data,
                                 .ndata = 2,
                                 .params = params,
                                 .nparams = 1,
                                 .global = global};

static int64_t dimensions = 2000;

static void fill(void *context, int variable, int64_t row, void *out) {
  (void)context;
  (void)row;
  for (int64_t i = 0; i < dimensions; i++)
    ((double *)out)[i] = variable == MEAN ? mean_of(i) : sd_of(i);
}

/* ---- what came out */

static mst_comm comm;

static double *read_draws(const char *path) {
  double *x = calloc((size_t)(CHAINS * DRAWS * dimensions), sizeof *x);
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT),
        set = H5Dopen(file, "posterior/y", H5P_DEFAULT);
  assert_true(x && H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
  H5Dclose(set);
  H5Fclose(file);
  return x;
}

typedef struct tally {
  const char *what;
  int count, far;
  double most, least_ess;
} tally;

static void add(tally *t, mst_element_work *work, const double *x, double want) {
  mst_element e;
  mst_element_summarise(work, x, &e);
  const double off = fabs(e.mean - want) / e.mcse_mean;
  t->count++;
  t->far += !(off < LIMIT);
  t->most = fmax(t->most, off);
  t->least_ess = fmin(t->least_ess, e.ess_bulk);
}

static int show(const tally *t) {
  printf("%s: %d, farthest %.2f standard errors, %d beyond %d, least effective draws %.0f\n",
         t->what, t->count, t->most, t->far, LIMIT, t->least_ess);
  return t->far;
}

/* All means; covariances of all parameters with themselves and with some others, near and far. */
static int check(const double *y) {
  mst_element_work *work = NULL;
  mst_error err = {0};
  tally means = {"means", 0, 0, 0, INFINITY}, covariances = {"covariances", 0, 0, 0, INFINITY};
  static double x[CHAINS * DRAWS];
  mst_element_work_make(&work, CHAINS, DRAWS, &mst_element_defaults, &err);
  must(&err);
  for (int64_t i = 0; i < dimensions; i++) {
    for (int k = 0; k < CHAINS * DRAWS; k++) x[k] = y[k * dimensions + i];
    add(&means, work, x, mean_of(i));
  }
  for (int64_t i = 0; i < dimensions; i += 7)
    for (int64_t lag = 0; i + lag < dimensions; lag = 5 * lag + 1) {
      const int64_t j = i + lag;
      for (int k = 0; k < CHAINS * DRAWS; k++)
        x[k] = (y[k * dimensions + i] - mean_of(i)) * (y[k * dimensions + j] - mean_of(j));
      add(&covariances, work, x, covariance_of((int)i, (int)j, NULL));
    }
  mst_element_work_free(&work);
  return show(&means) + show(&covariances);
}

static void show_memory(const size_t *before, const size_t *after) {
  printf("%d rank%s: resident, MiB, before sampling and at most:", comm.size,
         comm.size == 1 ? "" : "s");
  for (int r = 0; r < comm.size; r++) printf(" %zu %zu;", before[r] >> 20, after[r] >> 20);
  printf(" metric and what computes it: up to %.0f\n",
         mst_metric_dist_bytes(dimensions, comm.size, 0) / (1 << 20));
}

static void tell(const char *line) { printf("%s\n", line); }

static int run(bool update_estimators) {
  fixture g;
  mst_error err = {0};
  mst_sample_result result;
  mst_sample_options o;
  size_t before[256] = {0}, after[256] = {0}, mine = 0;
  char path[64];
  int wrong = 0;
  mst_model_set set = {.name = "autoregression", .width[3] = &MASTING_MODEL_SYMBOL};
  const int64_t size[] = {dimensions};
  mst_sample_defaults(&o);
  o.chains = CHAINS;
  o.draws = DRAWS;
  o.seed = 31;
  o.metric = MST_METRIC_DENSE;
  o.distribute = MST_DISTRIBUTE_ALWAYS;
  o.inverse_mass = update_estimators ? NULL : covariance_of;
  o.warmup = update_estimators ? 400 : 150;
  o.force = 1;
  o.notice = tell;
  snprintf(path, sizeof path, "large-%d.h5", comm.size);
  o.out = path;
  fixture_bind(&g, &comm, &set, size, 0, fill, NULL);
  mine = mst_resident_peak();
  MPI_Gather(&mine, (int)sizeof mine, MPI_BYTE, before, (int)sizeof mine, MPI_BYTE, 0, comm.mpi);
  mst_sample(&comm, &g.set, &g.data, mst_isa_here(), &o, NULL, NULL, &result, &err);
  must(&err);
  mine = mst_resident_peak();
  MPI_Gather(&mine, (int)sizeof mine, MPI_BYTE, after, (int)sizeof mine, MPI_BYTE, 0, comm.mpi);
  if (comm.rank == 0) {
    double *y = read_draws(path);
    printf("%lld parameters, %d ranks: %.1f s of warm-up, %.1f s of sampling; %lld steps of %.2f "
           "ms; %lld fits in %.1f s; %lld "
           "messages\n",
           (long long)dimensions, comm.size, result.warmup_seconds, result.sampling_seconds,
           (long long)result.steps, 1e3 * result.step_seconds, (long long)result.metric_fits,
           result.metric_seconds, (long long)result.collectives);
    show_memory(before, after);
    wrong = check(y) + (result.divergences > 0) + !result.metric_distributed;
    printf("hash %016llx\n",
           (unsigned long long)XXH3_64bits(y, (size_t)(CHAINS * DRAWS * dimensions) * sizeof *y));
    free(y);
    unlink(path);
  }
  fixture_free(&g);
  return wrong;
}

int main(int argc, char **argv) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  if (argc > 1) dimensions = atol(argv[1]);
  const int wrong = run(argc > 2 && strcmp(argv[2], "learn") == 0);
  mst_comm_end(&comm);
  return wrong > 0;
}
