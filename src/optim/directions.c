/* optim/directions.c -- see directions.h. */
#include "optim/directions.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/show.h"
#include "linalg/dist_symmetric.h"
#include "optim/curvature.h"

#define WHAT "spectrum"

static double deviation(double eigenvalue, mst_directions_of sense) {
  if (sense == MST_OF_COVARIANCE) return sqrt(fmax(eigenvalue, 0.0));
  return eigenvalue > 0 ? 1.0 / sqrt(eigenvalue) : INFINITY;
}

/* Ratio of the largest to the least of ascending eigenvalues. */
static double condition_of(const double *values, int n) {
  return values[0] > 0 ? values[n - 1] / values[0] : INFINITY;
}

/* From eigenvalues and vectors in ascending order to deviations in ascending order. */
static void put_in_order(mst_directions *d, mst_directions_of sense) {
  const size_t row = (size_t)d->n * sizeof *d->vector;
  for (int i = 0; i < d->n; i++) {
    d->flat += sense == MST_OF_PRECISION && !(d->sd[i] > 0);
    d->sd[i] = deviation(d->sd[i], sense);
  }
  if (sense == MST_OF_COVARIANCE) return;
  for (int i = 0, j = d->n - 1; i < j; i++, j--) {
    const double kept = d->sd[i];
    d->sd[i] = d->sd[j];
    d->sd[j] = kept;
  }
  for (int i = 0, j = 2 * d->count - 1; i < j; i++, j--)
    for (size_t k = 0; k < row / sizeof *d->vector; k++) {
      double *a = d->vector + (size_t)i * (size_t)d->n + k;
      double *b = d->vector + (size_t)j * (size_t)d->n + k;
      const double kept = *a;
      *a = *b;
      *b = kept;
    }
}

/* An eigenvector's sign is arbitrary: the largest component becomes positive. */
static void orient(mst_directions *d) {
  for (int k = 0; k < 2 * d->count; k++) {
    double *v = d->vector + (size_t)k * (size_t)d->n, largest = 0;
    for (int i = 0; i < d->n; i++)
      if (fabs(v[i]) > fabs(largest)) largest = v[i];
    for (int i = 0; largest < 0 && i < d->n; i++) v[i] = -v[i];
  }
}

/* The condition number of the matrix scaled to a diagonal of ones; INFINITY without one. */
static masting_status scaled_condition(mst_directions *d, mst_dist *a, double *values,
                                       mst_error *err) {
  d->scaled = INFINITY;
  if (mst_dist_diagonal(a, values, err) != MASTING_OK) return err->status;
  for (int i = 0; i < d->n; i++) {
    if (!(values[i] > 0)) return MASTING_OK; /* the same on every rank */
    values[i] = sqrt(values[i]);
  }
  mst_dist_over(a, 1.0, values);
  if (mst_dist_spectrum(a, values, err) == MASTING_OK) d->scaled = condition_of(values, d->n);
  return err->status;
}

masting_status mst_directions_make(mst_directions *d, mst_dist *a, mst_directions_of sense,
                                   mst_error *err) {
  const size_t n = (size_t)a->n;
  double *values = NULL;
  *d = (mst_directions){.n = a->n};
  d->count = a->n / 2 < MST_DIRECTIONS ? a->n / 2 : MST_DIRECTIONS;
  mst_alloc((void **)&d->sd, n, sizeof *d->sd, WHAT, err);
  mst_alloc((void **)&d->vector, 2 * (size_t)d->count * n, sizeof *d->vector, WHAT, err);
  mst_alloc((void **)&values, n, sizeof *values, WHAT, err);
  if (mst_agree(a->grid->comm, err) == MASTING_OK &&
      mst_dist_directions(a, d->sd, d->count, d->vector, err) == MASTING_OK) {
    d->condition = condition_of(d->sd, d->n);
    put_in_order(d, sense);
    orient(d);
    scaled_condition(d, a, values, err);
  }
  mst_free(&values);
  return err->status;
}

masting_status mst_directions_of_elements(mst_directions *d, const mst_comm *comm, int n,
                                          mst_dist_element *element, void *context,
                                          mst_directions_of sense, mst_error *err) {
  mst_grid grid = {0};
  mst_dist a = {.n = 0};
  *d = (mst_directions){.n = n};
  if (mst_grid_begin(&grid, comm, 0, 0, err) != MASTING_OK) return err->status;
  if (mst_dist_begin(&a, &grid, WHAT, n, err) == MASTING_OK &&
      mst_dist_fill(&a, element, context, err) == MASTING_OK)
    mst_directions_make(d, &a, sense, err);
  mst_dist_end(&a);
  mst_grid_end(&grid);
  return err->status;
}

void mst_directions_free(mst_directions *d) {
  mst_free(&d->sd);
  mst_free(&d->vector);
}

void mst_directions_print(const mst_directions *d, const mst_layout *layout, const char *what,
                          const char *prefix, FILE *file) {
  char text[256], count[MST_SHOW_SIZE];
  if (d->n == 0) return;
  fprintf(file, "%sspectrum of the %s: %s global parameter%s, standard deviations %.3g to %.3g",
          prefix, what, mst_show_count(d->n, count), d->n == 1 ? "" : "s", d->sd[0],
          d->sd[d->n - 1]);
  if (d->flat)
    fprintf(file, "; %d direction%s that do%s not curve downwards\n", d->flat,
            d->flat == 1 ? "" : "s", d->flat == 1 ? "es" : "");
  else
    fprintf(file, "; condition number %.3g, %.3g with every parameter scaled by its own\n",
            d->condition, d->scaled);
  for (int k = 0; k < 2 * d->count; k++) {
    const int at = k < d->count ? k : d->n - 2 * d->count + k;
    mst_hessian_direction(layout, d->sd[at], d->vector + (size_t)k * (size_t)d->n, d->n, text,
                          sizeof text);
    fprintf(file, "%s  %-8s sd %s\n", prefix, k < d->count ? "stiffest" : "slackest", text);
  }
}
