/* store/point.c -- see point.h. */
#include "store/point.h"

#include <hdf5.h>
#include <stdio.h>

#include "base/mem.h"
#include "data/h5.h"
#include "model/transform.h"

#define RANK_MOST (2 + MASTING_MAX_DIMS)

typedef struct reading {
  const char *path;
  const mst_layout *layout;
  const mst_shard *shard;
  hid_t file;
  int chain, draw;
  double *buffer; /* a parameter as it is in the file, this rank's rows of it */
} reading;

typedef struct selection { /* of a dataset: one draw, this rank's rows */
  int rank;
  hsize_t start[RANK_MOST], count[RANK_MOST], n;
} selection;

static selection select_draw(const reading *r, int param) {
  const mst_param_layout *q = &r->layout->param[param];
  selection s = {.rank = 2 + r->layout->model->params[param].ndims,
                 .start = {(hsize_t)r->chain, (hsize_t)r->draw},
                 .count = {1, 1},
                 .n = 1};
  for (int d = 0; d < s.rank - 2; d++) {
    const bool cut = d == q->shard_dim;
    s.start[2 + d] = cut ? (hsize_t)r->shard->first_row.v : 0;
    s.count[2 + d] = (hsize_t)(cut ? r->shard->rows : q->dims[d]);
    s.n *= s.count[2 + d];
  }
  return s;
}

static masting_status check_shape(const reading *r, int param, const char *name, hid_t space,
                                  mst_error *err) {
  const mst_param_layout *q = &r->layout->param[param];
  const int ndims = r->layout->model->params[param].ndims;
  hsize_t dims[RANK_MOST] = {0};
  int64_t found[RANK_MOST] = {0};
  char want[120], got[120] = "other dimensions";
  bool same = H5Sget_simple_extent_ndims(space) == 2 + ndims &&
              H5Sget_simple_extent_dims(space, dims, NULL) == 2 + ndims;
  for (int d = 0; d < RANK_MOST; d++) found[d] = (int64_t)dims[d];
  if (same) mst_shape_text(got, sizeof got, ndims, found + 2);
  for (int d = 0; d < ndims; d++) same = same && found[2 + d] == q->dims[d];
  if (!same)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: %s: a draw has another shape; expected %s, got %s; try the data that the "
                    "file was made with",
                    r->path, name, mst_shape_text(want, sizeof want, ndims, q->dims), got);
  if (r->chain >= found[0] || r->draw >= found[1])
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: %s: expected chain %d, draw %d, got %lld chains of %lld draws", r->path,
                    name, r->chain + 1, r->draw + 1, (long long)found[0], (long long)found[1]);
  return MASTING_OK;
}

/* The numbers of one parameter, [before][rows][after] of this rank's rows if it is row-local. */
static masting_status read_numbers(const reading *r, int param, mst_error *err) {
  const masting_model *m = r->layout->model;
  const selection s = select_draw(r, param);
  char name[300], why[256];
  hid_t mem = H5I_INVALID_HID, space = H5I_INVALID_HID;
  snprintf(name, sizeof name, "posterior/%s", m->params[param].name);
  hid_t set = H5Dopen2(r->file, name, H5P_DEFAULT);
  if (set < 0)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: %s: not there; expected all parameters of model %s, row-local ones too; "
                    "try a file of `masting optimize --latents all`",
                    r->path, name, m->name);
  space = H5Dget_space(set);
  if (check_shape(r, param, name, space, err) == MASTING_OK && s.n > 0) {
    mem = H5Screate_simple(1, &s.n, NULL);
    if (H5Sselect_hyperslab(space, H5S_SELECT_SET, s.start, NULL, s.count, NULL) < 0 ||
        H5Dread(set, H5T_NATIVE_DOUBLE, mem, space, H5P_DEFAULT, r->buffer) < 0)
      mst_fail(err, MASTING_ERR_IO, "%s: %s: cannot be read: %s", r->path, name,
               mst_h5_why(why, sizeof why));
  }
  mst_h5_close(&mem);
  mst_h5_close(&space);
  mst_h5_close(&set);
  return err->status;
}

/* Constrained numbers to their storage order; x as large as y or local. */
static void place(const reading *r, int param, double *x) {
  const mst_param_layout *q = &r->layout->param[param];
  if (!q->local) {
    for (int64_t i = 0; i < q->elements; i++)
      x[q->offset + mst_layout_from_row_major(r->layout, param, i)] = r->buffer[i];
    return;
  }
  for (int64_t b = 0; b < q->before; b++)
    for (int64_t row = 0; row < r->shard->rows; row++)
      for (int64_t a = 0; a < q->after; a++)
        x[row * r->layout->locals + q->offset + b * q->after + a] =
            r->buffer[(b * r->shard->rows + row) * q->after + a];
}

static masting_status read_param(const reading *r, int param, double *x, double *y,
                                 mst_error *err) {
  const masting_param *p = &r->layout->model->params[param];
  const mst_param_layout *q = &r->layout->param[param];
  const mst_span span = mst_span_of(r->layout, param);
  if (p->hidden)
    return mst_fail(err, MASTING_ERR_MODEL,
                    "%s: model %s: its parameters are stored in another form than it has them (%s "
                    "is not in the file); expected parameters as they are; try without the file",
                    r->path, r->layout->model->name, p->name);
  if (read_numbers(r, param, err) != MASTING_OK) return err->status;
  place(r, param, x);
  for (int64_t row = 0; row < (q->local ? r->shard->rows : 1) && err->status == MASTING_OK; row++) {
    const int64_t at = row * (q->local ? r->layout->locals : 0) + q->offset;
    mst_unconstrain_scalar(&span, p->name, x + at, y + at, err);
  }
  return err->status;
}

static int64_t most(const mst_layout *l, int64_t rows) {
  return l->globals > rows * l->locals ? l->globals : rows * l->locals;
}

masting_status mst_point_read(const mst_comm *comm, const char *path, const mst_layout *layout,
                              const mst_shard *shard, int chain, int draw, double *y, double *local,
                              mst_error *err) {
  reading r = {.path = path,
               .layout = layout,
               .shard = shard,
               .chain = chain,
               .draw = draw,
               .file = H5I_INVALID_HID};
  const size_t n = (size_t)most(layout, shard->rows);
  char why[256];
  double *x = NULL;
  mst_h5_quiet();
  mst_alloc((void **)&r.buffer, n, sizeof *r.buffer, "a point", err);
  mst_alloc((void **)&x, n, sizeof *x, "a point", err);
  if (err->status == MASTING_OK) {
    r.file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (r.file < 0)
      mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be opened: %s", path,
               mst_h5_why(why, sizeof why));
  }
  for (int p = 0; p < layout->model->nparams && err->status == MASTING_OK; p++)
    read_param(&r, p, x, layout->param[p].local ? local : y, err);
  mst_h5_close(&r.file);
  mst_free(&r.buffer);
  mst_free(&x);
  return mst_agree(comm, err);
}
