/* A model with every layout that data can have, files for it, and what must come out of them.
 *
 * Each value is a formula of its indices, so that any element can be checked wherever it ends up.
 */
#ifndef DATASET_TOY_H
#define DATASET_TOY_H

#include <hdf5.h>

#include "data/dataset.h"

enum { TOY_N, TOY_P, TOY_G, TOY_K };
enum { TOY_X, TOY_g, TOY_t, TOY_u, TOY_m, TOY_s, TOY_c };

/* X[N,P] float32, g[N] in 1..G, t[P,N] and u[P,N,K] with rows not first, m[P,K] >= 0, s and c[G]
 * replicated; parameters a, w[P,K] (column-major), z[N,K] and v[P,N] (row-local). */
extern const masting_model toy_model;

double toy_value(int var, int64_t i, int64_t j, int64_t k); /* element [i,j,k] of data variable */

/* Rank 0 makes an empty folder and all ranks change to it; toy_leave removes it. */
void toy_enter(const mst_comm *comm);
void toy_leave(const mst_comm *comm);

typedef struct toy_file { /* how to write it; zero: as the model declares */
  int64_t n;
  hid_t type[7];  /* in the file, 0: native of the declared type */
  int compressed; /* chunks of 100 rows, gzip */
} toy_file;

/* Not collective: rank 0. A file that fits the model, P = 3, G = 4, K = 2 (a scalar there). */
void toy_write(const char *path, const toy_file *how);

/* Not collective. A dataset of doubles converted to `type`, replacing one of that name. */
void toy_put(const char *path, const char *name, hid_t type, int ndims, const int64_t *dims,
             const double *values);

/* Not collective. Changes one element (flat, in file order) of a dataset. */
void toy_poke(const char *path, const char *name, int64_t element, double value);

void toy_drop(const char *path, const char *name);

#endif
