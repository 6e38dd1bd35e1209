/* store/metricfile_matrix.c -- the matrix that a metric is, in its kinds and distributed over the
 * ranks: see metricfile.h. */
#include <hdf5.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "data/h5.h"
#include "store/metricfile_impl.h"

/* ---- forms ---- */

double mst_metricfile_element(const mst_metricfile_data *m, int i, int j) {
  double s = i == j;
  for (int k = 0; k < m->rank; k++)
    s += (m->eigen[k] - 1.0) *
         (m->directions[(int64_t)i * m->rank + k] * m->directions[(int64_t)j * m->rank + k]);
  if (m->kind == MST_KIND_LOW_RANK) s *= m->scale[i] * m->scale[j];
  if (m->kind == MST_KIND_DIAGONAL) s *= m->inverse[i];
  return s;
}

void mst_metricfile_matrix(const mst_metricfile_data *m, double *c) {
  const int64_t p = m->n;
  if (m->kind == MST_KIND_DENSE) {
    memcpy(c, m->inverse, (size_t)(p * p) * sizeof *c);
    return;
  }
  for (int64_t i = 0; i < p; i++)
    for (int64_t j = 0; j <= i; j++)
      c[i * p + j] = c[j * p + i] = mst_metricfile_element(m, (int)i, (int)j);
}

void mst_metricfile_diagonal(const mst_metricfile_data *m, double *c) {
  if (m->diagonal) {
    memcpy(c, m->diagonal, (size_t)m->n * sizeof *c);
    return;
  }
  for (int64_t i = 0; i < m->n; i++) {
    double s = 1.0;
    for (int k = 0; k < m->rank; k++)
      s += (m->eigen[k] - 1.0) * (m->directions[i * m->rank + k] * m->directions[i * m->rank + k]);
    c[i] = m->kind == MST_KIND_DENSE      ? m->inverse[i * m->n + i]
           : m->kind == MST_KIND_DIAGONAL ? m->inverse[i]
                                          : s * (m->scale[i] * m->scale[i]);
  }
}

/* ---- rows of one that is distributed ---- */

/* The lower half as products by the matrix give it (run/metric_dist.h), the upper half its mirror
 * image. */
void mst_metricfile_row(const mst_metricfile_data *m, int i, double *c) {
  const double *s = m->scale;
  mst_rowwise_row(m->dist, i, c);
  for (int j = 0; j < m->n; j++) c[j] = j <= i ? s[i] * (s[j] * c[j]) : s[j] * (s[i] * c[j]);
}

static void must(const mst_comm *comm, int code, const char *call) {
  mst_error err = {0};
  if (mst_mpi_check(code, call, &err) != MASTING_OK) mst_abort_all(comm, &err);
}

void mst_metricfile_gather_rows(const mst_comm *comm, const mst_metricfile_data *m, double *row,
                                void (*take)(void *context, int64_t i, const double *c),
                                void *context) {
  const int n = (int)m->n;
  for (int i = 0; i < n; i++) {
    const int owner = mst_rowwise_owner(m->dist, i);
    if (owner == comm->rank) mst_metricfile_row(m, i, row);
    if (owner != 0 && owner == comm->rank)
      must(comm, MPI_Send(row, n, MPI_DOUBLE, 0, 0, comm->mpi), "MPI_Send");
    if (comm->rank != 0) continue;
    if (owner != 0)
      must(comm, MPI_Recv(row, n, MPI_DOUBLE, owner, 0, comm->mpi, MPI_STATUS_IGNORE), "MPI_Recv");
    take(context, i, row);
  }
}

/* ---- tiles from a file ---- */

typedef struct reading {
  const mst_metricfile_data *metric;
  const char *path;
  const mst_layout *layout;
  hid_t h5, set, space;
  double *below, *above; /* a tile each, row-major */
  mst_error failed;      /* this rank's first */
} reading;

static void open_matrix(reading *r, mst_error *err) {
  char why[256];
  mst_h5_quiet();
  r->h5 = H5Fopen(r->path, H5F_ACC_RDONLY, H5P_DEFAULT);
  r->set = r->h5 < 0 ? H5I_INVALID_HID : H5Dopen2(r->h5, "inv_metric", H5P_DEFAULT);
  r->space = r->set < 0 ? H5I_INVALID_HID : H5Dget_space(r->set);
  if (r->space < 0)
    mst_fail(err, MASTING_ERR_NOFILE, "%s: inv_metric: cannot be opened: %s", r->path,
             mst_h5_why(why, sizeof why));
}

static void read_block(const reading *r, int row, int rows, int column, int columns, double *to,
                       mst_error *err) {
  const hsize_t start[] = {(hsize_t)row, (hsize_t)column},
                count[] = {(hsize_t)rows, (hsize_t)columns}, all = count[0] * count[1];
  char why[256];
  hid_t mem = H5Screate_simple(1, &all, NULL);
  if (H5Sselect_hyperslab(r->space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
      H5Dread(r->set, H5T_NATIVE_DOUBLE, mem, r->space, H5P_DEFAULT, to) < 0)
    mst_fail(err, MASTING_ERR_IO,
             "%s: inv_metric: rows from %d, columns from %d: cannot be read: %s", r->path, row + 1,
             column + 1, mst_h5_why(why, sizeof why));
  mst_h5_close(&mem);
}

/* A tile is the mean of itself and its mirror image, once these agree. */
static void read_tile(reading *r, int row, int rows, int column, int columns, double *tile,
                      mst_error *err) {
  const mst_metricfile_data *m = r->metric;
  read_block(r, row, rows, column, columns, r->below, err);
  if (err->status == MASTING_OK) read_block(r, column, columns, row, rows, r->above, err);
  for (int a = 0; a < rows && err->status == MASTING_OK; a++)
    for (int b = 0; b < columns && column + b <= row + a && err->status == MASTING_OK; b++) {
      double *below = r->below + a * columns + b, above = r->above[b * rows + a];
      const int i = row + a, j = column + b;
      if (i != j)
        mst_metricfile_mirror(below, &above, i, j, m->diagonal[i], m->diagonal[j], m->n, r->path,
                              r->layout, err);
      tile[b * MST_TILE + a] = *below;
    }
}

/* HDF5 and the room for a tile are there for one thread at a time. */
static void read_part(int row, int column, int rows, int columns, double *tile, void *context) {
  reading *r = context;
#pragma omp critical(mst_metricfile_read_part)
  if (r->failed.status == MASTING_OK) read_tile(r, row, rows, column, columns, tile, &r->failed);
}

static masting_status read_tiles(const mst_metricfile_data *m, const char *path,
                                 const mst_layout *l, mst_dist *c, mst_error *err) {
  reading r = {.metric = m,
               .path = path,
               .layout = l,
               .h5 = H5I_INVALID_HID,
               .set = H5I_INVALID_HID,
               .space = H5I_INVALID_HID};
  mst_alloc((void **)&r.below, MST_TILE_ELEMENTS, sizeof(double), "metric", err);
  mst_alloc((void **)&r.above, MST_TILE_ELEMENTS, sizeof(double), "metric", err);
  if (err->status == MASTING_OK) open_matrix(&r, err);
  if (mst_agree(c->grid->comm, err) == MASTING_OK &&
      mst_dist_fill_parts(c, read_part, &r, err) == MASTING_OK) {
    *err = r.failed;
    mst_agree(c->grid->comm, err);
  }
  mst_h5_close(&r.space);
  mst_h5_close(&r.set);
  mst_h5_close(&r.h5);
  mst_free(&r.below);
  mst_free(&r.above);
  return err->status;
}

static masting_status check_definite(const mst_dist *c, const char *path, const mst_layout *l,
                                     mst_error *err) {
  mst_dist copy = {.n = 0};
  mst_error why = {0};
  int pivot = -1;
  if (mst_dist_begin(&copy, c->grid, path, c->n, err) == MASTING_OK) {
    mst_dist_combine(&copy, 0.0, 1.0, c);
    if (mst_dist_cholesky(&copy, &pivot, &why) != MASTING_OK && pivot < 0) *err = why;
    if (pivot >= 0) mst_metricfile_indefinite(path, l, c->n, pivot, err);
  }
  mst_dist_end(&copy);
  return err->status;
}

masting_status mst_metricfile_read_matrix(mst_metricfile_data *m, const char *path,
                                          const mst_layout *l, const mst_grid *grid, mst_dist *c,
                                          mst_error *err) {
  const int n = (int)m->n;
  if (mst_dist_begin(c, grid, path, n, err) != MASTING_OK) return err->status;
  if (m->left)
    read_tiles(m, path, l, c, err);
  else
    mst_dist_fill_rows(c, 0, grid->comm->rank == 0 ? n : 0, m->inverse, err);
  mst_free(&m->inverse);
  return err->status == MASTING_OK ? check_definite(c, path, l, err) : err->status;
}
