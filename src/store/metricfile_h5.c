/* store/metricfile_h5.c -- a metric file as HDF5: see metricfile.h.
 *
 *   /stepsize /stepsizes[chains]      /inv_metric[P] or [P][P], or /scale[P] /eigenvalues[r]
 * /directions[P][r] /parameters[P]                    names, text of one length
 *   /local/NAME[...N...]              inverse mass of a row-local parameter
 *   attributes of the root            metric_type and what the spec brings
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/h5.h"
#include "data/h5_layout.h"
#include "store/locals.h"
#include "store/metricfile_impl.h"
#include "store/skeleton.h"

/* ---- writing ---- */

typedef struct places { /* byte offsets, the same on every rank */
  int64_t step_size, step_sizes, inverse, scale, eigen, directions, names;
  int64_t local[MASTING_MAX_PARAMS];
} places;

static void dataset(mst_h5_layout *f, hid_t at, const char *name, int ndims, int64_t a, int64_t b,
                    int64_t *place, mst_error *err) {
  const int64_t dims[] = {a, b};
  if (err->status == MASTING_OK)
    mst_h5_layout_dataset(f, at, name, H5T_IEEE_F64LE, ndims, dims, NULL, place, NULL, err);
}

static size_t longest_name(const mst_layout *l) {
  char name[MST_ELEMENT_NAME];
  size_t most = 1;
  for (int64_t i = 0; i < l->globals; i++) {
    mst_global_name(l, i, name, sizeof name);
    if (strlen(name) > most) most = strlen(name);
  }
  return most;
}

static void lay_names(mst_h5_layout *f, const mst_layout *l, int64_t *place, mst_error *err) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, longest_name(l));
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  H5Tset_cset(type, H5T_CSET_UTF8);
  if (err->status == MASTING_OK)
    mst_h5_layout_dataset(f, f->h5, "parameters", type, 1, &l->globals, NULL, place, NULL, err);
  mst_h5_close(&type);
}

static void lay_rows(mst_h5_layout *f, const mst_layout *l, places *at, mst_error *err) {
  hid_t group = H5I_INVALID_HID;
  if (err->status == MASTING_OK) mst_h5_layout_group(f, f->h5, "local", &group, err);
  for (int i = 0; i < l->model->nparams && err->status == MASTING_OK; i++)
    if (l->param[i].local)
      mst_h5_layout_dataset(f, group, l->model->params[i].name, H5T_IEEE_F64LE,
                            l->model->params[i].ndims, l->param[i].dims, NULL, &at->local[i], NULL,
                            err);
  mst_h5_close(&group);
}

static masting_status lay_out(mst_h5_layout *f, const mst_metricfile_spec *s, places *at,
                              mst_error *err) {
  const mst_metricfile_data *m = s->metric;
  const mst_attribute type = {"metric_type", s->type, 0};
  if (mst_h5_layout_create(f, s->path, err) != MASTING_OK) return err->status;
  dataset(f, f->h5, "stepsize", 0, 0, 0, &at->step_size, err);
  dataset(f, f->h5, "stepsizes", 1, m->chains, 0, &at->step_sizes, err);
  if (m->inverse || m->dist)
    dataset(f, f->h5, "inv_metric", m->kind == MST_KIND_DENSE ? 2 : 1, m->n, m->n, &at->inverse,
            err);
  if (m->kind == MST_KIND_LOW_RANK) {
    dataset(f, f->h5, "scale", 1, m->n, 0, &at->scale, err);
    dataset(f, f->h5, "eigenvalues", 1, m->rank, 0, &at->eigen, err);
    dataset(f, f->h5, "directions", 2, m->n, m->rank, &at->directions, err);
  }
  lay_names(f, s->layout, &at->names, err);
  if (s->local) lay_rows(f, s->layout, at, err);
  if (err->status == MASTING_OK) mst_skeleton_attributes(f->h5, f->partial, "/", &type, 1, err);
  if (err->status == MASTING_OK)
    mst_skeleton_attributes(f->h5, f->partial, "/", s->attributes, s->nattributes, err);
  return err->status == MASTING_OK ? mst_h5_layout_seal(f, err) : err->status;
}

static void write_numbers(mst_h5_layout *f, int64_t at, const double *x, int64_t n,
                          mst_error *err) {
  if (err->status == MASTING_OK && n > 0) mst_h5_layout_write(f, at, x, 8 * n, err);
}

static void write_names(mst_h5_layout *f, const mst_layout *l, int64_t at, mst_error *err) {
  const size_t length = longest_name(l);
  char name[MST_ELEMENT_NAME];
  for (int64_t i = 0; i < l->globals && err->status == MASTING_OK; i++) {
    memset(name, 0, sizeof name);
    mst_global_name(l, i, name, sizeof name);
    mst_h5_layout_write(f, at + i * (int64_t)length, name, (int64_t)length, err);
  }
}

static void write_globals(mst_h5_layout *f, const mst_metricfile_spec *s, const places *at,
                          mst_error *err) {
  const mst_metricfile_data *m = s->metric;
  write_numbers(f, at->step_size, &m->step_size, 1, err);
  write_numbers(f, at->step_sizes, m->step_sizes, m->chains, err);
  if (m->inverse)
    write_numbers(f, at->inverse, m->inverse, m->kind == MST_KIND_DENSE ? m->n * m->n : m->n, err);
  if (m->kind == MST_KIND_LOW_RANK) {
    write_numbers(f, at->scale, m->scale, m->n, err);
    write_numbers(f, at->eigen, m->eigen, m->rank, err);
    write_numbers(f, at->directions, m->directions, m->n * m->rank, err);
  }
  write_names(f, s->layout, at->names, err);
}

/* This rank's rows of a matrix that is distributed. */
static void write_dist(mst_h5_layout *f, const mst_metricfile_data *m, int64_t at, mst_error *err) {
  double *row = NULL;
  mst_alloc((void **)&row, (size_t)m->n, sizeof *row, "metric", err);
  for (int i = m->dist->first; i < m->dist->last && err->status == MASTING_OK; i++) {
    mst_metricfile_row(m, i, row);
    write_numbers(f, at + 8 * i * m->n, row, m->n, err);
  }
  mst_free(&row);
}

static void write_rows(mst_h5_layout *f, const mst_metricfile_spec *s, const places *at,
                       mst_error *err) {
  mst_locals rows;
  if (mst_locals_make(&rows, s->layout, s->shard, err) != MASTING_OK) return;
  for (int i = 0; i < s->layout->model->nparams && err->status == MASTING_OK; i++)
    if (s->layout->param[i].local)
      mst_locals_write(&rows, f, i, MST_CELL_F64, at->local[i], s->local, err);
  mst_locals_free(&rows);
}

masting_status mst_metricfile_h5_write(const mst_comm *comm, const mst_metricfile_spec *s,
                                       mst_error *err) {
  mst_h5_layout f = {0};
  places at = {0};
  if (comm->rank == 0) lay_out(&f, s, &at, err);
  if (mst_agree(comm, err) == MASTING_OK) mst_bcast(comm, &at, (int64_t)sizeof at, err);
  if (mst_agree(comm, err) == MASTING_OK) {
    if (mst_h5_layout_open(&f, s->path, err) == MASTING_OK && comm->rank == 0)
      write_globals(&f, s, &at, err);
    if (err->status == MASTING_OK && s->metric->dist) write_dist(&f, s->metric, at.inverse, err);
    if (err->status == MASTING_OK && s->local) write_rows(&f, s, &at, err);
    if (err->status == MASTING_OK) mst_h5_layout_sync(&f, err);
  }
  if (mst_agree(comm, err) == MASTING_OK && comm->rank == 0)
    mst_h5_layout_publish(&f, s->force, err);
  mst_agree(comm, err);
  mst_h5_layout_abandon(&f, err->status == MASTING_OK || comm->rank != 0);
  return err->status;
}

/* ---- reading ---- */

/* Extents of a dataset, or -1: it is not there. */
static int look(hid_t h5, const char *name, int64_t dims[2]) {
  hsize_t extent[H5S_MAX_RANK] = {0};
  if (H5Lexists(h5, name, H5P_DEFAULT) <= 0) return -1;
  hid_t set = H5Dopen2(h5, name, H5P_DEFAULT),
        space = set < 0 ? H5I_INVALID_HID : H5Dget_space(set);
  const int ndims = space < 0 ? -1 : H5Sget_simple_extent_dims(space, extent, NULL);
  for (int d = 0; d < 2; d++) dims[d] = (int64_t)extent[d];
  mst_h5_close(&space);
  mst_h5_close(&set);
  return ndims;
}

/* A dataset of numbers; *x is allocated. ndims: as expected. */
static masting_status numbers(hid_t h5, const char *path, const char *name, int ndims,
                              int64_t dims[2], double **x, mst_error *err) {
  char why[256];
  if (err->status != MASTING_OK) return err->status;
  const int got = look(h5, name, dims);
  if (got < 0)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: no dataset %s; expected a file of `masting sample --save-metric`", path,
                    name);
  if (got != ndims)
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: %s: expected %d dimension%s, got %d", path, name,
                    ndims, ndims == 1 ? "" : "s", got);
  const size_t n = (size_t)(ndims > 1 ? dims[0] * dims[1] : ndims ? dims[0] : 1);
  if (mst_alloc((void **)x, n, sizeof **x, "metric", err) != MASTING_OK) return err->status;
  hid_t set = H5Dopen2(h5, name, H5P_DEFAULT);
  if (set < 0 || H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *x) < 0)
    mst_fail(err, MASTING_ERR_FORMAT, "%s: %s: cannot be read as numbers: %s", path, name,
             mst_h5_why(why, sizeof why));
  mst_h5_close(&set);
  return err->status;
}

static masting_status read_names(mst_metricfile_found *f, hid_t h5, const char *path,
                                 mst_error *err) {
  int64_t dims[2];
  char why[256];
  if (look(h5, "parameters", dims) != 1) return MASTING_OK;
  hid_t set = H5Dopen2(h5, "parameters", H5P_DEFAULT), type = H5Dget_type(set),
        text = H5Tcopy(H5T_C_S1);
  const size_t length =
      H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 ? H5Tget_size(type) + 1 : 0;
  H5Tset_size(text, length ? length : 1);
  H5Tset_cset(text, H5Tget_cset(type));
  char *all = length ? calloc((size_t)dims[0] + 1, length) : NULL;
  if (length && !all)
    mst_fail(err, MASTING_ERR_MEMORY, "%s: names: out of memory", path);
  else if (!length || H5Dread(set, text, H5S_ALL, H5S_ALL, H5P_DEFAULT, all) < 0)
    mst_fail(err, MASTING_ERR_FORMAT, "%s: parameters: cannot be read as text of one length: %s",
             path, mst_h5_why(why, sizeof why));
  char *to = all;
  for (int64_t i = 0; err->status == MASTING_OK && i < dims[0]; i++) {
    const size_t n = strlen(all + (size_t)i * length) + 1;
    memmove(to, all + (size_t)i * length, n);
    to += n;
  }
  f->names = all;
  f->nnames = dims[0];
  mst_h5_close(&text);
  mst_h5_close(&type);
  mst_h5_close(&set);
  return err->status;
}

static void read_diagonal(mst_metricfile_data *m, hid_t h5, const char *path, mst_error *err) {
  const size_t n = (size_t)m->n;
  hsize_t *at = NULL;
  const hsize_t all = (hsize_t)n;
  char why[256];
  mst_alloc((void **)&at, 2 * n, sizeof *at, "metric", err);
  if (mst_alloc((void **)&m->diagonal, n, sizeof *m->diagonal, "metric", err) != MASTING_OK) {
    mst_free(&at);
    return;
  }
  for (size_t i = 0; i < n; i++) at[2 * i] = at[2 * i + 1] = (hsize_t)i;
  hid_t set = H5Dopen2(h5, "inv_metric", H5P_DEFAULT),
        space = set < 0 ? H5I_INVALID_HID : H5Dget_space(set),
        mem = H5Screate_simple(1, &all, NULL);
  if (space < 0 || H5Sselect_elements(space, H5S_SELECT_SET, n, at) < 0 ||
      H5Dread(set, H5T_NATIVE_DOUBLE, mem, space, H5P_DEFAULT, m->diagonal) < 0)
    mst_fail(err, MASTING_ERR_FORMAT, "%s: inv_metric: cannot be read as numbers: %s", path,
             mst_h5_why(why, sizeof why));
  m->left = true;
  mst_h5_close(&mem);
  mst_h5_close(&space);
  mst_h5_close(&set);
  mst_free(&at);
}

static void read_metric(mst_metricfile_data *m, hid_t h5, const char *path, int64_t left,
                        mst_error *err) {
  int64_t dims[2] = {0}, rank[2] = {0};
  const int ndims = look(h5, "inv_metric", dims);
  if (ndims < 0 && look(h5, "scale", dims) == 1) {
    m->kind = MST_KIND_LOW_RANK;
    numbers(h5, path, "scale", 1, dims, &m->scale, err);
    m->n = dims[0];
    numbers(h5, path, "eigenvalues", 1, rank, &m->eigen, err);
    m->rank = (int)rank[0];
    numbers(h5, path, "directions", 2, dims, &m->directions, err);
    if (err->status == MASTING_OK && (dims[0] != m->n || dims[1] != m->rank))
      mst_fail(err, MASTING_ERR_FORMAT, "%s: directions: expected [%lld, %d], got [%lld, %lld]",
               path, (long long)m->n, m->rank, (long long)dims[0], (long long)dims[1]);
    return;
  }
  m->kind = ndims == 2 ? MST_KIND_DENSE : MST_KIND_DIAGONAL;
  m->n = dims[0];
  if (ndims == 2 && left > 0 && dims[0] == left && dims[1] == left)
    read_diagonal(m, h5, path, err);
  else
    numbers(h5, path, "inv_metric", ndims == 2 ? 2 : 1, dims, &m->inverse, err);
  if (err->status == MASTING_OK && ndims == 2 && dims[1] != dims[0])
    mst_fail(err, MASTING_ERR_FORMAT,
             "%s: inv_metric: expected as many columns as rows, got [%lld, %lld]", path,
             (long long)dims[0], (long long)dims[1]);
}

masting_status mst_metricfile_h5_read(mst_metricfile_found *f, const char *path, int64_t left,
                                      mst_error *err) {
  mst_metricfile_data *m = &f->data;
  double *one = NULL;
  int64_t dims[2];
  char why[256];
  mst_h5_quiet();
  hid_t h5 = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (h5 < 0)
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: cannot be opened: %s", path,
                    mst_h5_why(why, sizeof why));
  read_metric(m, h5, path, left, err);
  if (look(h5, "stepsize", dims) >= 0 &&
      numbers(h5, path, "stepsize", 0, dims, &one, err) == MASTING_OK)
    m->step_size = *one;
  if (look(h5, "stepsizes", dims) >= 0) {
    numbers(h5, path, "stepsizes", 1, dims, &m->step_sizes, err);
    m->chains = err->status == MASTING_OK ? (int)dims[0] : 0;
  }
  if (err->status == MASTING_OK) read_names(f, h5, path, err);
  m->rows = H5Lexists(h5, "local", H5P_DEFAULT) > 0;
  mst_free(&one);
  mst_h5_close(&h5);
  return err->status;
}

/* One row-local parameter, [before][rows][after] of this rank's rows, to its places in
 * inverse[rows][L]. */
static masting_status read_rows(hid_t h5, const char *path, const mst_layout *l,
                                const mst_shard *shard, int param, double *buffer, double *inverse,
                                mst_error *err) {
  const mst_param_layout *q = &l->param[param];
  const int ndims = l->model->params[param].ndims;
  hsize_t extent[H5S_MAX_RANK] = {0}, start[MASTING_MAX_DIMS] = {0}, count[MASTING_MAX_DIMS],
          all = 1;
  int64_t found[H5S_MAX_RANK];
  char name[300], want[120], got[120], why[256];
  snprintf(name, sizeof name, "local/%s", l->model->params[param].name);
  if (H5Lexists(h5, name, H5P_DEFAULT) <= 0)
    return mst_fail(err, MASTING_ERR_DATA,
                    "%s: no dataset %s; expected the row-local parameters of model %s", path, name,
                    l->model->name);
  hid_t set = H5Dopen2(h5, name, H5P_DEFAULT), space = H5Dget_space(set), mem = H5I_INVALID_HID;
  const int rank = H5Sget_simple_extent_dims(space, extent, NULL);
  bool same = rank == ndims;
  for (int d = 0; d < H5S_MAX_RANK; d++) found[d] = (int64_t)extent[d];
  for (int d = 0; d < ndims; d++) {
    same = same && found[d] == q->dims[d];
    start[d] = d == q->shard_dim ? (hsize_t)shard->first_row.v : 0;
    count[d] = (hsize_t)(d == q->shard_dim ? shard->rows : q->dims[d]);
    all *= count[d];
  }
  if (!same) {
    mst_fail(
        err, MASTING_ERR_DATA,
        "%s: %s: of other data; expected %s, got %s; try the data that the metric was learnt with",
        path, name, mst_shape_text(want, sizeof want, ndims, q->dims),
        mst_shape_text(got, sizeof got, rank > 0 ? rank : 0, found));
  } else if (all > 0) {
    mem = H5Screate_simple(1, &all, NULL);
    if (H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Dread(set, H5T_NATIVE_DOUBLE, mem, space, H5P_DEFAULT, buffer) < 0)
      mst_fail(err, MASTING_ERR_IO, "%s: %s: cannot be read: %s", path, name,
               mst_h5_why(why, sizeof why));
  }
  mst_h5_close(&mem);
  mst_h5_close(&space);
  mst_h5_close(&set);
  for (int64_t b = 0; err->status == MASTING_OK && b < q->before; b++)
    for (int64_t row = 0; row < shard->rows; row++)
      for (int64_t a = 0; a < q->after; a++) {
        const double x = buffer[(b * shard->rows + row) * q->after + a];
        inverse[row * l->locals + q->offset + b * q->after + a] = x;
        if (!(isfinite(x) && x > 0))
          return mst_fail(err, MASTING_ERR_DATA,
                          "%s: %s: row %lld: expected finite numbers above 0, got %g", path, name,
                          (long long)(shard->first_row.v + row + 1), x);
      }
  return err->status;
}

masting_status mst_metricfile_rows(const mst_metricfile_data *m, const char *path,
                                   const mst_layout *l, const mst_shard *shard, double *inverse,
                                   mst_error *err) {
  double *buffer = NULL;
  char why[256];
  const int64_t n = shard->rows * l->locals;
  if (m->local) {
    memcpy(inverse, m->local + shard->first_row.v * l->locals, (size_t)n * sizeof *inverse);
    return MASTING_OK;
  }
  if (mst_alloc((void **)&buffer, (size_t)n, sizeof *buffer, "metric", err) != MASTING_OK)
    return err->status;
  mst_h5_quiet();
  hid_t h5 = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (h5 < 0)
    mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be opened: %s", path,
             mst_h5_why(why, sizeof why));
  for (int i = 0; i < l->model->nparams && err->status == MASTING_OK; i++)
    if (l->param[i].local) read_rows(h5, path, l, shard, i, buffer, inverse, err);
  mst_h5_close(&h5);
  mst_free(&buffer);
  return err->status;
}
